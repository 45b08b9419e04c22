"""Anafora XML: entities, their properties and relations, beside plain notes.

Chen and Styler (2013), "Anafora: A Web-based General Purpose Annotation Tool", NAACL; github.com/weitechen/anafora.
`DOC/DOC.SCHEMA.ANNOTATOR.STATUS.xml` with the note `DOC` (no suffix, or .txt) beside it or anywhere below the path.

Of several files of a document one is read: the schema Temporal-Relation before Temporal-Entity before others, gold
before a single annotator, completed before the rest. `meta["schema"]` says which: under Temporal-Entity (pathology)
relations were not annotated, which is not the same as that there are none.

An <entity> is an entity, its properties are attributes (`DocTimeRel` is one). A <relation> goes from its first to its
second reference (Source, Target); its type is the property Type (CONTAINS: the source contains the target), and the
attribute `link` is what the file calls it (TLINK, ALINK). One of more references is a group. Offsets count characters;
files store no words, so that notes whose line ends were changed on Windows are recognised by mentions that cut words.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, beside, loaded, sources, text_of
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Group, Relation, Span
from epicrisis.errors import CorpusError

SCHEMAS = ("Temporal-Relation", "Temporal-Entity")
STATES = ("completed", "inprogress", "preannotation")
GOLD = "gold"
WANTED = "Anafora files (*.xml, such as DOC.Temporal-Relation.gold.completed.xml)"
PARTS = ("train", "dev", "test")
_FILE = re.compile(r"(.+)\.([^.]+)\.([^.]+)\.([^.]+)\.xml", re.IGNORECASE)
_SPANS = re.compile(r"\d{1,15},\d{1,15}(;\d{1,15},\d{1,15})*")
_REFERENCE = re.compile(r"\d+@[er]@.*")


def read(path: Path, report: Report, parts: Mapping[str, str] | None = None) -> Iterator[Document]:
    """parts: folder's name in lower case -> the part that it is; documents of other folders are not read.

    Raises CorpusError where the path does not exist or holds no Anafora files.
    """
    files = sources(path, lambda member: member.suffix.lower() in (".xml", ".txt", ""), WANTED)
    if path.is_file() and (match := _FILE.fullmatch(path.name)):
        files = beside(path, lambda name: name.removesuffix(".txt") == match[1])
    annotated = [(file, match) for file in files if (match := _FILE.fullmatch(file.path.name))]
    if not annotated:
        raise CorpusError(f"{path}: the folder and those below it do not hold {WANTED}")
    return _read(files, annotated, path.name, parts, report)


def _read(
    files: Sequence[Source],
    annotated: Sequence[tuple[Source, re.Match[str]]],
    root: str,
    parts: Mapping[str, str] | None,
    report: Report,
) -> Iterator[Document]:
    choices: defaultdict[str, list[tuple[tuple[int, ...], Source, str]]] = defaultdict(list)
    for file, match in annotated:
        rank = (_rank(match[2], SCHEMAS), match[3] != GOLD, _rank(match[4], STATES))
        choices[match[1]].append((rank, file, match[2]))
    notes: defaultdict[str, list[Source]] = defaultdict(list)
    for file in files:
        if file.path.suffix.lower() != ".xml":
            notes[re.sub(r"\.txt$", "", file.path.name, flags=re.IGNORECASE)].append(file)
    lone = {name for name, held in notes.items() if name not in choices and not _is_note(name, held)}
    for _ in lone:
        report.count("files without annotations that may be notes, not read")
    for id in sorted({*choices, *notes} - lone):
        if id not in choices:
            report.add(notes[id][0].name, None, "there are no annotations (*.xml) of this note, as others have")
            continue
        best = min(choices[id], key=lambda choice: (choice[0], choice[1].path))
        if best[0][1:] != (False, 0):
            report.count("documents without completed gold, read as one annotator left them")
        for _, other, _ in choices[id]:
            if other is not best[1]:
                report.count("files of other schemas, annotators or states that were not read")
        part = next((f.lower() for f in (*best[1].path.parts[-2::-1], root) if f.lower() in PARTS), None)
        if parts is not None and (part is None or part not in parts):
            report.count("documents outside of the parts of this task, not read")
            continue
        document = _document(id, best[1], notes[id], report)
        if document is not None:
            named = part if part is None or parts is None else parts[part]
            meta = {**({"split": named} if named else {}), "schema": best[2]}
            yield Document(id, document.text, document.entities, document.relations, document.groups, meta=meta)


def _rank(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else len(names)


def _is_note(name: str, held: Sequence[Source]) -> bool:
    """In a folder of its own name: other files without a suffix (Makefile) are none."""
    return any(file.path.parent.name == name for file in held)


def _document(id: str, file: Source, notes: Sequence[Source], report: Report) -> Document | None:
    beside = [note for note in notes if note.path.parent == file.path.parent] or list(notes)
    if not beside:
        report.add(file.name, None, "the note of these annotations is not here; it has their name without a suffix")
        return None
    if len(beside) > 1:
        report.add(file.name, None, f"{len(beside)} notes have this name; the first was read")
    text = text_of(beside[0], report)
    data = None if text is None else loaded(file, report)
    if text is None or data is None:
        return None
    root = xml_tree.parse(data, file.name, report)
    annotations = None if root is None else root.find("annotations")
    if annotations is None:
        if root is not None:
            report.add(file.name, root.line, "there is no element <annotations>")
        return made((file.name, 1), report, id, text)
    reading = _Reading(file.name, report)
    for node in annotations.each("entity"):
        reading.entity(node)
    text = reading.placed(text, beside[0].name)
    for node in annotations.each("relation"):
        reading.relation(node)
    entities, relations = tuple(reading.entities.values()), tuple(reading.relations.values())
    return made((file.name, 1), report, id, text, entities=entities, relations=relations, groups=tuple(reading.groups))


class _Reading:
    """The annotations of one file."""

    def __init__(self, file: str, report: Report) -> None:
        self.file, self.report = file, report
        self.waiting: dict[str, tuple[Node, Stated, str]] = {}
        self.entities: dict[str, Entity] = {}
        self.relations: dict[str, Relation] = {}
        self.groups: list[Group] = []

    def problem(self, node: Node, cause: str) -> None:
        self.report.add(self.file, node.line, cause)

    def entity(self, node: Node) -> None:
        id, type, spans = (node.text_of(tag) for tag in ("id", "type", "span"))
        if not id or not type:
            self.problem(node, "an entity needs an id and a type")
        elif id in self.waiting:
            self.problem(node, f"{id} stands twice; the first was kept")
        elif not _SPANS.fullmatch(spans):
            self.problem(node, f"{id}: its span is not of the form start,end;start,end")
        else:
            pairs: list[Span] = []
            for pair in spans.split(";"):
                start, end = pair.split(",")
                pairs.append((int(start), int(end)))
            self.waiting[id] = (node, Stated(self.file, node.line, id, tuple(pairs), None), type)

    def placed(self, text: str, note: str) -> str:
        """Makes the entities; returns the version of the note that they were made on."""
        text = annotated_version(text, note, [stated for _, stated, _ in self.waiting.values()], self.report)
        for id, (node, stated, type) in self.waiting.items():
            fragments = checked(stated, text, self.report)
            if fragments:
                values = [(name, value) for name, value in _properties(node) if value]
                attributes = {name: Attribute(value) for name, value in values if not _REFERENCE.fullmatch(value)}
                self.entities[id] = Entity(type, fragments, id, attributes=attributes)
        for id, (node, _, _) in self.waiting.items():
            for name, value in _properties(node):
                if _REFERENCE.fullmatch(value) and id in self.entities and self.known(node, id, value):
                    self.add(Relation(name, id, value, f"{id}.{name}", roles=("Source", name)), node)
        return text

    def relation(self, node: Node) -> None:
        id, type = node.text_of("id"), node.text_of("type")
        if not id or not type:
            self.problem(node, "a relation needs an id and a type")
            return
        properties = [(name, value) for name, value in _properties(node) if value]
        ends = [(name, value) for name, value in properties if _REFERENCE.fullmatch(value)]
        known = [self.known(node, id, value) for _, value in ends]
        if not all(known):
            return
        rest = {name: value for name, value in properties if not _REFERENCE.fullmatch(value)}
        if len(ends) < 2:
            self.problem(node, f"{id}: a relation needs two references or more")
        elif len(ends) > 2:
            members = tuple({value for _, value in ends})
            if len(members) > 1:
                self.groups.append(Group(type, members))
        else:
            if (ends[0][0], ends[1][0]) == ("Target", "Source"):
                ends.reverse()
            (first, head), (second, tail) = ends
            attributes = {name: Attribute(value) for name, value in rest.items() if name != "Type"}
            attributes |= {"link": Attribute(type)} if "Type" in rest else {}
            self.add(Relation(rest.get("Type", type), head, tail, id, None, attributes, roles=(first, second)), node)

    def known(self, node: Node, id: str, reference: str) -> bool:
        if reference not in self.entities:
            self.problem(node, f"{id}: it refers to {reference}, and there is no such entity")
        return reference in self.entities

    def add(self, relation: Relation, node: Node) -> None:
        if relation.id in self.relations:
            self.problem(node, f"{relation.id} stands twice; the first was kept")
        else:
            self.relations[relation.id] = relation


def _properties(node: Node) -> list[tuple[str, str]]:
    properties = node.find("properties")
    return [] if properties is None else [(one.tag, one.text.strip()) for one in properties.each()]


ASSERTIONS = {
    "ContextualModality": {"ACTUAL": "present", "HEDGED": "uncertain", "HYPOTHETICAL": "hypothetical"},
    "Polarity": {"POS": "present", "NEG": "negated"},
}

CORPUS = Corpus(
    name="anafora",
    title="Anafora XML: entities, properties and relations beside plain notes",
    read=read,
    where="your own files",
    assertions=ASSERTIONS,
)
