"""i2b2/VA 2010: discharge summaries and progress notes with problems, treatments, tests, assertions and relations.

Source    n2c2 NLP Research Data Sets, Department of Biomedical Informatics, Harvard Medical School (DBMI portal)
Licence   data use agreement: get your own copy, never pass it on, and keep it on your machine
Cite      Uzuner et al. (2011), "2010 i2b2/VA challenge on concepts, assertions, and relations in clinical text",
          JAMIA 18(5)
Files     `X.txt`, `X.con`, `X.ast`, `X.rel` in folders txt, concept (of the test part: concepts), ast and rel: the
          archives concept_assertion_relation_training_data, test_data and reference_standard_for_test_data, packed
          (.tar.gz, .zip) or not

    c="TEXT" 2:5 2:7||t="problem"||a="present"        line (from 1) : token (from 0), the last one included

Characters are found by the lines of the note, which end at "\\n", and their tokens between runs of white space, or,
where the stored words (lower-cased by the corpus) say so, at every single space. Files of a note have one stem and lie
in one part, `meta["split"]`, which a folder's name says; `meta["institution"]` is partners, beth, upmcd or upmcp.

The assertion of a problem is its attribute `ast`. A relation goes from the treatment or test to the problem; PIP, from
problem to problem, has no direction. Today's release has 170 notes for training and 256 for the test, the original one
394 and 477: scores on the two cannot be compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.alignment import squeezed
from epicrisis.corpora.files.layout import lines_of, tokens_of
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import BOM, Source, beside, ending, lines, part_of, sources, text_of
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Relation, Span

KINDS = (".con", ".ast", ".rel")
INSTITUTIONS = ("beth", "partners", "upmcd", "upmcp")
PROBLEM, TREATMENT, TEST = "problem", "treatment", "test"
TYPES = (PROBLEM, TREATMENT, TEST)
ASSERTION = "ast"
FIRST = {"Tr": TREATMENT, "Te": TEST, "PI": PROBLEM}
"""The type of a relation's first concept, by how the relation's name begins; the second is a problem."""

Place = tuple[int, int, int, int]
"""First line and token, last line and token."""

_CONCEPT = r'c="(.*)" (\d{1,9}):(\d{1,9}) (\d{1,9}):(\d{1,9})'
_LINES = {
    ".con": re.compile(_CONCEPT + r'\|\|t="([^"]+)"\s*'),
    ".ast": re.compile(_CONCEPT + r'\|\|t="([^"]+)"\|\|a="([^"]+)"\s*'),
    ".rel": re.compile(_CONCEPT + r'\|\|r="([^"]+)"\|\|' + _CONCEPT + r"\s*"),
}
_FORM = {
    ".con": 'c="..." L:T L:T||t="TYPE"',
    ".ast": 'c="..." L:T L:T||t="problem"||a="ASSERTION"',
    ".rel": 'c="..." L:T L:T||r="TYPE"||c="..." L:T L:T',
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such files."""
    wanted = "notes of i2b2 2010 (*.txt with *.con, *.ast and *.rel)"
    files = sources(path, ending(".txt", *KINDS), wanted)
    if path.is_file() and path.suffix.lower() in (".txt", *KINDS):
        files = beside(path, lambda name: name in {f"{path.stem}{suffix}" for suffix in (".txt", *KINDS)})
    return _read(files, path.name, report)


def _read(files: Sequence[Source], root: str, report: Report) -> Iterator[Document]:
    notes: defaultdict[tuple[str, str], dict[str, Source]] = defaultdict(dict)
    for file in files:
        kinds = notes[part_of(file.path, root), file.path.stem]
        kind = file.path.suffix.lower()
        if kind in kinds:
            report.add(file.name, None, "another folder gives the same note; this one was not read")
        kinds.setdefault(kind, file)
    usual = [kind for kind in KINDS if any(kind in kinds for kinds in notes.values())]
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for part, stem in notes:
        parts[stem].append(part)
    for (part, stem), kinds in sorted(notes.items()):
        id = stem if len(parts[stem]) == 1 else f"{part}/{stem}"
        document = _document(id, part, kinds, report, usual)
        if document is not None:
            yield document


def _document(id: str, part: str, kinds: dict[str, Source], report: Report, usual: Sequence[str]) -> Document | None:
    if ".txt" not in kinds:
        first = next(iter(kinds.values()))
        report.add(first.name, None, "there is no note (.txt) of this name in this part; it was not read")
        return None
    text = text_of(kinds[".txt"], report)
    if text is None:
        return None
    if missing := [kind for kind in usual if kind not in kinds]:
        cause = f"there are no annotations ({', '.join(missing)}) of this note, as others have"
        report.add(kinds[".txt"].name, None, cause)
    reading = _Reading(text, report)
    for kind, take in ((".con", reading.concept), (".ast", reading.assertion), (".rel", reading.relation)):
        seen: set[str] = set()
        for number, line in lines(kinds[kind], report) if kind in kinds else ():
            if not line.strip():
                continue
            place = (kinds[kind].name, number)
            match = _LINES[kind].fullmatch(line)
            if match is None:
                report.add(*place, f"it is not of the form {_FORM[kind]}")
            elif line.strip() in seen:
                report.count("lines that stand twice")
            else:
                take(place, match)
            seen.add(line.strip())
    institution = next((folder for folder in kinds[".txt"].path.parts if folder in INSTITUTIONS), "")
    meta = {**({"split": part} if part else {}), **({"institution": institution} if institution else {})}
    place = (kinds[".txt"].name, 1)
    return made(place, report, id, text, entities=reading.entities(), relations=tuple(reading.relations), meta=meta)


