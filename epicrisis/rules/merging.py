"""What several annotators found, put together by precedence.

An entity that shares a character with one of an earlier source gives way. If it covers exactly the same characters, the
entity that stays is its heir: it gets its codes and attributes, and in a document its relations and groups. Within one
source everything stays, nested mentions too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from epicrisis.document import Document, Entity, Group, Relation, Span

SOURCE = "source"
"""The attribute that says where an entity comes from; an heir keeps its own."""


def merged(text: str, sources: Sequence[Sequence[Entity]]) -> list[Entity]:
    """The entities of all sources, the first source first, without those that give way."""
    return _merged(text, sources)[0]


def combined(document: Document, sources: Sequence[Sequence[Entity]]) -> tuple[Document, Counter[str]]:
    """The document with the entities of all sources, its own among them, and how much of it is gone.

    Gone are relations, groups and attributes of entities that gave way and have no heir.
    """
    entities, heirs = _merged(document.text, sources)
    new = with_entities(document, entities, heirs)
    there = {entity.id for entity in entities} | heirs.keys()
    gone = Counter(
        relations=len(document.relations) - len(new.relations),
        groups=len(document.groups) - len(new.groups),
        attributes=sum(len(entity.attributes) for entity in document.entities if entity.id not in there),
    )
    return new, +gone


def with_entities(
    document: Document, entities: Sequence[Entity], heirs: Mapping[str, str] = MappingProxyType({})
) -> Document:
    """The document with these entities; relations and groups that refer to one that is gone go, too.

    heirs: id of one that is gone -> id of the one that takes its place
    """
    ids = {entity.id for entity in entities}
    groups: list[Group] = []
    for group in document.groups:
        members = tuple(dict.fromkeys(heir for member in group.members if (heir := heirs.get(member, member)) in ids))
        if len(members) >= 2:
            groups.append(Group(group.type, members))
    relations: list[Relation] = []
    for relation in document.relations:
        head, tail = (heirs.get(end, end) for end in (relation.head, relation.tail))
        if head in ids and tail in ids and (head != tail or relation.head == relation.tail):
            relations.append(replace(relation, head=head, tail=tail))
    return replace(document, entities=tuple(entities), relations=tuple(relations), groups=tuple(groups))


def _merged(text: str, sources: Sequence[Sequence[Entity]]) -> tuple[list[Entity], dict[str, str]]:
    """What stays; id of one that gave way -> id of its heir, which takes the id over where it has none."""
    taken = bytearray(len(text))
    kept: list[Entity] = []
    places: dict[tuple[Span, ...], list[int]] = {}
    heirs: dict[str, str] = {}
    for source in sources:
        own: list[Entity] = []
        for entity in source:
            same = places.get(entity.fragments, ())
            for place in same:
                kept[place] = _inherited(kept[place], entity)
            if same and entity.id:
                if not kept[same[0]].id:
                    kept[same[0]] = replace(kept[same[0]], id=entity.id)
                heirs[entity.id] = kept[same[0]].id
            if not any(taken.find(1, start, end) >= 0 for start, end in entity.fragments):
                own.append(entity)
        for entity in own:
            places.setdefault(entity.fragments, []).append(len(kept))
            kept.append(entity)
            for start, end in entity.fragments:
                taken[start:end] = b"\1" * (end - start)
    return kept, heirs


def _inherited(heir: Entity, gone: Entity) -> Entity:
    attributes = {name: one for name, one in gone.attributes.items() if name != SOURCE and name not in heir.attributes}
    if not (attributes or gone.codes or gone.event):
        return heir
    return replace(
        heir,
        attributes={**heir.attributes, **attributes},
        codes=tuple(dict.fromkeys((*heir.codes, *gone.codes))),
        event=heir.event or gone.event,
    )
