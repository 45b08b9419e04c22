"""The way out that looks for the nearest known token."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.linear_chain import Array, Chain, Found
from epicrisis.text import Codec, TagCodec

AT_A_TIME = 4_000_000
"""Distances in one table: it bounds the memory, whatever the number of tokens and of the support."""


class NearestNeighbour:
    """A token has the tag of the support token whose state is nearest, as far as the scheme's rules allow.

    Das et al. (2022), "CONTaiNER", section 4.3, with free transitions: those that the paper's second variant estimates
    on its source corpus are left out. A tag's score is minus the squared distance to its nearest support token. What
    is called a mention's probability is the softmax over such scores; it says which of two mentions is surer, and is
    not calibrated.

    weights: `support`, (N, E) states, and `tags`, their (N,) tag numbers
    """

    make_codec: ClassVar[type[Codec]] = TagCodec

    def __init__(self, codec: TagCodec, weights: Mapping[str, NDArray[np.generic]]) -> None:
        self.codec = codec
        self.chain = Chain.free(codec)
        tags = weights["tags"].astype(np.int64)
        order = np.argsort(tags, kind="stable")
        self.support = np.ascontiguousarray(weights["support"][order], np.float32)
        self.squares = np.square(self.support).sum(1)
        self.known, self.starts = np.unique(tags[order], return_index=True)

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        """scores: (B, T, E) states"""
        nearest = np.zeros((*mask.shape, len(self.codec)), np.float32)
        nearest[mask] = self.tag_scores(scores[mask])
        return self.chain.mentions(nearest, mask, self.codec)

    def tag_scores(self, states: Array) -> Array:
        """(M, E) -> (M, K), minus infinity for a tag without support"""
        scores = np.full((len(states), len(self.codec)), -np.inf, np.float32)
        step = max(1, AT_A_TIME // max(1, len(self.support)))
        for start in range(0, len(states), step):
            chosen = states[start : start + step]
            distances = self.squares - 2 * (chosen @ self.support.T) + np.square(chosen).sum(1, keepdims=True)
            scores[start : start + step, self.known] = -np.minimum.reduceat(distances, self.starts, axis=1).clip(0)
        return scores
