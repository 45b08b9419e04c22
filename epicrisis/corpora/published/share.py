"""ShARe: disorders in MIMIC-II notes, linked to UMLS: CLEF eHealth 2013 and 2014, SemEval-2014 task 7, 2015 task 14.

Source    PhysioNet, shareclefehealth2013 and shareclefehealth2014task2; the SemEval packages
Licence   data use agreement (PhysioNet): get your own copy, never pass it on, and keep it on your machine
Cite      Suominen et al. (2013), "Overview of the ShARe/CLEF eHealth Evaluation Lab 2013"; Kelly et al. (2014);
          Pradhan et al. (2014), SemEval-2014 task 7; Elhadad et al. (2015), SemEval-2015 task 14
Files     notes `X.txt` or `X.text` and, in any folder, packed or not, one of

    X.txt.knowtator.xml   eHOST XML, the training part of 2013; classes other than disorders are counted and left out
    2013, SemEval-2014    FILE||Disease_Disorder||CUI||start||end[||start||end]   in X.pipe, or X.txt in another folder
    2014, SemEval-2015    FILE|start-end[,start-end]|CUI|ten slots in pairs of value and cue|

A note's id is its name without a suffix. A CUI is a code of UMLS; CUI-less is no code. Slots that say more than the
default are attributes: negation, subject, uncertainty, course, severity, conditional, generic, body_location (its CUI),
doctime, temporal, with the words that say so as the cue. `*` before a value marks a default left as it was, and is
counted. Fragments that only a line break separates stay apart, as the official scorers have them.

Reported are 199 notes to train and 99 to test in 2013 (about 5,800 and 5,300 mentions), those 298 and 133 in CLEF 2014,
199, 99 and 133 in SemEval-2014, 298, 133 and 100 in SemEval-2015; lists vary by one or two.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, lines, part_of, sources, text_of
from epicrisis.corpora.formats import ehost
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Span

DISORDER = "Disease_Disorder"
WANTED = "notes of ShARe (*.txt or *.text) with *.pipe or *.knowtator.xml"
SLOTS: Mapping[str, str] = {
    "negation": "no",
    "subject": "patient",
    "uncertainty": "no",
    "course": "unmarked",
    "severity": "unmarked",
    "conditional": "false",
    "generic": "false",
    "body_location": "null",
}
"""The slots of SemEval-2015 in their order, and what they are by default."""
DOCTIME, TEMPORAL = "doctime", "temporal"
"""The further slots of CLEF 2014: a value alone, and a value with its cue."""
DEFAULTS: Mapping[str, str] = {**SLOTS, DOCTIME: "unknown", TEMPORAL: "none"}
_SUFFIXES = (".txt", ".text", ".pipe", ".xml", ".knowtator")
_PIPE = re.compile(r"[^|\n]{1,200}(\|\|[^|\n]+\|\|[^|\n]*\|\|\s*\d|\|\s*\d+-\d+)")
_SPANS = re.compile(r"\d{1,15}-\d{1,15}(,\d{1,15}-\d{1,15})*")

Lines = list[tuple[tuple[str, int], str]]
"""Of a note: file and number of a line, and the line."""


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such files."""
    files = sources(path, ending(*_SUFFIXES), WANTED)
    return _read(files, path.name, report)


def _read(files: Sequence[Source], root: str, report: Report) -> Iterator[Document]:
    notes: dict[str, tuple[Source, str]] = {}
    markup: dict[str, Source] = {}
    pipes: list[Source] = []
    texts: list[tuple[Source, str]] = []
    for file in files:
        name = file.path.name.lower()
        if name.endswith(".xml"):
            if markup.setdefault(_stem(file.path.name), file) is not file:
                report.add(file.name, None, "another folder gives a file of this name; this one was not read")
        elif ".pipe" in name:
            pipes.append(file)
        elif (text := text_of(file, report)) is not None:
            texts.append((file, text))
    folders = {file.path.parent for file, text in texts if _PIPE.match(text)}
    for file, text in texts:  # pipes may have the very names of the notes, and one without disorders is empty
        if file.path.parent in folders and (not text.strip() or _PIPE.match(text)):
            pipes.append(file)
        elif notes.setdefault(_stem(file.path.name), (file, text))[0] is not file:
            report.add(file.name, None, "another folder gives a note of this name; this one was not read")
    listed = _lines(pipes, notes, report)
    for file in (file for name, file in markup.items() if name not in notes):
        report.add(file.name, None, "the note of these annotations is not here")
    for name in sorted(notes):
        document = _document(name, *notes[name], listed, markup.get(name), report)
        if document is not None:
            part = part_of(notes[name][0].path, root)
            yield replace(document, meta={"split": part}) if part else document


