"""The words of a lexicon, found in tokens.

A lexicon is a set of word vectors: its words, which no tokeniser has cut, and what is known of each. A word is found
wherever consecutive tokens spell it, white space between two of them as one space: Chinese words of several
characters, and names such as "heart failure".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Span
from epicrisis.encoding.spellings import Spellings, normalise
from epicrisis.encoding.vectors import find_vectors
from epicrisis.errors import RecipeError
from epicrisis.text import Passage

PADDING, NONE = 0, 1
LONGEST = 40
"""Characters of the longest word that is looked for."""


class MatchedWords:
    """A lexicon with the words of the training texts first.

    words    normalised as `WordIndexer` looks them up; number 2 is the first, 0 is padding, 1 stands for no word
    counts   of the first of them, those that training texts held: how often, where no longer word covered them. A word
             of which nothing was counted, and that was met only as a part of others, has 0
    vectors  (words, size); known only when fitted
    size     of a vector
    """

    def __init__(
        self, words: Iterable[str], counts: Iterable[int], size: int, vectors: NDArray[np.float32] | None = None
    ) -> None:
        self.words = tuple(words)
        self.counts = tuple(counts)
        self.size = size
        self.vectors = vectors
        self._number = {word: number for number, word in enumerate(self.words, start=2)}
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            if len(word) > 1:
                lengths.setdefault(word[:2], set()).add(len(word))
        self._lengths = {begins: tuple(sorted(found)) for begins, found in lengths.items()}

    @property
    def sizes(self) -> tuple[int, int]:
        """How many numbers there are, and how many of them training can teach something about."""
        return len(self.words) + 2, len(self.counts) + 2

    @classmethod
    def fit(cls, passages: Sequence[Passage], name: str, setting: str) -> "MatchedWords":
        """name: of word vectors; setting: where a recipe says so. Words that no tokens can spell are left out.

        Raises RecipeError where there are no such vectors or the name is empty, ModelError where they cannot be read.
        """
        if not name:
            raise RecipeError(
                f"model.embedder, {setting}: a lexicon is needed, the words of a set of word vectors. "
                f"Name one that comes with the package, or give a folder"
            )
        known = find_vectors(name)
        rows: dict[str, int] = {}
        for row, word in enumerate(map(normalise, known.words)):
            if 0 < len(word) <= LONGEST and " ".join(word.split()) == word:
                rows.setdefault(word, row)
        spellings = Spellings(passages)
        every = cls(rows, (), known.matrix.shape[1])
        met, counts = _counted(every.longer(spellings), every.single(spellings), len(rows) + 2)
        seen = np.flatnonzero(met[2:]) + 2
        order = np.concatenate([seen, np.flatnonzero(~met[2:]) + 2]) - 2
        words = list(rows)
        return cls(
            (words[number] for number in order),
            counts[seen].tolist(),
            every.size,
            known.matrix[np.fromiter(rows.values(), np.int64, len(rows))[order]],
        )

    def single(self, spellings: Spellings) -> NDArray[np.int64]:
        """-> (B, T), the word that each token is by itself"""
        return spellings.spread([self._number.get(normalise(word), NONE) for word in spellings.different])

    def longer(self, spellings: Spellings) -> NDArray[np.int64]:
        """-> (N, 4): passage, first token, token after the last, word; of words of two tokens or more, in order"""
        normal = ["", *map(normalise, spellings.different)]
        found: list[tuple[int, int, int, int]] = []
        for row, (passage, index) in enumerate(zip(spellings.passages, spellings.index.tolist(), strict=True)):
            spans = passage.tokens
            self._find(row, [normal[number] for number in index[: len(spans)]], spans, found)
        return np.array(found, np.int64).reshape(-1, 4)

    def _find(self, row: int, words: list[str], spans: list[Span], found: list[tuple[int, int, int, int]]) -> None:
        pieces: list[str] = []
        starts: list[int] = []
        following: dict[int, int] = {}  # place in the joined text -> the token after the one that ends there
        place, before = 0, spans[0][0] if spans else 0
        for after, (word, (start, end)) in enumerate(zip(words, spans, strict=True), start=1):
            if start != before:
                pieces.append(" ")
                place += 1
            pieces.append(word)
            starts.append(place)
            place += len(word)
            following[place] = after
            before = end
        text, lengths, number = "".join(pieces), self._lengths.get, self._number.get
        for first, place in enumerate(starts):
            # two characters tell nearly always that no word begins here, and else which lengths are worth a look
            for length in lengths(text[place : place + 2], ()):
                after = following.get(place + length, 0)
                if after > first + 1 and (word_number := number(text[place : place + length])):
                    found.append((row, first, after, word_number))

    def to_dict(self) -> dict[str, Any]:
        return {"words": list(self.words), "counts": list(self.counts), "size": self.size}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "MatchedWords":
        return cls(data["words"], data["counts"], data["size"])


def _counted(
    longer: NDArray[np.int64], single: NDArray[np.int64], numbers: int
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """-> (numbers,) whether a word was met at all, and how often no longer one covered it"""
    rows, tokens = np.nonzero(single > NONE)
    every = np.concatenate([longer, np.stack([rows, tokens, tokens + 1, single[rows, tokens]], 1)])
    first, after = (every[:, :1] * (single.shape[1] + 1) + every[:, 1:3]).T  # as if the passages were one text
    order = np.lexsort((-after, first))
    reach = np.maximum.accumulate(np.concatenate([[-1], after[order]]))[:-1]
    uncovered = every[order, 3][after[order] > reach]
    return np.bincount(every[:, 3], minlength=numbers) > 0, np.bincount(uncovered, minlength=numbers)
