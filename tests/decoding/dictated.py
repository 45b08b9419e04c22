"""For every decoder: scores and weights that say nothing but what targets say, and such as say anything."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SURE = 20.0
HIDDEN = 12
"""Tokens that a biaffine decoder can be told apart here."""


def dictated(name: str, codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    """(T, ...) targets -> (T, K) scores and the weights of the decoder"""
    return _DICTATED[name](codec, targets)


def anything(name: str, codec: Any, chance: np.random.Generator, *shape: int) -> tuple[Floats, dict[str, Floats]]:
    """(*shape, K) random scores, and random weights."""
    nothing = codec.encode([], []).targets
    scores, weights = dictated(name, codec, np.zeros((1, *nothing.shape[1:]), np.int64))
    random = {key: chance.normal(0, 1, weight.shape).astype(np.float32) for key, weight in weights.items()}
    random |= {key: weights[key] for key in weights.keys() & {"tags"}}
    return chance.normal(0, 1, (*shape, scores.shape[1])).astype(np.float32), random


def _tags(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    count = len(codec)
    none = np.zeros(count, np.float32)
    return _one_hot(targets, count), {"transitions": np.zeros((count, count), np.float32), "start": none, "end": none}


def _type_tags(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    types, count = len(codec.types), len(codec.of_type[0])
    shapes = {"transitions": (types, count, count), "start": (types, count), "end": (types, count)}
    return _one_hot(targets, count).reshape(len(targets), -1), {k: np.zeros(s, np.float32) for k, s in shapes.items()}


def _biaffine(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    """Token t is seen as a 1 at t, so that the weight is the table of all pairs of tokens."""
    weight = np.zeros((HIDDEN + 1, 1 + len(codec.types), HIDDEN + 1), np.float32)
    weight[:, 0] = 1.0
    for first, more in np.argwhere(targets).tolist():
        weight[first, targets[first, more], first + more] = SURE
    views = np.eye(len(targets), HIDDEN, dtype=np.float32)
    return np.concatenate((views, views), 1), {"weight": weight}


def _edges(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    return (SURE * (2 * targets - 1)).reshape(len(targets), -1).astype(np.float32), {}


def _nearest_neighbour(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    """One token of each tag is known, as far from every other as from the next."""
    count = len(codec)
    return _one_hot(targets, count), {
        "support": SURE * np.eye(count, dtype=np.float32),
        "tags": np.arange(count, dtype=np.float32),
    }


def _span_match(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    """A hidden unit for each pair of tokens, that only both tokens of a mention together lift over the bias."""
    count, (length, types, _) = HIDDEN**2, targets.shape
    table = np.full((length, types, 2 + 2 * count), -2 * SURE, np.float32)
    first, last = table[..., 2 : 2 + count], table[..., 2 + count :]
    table[targets[..., 1:].any(-1), 0] = table[targets[..., 0] > 0, 1] = SURE
    for start, number, tokens in np.argwhere(targets[..., 1:]).tolist():
        pair = start * HIDDEN + start + tokens
        first[start, number, pair] = last[start + tokens, number, pair] = SURE
    return table.reshape(length, -1), {"match": np.ones(count, np.float32), "bias": np.array([-SURE], np.float32)}


def _template(codec: Any, targets: NDArray[np.int64]) -> tuple[Floats, dict[str, Floats]]:
    return _one_hot(targets, 1 + len(codec.types)).reshape(len(targets), -1) - SURE, {}


def _one_hot(targets: NDArray[np.int64], count: int) -> Floats:
    return (SURE * (targets[..., None] == np.arange(count))).astype(np.float32)


_DICTATED: Mapping[str, Callable[[Any, NDArray[np.int64]], tuple[Floats, dict[str, Floats]]]] = {
    "crf": _tags,
    "softmax": lambda codec, targets: (_tags(codec, targets)[0], {}),
    "crf_per_type": _type_tags,
    "biaffine": _biaffine,
    "span": _edges,
    "nearest_neighbour": _nearest_neighbour,
    "span_match": _span_match,
    "template": _template,
}
