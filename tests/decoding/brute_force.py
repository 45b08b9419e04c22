"""Chains read the slow and obvious way: every path on its own."""

import itertools
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import Chain
from epicrisis.text import Mention, TagCodec

Floats = NDArray[np.float32]


def random_weights(codec: TagCodec, chance: np.random.Generator, size: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Transitions, start and end scores."""
    count = len(codec)
    shapes = ((count, count), (count,), (count,))
    transitions, start, end = (chance.normal(0, size, shape).astype(np.float32) for shape in shapes)
    return transitions, start, end


def paths(chain: Chain, scores: Floats, codec: TagCodec) -> dict[tuple[int, ...], float]:
    """Every legal path of one sequence (T, K) and its score."""
    follow, begin, close = codec.allowed()
    found = {}
    for path in itertools.product(range(len(codec)), repeat=len(scores)):
        if begin[path[0]] and close[path[-1]] and all(follow[a, b] for a, b in itertools.pairwise(path)):
            total = float(chain.start[path[0]]) + float(chain.end[path[-1]])
            total += sum(float(scores[t, tag]) for t, tag in enumerate(path))
            total += sum(float(chain.transitions[a, b]) for a, b in itertools.pairwise(path))
            found[path] = total
    return found


def mention_probabilities(chain: Chain, scores: Floats, codec: TagCodec) -> dict[Mention, float]:
    """The probability of every mention that some path holds: of all paths that hold exactly this one."""
    found = paths(chain, scores, codec)
    most = max(found.values())
    weight = {path: np.exp(score - most) for path, score in found.items()}
    total = sum(weight.values())
    probabilities: dict[Mention, float] = defaultdict(float)
    for path in found:
        for mention in codec.mentions(np.array(path)):
            probabilities[mention] += weight[path] / total
    return probabilities
