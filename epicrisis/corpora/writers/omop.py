"""OMOP CDM v5.4: the tables NOTE and NOTE_NLP, as CSV or Parquet, and beside them NOTE_NLP_RELATION, which is ours.

Columns, types and order are those of the CDM (OHDSI, https://ohdsi.github.io/CommonDataModel/cdm54.html); it has no
table for relations between terms. Of `meta` the columns of NOTE are taken by their names, and what else is named in
TAKEN; a note that says no person or date gets what the CDM demands, 0 and 1970-01-01, and is counted.

`offset` is the first character of a mention in code points, `37-46;51-59` where it has gaps. `term_modifiers` holds
NAME=value with `;` between: Type, Score, Code, Note, every attribute, and what OMOP says itself (Negation, Subject,
Conditional, Uncertain); a `%`, `;` or `=` of a value is percent-encoded. `term_exists` is N where the patient is not
said to have it. A code of the system OMOP is the concept, others have none (0).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import encode, writing
from epicrisis.corpora.optional import library
from epicrisis.corpora.writers.losses import as_text, without
from epicrisis.corpora.writers.omop_tables import DATE, DATETIME, FLOAT, INTEGER, NOTE, TABLES
from epicrisis.document import Document, Entity
from epicrisis.version import __version__

TAKEN = {
    "person_id": ("person_id", "patient", "subject_id", "SUBJECT_ID"),
    "note_datetime": ("note_datetime", "time", "date", "charttime", "CHARTTIME", "chartdate", "CHARTDATE"),
    "visit_occurrence_id": ("visit_occurrence_id", "admission", "hadm_id", "HADM_ID"),
    "note_title": ("note_title", "title"),
}
"""Where in `meta` a column may be, beside its own name; the first that is there."""
EHR_NOTE, UTF_8 = 32831, 32678
LANGUAGES = {"en": 4180186}
UNKNOWN_DATE = date(1970, 1, 1)
DENIED = {
    "negated": "Negation=true",
    "family": "Subject=family",
    "hypothetical": "Conditional=true",
    "uncertain": "Uncertain=true",
}
TEMPORAL = {"present": "present", "historical": "past"}
AROUND = 60
"""Characters of the text before and after a mention in its snippet."""

Row = dict[str, Any]


def write_csv(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Three files in a folder. Raises CorpusError where one cannot be written."""
    return _write(documents, path, ".csv", _Csv)


