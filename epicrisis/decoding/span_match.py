"""The way out of questions: starts and ends that belong together."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.linear_chain import Array, Found
from epicrisis.text import Codec, TypeSpansCodec

_CHUNK_BYTES = 1 << 21
"""Memory that the comparisons of one chunk of pairs may take."""


class SpanMatch:
    """Every pair of a start and an end of one type that belong together: mentions nest and cross as they like.

    Li et al. (2020), section 3.4. Start, end and match have to be likelier than not; the score of a mention is the
    product of their three probabilities.
    """

    make_codec: ClassVar[type[Codec]] = TypeSpansCodec

    def __init__(self, codec: TypeSpansCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec
        self.match = weights["match"].astype(np.float32)  # (hidden,)
        self.bias = float(weights["bias"][0])

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        types, length = len(self.codec.types), mask.shape[1]
        table = scores.reshape(*mask.shape, types, scores.shape[2] // types)
        hidden = (table.shape[3] - 2) // 2
        starts, ends = (  # positions in (sequence, type, token), flattened
            np.flatnonzero(((table[..., edge] > 0) & mask[..., None]).transpose(0, 2, 1)) for edge in (0, 1)
        )
        lowest = np.searchsorted(ends, starts)
        limits = np.minimum(starts + self.codec.longest, (starts // max(1, length) + 1) * length)
        counts = np.searchsorted(ends, limits) - lowest
        ranges = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
        firsts, lasts = np.repeat(starts, counts), ends[np.repeat(lowest, counts) + ranges]
        found: list[list[Found]] = [[] for _ in scores]
        step = max(1, _CHUNK_BYTES // (4 * max(1, hidden)))
        for begin in range(0, len(firsts), step):
            rest, first = np.divmod(firsts[begin : begin + step], length)
            row, type_ = np.divmod(rest, types)
            last = lasts[begin : begin + step] % length
            left, right = table[row, first, type_], table[row, last, type_]  # (pairs, 2 + 2 * hidden)
            matched = _gelu(left[:, 2 : 2 + hidden] + right[:, 2 + hidden :]) @ self.match + self.bias
            logits = np.stack((left[:, 0], right[:, 1], matched)).astype(np.float64)
            with np.errstate(over="ignore"):
                score = (1 / (1 + np.exp(-logits))).prod(0)
            columns = (row, first, last + 1, type_, score)
            for n, start, after, number, one in zip(*(c[matched > 0].tolist() for c in columns), strict=True):
                found[n].append(Found(start, after, self.codec.types[number], one))
        return [sorted(mentions, key=lambda m: (m.first, m.after, m.type)) for mentions in found]


def _gelu(values: Array) -> Array:
    """The approximation by tanh, as the torch half has it."""
    return 0.5 * values * (1 + np.tanh(np.float32(np.sqrt(2 / np.pi)) * (values + 0.044715 * values**3)))
