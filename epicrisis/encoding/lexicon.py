"""Which words of a lexicon a token is part of, and where in them it stands.

Ma et al. (2020), "Simplify the Usage of Lexicon in Chinese NER", sections 3.2 and 3.3: the words in which a token is
the first one, a middle one, the last one, and the word that it is by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.matching import NONE, PADDING, MatchedWords
from epicrisis.encoding.spellings import Spellings
from epicrisis.text import Passage

BEGIN, MIDDLE, END, SINGLE = range(4)
SETS = 4


class LexiconIndexer:
    """Pairs of a token's set and a word of it, with a weight, one after the other over the whole batch.

    Weights are the paper's: a word's frequency, over that of all words in the four sets of the token, times four; a
    set without a word holds the word "none" with frequency 1. Frequencies are counted on the training passages alone
    (the paper: on test texts, too) and one more, so that a word met for the first time weighs something.
    """

    axes: Mapping[str, tuple[str, ...]] = {
        "lexicon_words": ("lexicon_count",),
        "lexicon_places": ("lexicon_count",),
        "lexicon_weights": ("lexicon_count",),
    }

    def __init__(self, matched: MatchedWords) -> None:
        self.matched = matched
        self._frequency = np.ones(matched.sizes[0])
        self._frequency[2 : matched.sizes[1]] += matched.counts

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.matched.sizes

    @property
    def start(self) -> NDArray[np.float32] | None:
        return self.matched.vectors

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, vectors: str = "") -> "LexiconIndexer":
        """vectors: the name or folder of word vectors; their words are the lexicon

        Raises RecipeError where none are named or there are none of that name, ModelError where they cannot be read.
        """
        return cls(MatchedWords.fit(passages, vectors, "lexicon, vectors"))

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """-> lexicon_words (P,); lexicon_places (P,), 4 times the token's number in the batch and the set's;
        lexicon_weights (P,)"""
        single = self.matched.single(spellings)
        flat = single.ravel()
        row, first, after, word = self.matched.longer(spellings).T
        first, last = row * single.shape[1] + first, row * single.shape[1] + after - 1
        inside = last - first - 1
        middle = np.repeat(first + 1 - np.cumsum(inside) + inside, inside) + np.arange(inside.sum())
        alone = np.flatnonzero(flat > NONE)
        places = np.concatenate(
            [SETS * first + BEGIN, SETS * middle + MIDDLE, SETS * last + END, SETS * alone + SINGLE]
        )
        words = np.concatenate([word, np.repeat(word, inside), word, flat[alone]])
        empty = np.repeat(flat != PADDING, SETS)
        empty[places] = False
        places = np.concatenate([places, np.flatnonzero(empty)])
        words = np.concatenate([words, np.full(empty.sum(), NONE)])
        frequency = self._frequency[words]
        total = np.bincount(places // SETS, frequency, single.size)
        weights = SETS * frequency / total[places // SETS]
        return {"lexicon_words": words, "lexicon_places": places, "lexicon_weights": weights.astype(np.float32)}

    def to_dict(self) -> dict[str, Any]:
        return self.matched.to_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "LexiconIndexer":
        return cls(MatchedWords.from_dict(data))
