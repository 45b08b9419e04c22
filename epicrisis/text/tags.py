"""Tags: one per token, that say where mentions begin, go on and end.

IO says only inside or outside; BIO (IOB2) marks the first token; BIOES marks last and single tokens, too. None of
them can say that mentions nest, overlap, or have gaps; a sequence of tags for each type can where the types differ.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Entity, Span
from epicrisis.text.codecs import Encoded, Mention, Placed, encoded, place

SCHEMES = {"io": "I", "bio": "BI", "bioes": "BIES"}
"""Scheme -> the prefixes that a type's tags take, in the order of the tag numbers."""


class TagCodec:
    """Between mentions and tag numbers, for one scheme and list of types.

    Tag 0 is O; then come each type's tags, in the order of the types and of the scheme's prefixes.
    """

    def __init__(self, types: Sequence[str], *, scheme: str = "bio") -> None:
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

    @property
    def settings(self) -> dict[str, Any]:
        return {"scheme": self.scheme}

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """(T,) tag numbers. The longest mention first, so that an outer one wins over those inside it."""
        numbers = np.zeros(len(tokens), dtype=np.int64)
        placed, nowhere = place(tokens, entities, self.types)
        written: list[Placed] = []
        for one in placed:
            first, after = one.span
            if not numbers[first:after].any():
                numbers[first:after] = self._pattern(one.type, after - first)
                written.append(one)
        if self.scheme == "io":  # neighbours of one type have run together
            read = set(self.mentions(numbers))
            written = [one for one in written if one.inexact or one.mention in read]
        return encoded(numbers, placed, nowhere, written)

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


class TypeTagsCodec:
    """A sequence of tags for each type: mentions of different types may nest and overlap, those of one may not."""

    def __init__(self, types: Sequence[str], *, scheme: str = "bio") -> None:
        self.types = tuple(types)
        self.scheme = scheme
        self.of_type = tuple(TagCodec([type_], scheme=scheme) for type_ in self.types)

    @property
    def settings(self) -> dict[str, Any]:
        return {"scheme": self.scheme}

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """(T, types) tag numbers"""
        placed, nowhere = place(tokens, entities, self.types)
        targets = np.zeros((len(tokens), len(self.types)), np.int64)
        fates = []
        for number, codec in enumerate(self.of_type):
            one = codec.encode(tokens, [p.entity for p in placed if p.type == self.types[number]])
            targets[:, number] = one.targets
            fates.append(one)
        return Encoded(
            targets,
            tuple(entity for one in fates for entity in one.kept),
            tuple(entity for one in fates for entity in one.snapped),
            (*nowhere, *(entity for one in fates for entity in one.dropped)),
        )
