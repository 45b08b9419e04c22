"""Spellings as numbers: the characters of each different word of a batch, once.

A word's characters say the same wherever it stands, and a third of a note's tokens are different words: a network
reads `characters` (U, C) and spreads what it found to the tokens by `spellings` (B, T).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.words import PADDING, UNKNOWN, Words

VISIBLE_ASCII = frozenset(map(chr, range(33, 127)))
LONGEST = 32
"""Characters of a word that are read; of a longer one the first and the last half of them."""


class CharacterIndexer:
    """A vocabulary of characters, case kept; 0 is padding, 1 the character that it does not hold."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._number = {character: number for number, character in enumerate(self.vocabulary, start=2)}

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self.vocabulary) + 2,)

    @classmethod
    def fit(cls, words: Words, known: Iterable[str] = ()) -> "CharacterIndexer":
        """The characters of the training texts, and those of ASCII that can be seen."""
        seen = {character for passage in words for word in passage for character in word}
        return cls(sorted(seen.union(VISIBLE_ASCII)))

    def arrays(self, words: Words) -> dict[str, NDArray[np.int64]]:
        """-> characters (U, C), row 0 all padding; spellings (B, T), the row of each token"""
        rows: dict[str, int] = {}
        spellings = np.zeros((len(words), max(map(len, words), default=0)), np.int64)
        for place, passage in zip(spellings, words, strict=True):
            place[: len(passage)] = [rows.setdefault(word, len(rows) + 1) for word in passage]
        number = self._number
        lengths = [min(len(word), LONGEST) for word in rows]
        characters = np.full((len(rows) + 1, max(lengths, default=1)), PADDING, np.int64)
        for row, (word, length) in enumerate(zip(rows, lengths, strict=True), start=1):
            characters[row, :length] = [number.get(character, UNKNOWN) for character in _shortened(word)]
        return {"characters": characters, "spellings": spellings}

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CharacterIndexer":
        return cls(data["vocabulary"])


def _shortened(word: str) -> str:
    half = LONGEST // 2
    return word if len(word) <= LONGEST else word[:half] + word[-half:]
