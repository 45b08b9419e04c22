"""Documents as targets to learn, and what of them the targets can say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from epicrisis.document import Document, Entity
from epicrisis.text.codecs import Codec, Encoded
from epicrisis.text.passages import Passage, PassageRule, own_tokens, passages, sequences
from epicrisis.text.tags import TagCodec
from epicrisis.text.tokens import tokens


def encode_document(document: Document, codec: Codec, rule: PassageRule) -> Iterator[tuple[list[Passage], Encoded]]:
    """Each sequence of a document with its targets; an entity is tried in the sequence in which it begins."""
    waiting = sorted(document.entities, key=lambda entity: entity.start, reverse=True)
    for sequence in sequences(passages(document.text, rule)):
        own = own_tokens(sequence)
        here: list[Entity] = []
        while waiting and waiting[-1].start < own[-1][1]:
            here.append(waiting.pop())
        crossing = [entity for entity in here if entity.end > own[-1][1]]
        found = codec.encode(own, [entity for entity in here if entity.end <= own[-1][1]])
        yield sequence, replace(found, dropped=(*found.dropped, *crossing))
    if waiting:  # mentions of white space alone, behind the last token
        yield [], replace(codec.encode([], ()), dropped=tuple(waiting))


def expressible(document: Document, codec: Codec, rule: PassageRule) -> Document:
    """The document with only those of its entities that the targets can express exactly; its relations are left out."""
    kept = [entity for _, found in encode_document(document, codec, rule) for entity in found.kept]
    return replace(document, entities=tuple(kept), relations=(), groups=())


def token_tags(document: Document, types: Iterable[str]) -> list[str]:
    """A BIO tag for each token of a document as a whole, the longest mention first: what token scores compare."""
    codec = TagCodec(sorted(types))
    return [codec.names[tag] for tag in codec.encode(list(tokens(document.text)), document.entities).targets.tolist()]


@dataclass
class Fates:
    """How many entities targets express exactly, only to whole tokens, or not at all."""

    kept: int = 0
    snapped: int = 0
    dropped: int = 0

    def __iadd__(self, other: "Fates") -> "Fates":
        self.kept += other.kept
        self.snapped += other.snapped
        self.dropped += other.dropped
        return self

    def add(self, found: Encoded) -> None:
        self.kept += len(found.kept)
        self.snapped += len(found.snapped)
        self.dropped += len(found.dropped)
