"""Words as numbers: the lower-cased word, looked up in a vocabulary."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings, normalise
from epicrisis.encoding.vectors import find_vectors
from epicrisis.text import Passage

PADDING, UNKNOWN = 0, 1


class WordIndexer:
    """A vocabulary of normalised words; 0 is padding, 1 the word that it does not hold.

    vocabulary  the words; number 2 is the first
    seen        how many of them, from the first on, training texts held: only those can be learned
    start       (words, size) pre-trained vectors, zeros for a word without one; known only when the indexer is fitted
    """

    axes: Mapping[str, tuple[str, ...]] = {}

    def __init__(self, vocabulary: Iterable[str], seen: int, start: NDArray[np.float32] | None = None) -> None:
        self.vocabulary = tuple(vocabulary)
        self.seen = seen
        self.start = start
        self._number = {word: number for number, word in enumerate(self.vocabulary, start=2)}

    @property
    def sizes(self) -> tuple[int, ...]:
        return len(self.vocabulary) + 2, self.seen + 2

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, vectors: str = "") -> "WordIndexer":
        """The words of the training texts, then those that have one of the vectors besides.

        vectors: the name or folder of pre-trained vectors, "" for none
        Raises RecipeError or ModelError where there are no such vectors.
        """
        seen = {normalise(word) for passage in passages for word in passage.words}
        known = find_vectors(vectors) if vectors else None
        vocabulary = (*sorted(seen), *sorted(set(known.words) - seen if known else ()))
        return cls(vocabulary, len(seen), known.rows(vocabulary) if known else None)

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> words (B, T)"""
        return {"words": spellings.spread([self._look_up(word) for word in spellings.different])}

    def coverage(self, passages: Sequence[Passage]) -> float:
        """With pre-trained vectors: the share of the tokens that have one. Without: 1."""
        if self.start is None:
            return 1.0
        known = np.append(np.abs(self.start).sum(1) > 0, [False, False])  # the unknown word's number is -1
        numbers = [self._look_up(word) - 2 for passage in passages for word in passage.words]
        return float(known[numbers].mean()) if numbers else 1.0

    def _look_up(self, word: str) -> int:
        number = self._number.get(word)
        return self._number.get(normalise(word), UNKNOWN) if number is None else number

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary), "seen": self.seen}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "WordIndexer":
        return cls(data["vocabulary"], data["seen"])
