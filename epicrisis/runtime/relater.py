"""Relater: the mentions of one note in, what relates them and what is said of them out.

A note is asked about in stretches of mentions, each with all that its mentions may be related to and that these may be
related to in turn, so that every answer is the one of the whole note, and memory is bounded.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.relations import Related, Relations, Said
from epicrisis.document import Attribute, Document, Entity, Relation, Span
from epicrisis.encoding.pairs import encode_pairs
from epicrisis.rules import Assertion
from epicrisis.text import RelationCodec, near_ends

PairNetwork = Callable[[dict[str, NDArray[Any]]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""states (T, H) and the arrays of `encode_pairs` -> scores of relations (M, N, K) and of attributes (M, values)"""
MENTIONS = 256
"""Heads that are asked about at once."""
REACHES = 3
"""A mention's partners, theirs, and those whose nearest these are: all that its answer depends on."""


@dataclass(frozen=True)
class Relater:
    """network: the `pairs` graph; codec: what may be related; decoder: scores -> relations and attributes;
    states_size: H, how many of the numbers of a token are its state
    """

    network: PairNetwork
    codec: RelationCodec
    decoder: Relations
    states_size: int

    @cached_property
    def rules(self) -> Assertion | None:
        """The assertion rules whose word the network reads."""
        return Assertion(self.codec.language) if self.codec.ruled else None

    def ruled(self, text: str, entities: Sequence[Entity]) -> dict[str, str]:
        """What they say of the entities of a text: id -> value"""
        return {} if self.rules is None else self.rules.values(Document("", text, tuple(entities)))

    def __call__(
        self,
        tokens: Sequence[Span],
        states: NDArray[np.float32],
        entities: Sequence[Entity],
        ruled: Mapping[str, str],
        sure: Mapping[str, float],
    ) -> tuple[list[Entity], list[Relation]]:
        """The entities of a document with their attributes, and their relations.

        tokens, states: (T, H), of all its tokens; entities: with ids; ruled: see above; sure: the network's own
        probability of those that are not certain, by id

        An entity that cannot be asked about, because it has no token or a type that the model does not know, comes back
        as it is; of the others what the model can say is replaced. The probability of a relation is that of its ends
        being right, too.
        """
        spans, types, kept = self.codec.mentions(tokens, entities)
        likely = None
        if any(entity.id in sure for entity in kept):
            likely = np.array([sure.get(entity.id, 1.0) for entity in kept], np.float32)
        numbers = self.codec.numbers_ruled(kept, ruled)
        related, said = self.found(states, spans, types, numbers, likely)
        about = {entity.id: values for entity, values in zip(kept, said, strict=True)}
        known = self.codec.attributes
        relations = [
            Relation(type_, kept[head].id, kept[tail].id, score=round(score, 4))
            for head, tail, type_, score in sorted(related)
        ]
        return [_with(e, about[e.id], known) if e.id in about else e for e in entities], relations

    def with_settings(self, **settings: Mapping[str, Any]) -> "Relater":
        """The same with these settings of the decoder."""
        return replace(self, decoder=self.decoder.with_settings(**settings))

    def found(
        self,
        states: NDArray[np.float32],
        spans: NDArray[np.int64],
        types: NDArray[np.int64],
        ruled: NDArray[np.int64],
        sure: NDArray[np.float32] | None = None,
    ) -> tuple[list[Related], list[Said]]:
        """(T, H), (M, 2), (M,), (M,) in reading order -> relations between rows, and of each row its attributes

        sure: (M,) the probability of each mention; that of a relation is its own times those of its ends. None where
        all are certain
        """
        related: list[Related] = []
        said: list[Said] = []
        for start in range(0, len(spans), MENTIONS):
            after = min(start + MENTIONS, len(spans))
            low, high = start, after
            for _ in range(REACHES):
                low, high = self._reach(spans, low, high)
            first = max(0, int(spans[low, 0]) - self.codec.window)
            last = int(spans[low:high, 1].max()) + self.codec.window
            arrays = encode_pairs(self.codec, spans[low:high] - first, types[low:high], ruled[low:high])
            scores, values = self.network({"states": states[first:last], **arrays})
            rows = slice(start - low, after - low)
            partners = arrays["partners"][rows]
            of_ends = None if sure is None else (sure[start:after], sure[low:high][partners])
            here = self.decoder.decode(scores[rows], partners, arrays["real"][rows], of_ends)
            related += [(head + start, tail + low, type_, score) for head, tail, type_, score in here]
            said += self.decoder.attributes(values[rows])
        return self.decoder.select(related), said

    def _reach(self, spans: NDArray[np.int64], start: int, after: int) -> tuple[int, int]:
        """The rows that may be related to those from start to after, themselves among them."""
        ends = near_ends(spans)
        near = self.codec.window + int((ends - spans[:, 0]).max())
        low = int(np.searchsorted(spans[:, 0], spans[start, 0] - near, side="left"))
        high = int(np.searchsorted(spans[:, 0], ends[start:after].max() + near, side="right"))
        return min(low, start), max(high, after)


def _with(entity: Entity, said: Said, known: Collection[str]) -> Entity:
    """The entity with these attributes in the place of all that are known."""
    attributes = {name: attribute for name, attribute in entity.attributes.items() if name not in known}
    attributes |= {name: Attribute(value, score=round(score, 4)) for name, (value, score) in said.items()}
    return replace(entity, attributes=attributes) if attributes or entity.attributes else entity
