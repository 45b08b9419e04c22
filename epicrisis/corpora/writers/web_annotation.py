"""W3C Web Annotation (2017), JSON-LD: `ID.txt` with `ID.jsonld`, a page of annotations whose targets are that text.

A fragment is a target with two selectors of the same words, TextPositionSelector (code points, the end exclusive) and
TextQuoteSelector; an entity with gaps has several targets. An entity's type is a body with the purpose `tagging`, an
attribute one with `classifying`, a note `commenting`, a code `identifying`. A relation links: its target is the head's
annotation, its body the tail's; a group's targets are its members. What the vocabulary has no word for has a name of
our own, `epicrisis:...`, which others may pass over.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import json_bytes, one_by_one, place, write_bytes, write_text
from epicrisis.document import Attribute, Document, Entity, Label, Relation, Span
from epicrisis.document.json_form import labels_to_dict

OWN = "urn:epicrisis:"
CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {"epicrisis": OWN} | {f"epicrisis:{name}": {"@type": "@json"} for name in ("value", "meta", "evidence")},
]
AROUND = 32
"""Characters before and after a quotation, to find it again when the text has changed."""


def write_document(document: Document, folder: Path) -> Counter[str]:
    """Two files. Nothing is lost: the count is empty.

    Raises CorpusError where the id cannot be a file's name, or a file cannot be written.
    """
    write_text(place(folder, document.id, ".txt"), document.text)
    page = {
        "@context": CONTEXT,
        "id": "",
        "type": "AnnotationPage",
        "epicrisis:document": document.id,
        **({"epicrisis:meta": dict(document.meta)} if document.meta else {}),
        "items": list(_annotations(document)),
    }
    write_bytes(place(folder, document.id, ".jsonld"), json_bytes(page, f"document {document.id!r}") + b"\n")
    return Counter()


def _annotations(document: Document) -> Iterator[dict[str, Any]]:
    for entity in document.entities:
        targets = [_part(document, fragment) for fragment in entity.fragments]
        about = _annotation(_iri("entity", entity.id), "tagging", targets, [_tag(entity.type), *_bodies(entity)])
        yield about | _own(id=entity.id, score=entity.score, event=entity.event or None)
    for relation in document.relations:
        tail = {"type": "SpecificResource", "purpose": "linking", "source": _iri("entity", relation.tail)}
        bodies = [tail, _tag(relation.type), *_bodies(relation)]
        about = _annotation(_iri("relation", relation.id), "linking", [_iri("entity", relation.head)], bodies)
        yield about | _own(
            id=relation.id, score=relation.score, event=relation.event or None, roles=list(relation.roles)
        )
    for number, group in enumerate(document.groups, start=1):
        members = [_iri("entity", member) for member in group.members]
        yield _annotation(_iri("group", str(number)), "linking", members, [_tag(group.type)])
    if document.labels:
        yield _annotation(_iri("label", "document"), "classifying", [_text(document)], _labels(document.labels))
    for number, segment in enumerate(document.segments, start=1):
        target = _part(document, segment.span)
        bodies = [{**_tag(segment.kind), "purpose": "describing"}, *_labels(segment.labels)]
        yield _annotation(_iri("segment", str(number)), "describing", [target], bodies)


def _annotation(id: str, motivation: str, targets: list[Any], bodies: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": id, "type": "Annotation", "motivation": motivation, "body": bodies, "target": targets}


def _part(document: Document, span: Span) -> dict[str, Any]:
    start, end = span
    text = document.text
    position = {"type": "TextPositionSelector", "start": start, "end": end}
    quotation = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - AROUND) : start],
        "suffix": text[end : end + AROUND],
    }
    return {"type": "SpecificResource", "source": _text(document), "selector": [position, quotation]}


def _bodies(item: Entity | Relation) -> Iterator[dict[str, Any]]:
    for name in sorted(item.attributes):
        yield _attribute(name, item.attributes[name])
    for code in item.codes if isinstance(item, Entity) else ():
        source = f"{OWN}code:{quote(code.system, safe='')}:{quote(code.code, safe='')}"
        about = _own(system=code.system, code=code.code, text=code.text or None)
        yield {"type": "SpecificResource", "purpose": "identifying", "source": source} | about
    if item.note:
        yield {"type": "TextualBody", "purpose": "commenting", "value": item.note}


def _attribute(name: str, attribute: Attribute) -> dict[str, Any]:
    cue = None if attribute.cue is None else list(attribute.cue)
    body = {"type": "TextualBody", "purpose": "classifying", "value": f"{name}: {attribute.value}"}
    return body | _own(attribute=name, value=attribute.value, score=attribute.score, cue=cue)


def _labels(labels: Mapping[str, Label]) -> list[dict[str, Any]]:
    return [
        {"type": "TextualBody", "purpose": "classifying", "value": f"{name}: {label.value}"}
        | _own(label=name, **labels_to_dict({name: label})[name])
        for name, label in sorted(labels.items())
    ]


def _tag(type: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": "tagging", "value": type}


def _own(**values: Any) -> dict[str, Any]:
    return {f"epicrisis:{name}": value for name, value in values.items() if value is not None}


def _iri(kind: str, id: str) -> str:
    return f"#{kind}-{quote(id, safe='')}"


def _text(document: Document) -> str:
    """The text's file, as seen from the annotations beside it."""
    return quote(document.id.rpartition("/")[2] + ".txt", safe="")


WEB_ANNOTATION = Format(
    "web-annotation", "W3C Web Annotation: .txt with .jsonld", one_by_one(write_document), write_document
)