def _stem(name: str) -> str:
    """The name less its suffixes, whatever mixture of them the file has."""
    while name.lower().endswith(_SUFFIXES):
        name = name.rpartition(".")[0]
    return name


def _lines(pipes: Sequence[Source], notes: Mapping[str, object], report: Report) -> dict[str, Lines]:
    """The lines of every note that a pipe file is of, by the name that each line begins with."""
    listed: defaultdict[str, Lines] = defaultdict(list)
    for file in pipes:
        if _stem(file.path.name) in notes:
            listed[_stem(file.path.name)] = listed[_stem(file.path.name)]
        missing = held = 0
        known = len(report)
        for number, line in lines(file, report):
            name = _stem(line.split("|", 1)[0].strip())
            if not line.strip():
                continue
            held += 1
            if name in notes:
                listed[name].append(((file.name, number), line))
            else:
                missing = missing or number
        if missing:
            report.add(file.name, missing, "from here on there are lines whose first field names no note that is here")
        elif not held and len(report) == known and _stem(file.path.name) not in notes:
            report.add(file.name, None, "the note of these annotations, which are none, is not here")
    return listed


def _document(
    name: str, note: Source, text: str, listed: Mapping[str, Lines], markup: Source | None, report: Report
) -> Document | None:
    if name not in listed:
        if markup is None:
            report.add(note.name, None, "there are no annotations (*.pipe or *.knowtator.xml) of this note")
        document = ehost.document_of(name, text, note.name, markup, report)
        return None if document is None else _disorders(document, report)
    if markup is not None:
        report.count("notes with annotations in both formats, read from the pipes")
    seen: set[str] = set()
    rows: list[tuple[Stated, Sequence[str]]] = []
    for place, line in listed[name]:
        if line.strip() in seen:
            report.count("lines that stand twice")
            continue
        seen.add(line.strip())
        if row := _row(place, f"T{len(rows) + 1}", line, report):
            rows.append(row)
    text = annotated_version(text, note.name, [stated for stated, _ in rows], report)
    entities = [entity for stated, fields in rows if (entity := _entity(stated, fields, text, report))]
    return made((note.name, 1), report, name, text, entities=tuple(entities))


def _disorders(document: Document, report: Report) -> Document:
    kept = tuple(replace(entity, type=DISORDER) for entity in document.entities if "disorder" in entity.type.lower())
    for _ in range(len(document.entities) - len(kept)):
        report.count("annotations of another class than disorders, left out")
    return replace(document, entities=kept, relations=())


def _row(place: tuple[str, int], id: str, line: str, report: Report) -> tuple[Stated, Sequence[str]] | None:
    """The mention of a line, and type and CUI, or CUI and slots."""
    if re.match(r"[^|]*\|\|", line):
        fields = [field.strip() for field in line.strip().split("||")]
        numbers = fields[3:]
        if len(numbers) < 2 or len(numbers) % 2 or not all(n.isdecimal() and len(n) < 16 for n in numbers):
            report.add(*place, "it is not of the form FILE||TYPE||CUI||start||end, with further pairs of offsets")
            return None
        offsets = list(map(int, numbers))
        pairs: tuple[Span, ...] = tuple(zip(offsets[::2], offsets[1::2], strict=True))
        return Stated(*place, id, pairs, None), fields[1:3]
    fields = [field.strip() for field in line.strip().split("|")]
    if fields[-1] == "":
        fields.pop()
    if len(fields) not in (19, 22) or not _SPANS.fullmatch(fields[1]):
        report.add(*place, "it is not of the form FILE|start-end,start-end|CUI| and 16 or 19 fields of slots")
        return None
    return Stated(*place, id, _spans(fields[1]), None), fields[2:]


