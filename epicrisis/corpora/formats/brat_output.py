"""A document -> brat's annotation lines, in one canonical order.

brat cannot hold everything that a document can. `canonical` gives the document as brat will hold it, and counts what
that cost; `lines` writes it without further loss. Reading those lines gives the canonical document again, so writing
what was read from our own output changes no byte.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation, Span

_ENTITY_ID = re.compile(r"T[0-9]{1,15}")
_RELATION_ID = re.compile(r"R[0-9]{1,15}")
DIGITS = "0123456789"


def canonical(document: Document) -> tuple[Document, Counter[str]]:
    """The document as brat holds it, and what was lost or changed on the way, by description."""
    lost: Counter[str] = Counter()
    for name in ("labels", "segments", "meta"):
        if number := len(getattr(document, name)):
            lost[name] += number
    names = _renamed([entity.id for entity in document.entities], _ENTITY_ID, "T", lost)
    triggers = {relation.head for relation in document.relations if relation.event}
    entities = {}
    for entity in document.entities:
        fragments = _cut(document.text, entity.fragments)
        if not fragments:
            lost["entities that cover line breaks only"] += 1
            continue
        if fragments != entity.fragments:
            lost["entities cut into fragments at a line break"] += 1
        lost["scores"] += entity.score is not None
        entities[entity.id] = Entity(
            _name(entity.type, lost),
            fragments,
            names[entity.id],
            attributes=_attributes(entity.attributes, lost),
            codes=_codes(entity.codes, lost),
            note=_note(entity.note, lost),
            event=entity.event or entity.id in triggers,
        )
    groups = []
    for group in document.groups:
        members = tuple(names[member] for member in group.members if member in entities)
        if len(members) > 1:
            groups.append(Group(_name(group.type, lost), members))
        lost["group members that were lost with their entity"] += len(group.members) - len(members)
    held = Document(document.id, document.text, tuple(entities.values()), (), tuple(groups))
    kept = [relation for relation in document.relations if relation.head in entities and relation.tail in entities]
    lost["relations that were lost with an entity"] += len(document.relations) - len(kept)
    return replace(held, relations=_relations(kept, names, _events(held), lost)), +lost


def lines(document: Document) -> str:
    """The annotation file of a canonical document: T, E, R, *, A, N, #, each kind in the order of the document."""
    events = _events(document)
    reference = {entity.id: events.get(entity.id, entity.id) for entity in document.entities}
    return "".join(f"{line}\n" for line in _lines(document, events, reference))


def _lines(document: Document, events: Mapping[str, str], reference: Mapping[str, str]) -> Iterator[str]:
    arguments: dict[str, list[str]] = {}
    for relation in document.relations:
        if relation.event:
            role = relation.id.partition(".")[2]
            arguments.setdefault(relation.head, []).append(f" {role}:{reference[relation.tail]}")
    for entity in document.entities:
        offsets = ";".join(f"{start} {end}" for start, end in entity.fragments)
        yield f"{entity.id}\t{entity.type} {offsets}\t{document.words(entity)}"
    types = {entity.id: entity.type for entity in document.entities}
    for id, event in events.items():
        yield f"{event}\t{types[id]}:{id}{''.join(arguments.get(id, ()))}"
    plain = [relation for relation in document.relations if not relation.event]
    for r in plain:
        yield f"{r.id}\t{r.type} {r.roles[0]}:{reference[r.head]} {r.roles[1]}:{reference[r.tail]}"
    for group in document.groups:
        yield f"*\t{group.type} {' '.join(reference[member] for member in group.members)}"
    described: list[tuple[str, Entity | Relation]] = [(reference[entity.id], entity) for entity in document.entities]
    described += [(relation.id, relation) for relation in plain]
    attributes = [(name, id, item.attributes[name].value) for id, item in described for name in sorted(item.attributes)]
    for number, (name, id, value) in enumerate(attributes, start=1):
        yield f"A{number}\t{name} {id}" + ("" if value is True else f" {value}")
    codes = [(entity.id, code) for entity in document.entities for code in entity.codes]
    for number, (id, code) in enumerate(codes, start=1):
        yield f"N{number}\tReference {id} {code.system}:{code.code}\t{code.text}"
    notes = [(id, note) for id, item in described if item.note for note in item.note.split("\n")]
    for number, (id, note) in enumerate(notes, start=1):
        yield f"#{number}\tAnnotatorNotes {id}\t{note}"


