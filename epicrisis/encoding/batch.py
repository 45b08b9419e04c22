"""Passages -> the arrays that a network takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings, Words
from epicrisis.text import Codec, Passage


class Indexer(Protocol):
    """The way into an embedder of the same name: words in, numbered arrays out, padded with 0."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many different numbers there are: what the embedder has to be told."""
        ...

    @classmethod
    def fit(cls, words: Words, known: Iterable[str] = ()) -> "Indexer":
        """Vocabularies from training texts; known: words that an embedder has a vector of."""
        ...

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """The words of B passages -> named arrays, (B, T) or as the embedder says"""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` makes the same indexer of; plain JSON."""
        ...

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Indexer": ...


def encode(words: Words, indexers: Iterable[Indexer]) -> dict[str, NDArray[Any]]:
    """The inputs of a network for the words of B passages: every indexer's arrays, and mask (B, T)."""
    lengths = np.array([len(passage) for passage in words])
    inputs: dict[str, NDArray[Any]] = {"mask": np.arange(lengths.max(initial=0)) < lengths[:, None]}
    spellings = Spellings(words)
    for indexer in indexers:
        inputs.update(indexer.arrays(spellings))
    return inputs


def own_mask(passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """(B, T), true where a passage answers for the token: the others are context and teach nothing."""
    positions = np.arange(max(len(passage.tokens) for passage in passages))
    own = np.array([passage.own for passage in passages])
    return (positions >= own[:, :1]) & (positions < own[:, 1:])


def tag_targets(tags: Sequence[NDArray[np.int64]], codec: Codec) -> NDArray[np.int64]:
    """(B, T) tag numbers, 0 (the tag O) as padding.

    Raises ValueError where a tag is none of the codec's.
    """
    targets = np.zeros((len(tags), max(map(len, tags))), np.int64)
    for row, passage in zip(targets, tags, strict=True):
        row[: len(passage)] = passage
    wrong = targets[(targets < 0) | (targets >= len(codec))]
    if len(wrong):
        raise ValueError(f"tag {wrong[0]} is none of the codec's {len(codec)}")
    return targets
