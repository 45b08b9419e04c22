"""Spellings as numbers: the characters of each different word of a batch, once.

A network reads `characters` (U, C) and spreads what it found to the tokens by `spellings` (B, T).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings
from epicrisis.encoding.words import PADDING, UNKNOWN
from epicrisis.text import Passage

VISIBLE_ASCII = frozenset(map(chr, range(33, 127)))
LONGEST = 32
"""Characters of a word that are read; of a longer one the first and the last half of them."""


class CharacterIndexer:
    """A vocabulary of characters, case kept; 0 is padding, 1 the character that it does not hold."""

    start = None
    axes: Mapping[str, tuple[str, ...]] = {"characters": ("spellings_count", "characters_count")}

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._number = {character: number for number, character in enumerate(self.vocabulary, start=2)}

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self.vocabulary) + 2,)

    @classmethod
    def fit(cls, passages: Sequence[Passage]) -> "CharacterIndexer":
        """The characters of the training texts, and those of ASCII that can be seen."""
        seen = {character for passage in passages for word in passage.words for character in word}
        return cls(sorted(seen.union(VISIBLE_ASCII)))

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> characters (U, C), row 0 all padding; spellings (B, T), the row of each token"""
        number = self._number
        shortened = [_shortened(word) for word in spellings.different]
        characters = np.full((len(shortened) + 1, max(map(len, shortened), default=1)), PADDING, np.int64)
        for row, word in zip(characters[1:], shortened, strict=True):
            row[: len(word)] = [number.get(character, UNKNOWN) for character in word]
        return {"characters": characters, "spellings": spellings.index}

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CharacterIndexer":
        return cls(data["vocabulary"])


def _shortened(word: str) -> str:
    half = LONGEST // 2
    return word if len(word) <= LONGEST else word[:half] + word[-half:]
