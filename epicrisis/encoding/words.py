"""Words as numbers: the lower-cased word, looked up in a vocabulary."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings, Words

PADDING, UNKNOWN = 0, 1


def normalise(word: str) -> str:
    """What a word is looked up by: case ignored, every digit the same (0).

    The spelling itself reaches a network through its characters.
    """
    lower = word.lower()
    return lower if lower.isalpha() else "".join("0" if c.isdecimal() else c for c in lower)


class WordIndexer:
    """A vocabulary of normalised words; 0 is padding, 1 the word that it does not hold.

    vocabulary  the words; number 2 is the first
    seen        how many of them, from the first on, training texts held: only those can be learned
    """

    def __init__(self, vocabulary: Iterable[str], seen: int) -> None:
        self.vocabulary = tuple(vocabulary)
        self.seen = seen
        self._number = {word: number for number, word in enumerate(self.vocabulary, start=2)}

    @property
    def sizes(self) -> tuple[int, ...]:
        return len(self.vocabulary) + 2, self.seen + 2

    @classmethod
    def fit(cls, words: Words, known: Iterable[str] = ()) -> "WordIndexer":
        """The words of the training texts, then those `known` beside them (that have a vector)."""
        seen = {normalise(word) for passage in words for word in passage}
        return cls([*sorted(seen), *sorted(set(known) - seen)], len(seen))

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> words (B, T)"""
        return {"words": spellings.spread([self._look_up(word) for word in spellings.different])}

    def _look_up(self, word: str) -> int:
        number = self._number.get(word)
        return self._number.get(normalise(word), UNKNOWN) if number is None else number

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary), "seen": self.seen}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "WordIndexer":
        return cls(data["vocabulary"], data["seen"])
