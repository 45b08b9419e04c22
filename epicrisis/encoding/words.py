"""Words as numbers: the lower-cased word, looked up in a vocabulary."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PADDING, UNKNOWN = 0, 1
Words = Sequence[Sequence[str]]
"""The words of each passage of a batch."""


def normalise(word: str) -> str:
    """What a word is looked up by: case ignored, every digit the same (0).

    The spelling itself reaches a network through its characters.
    """
    lower = word.lower()
    return lower if lower.isalpha() else "".join("0" if c.isdecimal() else c for c in lower)


class WordIndexer:
    """A vocabulary of normalised words; 0 is padding, 1 the word that it does not hold."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._number = {word: number for number, word in enumerate(self.vocabulary, start=2)}

    def __len__(self) -> int:
        return len(self.vocabulary) + 2

    @classmethod
    def fit(cls, words: Words, *, known: Iterable[str] = (), at_least: int = 1) -> "WordIndexer":
        """The words of the training texts that occur `at_least` times, and those `known` (that have a vector)."""
        counts = Counter(normalise(word) for passage in words for word in passage)
        kept = {word for word, count in counts.items() if count >= at_least}
        return cls(sorted(kept.union(known)))

    def arrays(self, words: Words) -> dict[str, NDArray[np.int64]]:
        """-> words (B, T)"""
        longest = max(map(len, words), default=0)
        numbers = np.zeros((len(words), longest), np.int64)
        for row, passage in zip(numbers, words, strict=True):
            row[: len(passage)] = [self._look_up(word) for word in passage]
        return {"words": numbers}

    def _look_up(self, word: str) -> int:
        number = self._number.get(word)
        return self._number.get(normalise(word), UNKNOWN) if number is None else number

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "WordIndexer":
        return cls(data["vocabulary"])
