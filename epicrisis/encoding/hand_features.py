"""The features of a classical CRF tagger, as text and then as numbers.

Lafferty, McCallum and Pereira (2001), "Conditional Random Fields"; the templates are those that named-entity taggers
have used with them since: words, prefixes, suffixes and shapes in a window of five tokens. Where a token is one
Chinese character, its neighbours' pairs and triples are the n-grams of characters.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.casing import KINDS, casing
from epicrisis.encoding.spellings import Spellings
from epicrisis.text import Passage

PADDING, EVERY = 0, 1
WINDOW = (-2, -1, 1, 2)
JOINT = ((-2, -1), (-1, 0), (0, 1), (1, 2), (-1, 0, 1))
"""Neighbours whose words make one feature together."""
EDGE = "\n"
"""What stands beyond the ends of a passage; no token is a line break."""


def shape(word: str) -> str:
    """Capitals as X, other letters as x, digits as 0, of several in a row one: "HbA1c" is "XxX0x"."""
    kinds = ("X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdigit() else c for c in word)
    return "".join(kind for kind, _ in groupby(kinds))


def own_features(word: str) -> list[str]:
    """What a word says of itself; as many for every word, "" where it has no such thing."""
    lower = word.lower()
    return [
        f"word={word}",
        f"lower={lower}",
        f"shape={shape(word)}",
        f"kind={KINDS[casing(word)]} {unicodedata.category(word[0])}",
        "digit" if any(c.isdigit() for c in word) else "",
        *(f"prefix={lower[:n]}" if len(lower) > n else "" for n in range(1, 5)),
        *(f"suffix={lower[-n:]}" if len(lower) > n else "" for n in range(1, 5)),
    ]


class HandFeatureIndexer:
    """A vocabulary of features; 0 is none, 1 what every token has, 2 the first of the vocabulary."""

    start = None
    axes: Mapping[str, tuple[str, ...]] = {"hand_features": ("passages", "tokens", "hand_features_count")}

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._number = {"": PADDING, **{feature: number for number, feature in enumerate(self.vocabulary, start=2)}}

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(self.vocabulary) + 2,)

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, least: int = 2) -> "HandFeatureIndexer":
        """least: how often training texts have to hold a feature"""
        spellings = Spellings(passages)
        counts: Counter[str] = Counter()
        for features, which in _templates(spellings):
            for number, count in enumerate(np.bincount(which[spellings.index > 0]).tolist()):
                counts[features[number]] += count
        return cls(sorted(feature for feature, count in counts.items() if feature and count >= max(least, 1)))

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> hand_features (B, T, F), a number for each template"""
        columns = [np.full(spellings.index.shape, EVERY)]
        for features, which in _templates(spellings):
            columns.append(np.array([self._number.get(feature, PADDING) for feature in features], np.int64)[which])
        real = spellings.index > 0
        return {"hand_features": np.stack(columns, 2) * real[:, :, None]}

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "HandFeatureIndexer":
        return cls(data["vocabulary"])


def _templates(spellings: Spellings) -> Iterator[tuple[list[str], NDArray[np.int64]]]:
    """Of each template the different features that a batch holds, and (B, T), which of them each token has."""
    index = spellings.index
    own = list(zip(*map(own_features, ["x", *spellings.different]), strict=True))  # "x" stands in the padding
    yield from ((list(features), index) for features in own)
    words = [EDGE, *(word.lower() for word in spellings.different)]
    shapes = [EDGE, *map(shape, spellings.different)]
    for offset in WINDOW:
        beside = _shifted(index, offset)
        yield [f"word[{offset}]={word}" for word in words], beside
        yield [f"shape[{offset}]={written}" for written in shapes], beside
    for offsets in JOINT:
        together = np.stack([_shifted(index, offset) for offset in offsets], 2).reshape(-1, len(offsets))
        different, which = np.unique(together, axis=0, return_inverse=True)
        place = "+".join(map(str, offsets))
        features = [f"words[{place}]={EDGE.join(words[number] for number in row)}" for row in different.tolist()]
        yield features, which.reshape(index.shape)


def _shifted(index: NDArray[np.int64], offset: int) -> NDArray[np.int64]:
    """(B, T) -> (B, T), the number of the token so many places further on, 0 beyond the ends"""
    shifted = np.zeros_like(index)
    if offset == 0:
        return index
    if offset > 0:
        shifted[:, :-offset] = index[:, offset:]
    else:
        shifted[:, -offset:] = index[:, :offset]
    return shifted
