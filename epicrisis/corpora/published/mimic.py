"""MIMIC-III NOTEEVENTS and MIMIC-IV-Note: the notes of a hospital's patients, by the million, one at a time.

Source    physionet.org, MIMIC-III Clinical Database 1.4 (`NOTEEVENTS.csv.gz`, 2,083,180 notes), MIMIC-IV-Note 2.2
          (`discharge.csv.gz`, `radiology.csv.gz`)
Licence   PhysioNet Credentialed Health Data License 1.5.0: get your own copy, and pass nothing on
Cite      Johnson et al. (2016), "MIMIC-III, a freely accessible critical care database", Scientific Data 3;
          Johnson et al. (2023), "MIMIC-IV-Note: Deidentified free-text clinical notes", PhysioNet
Files     CSV, .gz or not, the header in upper case (III) or lower case (IV); a text is a field with line breaks

The text is exactly the field's, placeholders of de-identification included (`[**...**]`, `___`): to take them out is
for `text.clean`. Notes that were entered in error (ISERROR is 1) are counted and passed over. `meta` holds patient,
admission, date, time, category and description, as far as the row has them.

There is no sentiment in either. Labels of your own are joined by a description (`describing`), a table of ids (ROW_ID,
note_id) and labels; then only labelled notes are given, and the ids that no note had are counted and listed by row.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.rows import Faults, header, rows
from epicrisis.corpora.files.sources import Source, ending, named, sources
from epicrisis.corpora.formats.describing import described, labels_of
from epicrisis.corpora.labels import SENTIMENT
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError

CATEGORIES = {
    "DS": "Discharge summary",
    "AD": "Discharge summary addendum",
    "RR": "Radiology",
    "AR": "Radiology addendum",
}
"""What MIMIC-IV calls its types of note."""
ABOUT = {
    "patient": "SUBJECT_ID",
    "admission": "HADM_ID",
    "date": "CHARTDATE",
    "time": "CHARTTIME",
    "category": "CATEGORY",
    "description": "DESCRIPTION",
}
ABOUT_IV = {"patient": "SUBJECT_ID", "admission": "HADM_ID", "time": "CHARTTIME", "category": "NOTE_TYPE"}


def read_iii(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file, or it or the labels lack a column."""
    return _read(path, report, ("noteevents.csv",), "ROW_ID", ABOUT)


def read_iv(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file, or it or the labels lack a column."""
    return _read(path, report, ("discharge.csv", "radiology.csv"), "NOTE_ID", ABOUT_IV)


def _read(path: Path, report: Report, names: tuple[str, ...], id: str, about: Mapping[str, str]) -> Iterator[Document]:
    description = described(path, ("labels", "values"))
    tables = []
    for file in sources(description.data, ending(*names), f"{' or '.join(names)} (*.csv, *.csv.gz)"):
        if (read := header(file, report, ",")) is None:
            continue
        columns = [name.upper() for name in read[0]]
        if missing := {id, "TEXT"} - set(columns):
            raise CorpusError(f"{file.name}: its header has no column {sorted(missing)[0]}; {id} and TEXT are needed")
        tables.append((file, columns))
    notes = _notes(tables, report, id, about)
    if description.labels is None:
        return notes
    file = named(description.labels)
    return _labelled(notes, labels_of(file, description.values, report), Faults(file, report))


def _notes(
    tables: list[tuple[Source, list[str]]], report: Report, id: str, about: Mapping[str, str]
) -> Iterator[Document]:
    for file, columns in tables:
        faults = Faults(file, report)
        for number, row in rows(file, columns, ",", faults):
            if row.get("ISERROR", "").strip() == "1":
                report.count("notes entered in error")
                continue
            meta = {key: value for key, name in about.items() if (value := row.get(name, "").strip())}
            if "date" in meta:
                meta["date"] = meta["date"][:10]  # its time is always midnight
            elif "time" in meta:
                meta["date"] = meta["time"][:10]
            if "NOTE_TYPE" in row and "category" in meta:
                meta["category"] = CATEGORIES.get(meta["category"], meta["category"])
            if not row["TEXT"].strip():
                report.count("notes without a word")
            name = row[id].strip()
            if not name:
                faults.add(number, f"it has no {id}")
            elif (document := made((file.name, number), report, name, row["TEXT"], meta=meta)) is not None:
                yield document


def _labelled(notes: Iterator[Document], labels: dict[str, tuple[int, Label]], faults: Faults) -> Iterator[Document]:
    waiting = dict(labels)
    for note in notes:
        if note.id not in labels:
            faults.report.count("notes without a label, passed over")
            continue
        waiting.pop(note.id, None)
        yield Document(note.id, note.text, labels={SENTIMENT: labels[note.id][1]}, meta=note.meta)
    for row, _ in waiting.values():
        faults.report.count("labels whose note is not there")
        faults.add(row, "no note has its id")


TERMS = "PhysioNet Credentialed Health Data License 1.5.0"
III = Corpus(
    name="mimic-iii",
    title="MIMIC-III: the notes (NOTEEVENTS), streamed; labels of your own joined by ROW_ID",
    read=read_iii,
    licence=TERMS,
    citation="Johnson et al. 2016, Scientific Data 3",
    languages=("en",),
    where="https://physionet.org/content/mimiciii/1.4/",
    reported={"documents": 2_083_180},
    folders=("mimiciii",),
)
IV = Corpus(
    name="mimic-iv-note",
    title="MIMIC-IV-Note: discharge summaries and radiology reports, streamed; labels of your own joined by note_id",
    read=read_iv,
    licence=TERMS,
    citation="Johnson et al. 2023, PhysioNet",
    languages=("en",),
    where="https://physionet.org/content/mimic-iv-note/2.2/",
    reported={"documents": 331_794 + 2_321_355},
    folders=("mimicivnote",),
)
