"""Relations and attributes as targets to learn: which mentions belong together, and what is said of each.

Mentions stand on tokens, relations between them. Of all pairs only candidates are looked at: those whose types were
related in training, in that direction, and that stand near each other. Everything else is out of reach, and counted.
"""

import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document, Entity, Relation, Span, Value, in_reading_order

Numbers = NDArray[np.int64]
ABSENT = 0
"""Number of the value of an attribute that an entity does not have."""
LONGEST = 128
"""Tokens of a mention that count when it is asked what stands near it."""
_SELDOM = 10
"""Entities that must have an attribute for it to be learned."""


@dataclass(frozen=True)
class Facts:
    """What stands in a stretch of tokens.

    spans       (M, 2) first token and token after the last of each mention, in reading order
    types       (M,) the number of its type
    relations   (N, 3) head, tail (both rows of spans) and the number of the relation's type
    attributes  (M, A) the number of each attribute's value, `ABSENT` where it has none
    ruled       (M,) the number of what rules say of it, `ABSENT` where they say nothing
    """

    spans: Numbers
    types: Numbers
    relations: Numbers
    attributes: Numbers
    ruled: Numbers


@dataclass
class RelationFates:
    """How many relations candidates can express, and why not the others.

    kept       between candidates
    far        too far apart, or with too many mentions between them
    argument   one of the ends has no tokens of its own, or a type that is not known
    signature  types that were hardly ever related in training, or a relation that was not
    itself     from a mention to itself
    """

    kept: int = 0
    far: int = 0
    argument: int = 0
    signature: int = 0
    itself: int = 0

    def __iadd__(self, other: "RelationFates") -> "RelationFates":
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def near_ends(spans: Numbers) -> Numbers:
    """(M, 2) -> (M,) where a mention ends when it is asked what stands near it.

    Of a mention as long as a note, all would stand near; only its first `LONGEST` tokens are looked at.
    """
    return np.minimum(spans[:, 1], spans[:, 0] + LONGEST)


