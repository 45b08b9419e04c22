"""The XML of GENIA 3.02 -> sentences with terms. Nothing here names a split; `genia` does.

GENIAcorpus3.02.xml, or GENIAcorpus3.02.merged.xml with parts of speech, packed (.tgz) or not: article > title,
abstract > sentence > text and <cons sem="G#protein_molecule">, nested. A term whose `sem` names several classes,
"(AND G#x G#y)", is a coordination, and its parts have no class: neither has a type of its own, so they are counted and
left out, but for what is nested in them with a class. A term that stands twice on one span with one type is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.sources import Source, loaded
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.report import Report
from epicrisis.document import Entity

FIVE = ("DNA", "RNA", "protein", "cell_line", "cell_type")


@dataclass(frozen=True)
class Sentence:
    """file and line: where it stands; abstract: MEDLINE:NUMBER; part: title or abstract"""

    file: str
    line: int
    abstract: str
    part: str
    text: str
    entities: tuple[Entity, ...]


def sentences(files: Sequence[Source], report: Report, *, five: bool = True) -> Iterator[Sentence]:
    """five: the customary types, others left out; else the classes as the file has them"""
    for file in files:
        data = loaded(file, report)
        for article in () if data is None else xml_tree.stream(data, file.name, report, "set", "article"):
            abstract = next((node.text.strip() for node in article.every("bibliomisc")), "")
            if not abstract:
                report.add(file.name, article.line, "the article has no number (bibliomisc)")
            for part in article.each("title", "abstract"):
                for sentence in part.every("sentence"):
                    reading = _Reading(report, five=five)
                    reading.take(sentence)
                    text = "".join(reading.parts)
                    yield Sentence(file.name, sentence.line, abstract, part.tag, text, tuple(reading.entities))


class _Reading:
    """One sentence, its text and its terms, in one walk."""

    def __init__(self, report: Report, *, five: bool) -> None:
        self.report, self.five = report, five
        self.parts: list[str] = []
        self.length = 0
        self.entities: list[Entity] = []
        self.seen: set[tuple[str, int, int]] = set()

    def take(self, node: Node) -> None:
        start = self.length
        for child in node.content:
            if isinstance(child, str):
                self.parts.append(child)
                self.length += len(child)
            else:
                self.take(child)
        if node.tag == "cons":
            self.term(node, start)

    def term(self, node: Node, start: int) -> None:
        sem = node.attributes.get("sem", "")
        if not sem.startswith("G#"):
            self.report.count("coordinated terms, left out" if sem else "terms without a class, left out")
            return
        type = self.type(sem.removeprefix("G#"))
        place = (type, start, self.length)
        if type and start < self.length and place not in self.seen:
            self.seen.add(place)
            self.entities.append(Entity(type, ((start, self.length),)))

    def type(self, name: str) -> str:
        if not self.five:
            return name
        return next((type for type in FIVE if name == type or name.startswith(f"{type}_")), "")