class _Reading:
    """The annotations of one note."""

    def __init__(self, text: str, report: Report) -> None:
        self.text, self.report = text, report
        self.rows = lines_of(text)
        if text.startswith(BOM):
            self.rows[0] = (1, self.rows[0][1])
        self.concepts: dict[str, tuple[str, Span]] = {}
        self.at: defaultdict[Place, list[str]] = defaultdict(list)
        self.assertions: dict[str, str] = {}
        self.relations: list[Relation] = []

    def concept(self, place: tuple[str, int], match: re.Match[str]) -> None:
        where = _place(match.groups()[1:5])
        span = self.span(place, match[1], where)
        if span is None:
            return
        if match[6] not in TYPES:
            self.report.count("concepts of a type that i2b2 2010 does not have")
        id = f"T{len(self.concepts) + 1}"
        self.concepts[id] = (match[6], span)
        self.at[where].append(id)

    def span(self, place: tuple[str, int], words: str, where: Place) -> Span | None:
        """The characters of a concept; by single spaces where the words fit so and not by runs of them."""
        spans = {runs: self.characters(where, runs=runs) for runs in (True, False)}
        for runs, span in spans.items():
            if span is not None and squeezed(self.text[slice(*span)]).casefold() == squeezed(words).casefold():
                if not runs:
                    self.report.count("concepts placed by single spaces instead of runs of them")
                return span
        span = spans[True] or spans[False]
        lost = "the note has no such line or token" if span is None else "its words are not those at its place; kept"
        self.report.add(*place, lost)
        return span

    def characters(self, where: Place, *, runs: bool) -> Span | None:
        first_line, first, last_line, last = where
        if not 1 <= first_line <= last_line <= len(self.rows):
            return None
        start_row = tokens_of(self.text, self.rows[first_line - 1], runs=runs)
        end_row = tokens_of(self.text, self.rows[last_line - 1], runs=runs)
        if first >= len(start_row) or last >= len(end_row):
            return None
        start, end = start_row[first][0], end_row[last][1]
        return (start, end) if start < end else None

    def assertion(self, place: tuple[str, int], match: re.Match[str]) -> None:
        id = self.named(place, _place(match.groups()[1:5]), match[6])
        if id is None:
            return
        if self.assertions.setdefault(id, match[7]) != match[7]:
            self.report.add(*place, "this concept has another assertion already; the first was kept")

    def relation(self, place: tuple[str, int], match: re.Match[str]) -> None:
        type = match[6]
        head = self.named(place, _place(match.groups()[1:5]), FIRST.get(type[:2], ""))
        tail = self.named(place, _place(match.groups()[7:11]), PROBLEM)
        if head is not None and tail is not None:
            self.relations.append(Relation(type, head, tail, f"R{len(self.relations) + 1}"))

    def named(self, place: tuple[str, int], where: Place, type: str) -> str | None:
        """The concept at a place; where there are several, the one of the type."""
        ids = self.at.get(where)
        if not ids:
            self.report.add(*place, "it refers to a concept at {}:{} {}:{}, and there is none".format(*where))
            return None
        return next((id for id in ids if self.concepts[id][0] == type), ids[0])

    def entities(self) -> tuple[Entity, ...]:
        return tuple(
            Entity(
                type,
                (span,),
                id,
                attributes={ASSERTION: Attribute(self.assertions[id])} if id in self.assertions else {},
            )
            for id, (type, span) in self.concepts.items()
        )


def _place(fields: tuple[str | None, ...]) -> Place:
    first_line, first, last_line, last = (int(field or 0) for field in fields)
    return first_line, first, last_line, last


CORPUS = Corpus(
    name="i2b2-2010",
    title="i2b2/VA 2010: clinical notes with problems, treatments, tests, assertions and relations",
    read=read,
    licence="data use agreement (DBMI portal); do not pass on",
    citation="Uzuner et al. 2011, JAMIA 18(5)",
    languages=("en",),
    where="https://portal.dbmi.hms.harvard.edu (n2c2 NLP Research Data Sets, 2010)",
    folders=("i2b2_2010", "i2b2-2010", "concept_assertion_relation_training_data"),
    reported={"documents": 170 + 256, "entities": 16525 + 31161},
    symmetric=("PIP",),
    scheme="i2b2-2010",
    assertions={
        ASSERTION: {
            "present": "present",
            "absent": "negated",
            "possible": "uncertain",
            "conditional": "hypothetical",
            "hypothetical": "hypothetical",
            "associated_with_someone_else": "family",
        }
    },
)
