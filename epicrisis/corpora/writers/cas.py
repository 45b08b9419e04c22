"""UIMA CAS as XMI, for cTAKES, INCEpTION and DKPro: `ID.xmi` for each document, `TypeSystem.xml` for all of them.

The offsets of a CAS are UTF-16 code units; the library dkpro-cassis turns code points into them. An entity is an
annotation from its first to its last character; where it has gaps, its fragments are annotations of their own that it
refers to. Relations and groups are annotations from the first to the last character of what they join. The values of
attributes, labels and meta are JSON text, for they may be of any type; so is the evidence of labels.

XML 1.0 has no word for most control characters: U+FFFD stands for each, so that no offset moves.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import json_bytes, one_by_one, place, write_bytes
from epicrisis.corpora.optional import library
from epicrisis.corpora.writers.bioc import clean
from epicrisis.document import Attribute, Document, Entity, Label, Relation

NAMESPACE = "epicrisis"
TEXT, NUMBER, YES, MANY = "uima.cas.String", "uima.cas.Double", "uima.cas.Boolean", "uima.cas.FSArray"
ANNOTATION, TOP = "uima.tcas.Annotation", "uima.cas.TOP"
TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "Fragment": (ANNOTATION, {}),
    "Attribute": (TOP, {"name": TEXT, "value": TEXT, "score": NUMBER, "cue": "epicrisis.Fragment"}),
    "Code": (TOP, {"codeSystem": TEXT, "code": TEXT, "text": TEXT}),
    "Label": (TOP, {"name": TEXT, "value": TEXT, "score": NUMBER, "intensity": NUMBER, "evidence": TEXT}),
    "Meta": (TOP, {"name": TEXT, "value": TEXT}),
    "Entity": (
        ANNOTATION,
        {
            "identifier": TEXT,
            "kind": TEXT,
            "fragments": MANY,
            "score": NUMBER,
            "attributes": MANY,
            "codes": MANY,
            "note": TEXT,
            "event": YES,
        },
    ),
    "Relation": (
        ANNOTATION,
        {
            "identifier": TEXT,
            "kind": TEXT,
            "head": "epicrisis.Entity",
            "tail": "epicrisis.Entity",
            "headRole": TEXT,
            "tailRole": TEXT,
            "score": NUMBER,
            "attributes": MANY,
            "note": TEXT,
            "event": YES,
        },
    ),
    "Group": (ANNOTATION, {"kind": TEXT, "members": MANY}),
    "Segment": (ANNOTATION, {"kind": TEXT, "labels": MANY}),
    "Document": (ANNOTATION, {"identifier": TEXT, "labels": MANY, "meta": MANY}),
}
"""Our types: what each is derived from, and its features. None is called `id` or `type`, which a CAS has already."""


def write_document(document: Document, folder: Path) -> Counter[str]:
    """The document's file, and the type system unless it lies there.

    Raises CorpusError where the id cannot be a file's name, a file cannot be written or dkpro-cassis is missing.
    """
    system = folder / "TypeSystem.xml"
    described = _type_system().to_xml().encode()
    if not system.is_file() or system.read_bytes() != described:
        write_bytes(system, described)
    lost: Counter[str] = Counter()
    made = _Made(document, lost)
    write_bytes(place(folder, document.id, ".xmi"), made.cas.to_xmi(pretty_print=True).encode())
    return +lost


@cache
def _type_system() -> Any:
    system = library("cassis", "corpora").TypeSystem()
    for name, (parent, _) in TYPES.items():
        system.create_type(f"{NAMESPACE}.{name}", supertypeName=parent)
    for name, (_, features) in TYPES.items():
        for feature, kind in features.items():
            system.create_feature(system.get_type(f"{NAMESPACE}.{name}"), feature, kind)
    return system


class _Made:
    """The CAS of a document, and what had to be changed for it."""

    def __init__(self, document: Document, lost: Counter[str]) -> None:
        self.document = document
        self.lost = lost
        self.cas = library("cassis", "corpora").Cas(typesystem=_type_system())
        self.cas.sofa_string = clean(document.text, lost)
        self.cas.sofa_mime = "text/plain"
        entities = {entity.id: self._entity(entity) for entity in document.entities}
        for relation in document.relations:
            head, tail = entities[relation.head], entities[relation.tail]
            ends = {"head": head, "tail": tail, "headRole": relation.roles[0], "tailRole": relation.roles[1]}
            self._add("Relation", _around([head, tail]), **ends, **self._about(relation))
        for group in document.groups:
            members = [entities[member] for member in group.members]
            self._add("Group", _around(members), kind=group.type, members=self._array(members))
        for segment in document.segments:
            self._add("Segment", segment.span, kind=segment.kind, labels=self._labels(segment.labels))
        meta = [self._make("Meta", name=name, value=self._json(value)) for name, value in document.meta.items()]
        whole = {"labels": self._labels(document.labels), "meta": self._array(meta)}
        self._add("Document", (0, len(document.text)), identifier=document.id, **whole)

    def _entity(self, entity: Entity) -> Any:
        fragments = [self._add("Fragment", span) for span in entity.fragments] if len(entity.fragments) > 1 else []
        codes = [self._make("Code", codeSystem=c.system, code=c.code, text=c.text or None) for c in entity.codes]
        parts = {"fragments": self._array(fragments), "codes": self._array(codes)}
        return self._add("Entity", (entity.start, entity.end), **parts, **self._about(entity))

    def _about(self, item: Entity | Relation) -> dict[str, Any]:
        attributes = [self._attribute(name, item.attributes[name]) for name in sorted(item.attributes)]
        return {
            "identifier": item.id,
            "kind": item.type,
            "score": item.score,
            "attributes": self._array(attributes),
            "note": item.note or None,
            "event": item.event,
        }

    def _attribute(self, name: str, attribute: Attribute) -> Any:
        cue = None if attribute.cue is None else self._add("Fragment", attribute.cue)
        return self._make("Attribute", name=name, value=self._json(attribute.value), score=attribute.score, cue=cue)

    def _labels(self, labels: Mapping[str, Label]) -> Any:
        return self._array([self._label(name, one) for name, one in sorted(labels.items())])

    def _label(self, name: str, label: Label) -> Any:
        numbers = {"score": label.score, "intensity": label.intensity}
        evidence = None if label.evidence is None else self._json([label.evidence.by, label.evidence.words])
        return self._make("Label", name=name, value=self._json(label.value), evidence=evidence, **numbers)

    def _json(self, value: Any) -> str:
        return json_bytes(value, f"document {self.document.id!r}").decode()

    def _array(self, elements: list[Any]) -> Any:
        return _type_system().get_type(MANY)(elements=elements) if elements else None

    def _make(self, of: str, /, **features: Any) -> Any:
        texts = {key: clean(one, self.lost) if isinstance(one, str) else one for key, one in features.items()}
        return _type_system().get_type(f"{NAMESPACE}.{of}")(**texts)

    def _add(self, name: str, span: tuple[int, int], **features: Any) -> Any:
        made = self._make(name, begin=span[0], end=span[1], **features)
        self.cas.add(made)
        return made


def _around(made: list[Any]) -> tuple[int, int]:
    return min(one.begin for one in made), max(one.end for one in made)


XMI = Format("xmi", "UIMA CAS: .xmi with TypeSystem.xml", one_by_one(write_document), write_document)
