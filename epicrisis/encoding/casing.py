"""How a word is written, which looking it up in lower case forgets."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings
from epicrisis.text import Passage

KINDS = ("padding", "lower", "title", "upper", "mixed", "number", "letters and digits", "other")


def casing(word: str) -> int:
    """The number of the word's kind in KINDS; a Chinese character is "other", as is punctuation."""
    if word.isalpha():
        if word.islower():
            return 1
        if word.isupper():
            return 3
        if word[0].isupper() and word[1:].islower():
            return 2
        return 4 if word.lower() != word.upper() else 7
    if word[0].isdigit():
        return 5
    return 6 if word[0].isalpha() else 7


class CasingIndexer:
    """The kind of every word; learns nothing from texts."""

    sizes = (len(KINDS),)
    start = None
    axes: Mapping[str, tuple[str, ...]] = {}

    @classmethod
    def fit(cls, passages: Sequence[Passage]) -> "CasingIndexer":
        return cls()

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> casing (B, T)"""
        return {"casing": spellings.spread([casing(word) for word in spellings.different])}

    def to_dict(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "CasingIndexer":
        return cls()
