"""Characters and the words of a lexicon between them, laid out step by step for a recurrence that reads both.

Zhang and Yang (2018), "Chinese NER Using Lattice LSTM", section 3.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.matching import MatchedWords
from epicrisis.encoding.spellings import Spellings
from epicrisis.encoding.words import WordIndexer
from epicrisis.text import Passage

Numbers = NDArray[np.int64]


class LatticeIndexer:
    """Numbers for tokens, and for the words of two tokens or more that a lexicon finds in them.

    A batch is read in 2 * B lanes: the passages from left to right, then from right to left. A word begins at the
    step of a lane that reads the token at its one end, and ends at the other. From the one to the other its cell is
    kept in a slot; a slot is used again, so that few are needed.
    """

    axes: Mapping[str, tuple[str, ...]] = {
        "lattice_words": ("tokens", "lattice_begin_count"),
        "lattice_lanes": ("tokens", "lattice_begin_count"),
        "lattice_slots": ("tokens", "lattice_begin_count"),
        "lattice_ends": ("tokens", "lattice_end_count"),
        "lattice_end_lanes": ("tokens", "lattice_end_count"),
        "lattice_store": ("lattice_slots_count",),
    }

    def __init__(self, characters: WordIndexer, matched: MatchedWords) -> None:
        self.characters = characters
        self.matched = matched

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of tokens, those of them seen in training, the same of words, and the width of a word's vector."""
        return (*self.characters.sizes, *self.matched.sizes, self.matched.size)

    @property
    def start(self) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
        """Vectors of tokens, and of words."""
        return self.characters.start, self.matched.vectors

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, vectors: str = "", words: str = "") -> "LatticeIndexer":
        """vectors: the name or folder of vectors of characters, "" for none; words: of word vectors, whose words are
        the lexicon

        Raises RecipeError where no words are named or there are no such vectors, ModelError where they cannot be read.
        """
        return cls(WordIndexer.fit(passages, vectors=vectors), MatchedWords.fit(passages, words, "lattice, words"))

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """-> of T tokens in L = 2 * B lanes, where at most N words begin at a step in one direction and E end at
        one in both, and S - 1 are kept at a time:

        lattice_characters  (B, T)
        lattice_words       (T, 2 * N), the words that begin: N from left to right, N from right to left; 0 is none
        lattice_lanes       (T, 2 * N), their lanes
        lattice_slots       (T, 2 * N), where their cells are kept; slot 0 is for what is none
        lattice_ends        (T, E), the slots of words that end; 0 is none
        lattice_end_lanes   (T, E), their lanes
        lattice_store       (S,), zeros
        """
        characters = self.characters.arrays(spellings)["words"]
        batch, longest = characters.shape
        row, first, after, word = self.matched.longer(spellings).T
        length = np.array([len(passage.tokens) for passage in spellings.passages], np.int64)[row]
        lane = np.concatenate([row, row + batch])
        begin = np.concatenate([first, length - after])
        end = np.concatenate([after, length - first]) - 1
        slot, slots = _slots(begin, end, longest)
        leftwards = lane >= batch
        among_begins, most = _ranks(2 * begin + leftwards)
        among_ends, most_ends = _ranks(end)
        place = begin, among_begins + most * leftwards
        begins: Numbers = np.zeros((3, longest, 2 * most), np.int64)
        begins[0][place], begins[1][place], begins[2][place] = np.concatenate([word, word]), lane, slot
        ends: Numbers = np.zeros((2, longest, most_ends), np.int64)
        ends[:, end, among_ends] = slot, lane
        return {
            "lattice_characters": characters,
            "lattice_words": begins[0],
            "lattice_lanes": begins[1],
            "lattice_slots": begins[2],
            "lattice_ends": ends[0],
            "lattice_end_lanes": ends[1],
            "lattice_store": np.zeros(slots, np.float32),
        }

    def to_dict(self) -> dict[str, Any]:
        return {"characters": self.characters.to_dict(), "words": self.matched.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LatticeIndexer":
        return cls(WordIndexer.from_dict(data["characters"]), MatchedWords.from_dict(data["words"]))


def _ranks(keys: Numbers) -> tuple[Numbers, int]:
    """-> which of those with the same key each one is, and the most that share one, at least 1"""
    order = np.argsort(keys, kind="stable")
    there = keys[order]
    new = np.flatnonzero(np.diff(there, prepend=-1))
    counts = np.diff(new, append=len(keys))
    ranks = np.empty_like(keys)
    ranks[order] = np.arange(len(keys)) - np.repeat(new, counts)
    return ranks, int(counts.max(initial=1))


def _slots(begin: Numbers, end: Numbers, steps: int) -> tuple[Numbers, int]:
    """-> a slot for each word, from 1 on, no two words sharing one at a time; and how many slots there are, 0 too.

    At a step words end before others begin, and hand their slot on.
    """
    freed: list[list[int]] = [[] for _ in range(steps)]
    free: list[int] = []
    used, step = 1, 0
    slots = np.empty_like(begin)
    ends = end.tolist()
    for word in np.argsort(begin, kind="stable").tolist():
        while step <= begin[word]:
            free += freed[step]
            step += 1
        if not free:
            free.append(used)
            used += 1
        slots[word] = slot = free.pop()
        freed[ends[word]].append(slot)
    return slots, used
