"""eHOST and Knowtator XML: `X.txt` with `X.txt.knowtator.xml`, in one folder or in two trees.

South et al. (2012), "A prototype tool set to support machine-assisted annotation", BioNLP (eHOST); Ogren (2006),
"Knowtator: a Protégé plug-in for annotated corpus construction", NAACL. A file holds annotations (spans and words),
class mentions that say the type of each, and slot mentions, joined by ids. A slot of a string, number or truth value is
an attribute, one whose name holds CUI a code, and a complex slot a relation to another annotation. Of several values
all are codes or relations, and an attribute is the first of them; the others are counted. What an adjudication added
(<eHOST_Adjudication_Status>) is not read. Offsets count characters or, where the words fit only so, UTF-16 units.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked, in_code_points
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, beside, ending, loaded, part_of, sources, text_of
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Relation, Span

SUFFIX = ".knowtator.xml"
PLAIN = tuple(f"{kind}SlotMention" for kind in ("string", "integer", "float", "boolean"))
COMPLEX = "complexSlotMention"
UMLS = "UMLS"
WANTED = "eHOST files (*.txt with *.txt.knowtator.xml)"


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such files."""
    files = sources(path, ending(".txt", SUFFIX), WANTED)
    if path.is_file() and path.name.lower().endswith((".txt", SUFFIX)):
        name = path.name.removesuffix(SUFFIX)
        files = beside(path, lambda other: other in (name, name + SUFFIX))
    return _read(files, path.name, report)


def _read(files: Sequence[Source], root: str, report: Report) -> Iterator[Document]:
    by_name: defaultdict[str, dict[bool, Source]] = defaultdict(dict)
    for file in files:
        annotates = file.path.name.lower().endswith(SUFFIX)
        name = file.path.name[: -len(SUFFIX)] if annotates else file.path.name
        if annotates in by_name[name]:
            report.add(file.name, None, "another folder gives a file of this name; this one was not read")
        by_name[name].setdefault(annotates, file)
    annotated = any(True in pair for pair in by_name.values())
    for name, pair in sorted(by_name.items()):
        id = name.removesuffix(".txt")
        if False not in pair:
            report.add(pair[True].name, None, "the text of these annotations is not here")
            continue
        text = text_of(pair[False], report)
        if text is None:
            continue
        if True not in pair and annotated:
            report.add(pair[False].name, None, f"there are no annotations (*{SUFFIX}) of this text, as others have")
        document = document_of(id, text, pair[False].name, pair.get(True), report)
        if document is not None:
            part = part_of(pair[False].path, root)
            yield replace(document, meta={"split": part}) if part else document


def document_of(id: str, text: str, name: str, file: Source | None, report: Report) -> Document | None:
    """A text with the annotations of a file."""
    data = None if file is None else loaded(file, report)
    root = None if file is None or data is None else xml_tree.parse(data, file.name, report)
    if file is None or root is None:
        return made((name, 1), report, id, text)
    reading = _Reading(file.name, root, report)
    text = reading.placed(text, name)
    entities = reading.entities(text)
    return made((file.name, 1), report, id, text, entities=entities, relations=tuple(reading.relations()))


