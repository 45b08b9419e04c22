"""BioC, as XML and as JSON: one collection in one file, every document one passage that is its whole text.

Comeau et al. (2013), "BioC: a minimalist approach to interoperability for biomedical text processing", Database.
Offsets count code points. Of a mention or relation the infon `type` is its type; an attribute is an infon of its name,
`attribute:NAME` where that name means something here; with it go `score:NAME` and `cue:NAME` (start-end). `score`,
`note` and `event` are as in a document; the first code is `code`, `code system`, `code text`, the second `code 2` and
so on. A relation's nodes have the names of its ends as roles; a group is a relation whose infon `group` is true.

XML 1.0 has no word for most control characters: U+FFFD stands for each, so that no offset moves.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import encode, json_bytes, one_file, writing
from epicrisis.corpora.formats.bioc import CODED
from epicrisis.corpora.writers.losses import as_text, without
from epicrisis.document import Attribute, Document, Entity, Relation

RESERVED = re.compile(
    rf"type|score|note|event|group|code( system| text)?( \d+)?|(attribute|score|cue):.*|(?i:{'|'.join(CODED)})",
    re.DOTALL,
)
HEAD = {"source": "epicrisis", "date": "", "key": "epicrisis.key", "infons": {"offsets": "code points"}}
NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What a document can hold (it has no surrogates) and XML 1.0 cannot."""


