"""What several annotators found, put together by precedence.

An entity that shares a character with one of an earlier source gives way. If it covers exactly the same characters, the
entity that stays gets its codes. Within one source everything stays, nested mentions too.
"""

from collections.abc import Sequence
from dataclasses import replace

from epicrisis.document import Document, Entity, Group, Span


def merged(text: str, sources: Sequence[Sequence[Entity]]) -> list[Entity]:
    """The entities of all sources, the first source first, without those that give way."""
    taken = bytearray(len(text))
    kept: list[Entity] = []
    places: dict[tuple[Span, ...], list[int]] = {}
    for source in sources:
        own: list[Entity] = []
        for entity in source:
            for place in places.get(entity.fragments, ()) if entity.codes else ():
                codes = tuple(dict.fromkeys((*kept[place].codes, *entity.codes)))
                kept[place] = replace(kept[place], codes=codes)
            if not any(taken.find(1, start, end) >= 0 for start, end in entity.fragments):
                own.append(entity)
        for entity in own:
            places.setdefault(entity.fragments, []).append(len(kept))
            kept.append(entity)
            for start, end in entity.fragments:
                taken[start:end] = b"\1" * (end - start)
    return kept


def with_entities(document: Document, entities: Sequence[Entity]) -> Document:
    """The document with these entities; relations and groups that refer to one that is gone go, too."""
    ids = {entity.id for entity in entities}
    groups = []
    for group in document.groups:
        members = tuple(member for member in group.members if member in ids)
        if len(members) >= 2:
            groups.append(Group(group.type, members))
    relations = tuple(r for r in document.relations if r.head in ids and r.tail in ids)
    return replace(document, entities=tuple(entities), relations=relations, groups=tuple(groups))