def write_parquet(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Three files in a folder. Raises CorpusError where one cannot be written or pyarrow is missing."""
    return _write(documents, path, ".parquet", _Parquet)


def _write(
    documents: Iterable[Document],
    folder: Path,
    suffix: str,
    sink: "Callable[[BinaryIO, Mapping[str, str | int]], _Csv | _Parquet]",
) -> Counter[str]:
    lost: Counter[str] = Counter()
    numbers = _Numbers()
    with ExitStack() as stack:
        tables = {}
        for name, columns in TABLES.items():
            table = sink(stack.enter_context(writing(folder / f"{name}{suffix}")), columns)
            stack.callback(table.close)
            tables[name] = table
        for document in documents:
            for name, row in _rows(document, numbers, lost):
                tables[name].add(row)
    return +lost


class _Numbers:
    """The ids that were given."""

    def __init__(self) -> None:
        self.notes: set[int] = set()
        self.terms = self.relations = self.note = 0

    def next_note(self) -> int:
        self.note += 1
        while self.note in self.notes:
            self.note += 1
        return self.note


def _rows(document: Document, numbers: _Numbers, lost: Counter[str]) -> Iterator[tuple[str, Row]]:
    held = ("entities", "gaps in mentions: written from first to last character", "scores", "attributes of entities")
    lost.update(
        without(
            document, *held, "codes", "notes of entities", "marks of events", "relations", "names of relations' ends"
        )
    )
    if number := document.text.count("\0"):  # which no database has in a text
        lost["NUL characters, written as U+FFFD"] += number
        document = replace(document, text=document.text.replace("\0", "\ufffd"))
    note = _note(document, numbers, lost)
    yield "NOTE", note
    system = f"epicrisis {__version__}"
    if isinstance(model := document.meta.get("model"), str):
        system = _fitting(f"{system} {model}", 250, "names of models", lost)
        lost["meta"] -= 1
    now = datetime.now().replace(microsecond=0)
    ids = {}
    for entity in document.entities:
        numbers.terms += 1
        ids[entity.id] = numbers.terms
        yield (
            "NOTE_NLP",
            {
                "note_nlp_id": numbers.terms,
                "note_id": note["note_id"],
                "nlp_system": system,
                "nlp_date": now.date(),
                "nlp_datetime": now,
                **_term(document, entity, lost),
            },
        )
    for relation in document.relations:
        numbers.relations += 1
        yield (
            "NOTE_NLP_RELATION",
            {
                "note_nlp_relation_id": numbers.relations,
                "note_id": note["note_id"],
                "note_nlp_id_1": ids[relation.head],
                "note_nlp_id_2": ids[relation.tail],
                "relation_type": _fitting(relation.type, 250, "types of relations", lost),
                "role_1": _fitting(relation.roles[0], 250, "names of relations' ends", lost),
                "role_2": _fitting(relation.roles[1], 250, "names of relations' ends", lost),
                "score": relation.score,
            },
        )


def _note(document: Document, numbers: _Numbers, lost: Counter[str]) -> Row:
    from epicrisis.text import language

    row = _from_meta(document.meta)
    lost["meta"] -= len(row)
    if row.get("note_id") in numbers.notes:
        lost["note_ids that stood twice: given anew"] += 1
        del row["note_id"]
    row.setdefault("note_id", numbers.next_note())
    numbers.notes.add(row["note_id"])
    if "person_id" not in row:
        row["person_id"] = 0
        lost["notes without a person_id: written 0"] += 1
    when = row.pop("note_datetime", None)
    if isinstance(when, datetime):
        row["note_datetime"] = when
        when = when.date()
        lost["meta"] -= document.meta.get("date") == when.isoformat()  # said, if the hour is
    if "note_date" not in row:
        row["note_date"] = when or UNKNOWN_DATE
        lost["notes without a date: written 1970-01-01"] += when is None
    defaults = {"note_type_concept_id": EHR_NOTE, "note_class_concept_id": 0, "encoding_concept_id": UTF_8}
    defaults["language_concept_id"] = LANGUAGES.get(language(document.text), 0)
    if "note_title" in row:
        row["note_title"] = _fitting(row["note_title"], 250, "titles of notes", lost)
    source = _fitting(document.id, 50, "ids of documents", lost)
    return {**defaults, **row, "note_text": document.text, "note_source_value": source}


def _from_meta(meta: Mapping[str, Any]) -> Row:
    """The columns of NOTE that are there, each from a key of its own."""
    left = dict(meta)
    row: Row = {}
    for column, kind in NOTE.items():
        if column not in ("note_text", "note_source_value"):
            names = TAKEN.get(column, (column,))
            name = next((name for name in names if _value(left.get(name), kind) is not None), None)
            if name is not None:
                row[column] = _value(left.pop(name), kind)
    return row


def _term(document: Document, entity: Entity, lost: Counter[str]) -> Row:
    text = document.text
    said = entity.attributes.get("assertion")
    assertion = said.value if said is not None else None
    offset = str(entity.start)
    if len(entity.fragments) > 1:
        offset = ";".join(f"{start}-{end}" for start, end in entity.fragments)
        if len(offset) > 50:
            offset = f"{entity.start}-{entity.end}"
            lost["mentions with too many gaps for 50 characters: written from first to last character"] += 1
    concepts = [int(code.code) for code in entity.codes if code.system == "OMOP" and _is_number(code.code)]
    snippet = text[max(0, entity.start - AROUND) : entity.end + AROUND]
    return {
        "snippet": _fitting(snippet, 250, "snippets", lost),
        "offset": offset,
        "lexical_variant": _fitting(document.words(entity), 250, "mentions", lost),
        "note_nlp_concept_id": concepts[0] if concepts else 0,
        "note_nlp_source_concept_id": 0,
        "term_exists": "N" if assertion in DENIED else "Y",
        "term_temporal": TEMPORAL.get(str(assertion)),
        "term_modifiers": _modifiers(entity, concepts, lost),
    }


def _modifiers(entity: Entity, concepts: list[int], lost: Counter[str]) -> str:
    pairs = [("Type", entity.type)]
    if entity.score is not None:
        pairs.append(("Score", repr(float(entity.score))))
    codes = [
        code for code in entity.codes if not (concepts and code.system == "OMOP" and code.code == str(concepts[0]))
    ]
    pairs += [("Code", f"{code.system}:{code.code} {code.text}".rstrip(" ")) for code in codes]
    pairs += [(name, as_text(entity.attributes[name].value, lost)) for name in sorted(entity.attributes)]
    if entity.event:
        pairs.append(("Event", "true"))
    if entity.note:
        pairs.append(("Note", entity.note))
    said = entity.attributes.get("assertion")
    written = [DENIED[str(said.value)]] if said is not None and said.value in DENIED else []
    written += [f"{_encoded(name)}={_encoded(value)}" for name, value in pairs]
    while len(";".join(written)) > 2000:
        longest = max(written, key=len)
        written.remove(longest)
        lost["modifiers left out: 2000 characters hold no more"] += 1
    return ";".join(written)


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace(";", "%3B").replace("=", "%3D")


def _fitting(text: str, longest: int, of: str, lost: Counter[str]) -> str:
    lost[f"{of} cut off after {longest} characters"] += len(text) > longest
    return text[:longest]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _value(value: Any, kind: str | int) -> Any:
    """The value as a column of the kind holds it, None where it is no such value."""
    if kind == INTEGER:
        number = int(value) if isinstance(value, str) and _is_number(value) else value
        right = isinstance(number, int) and not isinstance(number, bool) and -(2**31) <= number < 2**31
        return number if right else None
    if kind in (DATE, DATETIME):
        if not isinstance(value, str):
            return None
        try:
            when = datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
        return when if kind == DATETIME and len(value) > 10 else when.date()
    return value if isinstance(value, str) else None


class _Csv:
    """A header and rows, as PostgreSQL reads them: text is quoted, and what is empty without quotes is NULL.

    Python's own writer leaves a carriage return unquoted before 3.13, and cannot tell "" from None.
    """

    def __init__(self, file: BinaryIO, columns: Mapping[str, str | int]) -> None:
        self.file = file
        self.columns = columns
        self.file.write((",".join(columns) + "\n").encode())

    def add(self, row: Row) -> None:
        cells = (_cell(row.get(column)) for column in self.columns)
        self.file.write(encode(",".join(cells) + "\n", "a row"))

    def close(self) -> None:
        pass


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)


class _Parquet:
    def __init__(self, file: BinaryIO, columns: Mapping[str, str | int]) -> None:
        arrow = library("pyarrow", "corpora")
        types: dict[str | int, Any] = {
            INTEGER: arrow.int32(),
            DATE: arrow.date32(),
            DATETIME: arrow.timestamp("us"),
            FLOAT: arrow.float64(),
        }
        self.schema = arrow.schema({name: types.get(kind, arrow.string()) for name, kind in columns.items()})
        self.table = library("pyarrow.parquet", "corpora").ParquetWriter(file, self.schema, compression="zstd")
        self.from_rows = partial(arrow.Table.from_pylist, schema=self.schema)
        self.waiting: list[Row] = []

    def add(self, row: Row) -> None:
        self.waiting.append(row)
        if len(self.waiting) == 10_000:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.table.close()

    def _flush(self) -> None:
        self.table.write_table(self.from_rows(self.waiting))
        self.waiting = []


CSV = Format("omop", "OMOP CDM v5.4: NOTE and NOTE_NLP as CSV", write_csv, asserts=True)
PARQUET = Format("omop-parquet", "OMOP CDM v5.4: NOTE and NOTE_NLP as Parquet", write_parquet, asserts=True)
