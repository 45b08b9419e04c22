"""The words of a batch, each different one once.

What a word's spelling says, it says wherever the word stands, and only a third of a note's tokens are different
words: indexers number spellings, and `spread` gives every token its spelling's number.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epicrisis.text import Passage


class Spellings:
    """passages: those of a batch, B of them

    words      of each passage
    different  the spellings, in the order in which they are met
    index      (B, T), 1 for the first of them; 0 is padding
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.words = [passage.words for passage in passages]
        number: dict[str, int] = {}
        self.index = np.zeros((len(passages), max(map(len, self.words), default=0)), np.int64)
        for row, words in zip(self.index, self.words, strict=True):
            row[: len(words)] = [number.setdefault(word, len(number) + 1) for word in words]
        self.different = list(number)

    def spread(self, numbers: Sequence[int]) -> NDArray[np.int64]:
        """A number for each spelling -> (B, T), 0 as padding"""
        return np.array([0, *numbers], np.int64)[self.index]


def normalise(word: str) -> str:
    """What a word is looked up by: case ignored, every digit the same (0).

    The spelling itself reaches a network through its characters.
    """
    lower = word.lower()
    return lower if lower.isalpha() else "".join("0" if c.isdecimal() else c for c in lower)