@dataclass(frozen=True)
class RelationCodec:
    """What may be related to what, and what may be said of a mention.

    types       of entities
    relations   types of relations
    signatures  (type of the head, type of the tail, type of the relation), all that are looked at
    attributes  name -> its values, as they are: true and "true" are two
    window      most tokens between the two mentions of a candidate
    most        candidates of a mention, the nearest ones; more where it is among the nearest of others
    language    of the assertion rules whose word on every mention the network reads, too; "" for no rules
    ruled       what those may say
    """

    types: tuple[str, ...]
    relations: tuple[str, ...]
    signatures: tuple[tuple[str, str, str], ...]
    attributes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    window: int = 64
    most: int = 16
    language: str = ""
    ruled: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        documents: Iterable[Document],
        types: Sequence[str],
        *,
        window: int = 64,
        most: int = 16,
        least: int = 2,
        language: str = "",
        ruled: Sequence[str] = (),
    ) -> "RelationCodec":
        """What the training documents hold.

        least: how often a signature must occur there; the others: see above
        """
        signatures: Counter[tuple[str, str, str]] = Counter()
        attributes: dict[str, Counter[str]] = {}  # of values as JSON, in which 1, true and "true" differ
        for document in documents:
            type_of = {entity.id: entity.type for entity in document.entities}
            for r in document.relations:
                if r.head != r.tail:
                    signatures[type_of[r.head], type_of[r.tail], r.type] += 1
            for entity in document.entities:
                for name, attribute in entity.attributes.items():
                    attributes.setdefault(name, Counter())[json.dumps(attribute.value)] += 1
        kept = sorted(s for s, count in signatures.items() if count >= least and {s[0], s[1]} <= {*types})
        return cls(
            types=tuple(types),
            relations=tuple(sorted({relation for _, _, relation in kept})),
            signatures=tuple(kept),
            attributes={
                name: tuple(map(json.loads, sorted(values)))
                for name, values in sorted(attributes.items())
                if values.total() >= _SELDOM
            },
            window=window,
            most=most,
            language=language,
            ruled=tuple(ruled),
        )

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """(types, types, relations): head, tail, relation"""
        table = np.zeros((len(self.types), len(self.types), len(self.relations)), bool)
        for head, tail, relation in self.signatures:
            table[self.numbers[head], self.numbers[tail], self.relations.index(relation)] = True
        return table

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Type of an entity -> its number"""
        return {type_: number for number, type_ in enumerate(self.types)}

    def mentions(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> tuple[Numbers, Numbers, list[Entity]]:
        """(M, 2) spans, (M,) types and the entities that stand on tokens, in reading order.

        A discontinuous entity stands on all tokens from its first to its last.
        """
        starts, ends = [start for start, _ in tokens], [end for _, end in tokens]
        spans, types, kept = [], [], []
        for entity in in_reading_order(entities):
            first, after = bisect_right(ends, entity.start), bisect_left(starts, entity.end)
            type_ = self.numbers.get(entity.type)
            if first < after and type_ is not None:
                spans.append((first, after))
                types.append(type_)
                kept.append(entity)
        return np.array(spans, np.int64).reshape(-1, 2), np.array(types, np.int64), kept

    def numbers_ruled(self, entities: Sequence[Entity], ruled: Mapping[str, str]) -> Numbers:
        """(M,) of entities, from what rules say: id -> value"""
        known = {value: number for number, value in enumerate(self.ruled, start=1)}
        return np.array([known.get(ruled.get(entity.id, ""), ABSENT) for entity in entities], np.int64)

    def encode(
        self,
        tokens: Sequence[Span],
        entities: Iterable[Entity],
        relations: Iterable[Relation],
        ruled: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Facts, RelationFates]:
        """The facts among these tokens. Relations between candidates that are not reached are no targets.

        ruled: id of an entity -> what rules say of it
        """
        spans, types, kept = self.mentions(tokens, entities)
        place = {entity.id: n for n, entity in enumerate(kept)}
        reached = {(i, j) for i, row in enumerate(self.partners(spans, types).tolist()) for j in row if j >= 0}
        allowed, fates, pairs = self.allowed, RelationFates(), set()
        for relation in relations:
            head, tail = place.get(relation.head), place.get(relation.tail)
            if relation.head == relation.tail:
                fates.itself += 1
            elif head is None or tail is None:
                fates.argument += 1
            elif (
                relation.type not in self.relations
                or not (allowed[types[head], types[tail], (number := self.relations.index(relation.type))])
            ):
                fates.signature += 1
            elif (head, tail) not in reached:
                fates.far += 1
            else:
                fates.kept += 1
                pairs.add((head, tail, number))
        numbers = [{json.dumps(value): n for n, value in enumerate(known, 1)} for known in self.attributes.values()]
        values = np.zeros((len(kept), len(self.attributes)), np.int64)
        for row, entity in zip(values, kept, strict=True):
            for column, (name, number_of) in enumerate(zip(self.attributes, numbers, strict=True)):
                if name in entity.attributes:
                    row[column] = number_of.get(json.dumps(entity.attributes[name].value), ABSENT)
        facts = np.array(sorted(pairs), np.int64).reshape(-1, 3)
        return Facts(spans, types, facts, values, self.numbers_ruled(kept, ruled)), fates

    def partners(self, spans: Numbers, types: Numbers, stretch: Numbers | None = None) -> Numbers:
        """(M, N): of each mention those that it may be related to, in either direction, by position; -1 for no more.

        stretch: (M,) pairs stand within one number only. Spans are in reading order, stretch by stretch.
        N is 1 at least.
        """
        count = len(spans)
        if not count:
            return np.full((0, 1), -1, np.int64)
        either = np.asarray(self.allowed.any(2))
        either = either | either.T
        first, after = spans[:, 0], near_ends(spans)
        longest = int((after - first).max())  # of two mentions the first may be the longer: it bounds how far to look
        low = np.searchsorted(first, first - self.window - longest, side="left")
        high = np.searchsorted(first, after + self.window, side="right")
        band = low[:, None] + np.arange(int((high - low).max()))
        inside = band < high[:, None]
        band = np.minimum(band, count - 1)
        near = np.maximum(first[band] - after[:, None], first[:, None] - after[band])
        may = inside & (near <= self.window) & either[types[:, None], types[band]]
        may &= band != np.arange(count)[:, None]
        if stretch is not None:
            may &= stretch[band] == stretch[:, None]
        if band.shape[1] > self.most:
            # of equally near ones the first: no two keys are the same
            key = np.where(may, (near + longest) * band.shape[1] + np.arange(band.shape[1]), np.iinfo(np.int64).max)
            least = np.partition(key, self.most - 1, axis=1)[:, self.most - 1 : self.most]
            rows, columns = np.nonzero(may & (key <= least))
            there = band[rows, columns]
            both = np.unique(np.concatenate([rows * count + there, there * count + rows]))
            pairs = np.stack(np.divmod(both, count), 1)
        else:
            rows, columns = np.nonzero(may)
            pairs = np.stack([rows, band[rows, columns]], 1)
        sizes = np.bincount(pairs[:, 0], minlength=count)
        table = np.full((count, max(1, int(sizes.max(initial=0)))), -1, np.int64)
        slot = np.arange(len(pairs)) - np.repeat(sizes.cumsum() - sizes, sizes)
        table[pairs[:, 0], slot] = pairs[:, 1]
        return table

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` makes the same of, but for the types of entities; plain JSON."""
        return {
            "types": list(self.relations),
            "signatures": [list(signature) for signature in self.signatures],
            "attributes": {name: list(values) for name, values in self.attributes.items()},
            "window": self.window,
            "most": self.most,
            "language": self.language,
            "ruled": list(self.ruled),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], types: Sequence[str]) -> "RelationCodec":
        return cls(
            tuple(types),
            tuple(data["types"]),
            tuple((head, tail, relation) for head, tail, relation in data["signatures"]),
            {name: tuple(values) for name, values in data["attributes"].items()},
            int(data["window"]),
            int(data["most"]),
            str(data.get("language", "")),
            tuple(data.get("ruled", ())),
        )