def write_xml(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Raises CorpusError where the file cannot be written."""
    lost: Counter[str] = Counter()
    with writing(one_file(path, ".xml")) as file:
        start = "".join(
            f"<{name}>{escape(str(HEAD[name]), quote=False)}</{name}>" for name in ("source", "date", "key")
        )
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<collection>{start}{_infons(HEAD, lost)}\n'.encode())
        for document in documents:
            shape = _document(document, lost)
            file.write(encode("".join(_xml("document", shape, lost)) + "\n", f"document {document.id!r}"))
        file.write(b"</collection>\n")
    return +lost


def write_json(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Raises CorpusError where the file cannot be written."""
    lost: Counter[str] = Counter()
    with writing(one_file(path, ".json")) as file:
        start = json.dumps({**HEAD, "bioctype": "BioCCollection", "version": "1.0"})
        file.write(f'{start[:-1]}, "documents": ['.encode())
        for number, document in enumerate(documents):
            file.write(b",\n" if number else b"\n")
            file.write(json_bytes(_document(document, lost), f"document {document.id!r}"))
        file.write(b"\n]}\n")
    return +lost


HELD = (
    "entities",
    "ids of entities",
    "gaps in mentions: written from first to last character",
    "scores",
    "attributes of entities",
    "attributes of relations",
    "scores of attributes",
    "cues of attributes",
    "codes",
    "notes of entities",
    "notes of relations",
    "marks of events",
    "marks of event arguments",
    "relations",
    "ids of relations",
    "names of relations' ends",
    "groups",
    "labels",
    "meta",
)


def _document(document: Document, lost: Counter[str]) -> dict[str, Any]:
    """The document as BioC's JSON has it; the XML is made of it, too."""
    lost.update(without(document, *HELD))
    infons = {f"label:{name}": as_text(label.value, lost) for name, label in document.labels.items()}
    for name, value in document.meta.items():
        key = f"meta:{name}" if name.startswith(("label:", "meta:")) else name
        infons[key] = value if isinstance(value, str) else json_bytes(value, f"document {document.id!r}").decode()
        lost["values of meta written as JSON"] += not isinstance(value, str)
    relations = [
        {
            "id": relation.id,
            "infons": _about(relation, lost),
            "nodes": [
                {"refid": relation.head, "role": relation.roles[0]},
                {"refid": relation.tail, "role": relation.roles[1]},
            ],
        }
        for relation in document.relations
    ]
    taken = {relation.id for relation in document.relations}
    free = (id for number in range(1, len(document.groups) + len(taken) + 1) if (id := f"G{number}") not in taken)
    relations += [
        {
            "id": next(free),
            "infons": {"type": group.type, "group": "true"},
            "nodes": [{"refid": member, "role": "member"} for member in group.members],
        }
        for group in document.groups
    ]
    passage = {
        "offset": 0,
        "infons": {},
        "text": document.text,
        "sentences": [],
        "annotations": [
            {
                "id": entity.id,
                "infons": _about(entity, lost),
                "text": document.words(entity),
                "locations": [{"offset": start, "length": end - start} for start, end in entity.fragments],
            }
            for entity in document.entities
        ],
        "relations": relations,
    }
    return {"id": document.id, "infons": infons, "passages": [passage], "annotations": [], "relations": []}


def _about(item: Entity | Relation, lost: Counter[str]) -> dict[str, str]:
    infons = {"type": item.type}
    if item.score is not None:
        infons["score"] = repr(float(item.score))
    if item.note:
        infons["note"] = item.note
    if item.event:
        infons["event"] = "true"
    for name in sorted(item.attributes):
        infons |= _attribute(name, item.attributes[name], lost)
    for number, code in enumerate(item.codes if isinstance(item, Entity) else (), start=1):
        more = f" {number}" if number > 1 else ""
        infons |= {f"code{more}": code.code, f"code system{more}": code.system}
        infons |= {f"code text{more}": code.text} if code.text else {}
    return infons


def _attribute(name: str, attribute: Attribute, lost: Counter[str]) -> dict[str, str]:
    infons = {f"attribute:{name}" if RESERVED.fullmatch(name) else name: as_text(attribute.value, lost)}
    if attribute.score is not None:
        infons[f"score:{name}"] = repr(float(attribute.score))
    if attribute.cue is not None:
        infons[f"cue:{name}"] = f"{attribute.cue[0]}-{attribute.cue[1]}"
    return infons


def _xml(tag: str, shape: Mapping[str, Any], lost: Counter[str]) -> Iterator[str]:
    """An element and those in it, in the order of the DTD."""
    id = f" id={_quoted(shape['id'], lost)}" if tag in ("annotation", "relation") else ""
    yield f"<{tag}{id}>"
    if tag == "document":
        yield f"<id>{_escaped(shape['id'], lost)}</id>"
    yield _infons(shape, lost)
    if "offset" in shape:
        yield f"<offset>{shape['offset']}</offset>"
    for node in shape.get("nodes", ()):
        yield f"<node refid={_quoted(node['refid'], lost)} role={_quoted(node['role'], lost)}/>"
    for location in shape.get("locations", ()):
        yield f'<location offset="{location["offset"]}" length="{location["length"]}"/>'
    if "text" in shape:
        yield f"<text>{_escaped(shape['text'], lost)}</text>"
    for inner in ("passage", "annotation", "relation"):
        for child in shape.get(f"{inner}s", ()):
            yield from _xml(inner, child, lost)
    yield f"</{tag}>"


def _infons(shape: Mapping[str, Any], lost: Counter[str]) -> str:
    return "".join(
        f"<infon key={_quoted(key, lost)}>{_escaped(value, lost)}</infon>" for key, value in shape["infons"].items()
    )


def _escaped(text: str, lost: Counter[str]) -> str:
    """A parser makes a newline of a carriage return unless it stands there by number."""
    return escape(clean(text, lost), quote=False).replace("\r", "&#13;")


def _quoted(text: str, lost: Counter[str]) -> str:
    written = escape(clean(text, lost), quote=False).replace('"', "&quot;")
    for character in "\n\r\t":
        written = written.replace(character, f"&#{ord(character)};")
    return f'"{written}"'


def clean(text: str, lost: Counter[str]) -> str:
    clean, number = NOT_XML.subn("\ufffd", text)
    lost["control characters, written as U+FFFD"] += number
    return clean


XML = Format("bioc-xml", "BioC XML: a collection", write_xml, suffix=".xml")
JSON = Format("bioc-json", "BioC JSON: a collection", write_json, suffix=".json")
