"""Passages -> the arrays that a network takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import Spellings
from epicrisis.text import Passage


class Indexer(Protocol):
    """The way into an embedder of the same name: passages in, numbered arrays out, padded with 0."""

    @property
    def sizes(self) -> tuple[Any, ...]:
        """What the embedder has to be told first: how many different numbers there are."""
        ...

    @property
    def start(self) -> Any:
        """What the embedder starts from, such as pre-trained vectors; None for nothing. It is not saved."""
        ...

    @property
    def axes(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the axes of those arrays that are not (B, T)."""
        ...

    # `fit` is a class method of every indexer as well. Its keyword-only arguments are settings in a recipe:
    # fit(passages: Sequence[Passage], *, ...) -> Indexer
    #     Vocabularies from training passages, and from what the settings name.

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[Any]]:
        """The words of B passages -> named arrays, (B, T) or as `axes` says"""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` makes the same indexer of; plain JSON."""
        ...

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Indexer": ...


@runtime_checkable
class Covering(Protocol):
    """An indexer whose vocabulary was learned elsewhere."""

    def coverage(self, passages: Sequence[Passage]) -> float:
        """The share of the tokens that it knows, from 0 to 1."""
        ...


def encode(passages: Sequence[Passage], indexers: Iterable[Indexer]) -> dict[str, NDArray[Any]]:
    """The inputs of a network for B passages: every indexer's arrays, and mask (B, T)."""
    lengths = np.array([len(passage.tokens) for passage in passages])
    inputs: dict[str, NDArray[Any]] = {"mask": np.arange(lengths.max(initial=0)) < lengths[:, None]}
    spellings = Spellings(passages)
    for indexer in indexers:
        inputs.update(indexer.arrays(spellings))
    return inputs


def own_mask(passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """(B, T), true where a passage answers for the token: the others are context and teach nothing."""
    positions = np.arange(max(len(passage.tokens) for passage in passages))
    own = np.array([passage.own for passage in passages])
    return (positions >= own[:, :1]) & (positions < own[:, 1:])


def pad_targets(targets: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """B times (own tokens, ...) -> (B, the most of them, ...), padded with 0"""
    padded = np.zeros((len(targets), max(map(len, targets)), *targets[0].shape[1:]), np.int64)
    for row, passage in zip(padded, targets, strict=True):
        row[: len(passage)] = passage
    return padded