def _events(document: Document) -> dict[str, str]:
    """The E ids of the entities that trigger an event, in the order of the document."""
    triggers = [entity.id for entity in document.entities if entity.event]
    return {id: f"E{number}" for number, id in enumerate(triggers, start=1)}


def _relations(
    relations: list[Relation], names: Mapping[str, str], events: Mapping[str, str], lost: Counter[str]
) -> tuple[Relation, ...]:
    ids = _renamed([relation.id for relation in relations if not relation.event], _RELATION_ID, "R", lost)
    used: Counter[str] = Counter()
    result = []
    for relation in relations:
        head, tail = names[relation.head], names[relation.tail]
        type = _name(relation.type, lost)
        lost["scores"] += relation.score is not None
        if relation.event:
            role = type.rstrip(DIGITS) or "Arg"
            lost["event roles whose last digits were dropped"] += role != type
            lost["attributes of event arguments"] += len(relation.attributes)
            lost["notes of event arguments"] += bool(relation.note)
            used[place := f"{events[head]}.{role}"] += 1
            id = place if used[place] == 1 else f"{place}{used[place]}"
            result.append(Relation(role, head, tail, id, event=True))
            continue
        first, second = (_name(role, lost) for role in relation.roles)
        if first == second or not first or not second:
            first, second = "Arg1", "Arg2"
            lost["relations whose roles were empty or the same"] += 1
        if (first, second) == ("Arg2", "Arg1"):
            first, second, head, tail = second, first, tail, head
        attributes = _attributes(relation.attributes, lost)
        note = _note(relation.note, lost)
        result.append(
            Relation(type, head, tail, ids[relation.id], attributes=attributes, note=note, roles=(first, second))
        )
    return tuple(result)


def _renamed(ids: list[str], form: re.Pattern[str], letter: str, lost: Counter[str]) -> dict[str, str]:
    """Every id as brat can hold it: its own, or the next free number."""
    names = {id: id for id in ids if form.fullmatch(id)}
    free = 1 + max((int(id[1:]) for id in names), default=0)
    for id in ids:
        if id not in names:
            names[id] = f"{letter}{free}"
            free += 1
            lost[f"ids that are no {letter} and a number"] += 1
    return names


def _cut(text: str, fragments: tuple[Span, ...]) -> tuple[Span, ...]:
    """The fragments without the line breaks in them: a line of the file holds no newline."""
    pieces = []
    for start, end in fragments:
        if "\n" not in text[start:end]:
            pieces.append((start, end))
            continue
        for piece in re.finditer(r"[^\n]+", text[start:end]):
            stop = piece.end() - (piece.group().endswith("\r") and text[start + piece.end() : end].startswith("\n"))
            if stop > piece.start():
                pieces.append((start + piece.start(), start + stop))
    return tuple(pieces)


def _name(name: str, lost: Counter[str]) -> str:
    held = re.sub(r"[ \t\r\n]+", "_", name)
    lost["names with white space, written with _"] += held != name
    return held


def _attributes(attributes: Mapping[str, Attribute], lost: Counter[str]) -> dict[str, Attribute]:
    held: dict[str, Attribute] = {}
    for name in sorted(attributes):
        attribute = attributes[name]
        lost["scores"] += attribute.score is not None
        lost["cues of attributes"] += attribute.cue is not None
        value = attribute.value
        if value is not True:
            value = re.sub(r"[\t\r\n]", " ", str(value)).strip(" ") or True
            lost["attribute values changed: numbers, False, white space"] += value != attribute.value
        if not name or _name(name, Counter()) in held:
            lost["attributes without a name of their own"] += 1
            continue
        held[_name(name, lost)] = Attribute(value)
    return held


def _codes(codes: tuple[Code, ...], lost: Counter[str]) -> tuple[Code, ...]:
    held = []
    for code in codes:
        system = re.sub(r"[ \t\r\n:]+", "_", code.system)
        number = re.sub(r"[\t\r\n]", " ", code.code).strip(" ")
        clean = Code(system, number, re.sub(r"[\r\n]", " ", code.text))
        if not system or not number:
            lost["codes without system or number"] += 1
            continue
        lost["codes whose white space or colon was changed"] += clean != code
        held.append(clean)
    return tuple(held)


def _note(note: str, lost: Counter[str]) -> str:
    held = note.replace("\r\n", "\n").replace("\r", "\n")
    lost["notes whose line ends were changed"] += held != note
    return held
