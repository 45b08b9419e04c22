"""Ways out that look at spans instead of tags."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from epicrisis.decoding.linear_chain import Array, Found
from epicrisis.text import Codec, EdgeCodec, SpanCodec
from epicrisis.text.span_tables import Room

_CHUNK_BYTES = 1 << 21
"""Memory that the products of one chunk of tokens may take: what stays in a processor's cache is fast."""


def odds_against(scores: NDArray[np.float64], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """(M, classes), (M,) -> (M,), the logarithm of the odds against the class under a softmax"""
    rows = np.arange(len(scores))
    margins = scores - scores[rows, best][:, None]
    margins[rows, best] = -np.inf
    with np.errstate(divide="ignore"):
        return np.log(np.exp(margins).sum(1))


def best_first(
    codec: SpanCodec,
    lengths: NDArray[np.int64],
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    widths: NDArray[np.int64],
    types: NDArray[np.int64],
    margins: NDArray[np.float64],
) -> list[list[Found]]:
    """The spans in the order of the odds against them, each taken where those before it leave room.

    lengths: of the sequences; then, of each span, its sequence, first token, number of tokens, type from 1, and odds
    """
    found: list[list[Found]] = [[] for _ in lengths]
    order = np.lexsort((widths, first, margins, rows))
    rooms = {row: Room(int(lengths[row]), codec.overlap) for row in np.unique(rows).tolist()}
    with np.errstate(over="ignore"):
        probabilities = 1 / (1 + np.exp(margins))
    columns = (rows, first, first + widths, types, probabilities)
    for row, start, after, type_, score in zip(*(c[order].tolist() for c in columns), strict=True):
        if rooms[row].take((start, after)):
            found[row].append(Found(start, after, codec.types[type_ - 1], score))
    return [sorted(mentions, key=lambda m: (m.first, m.after)) for mentions in found]


class Biaffine:
    """Spans in the order of their probability, each taken where those before it leave room.

    Yu, Bohnet and Poesio (2020), section 3. A span's probability is the softmax over the types and "no entity".
    """

    make_codec: ClassVar[type[Codec]] = SpanCodec

    def __init__(self, codec: SpanCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec
        self.weight = np.ascontiguousarray(weights["weight"], np.float32)  # (hidden + 1, 1 + types, hidden + 1)

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        lengths = mask.sum(1)
        ends = lengths.cumsum()
        tokens, types, widths, margins = self._candidates(scores[mask], np.repeat(ends, lengths))
        rows = np.searchsorted(ends, tokens, "right")
        return best_first(self.codec, lengths, rows, tokens - (ends - lengths)[rows], widths, types, margins)

    def _candidates(
        self, scores: Array, ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """The spans of which some type is likelier than "no entity".

        scores: (N, 2 * hidden) of the tokens of all sequences; ends: (N,) where the sequence of each token ends
        Returns four times (M,): a span's first token, its type from 1, its number of tokens, and the logarithm of
        the odds against it, which still tells apart what is all but certain.
        """
        parts: list[tuple[NDArray[np.int64], ...]] = [(np.zeros(0, np.int64),) * 3]
        margins: list[NDArray[np.float64]] = [np.zeros(0)]
        for start, band in self._band(scores, ends):
            spans, tokens = band[:, 0].copy(), band.max(1)  # rows are tokens: (M, 1 + types, W) -> (M, W)
            token, width = np.nonzero(tokens > spans)
            left = ends[start : start + len(band)] - np.arange(start, start + len(band))
            inside = width < left[token]
            token, width = token[inside], width[inside]
            chosen = band[token, :, width].astype(np.float64)  # (m, 1 + types)
            best = chosen.argmax(1)
            margins.append(odds_against(chosen, best))
            parts.append((token + start, best, width + 1))
        first, types, widths = (np.concatenate(column) for column in zip(*parts, strict=True))
        return first, types, widths, np.concatenate(margins)

    def _band(self, scores: Array, ends: NDArray[np.int64]) -> Iterator[tuple[int, Array]]:
        """Chunks of tokens: the first one's number and (M, 1 + types, W) scores of the spans that begin at each.

        Spans that run beyond their sequence are among them. The next chunk overwrites the one before it.
        """
        count = len(scores)
        if not count:
            return
        hidden, classes, _ = self.weight.shape
        width = min(self.codec.longest, int((ends - np.arange(count)).max()))
        ones = np.ones((count, 1), np.float32)
        first, last = (np.concatenate((view, ones), 1) for view in np.split(scores.astype(np.float32), 2, 1))
        last = np.concatenate((last, np.zeros((width - 1, hidden), np.float32)))
        windows = sliding_window_view(last, width, 0)  # (N, hidden + 1, W), no copy
        weight = self.weight.reshape(hidden, -1)
        step = max(1, _CHUNK_BYTES // (4 * classes * (hidden + width)))
        asked = np.empty((min(step, count), classes, hidden), np.float32)
        band = np.empty((len(asked), classes, width), np.float32)
        for start in range(0, count, step):
            here = min(step, count - start)
            np.matmul(first[start : start + here], weight, out=asked[:here].reshape(here, -1))
            yield start, np.matmul(asked[:here], windows[start : start + here], out=band[:here])


class SpanEdges:
    """Each start that is likelier than not, with the nearest such end of its type at or behind it.

    Wei et al. (2020), section 3.2. A mention's probability is that of its two edges, as if they were independent.
    """

    make_codec: ClassVar[type[Codec]] = EdgeCodec

    def __init__(self, codec: EdgeCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        found: list[list[Found]] = [[] for _ in scores]
        by_type = scores.reshape(*mask.shape, len(self.codec.types), 2)
        likely = (by_type > 0) & mask[..., None, None]
        for row, number in np.argwhere(likely.any(1).all(-1)).tolist():
            edges = by_type[row, :, number].astype(np.float64)
            for first, after in self.codec.pairs(*likely[row, :, number].T):
                against = np.exp(-np.array([edges[first, 0], edges[after - 1, 1]]))
                score = float(1 / (1 + against).prod())
                found[row].append(Found(first, after, self.codec.types[number], score))
        return [sorted(mentions, key=lambda m: (m.first, m.after)) for mentions in found]


class Template:
    """Spans by the likeliest sentence about each, in the order of its share, each taken where there is room.

    Cui et al. (2021), section 3.1. The share of a sentence is among those about the same span.
    """

    make_codec: ClassVar[type[Codec]] = SpanCodec

    def __init__(self, codec: SpanCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        lengths = mask.sum(1)
        table = scores.reshape(*mask.shape, self.codec.longest, 1 + len(self.codec.types))
        rows, first, more = np.nonzero((table[..., 1:].max(-1) > table[..., 0]) & mask[..., None])
        inside = first + more < lengths[rows]
        rows, first, more = rows[inside], first[inside], more[inside]
        chosen = table[rows, first, more].astype(np.float64)
        best = chosen.argmax(1)
        return best_first(self.codec, lengths, rows, first, more + 1, best, odds_against(chosen, best))
