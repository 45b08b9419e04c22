"""PubTator: titles and abstracts with mentions, their concepts, and relations between concepts.

Wei, Kao and Lu (2013), "PubTator: a web-based text mining tool for assisting biocuration", Nucleic Acids Research 41.
Blocks between blank lines, packed (.gz) or not:

    PMID|t|title
    PMID|a|abstract
    PMID start end words type code [parts]            with tabs; codes are joined by |, ; or +
    PMID TYPE code code                               with tabs

The text is the title, a line break and the abstract; offsets count that break as one character. A mention's concepts
are its `codes`: none where the file says -1 or nothing. A relation holds between two concepts in a document, not
between mentions: nobody marked where it is said. So it is drawn between every mention of the one and every mention of
the other; where a mention has several concepts and some are not related, the relation's attribute `concepts` says
which are: "MESH:D008094 MESH:D014262" (see `evaluation.evaluate_concepts`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import Ids, made
from epicrisis.corpora.files.sources import Source, ending, lines, sources, split_of
from epicrisis.corpora.formats import bioc
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Relation

SUFFIXES = (".pubtator.txt", ".pubtator")
UNKNOWN = ("", "-", "-1")
_PASSAGE = re.compile(r"([^|\t]+)\|([ta])\|(.*)", re.DOTALL)

Block = list[tuple[int, str]]
"""The lines of a document with their numbers."""


@dataclass(frozen=True)
class Rules:
    """system: the terminology of a code that does not name its own; ends: types of the mentions that a relation of a
    type holds between, where only these are meant"""

    system: str = ""
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return documents(sources(path, ending(*SUFFIXES), "PubTator files (*.PubTator.txt)"), Rules(), report)


def documents(files: list[Source], rules: Rules, report: Report, *, once: bool = True) -> Iterator[Document]:
    """once: an id that stands twice is a problem; else it is given twice"""
    ids = Ids(report)
    for file in files:
        for block in _blocks(file, report):
            document = _document(block, file, rules, report)
            if document is not None:
                line = block[0][0]
                yield ids.once(document, (file.name, line), f"{file.id}-{line}") if once else document


def of_bioc(files: list[Source], rules: Rules, report: Report) -> Iterator[Document]:
    """The same documents from BioC, in which a relation between concepts has infons in the place of nodes."""
    for file in files:
        for raw in bioc.collection(file, report):
            passages = bioc.items(raw, "passages")
            text = "\n".join(str(passage.get("text", "")) for passage in passages)
            reading = Reading(str(raw.get("id", "")), text, file.name, rules, report)
            for passage in passages:
                for one in bioc.items(passage, "annotations"):
                    _take_bioc(reading, one)
            for one in bioc.items(raw, "relations"):
                infons = bioc.infons_of(one)
                type = infons.get("relation", "")
                ends = rules.ends.get(type, ("", ""))
                if all(end in infons for end in ends):
                    reading.relate(one.get("line", 1), type, *(infons[end] for end in ends))
                else:
                    reading.problem(one.get("line", 1), "the relation does not say between which concepts it holds")
            document = reading.document(raw.get("line", 1), {**split_of(file), "pmid": reading.id})
            if document is not None:
                yield document


def _take_bioc(reading: "Reading", raw: bioc.Raw) -> None:
    number, infons = raw.get("line", 1), bioc.infons_of(raw)
    places = [(bioc.number(at.get("offset")), bioc.number(at.get("length"))) for at in bioc.items(raw, "locations")]
    start, length = places[0] if len(places) == 1 else (None, None)
    if start is None or length is None or not infons.get("type"):
        reading.problem(number, "an annotation needs a type and one location")
        return
    concepts = infons.get(reading.rules.system, infons.get("identifier", ""))
    reading.mention(number, (start, start + length), str(raw.get("text", "")), infons["type"], concepts)


def _blocks(file: Source, report: Report) -> Iterator[Block]:
    """What stands between blank lines; a title begins a block, too."""
    block: Block = []
    for number, line in lines(file, report):
        begins = (match := _PASSAGE.fullmatch(line)) and match[2] == "t"
        if block and (line == "" or begins):
            yield block
            block = []
        if line:
            block.append((number, line))
    if block:
        yield block


def _document(block: Block, file: Source, rules: Rules, report: Report) -> Document | None:
    passages: dict[str, str] = {}
    id = ""
    lines: Block = []
    for number, line in block:
        if match := _PASSAGE.fullmatch(line):
            id = id or match[1]
            passages.setdefault(match[2], match[3])
        else:
            lines.append((number, line))
    if "t" not in passages or "a" not in passages:
        report.add(file.name, block[0][0], "a document needs the lines PMID|t|title and PMID|a|abstract")
        return None
    reading = Reading(id, f"{passages['t']}\n{passages['a']}", file.name, rules, report)
    for number, line in lines:
        _take(reading, number, line)
    return reading.document(block[0][0], {**split_of(file), "pmid": id})


def _take(reading: "Reading", number: int, line: str) -> None:
    fields, ends = line.split("\t"), reading.rules.ends
    if fields[0] != reading.id:
        reading.problem(number, "it stands among the lines of another document")
    elif len(fields) == 4 and (fields[1] in ends if ends else fields[1] and not fields[1].isdecimal()):
        reading.relate(number, *fields[1:])
    elif len(fields) in (6, 7) and fields[1].isdecimal() and fields[2].isdecimal() and fields[4]:
        if len(fields[1]) > 15 or len(fields[2]) > 15:
            reading.problem(number, f"it is out of range; the text has {len(reading.text)} characters")
        else:
            reading.mention(number, (int(fields[1]), int(fields[2])), fields[3], fields[4], fields[5])
    else:
        type = " or ".join(ends) or "TYPE"
        reading.problem(number, f"it is neither PMID start end words type code nor PMID {type} code code, with tabs")


class Reading:
    """The annotations of one document; number: of the line that says so."""

    def __init__(self, id: str, text: str, file: str, rules: Rules, report: Report) -> None:
        self.id, self.text, self.file, self.rules, self.report = id, text, file, rules, report
        self.entities: list[Entity] = []
        self.related: dict[tuple[str, str, str], int] = {}

    def problem(self, number: int, cause: str) -> None:
        self.report.add(self.file, number, cause)

    def mention(self, number: int, span: tuple[int, int], words: str, type: str, concepts: str) -> None:
        if not 0 <= span[0] < span[1] <= len(self.text):
            self.problem(number, f"it is out of range; the text has {len(self.text)} characters")
            return
        if " ".join(self.text[slice(*span)].split()) != " ".join(words.split()):
            self.problem(number, "its words are not those at its offsets; kept by its offsets")
        self.entities.append(Entity(type, (span,), f"T{len(self.entities) + 1}", codes=self.codes(concepts)))

    def codes(self, concepts: str) -> tuple[Code, ...]:
        named = [code.strip() for code in re.split(r"[|;+]", concepts)]
        return tuple(self.code(code) for code in dict.fromkeys(named) if code not in UNKNOWN)

    def code(self, code: str) -> Code:
        system, colon, rest = code.partition(":")
        return Code(system, rest) if colon and system and rest else Code(self.rules.system, code)

    def relate(self, number: int, type: str, one: str, other: str) -> None:
        if (type, one, other) in self.related:
            self.problem(number, "this relation stands twice; the first was kept")
        self.related.setdefault((type, one, other), number)

    def document(self, number: int, meta: Mapping[str, str]) -> Document | None:
        entities, relations = tuple(self.entities), tuple(self.relations())
        place = (self.file, number)
        return made(place, self.report, self.id, self.text, entities=entities, relations=relations, meta=meta)

    def relations(self) -> Iterator[Relation]:
        """Between every two mentions of concepts that are related."""
        number = 0
        for type in dict.fromkeys(type for type, _, _ in self.related):
            wanted = {(self.code(one), self.code(other)) for t, one, other in self.related if t == type}
            said: set[tuple[Code, Code]] = set()
            ends = self.rules.ends.get(type)
            for head in self.entities:
                for tail in self.entities:
                    if head is tail or (ends and (head.type, tail.type) != ends):
                        continue
                    possible = [(one, other) for one in head.codes for other in tail.codes]
                    pairs = [pair for pair in possible if pair in wanted]
                    if pairs:
                        said.update(pairs)
                        number += 1
                        yield _drawn(type, head, tail, f"R{number}", pairs, len(possible))
            what = "mentions" if ends is None else f"{ends[0].lower()} and {ends[1].lower()}"
            for (t, one, other), line in self.related.items():
                if t == type and (self.code(one), self.code(other)) not in said:
                    self.problem(line, f"no {what} of these codes are marked; the relation was left out")


def _drawn(type: str, head: Entity, tail: Entity, id: str, pairs: list[tuple[Code, Code]], possible: int) -> Relation:
    written = "; ".join(f"{one.system}:{one.code} {other.system}:{other.code}" for one, other in pairs)
    some = {"concepts": Attribute(written)} if len(pairs) < possible else {}
    return Relation(type, head.id, tail.id, id, attributes=some)


CORPUS = Corpus(
    name="pubtator",
    title="PubTator: titles and abstracts with mentions, concepts and relations between them",
    read=read,
    where="your own files",
)