def _spans(field: str) -> tuple[Span, ...]:
    pairs = [pair.split("-") for pair in field.split(",")]
    return tuple((int(start), int(end)) for start, end in pairs)


def _entity(stated: Stated, fields: Sequence[str], text: str, report: Report) -> Entity | None:
    fragments = checked(stated, text, report)
    if not fragments:
        return None
    if len(fields) == 2:
        return Entity(fields[0] or DISORDER, fragments, stated.id, codes=tuple(ehost.code_of(fields[1])))
    pairs = list(zip(SLOTS, fields[1:17:2], fields[2:18:2], strict=True))
    if len(fields) > 17:
        pairs += [(DOCTIME, fields[17], "NULL"), (TEMPORAL, fields[18], fields[19])]
    attributes = {}
    for slot, value, cue in pairs:
        if value.startswith("*") or cue.startswith("*"):
            report.count("slots that were left as a template had them")
        value, cue = value.removeprefix("*"), cue.removeprefix("*")
        value = value.upper() if slot == "body_location" and value.lower() != "null" else value.lower()
        span = _cue(stated, slot, cue, text, report)
        if value and (value != DEFAULTS[slot] or span is not None):
            attributes[slot] = Attribute(value, cue=span)
    return Entity(DISORDER, fragments, stated.id, attributes=attributes, codes=tuple(ehost.code_of(fields[0])))


def _cue(stated: Stated, slot: str, cue: str, text: str, report: Report) -> Span | None:
    """From the first to the last character of a cue; None where there is none or it is no place in the text."""
    if cue.lower() in ("", "null"):
        return None
    place = (stated.file, stated.line)
    spans = _spans(cue) if _SPANS.fullmatch(cue) else ()
    start, end = (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
    if not start < end <= len(text):
        report.add(*place, f"{stated.id}: the cue of its {slot} is no place in the text; the value was kept")
        return None
    if len(spans) > 1:
        report.count("cues of several fragments, kept from the first to the last")
    return start, end


_ASSERTIONS = {
    "subject": {"family_member": "family", "donor_family_member": "family"},
    "conditional": {"true": "hypothetical"},
    "uncertainty": {"yes": "uncertain"},
    "negation": {"yes": "negated"},
}

_corpus = partial(
    Corpus,
    read=read,
    licence="data use agreement (PhysioNet); do not pass on",
    languages=("en",),
    assertions=_ASSERTIONS,
)
CLEF_2013 = _corpus(
    name="share-clef-2013",
    title="ShARe/CLEF eHealth 2013: disorders in clinical notes, linked to UMLS",
    citation="Suominen et al. 2013, CLEF",
    where="https://physionet.org/content/shareclefehealth2013",
    reported={"documents": 199 + 99},
    scheme="share-2014",
)
CLEF_2014 = _corpus(
    name="share-clef-2014",
    title="ShARe/CLEF eHealth 2014 task 2: disorders in clinical notes with what is said of them",
    citation="Kelly et al. 2014, CLEF",
    where="https://physionet.org/content/shareclefehealth2014task2",
    reported={"documents": 298 + 133},
)
SEMEVAL_2014 = _corpus(
    name="semeval-2014-7",
    title="SemEval-2014 task 7: disorders in clinical notes, linked to UMLS",
    citation="Pradhan et al. 2014, SemEval",
    where="https://alt.qcri.org/semeval2014/task7 (by PhysioNet)",
    reported={"documents": 199 + 99 + 133},
    scheme="share-2014",
)
SEMEVAL_2015 = _corpus(
    name="semeval-2015-14",
    title="SemEval-2015 task 14: disorders in clinical notes with what is said of them",
    citation="Elhadad et al. 2015, SemEval",
    where="https://alt.qcri.org/semeval2015/task14 (by PhysioNet)",
    reported={"documents": 298 + 133 + 100},
    scheme="share-2015",
)