class _Reading:
    """The annotations of one file, joined by the ids of their mentions."""

    def __init__(self, file: str, root: Node, report: Report) -> None:
        self.file, self.report = file, report
        self.classes = {node.attributes.get("id", ""): node for node in root.each("classMention")}
        self.slots = {node.attributes.get("id", ""): node for node in root.each(*PLAIN, COMPLEX)}
        self.stated: dict[str, tuple[Stated, str]] = {}
        self.kept: set[str] = set()
        for node in root.each("annotation"):
            self.annotation(node)

    def annotation(self, node: Node) -> None:
        mention = node.find("mention")
        id = "" if mention is None else mention.attributes.get("id", "")
        spans = [(span.attributes.get("start", ""), span.attributes.get("end", "")) for span in node.each("span")]
        kind = self.classes[id].find("mentionClass") if id in self.classes else None
        type = "" if kind is None else kind.attributes.get("id", "")
        if not id or not type:
            self.problem(node, "an annotation needs a mention with an id, and a class mention of this id")
        elif id in self.stated:
            self.problem(node, f"{id} stands twice; the first was kept")
        elif not spans or not all(s.isdecimal() and e.isdecimal() and len(s + e) < 30 for s, e in spans):
            self.problem(node, f"{id}: its spans are not whole numbers")
        else:
            pairs: tuple[Span, ...] = tuple((int(start), int(end)) for start, end in spans)
            words = node.text_of("spannedText") if node.find("spannedText") else None
            if words is not None and len(pairs) > 1:
                words = " ".join(words.replace("...", " ").split())  # what eHOST puts between fragments
            self.stated[id] = (Stated(self.file, node.line, id, pairs, words), type)

    def problem(self, node: Node, cause: str) -> None:
        self.report.add(self.file, node.line, cause)

    def placed(self, text: str, note: str) -> str:
        """The version of the text that was annotated; the mentions' offsets count its characters afterwards."""
        stated = [one for one, _ in self.stated.values()]
        text = annotated_version(text, note, stated, self.report)
        moved = in_code_points(stated, text, self.file, 1, self.report)
        self.stated = {one.id: (one, self.stated[one.id][1]) for one in moved}
        return text

    def entities(self, text: str) -> tuple[Entity, ...]:
        entities = []
        for id, (stated, type) in self.stated.items():
            fragments = checked(stated, text, self.report)
            if fragments:
                attributes, codes = self.said(id)
                entities.append(Entity(type, fragments, id, attributes=attributes, codes=codes))
                self.kept.add(id)
        return tuple(entities)

    def said(self, id: str) -> tuple[dict[str, Attribute], tuple[Code, ...]]:
        attributes: dict[str, Attribute] = {}
        codes: list[Code] = []
        for _, slot, value in self.filled(id, *PLAIN):
            if "cui" in slot.lower():
                codes += code_of(value)
            elif value and slot in attributes:
                self.report.count("further values of a slot, left out")
            elif value:
                attributes[slot] = Attribute(value)
        return attributes, tuple(codes)

    def filled(self, id: str, *kinds: str) -> Iterator[tuple[Node, str, str]]:
        """The slot mentions of a mention: the node, the slot's name and a value, for each of its values."""
        for has in self.classes[id].each("hasSlotMention"):
            node = self.slots.get(has.attributes.get("id", ""))
            if node is None and kinds == PLAIN:  # said once
                self.problem(has, f"{id}: it refers to a slot that is not there")
            elif node is not None and node.tag in kinds:
                slot, values = node.find("mentionSlot"), [*node.each(f"{node.tag}Value")]
                if slot is None or not values or not slot.attributes.get("id"):
                    self.problem(node, f"{id}: a slot needs a name and a value")
                else:
                    for value in values:
                        yield node, slot.attributes["id"], value.attributes.get("value", "").strip()

    def relations(self) -> Iterator[Relation]:
        number = 0
        for id in self.stated:
            for node, slot, value in self.filled(id, COMPLEX) if id in self.kept else ():
                if value in self.kept:
                    number += 1
                    yield Relation(slot, id, value, f"R{number}")
                else:
                    self.problem(node, f"{id}: it refers to an annotation that is not there")


def code_of(cui: str) -> list[Code]:
    """Of a concept's identifier, in whatever case; none where the file says that there is none."""
    cui = cui.strip().upper()
    return [] if cui in ("", "NULL", "CUI-LESS", "CUILESS", "CUI_LESS") else [Code(UMLS, cui)]


CORPUS = Corpus(
    name="ehost",
    title="eHOST and Knowtator XML, .txt with .txt.knowtator.xml",
    read=read,
    where="your own files",
)
