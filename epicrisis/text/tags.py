"""Tags: one per token, that say where mentions begin, go on and end.

IO says only inside or outside; BIO (IOB2) marks the first token; BIOES marks last and single tokens, too. None of
them can say that mentions nest, overlap, or have gaps: `Codec.tags` counts what it drops.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Entity, Span
from epicrisis.text.spans import covering

SCHEMES = {"io": "I", "bio": "BI", "bioes": "BIES"}
"""Scheme -> the prefixes that a type's tags take, in the order of the tag numbers."""

Mention = tuple[int, int, str]
"""First token, token after the last, type."""


@dataclass(frozen=True)
class Tagged:
    """The tags of one sequence of tokens, and the fate of each entity that was to be expressed.

    tags     (T,) tag numbers
    kept     entities whose exact characters the tags express
    snapped  entities whose tags cover whole tokens, while they begin or end inside one
    dropped  entities that the tags say nothing of: nested, overlapping, discontinuous, or without a token
    """

    tags: NDArray[np.int64]
    kept: tuple[Entity, ...]
    snapped: tuple[Entity, ...]
    dropped: tuple[Entity, ...]


class Codec:
    """Between mentions and tag numbers, for one scheme and list of types.

    Tag 0 is O; then come each type's tags, in the order of the types and of the scheme's prefixes.
    """

    def __init__(self, scheme: str, types: Sequence[str]) -> None:
        if scheme not in SCHEMES:
            raise ValueError(f"no scheme {scheme!r}; there are {', '.join(SCHEMES)}")
        self.scheme = scheme
        self.types = tuple(types)
        self.prefixes = SCHEMES[scheme]
        self.names = ("O", *(f"{prefix}-{type_}" for type_ in self.types for prefix in self.prefixes))
        self._base = {type_: 1 + number * len(self.prefixes) for number, type_ in enumerate(self.types)}
        prefix_of = ["O"] + [prefix for _ in self.types for prefix in self.prefixes]
        self.type_of = np.array([-1] + [n for n in range(len(self.types)) for _ in self.prefixes])
        self.begins = np.array([prefix in "BS" for prefix in prefix_of])
        self.ends = np.array([prefix in "ES" for prefix in prefix_of])

    def __len__(self) -> int:
        return len(self.names)

    def tags(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Tagged:
        """Write entities as tags: the longest first, so that an outer mention wins over those inside it.

        tokens: character spans of a sequence; entities that lie outside it are dropped
        """
        numbers = np.zeros(len(tokens), dtype=np.int64)
        kept: list[Entity] = []
        snapped: list[Entity] = []
        dropped: list[Entity] = []
        placed: list[tuple[int, bool, int, str, Span, Entity]] = []
        for entity in entities:
            place = covering(tokens, (entity.start, entity.end)) if len(entity.fragments) == 1 else None
            if place is None or entity.type not in self._base:
                dropped.append(entity)
                continue
            exact = (tokens[place[0]][0], tokens[place[1] - 1][1]) == (entity.start, entity.end)
            placed.append((place[0] - place[1], not exact, entity.start, entity.type, place, entity))
        for *_, inexact, _start, type_, place, entity in sorted(placed):
            if numbers[place[0] : place[1]].any():
                dropped.append(entity)
                continue
            numbers[place[0] : place[1]] = self._pattern(type_, place[1] - place[0])
            (snapped if inexact else kept).append(entity)
        if self.scheme == "io":  # neighbours of one type have run together
            read = {(tokens[first][0], tokens[after - 1][1]) for first, after, _ in self.mentions(numbers)}
            dropped += [entity for entity in kept if (entity.start, entity.end) not in read]
            kept = [entity for entity in kept if (entity.start, entity.end) in read]
        return Tagged(numbers, tuple(kept), tuple(snapped), tuple(dropped))

    def mentions(self, tags: NDArray[np.int64]) -> list[Mention]:
        """Read (T,) tag numbers that keep the scheme's rules (those of `allowed`)."""
        types = self.type_of[tags]
        before = np.concatenate(([-1], types[:-1]))
        begins = self.begins[tags] | ((types >= 0) & (types != before))
        starts = np.flatnonzero(begins)
        if not len(starts):
            return []
        after = np.concatenate((types[1:], [-1]))
        next_begins = np.concatenate((begins[1:], [True]))
        ends = np.flatnonzero((types >= 0) & (next_begins | (after != types))) + 1
        return [
            (first, last, self.types[number])
            for first, last, number in zip(starts.tolist(), ends.tolist(), types[starts].tolist(), strict=True)
        ]

    def pattern(self, mention: Mention) -> NDArray[np.int64]:
        """The tag numbers that spell a mention."""
        first, last, type_ = mention
        return np.array(self._pattern(type_, last - first))

    def allowed(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Which tag may follow which (K, K) [from, to], begin a sequence (K,) and end one (K,)."""
        count = len(self)
        if self.scheme == "io":
            return np.ones((count, count), bool), np.ones(count, bool), np.ones(count, bool)
        same_type = self.type_of[:, None] == self.type_of[None, :]
        outside = self.type_of < 0
        starts = self.begins | outside  # a tag that needs no mention before it
        if self.scheme == "bio":
            return starts[None, :] | same_type, starts, np.ones(count, bool)
        closes = self.ends | outside  # a tag after which no mention is open
        follow = np.where(closes[:, None], starts[None, :], ~starts[None, :] & same_type)
        return follow, starts, closes

    def _pattern(self, type_: str, length: int) -> list[int]:
        base = self._base[type_]
        if self.scheme == "io":
            return [base] * length
        if self.scheme == "bio":
            return [base] + [base + 1] * (length - 1)
        if length == 1:
            return [base + self.prefixes.index("S")]
        return [base, *[base + 1] * (length - 2), base + self.prefixes.index("E")]
