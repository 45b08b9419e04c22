"""Documents as tags, and what of them tags can say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from epicrisis.document import Document, Entity
from epicrisis.text.passages import Passage, PassageRule, own_tokens, passages, sequences
from epicrisis.text.tags import Codec, Tagged
from epicrisis.text.tokens import tokens


def tag_document(document: Document, codec: Codec, rule: PassageRule) -> Iterator[tuple[list[Passage], Tagged]]:
    """Each sequence of a document with its tags; an entity is tried in the sequence in which it begins."""
    waiting = sorted(document.entities, key=lambda entity: entity.start, reverse=True)
    for sequence in sequences(passages(document.text, rule)):
        own = own_tokens(sequence)
        here: list[Entity] = []
        while waiting and waiting[-1].start < own[-1][1]:
            here.append(waiting.pop())
        crossing = [entity for entity in here if entity.end > own[-1][1]]
        tagged = codec.tags(own, [entity for entity in here if entity.end <= own[-1][1]])
        yield sequence, replace(tagged, dropped=(*tagged.dropped, *crossing))
    if waiting:  # mentions of white space alone, behind the last token
        yield [], Tagged(codec.tags([], ()).tags, (), (), tuple(waiting))


def expressible(document: Document, codec: Codec, rule: PassageRule) -> Document:
    """The document with only those of its entities that the tags can express exactly; its relations are left out."""
    kept = [entity for _, tagged in tag_document(document, codec, rule) for entity in tagged.kept]
    return replace(document, entities=tuple(kept), relations=(), groups=())


def token_tags(document: Document, types: Iterable[str]) -> list[str]:
    """A BIO tag for each token of a document as a whole, the longest mention first: what token scores compare."""
    codec = Codec("bio", sorted(types))
    return [codec.names[tag] for tag in codec.tags(list(tokens(document.text)), document.entities).tags.tolist()]


@dataclass
class Fates:
    """How many entities tags express exactly, only to whole tokens, or not at all."""

    kept: int = 0
    snapped: int = 0
    dropped: int = 0

    def add(self, tagged: Tagged) -> None:
        self.kept += len(tagged.kept)
        self.snapped += len(tagged.snapped)
        self.dropped += len(tagged.dropped)
