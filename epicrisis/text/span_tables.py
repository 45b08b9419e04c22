"""Targets of decoders that look at spans instead of tags: they keep mentions that nest and overlap."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Entity, Span
from epicrisis.text.codecs import Encoded, Placed, encoded, place

OVERLAPS = ("nested", "flat")


class Room:
    """Where among `length` tokens there is still room for a span, by the rule for overlap of `SpanCodec`."""

    def __init__(self, length: int, overlap: str) -> None:
        self.flat = overlap == "flat"
        self._end = np.zeros(length + 1, np.int64)  # of the spans taken that start here the farthest end
        self._start = np.full(length + 1, length)  # of the spans taken that end here the first start
        self._taken: set[Span] = set()

    def take(self, span: Span) -> bool:
        """Take the span if it fits beside those that were taken before."""
        first, after = span
        inside = slice(first + 1, after)
        if self.flat:
            free = not self._end[first:after].any()
        else:
            crosses = (self._end[inside] > after).any() or (self._start[inside] < first).any()
            free = not crosses and span not in self._taken
        if free:
            self._taken.add(span)
            if self.flat:
                self._end[first:after] = after
            else:
                self._end[first] = max(after, self._end[first])
                self._start[after] = min(first, self._start[after])
        return free


class SpanCodec:
    """A type for every span of at most `longest` tokens.

    Of two mentions with the same span an exact one is kept, then the first by name of the type. Longer ones are
    dropped.

    overlap  "nested": mentions may lie inside each other, but not cross; "flat": they share no token
    """

    def __init__(self, types: Sequence[str], *, longest: int = 32, overlap: str = "nested") -> None:
        if overlap not in OVERLAPS:
            raise ValueError(f"no overlap {overlap!r}; there are {', '.join(OVERLAPS)}")
        self.types = tuple(types)
        self.longest = longest
        self.overlap = overlap
        self.number = {type_: number for number, type_ in enumerate(self.types, start=1)}

    @property
    def settings(self) -> dict[str, Any]:
        return {"longest": self.longest, "overlap": self.overlap}

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """(T, longest): at [t, n] the number of the type, from 1, of the span of n + 1 tokens that begins at t"""
        targets = np.zeros((len(tokens), self.longest), np.int64)
        placed, nowhere = place(tokens, entities, self.types)
        written: list[Placed] = []
        room = Room(len(tokens), self.overlap)
        for one in placed:
            first, after = one.span
            if after - first <= self.longest and room.take(one.span):
                targets[first, after - first - 1] = self.number[one.type]
                written.append(one)
        return encoded(targets, placed, nowhere, written)


class TypeSpansCodec:
    """For each type, which spans of at most `longest` tokens are mentions: they nest, cross and coincide as they like.

    Longer mentions are dropped, and all but one of those that have both span and type in common.
    """

    def __init__(self, types: Sequence[str], *, longest: int = 32) -> None:
        self.types = tuple(types)
        self.longest = longest
        self.number = {type_: number for number, type_ in enumerate(self.types)}

    @property
    def settings(self) -> dict[str, Any]:
        return {"longest": self.longest}

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """(T, types, 1 + longest): at [t, type, n] 1 where n tokens from t on are a mention, and at [t, type, 0] where
        one ends with token t: it may begin in the window before
        """
        targets = np.zeros((len(tokens), len(self.types), 1 + self.longest), np.int64)
        placed, nowhere = place(tokens, entities, self.types)
        written: list[Placed] = []
        for one in placed:
            first, after = one.span
            here = targets[:, self.number[one.type]]
            if after - first <= self.longest and not here[first, after - first]:
                here[first, after - first] = here[after - 1, 0] = 1
                written.append(one)
        return encoded(targets, placed, nowhere, written)


class EdgeCodec:
    """Whether a mention of a type starts, and whether one ends, at a token.

    A start belongs to the nearest end at or behind it. So mentions of different types overlap as they like; of two of
    one type that begin together the shorter is kept. Mentions longer than `longest` tokens are dropped.
    """

    def __init__(self, types: Sequence[str], *, longest: int = 32) -> None:
        self.types = tuple(types)
        self.longest = longest

    @property
    def settings(self) -> dict[str, Any]:
        return {"longest": self.longest}

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """(T, types, 2): 1 where a mention of the type starts [0] and where one ends [1]"""
        targets = np.zeros((len(tokens), len(self.types), 2), np.int64)
        placed, nowhere = place(tokens, entities, self.types)
        written: list[Placed] = []
        for number, type_ in enumerate(self.types):
            edges = targets[:, number]
            taken: set[Span] = set()
            for one in sorted(placed, key=lambda one: (-one.length, one.inexact, one.start)):  # the shortest first
                first, after = one.span
                if one.type != type_ or after - first > self.longest or one.span in taken:
                    continue
                near = slice(max(0, first - self.longest), after + self.longest)
                before = edges[near].copy()
                edges[first, 0] = edges[after - 1, 1] = 1
                here = {(a + near.start, b + near.start) for a, b in self.pairs(*(edges[near].T > 0))}
                if here == {span for span in taken if near.start <= span[0] and span[1] <= near.stop} | {one.span}:
                    taken.add(one.span)
                    written.append(one)
                else:
                    edges[near] = before
        return encoded(targets, placed, nowhere, written)

    def pairs(self, starts: NDArray[np.bool_], ends: NDArray[np.bool_]) -> list[Span]:
        """The spans, half open, that (T,) starts and ends of one type stand for."""
        first = np.flatnonzero(starts)
        last = np.flatnonzero(ends)
        nearest = np.searchsorted(last, first)
        found = nearest < len(last)
        first, end = first[found], last[nearest[found]] + 1
        near = end - first <= self.longest
        return list(zip(first[near].tolist(), end[near].tolist(), strict=True))
