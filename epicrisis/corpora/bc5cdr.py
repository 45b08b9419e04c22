"""BC5CDR: 1,500 PubMed abstracts with chemicals, diseases, and which chemical induces which disease.

Source    BioCreative V CDR task, CDR_Data.zip, CDR.Corpus.v010516
Licence   public domain (U.S. National Library of Medicine)
Cite      Li et al. (2016), "BioCreative V CDR task corpus: a resource for chemical disease relation extraction",
          Database, baw068
Files     CDR_TrainingSet.PubTator.txt, CDR_DevelopmentSet.PubTator.txt, CDR_TestSet.PubTator.txt, packed (.gz) or not:
          `PMID|t|title`, `PMID|a|abstract`, `PMID start end words type code [parts]` with tabs, `PMID CID code code`

The text is the title, a line break and the abstract; offsets count that break as one character. A mention's MeSH codes
are its `codes`: none where MeSH has none (-1 in the file), several where it names several diseases in one. `meta` has
the official part (`split`) and `pmid`.

A relation of the corpus holds between two concepts in a document, not between mentions: nobody marked where it is
said. So CID relations are drawn between every mention of the one and every mention of the other, 45,278 of them for
3,116 pairs of concepts. That is what a classifier of pairs of mentions can be taught without contradiction; scores of
mentions weigh documents by how often they repeat themselves, and the official score, over pairs of concepts, is
`evaluation.evaluate_concepts`. Where a mention names several diseases and some are not related, the relation's
attribute `concepts` says which are: "MESH:D008094 MESH:D014262".
"""

import re
from collections.abc import Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import byte_lines, decode, found
from epicrisis.corpora.records import made
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Relation

PARTS = {"train": "train", "develop": "dev", "test": "test"}
CHEMICAL, DISEASE, CID = "Chemical", "Disease", "CID"
SYSTEM, UNKNOWN = "MESH", "-1"
_PASSAGE = re.compile(r"([^|\t]+)\|([ta])\|(.*)", re.DOTALL)

Block = list[tuple[int, str]]
"""The lines of a document with their numbers."""


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    files = found(path, (".pubtator.txt", ".pubtator.txt.gz", ".pubtator", ".pubtator.gz"), "CDR_*.PubTator.txt")
    return _read(files, report)


def _read(files: list[Path], report: Report) -> Iterator[Document]:
    for file in files:
        part = next((part for word, part in PARTS.items() if word in file.name.lower()), None)
        for block in _blocks(file, report):
            document = _document(block, part, file, report)
            if document is not None:
                yield document


def _blocks(file: Path, report: Report) -> Iterator[Block]:
    """What stands between blank lines; a title begins a block, too."""
    block: Block = []
    for number, data in byte_lines(file, report):
        line = decode(data.removesuffix(b"\r"), str(file), report, number)
        begins = line is not None and (match := _PASSAGE.fullmatch(line)) and match[2] == "t"
        if block and (line == "" or begins):
            yield block
            block = []
        if line:
            block.append((number, line))
    if block:
        yield block


def _document(block: Block, part: str | None, file: Path, report: Report) -> Document | None:
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
        report.add(str(file), block[0][0], "a document needs the lines PMID|t|title and PMID|a|abstract")
        return None
    reading = _Reading(id, f"{passages['t']}\n{passages['a']}", str(file), report)
    for number, line in lines:
        reading.line(number, line)
    meta = {**({"split": part} if part else {}), "pmid": id}
    place = (str(file), block[0][0])
    return made(
        place, report, id, reading.text, entities=tuple(reading.entities), relations=reading.relations(), meta=meta
    )


class _Reading:
    """The annotations of one document."""

    def __init__(self, id: str, text: str, file: str, report: Report) -> None:
        self.id, self.text, self.file, self.report = id, text, file, report
        self.entities: list[Entity] = []
        self.related: dict[tuple[str, str], int] = {}

    def line(self, number: int, line: str) -> None:
        fields = line.split("\t")
        if fields[0] != self.id:
            self.problem(number, "it stands among the lines of another document")
        elif len(fields) == 4 and fields[1] == CID:
            if (fields[2], fields[3]) in self.related:
                self.problem(number, "this relation stands twice; the first was kept")
            self.related.setdefault((fields[2], fields[3]), number)
        elif len(fields) in (6, 7) and fields[1].isdecimal() and fields[2].isdecimal() and fields[4]:
            self.mention(number, fields)
        else:
            self.problem(number, "it is neither PMID start end words type code nor PMID CID code code, with tabs")

    def mention(self, number: int, fields: list[str]) -> None:
        if len(fields[1]) > 15 or len(fields[2]) > 15 or not int(fields[1]) < int(fields[2]) <= len(self.text):
            self.problem(number, f"it is out of range; the text has {len(self.text)} characters")
            return
        start, end = int(fields[1]), int(fields[2])
        if " ".join(self.text[start:end].split()) != " ".join(fields[3].split()):
            self.problem(number, "its words are not those at its offsets; kept by its offsets")
        codes = [code for code in fields[5].split("|") if code not in ("", UNKNOWN)]
        named = tuple(Code(SYSTEM, code) for code in dict.fromkeys(codes))
        self.entities.append(Entity(fields[4], ((start, end),), f"T{len(self.entities) + 1}", codes=named))

    def relations(self) -> tuple[Relation, ...]:
        """Between every two mentions of concepts that are related."""
        made: list[Relation] = []
        said: set[tuple[str, str]] = set()
        chemicals, diseases = ([e for e in self.entities if e.type == type] for type in (CHEMICAL, DISEASE))
        for head in chemicals:
            for tail in diseases:
                possible = [(one.code, other.code) for one in head.codes for other in tail.codes]
                pairs = [pair for pair in possible if pair in self.related]
                if pairs:
                    said.update(pairs)
                    written = "; ".join(f"{SYSTEM}:{one} {SYSTEM}:{other}" for one, other in pairs)
                    some = {"concepts": Attribute(written)} if len(pairs) < len(possible) else {}
                    made.append(Relation(CID, head.id, tail.id, f"R{len(made) + 1}", attributes=some))
        for pair, number in self.related.items():
            if pair not in said:
                self.problem(number, "no chemical and disease of these codes are marked; the relation was left out")
        return tuple(made)

    def problem(self, number: int, cause: str) -> None:
        self.report.add(self.file, number, cause)


CORPUS = Corpus(
    name="bc5cdr",
    title="BC5CDR: PubMed abstracts with chemicals, diseases, and which induces which",
    read=read,
    licence="public domain",
    citation="Li et al. 2016, Database, baw068",
    languages=("en",),
    where="https://biocreative.bioinformatics.udel.edu/tasks/biocreative-v/track-3-cdr/ (CDR_Data.zip)",
    counts={"documents": 1500, "entities": 28785, "relations": 45278},
    types={CHEMICAL: 5203 + 5347 + 5385, DISEASE: 4182 + 4244 + 4424},
    folders=("BC5CDR", "CDR_Data"),
    has_split=True,
    scheme="concepts",
)
