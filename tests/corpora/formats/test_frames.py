"""Tables in memory: Arrow itself, and objects that can do what those of pandas and polars can."""

import datetime
import math
from collections.abc import Iterator

import pytest

from epicrisis.corpora import Report, from_table
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError

ROWS = [
    {"note": "Rash 😀.", "number": 7, "ward": "A", "when": datetime.date(2026, 1, 2)},
    {"note": "Cough.", "number": 8, "ward": None, "when": None},
]
EXPECTED = [
    Document("7", "Rash 😀.", meta={"ward": "A", "when": "2026-01-02"}),
    Document("8", "Cough."),
]


class Pandas:
    """As a data frame: NaN for what is missing, tuples for rows."""

    columns = ("note", "number", "ward", "when")

    def itertuples(self, *, index: bool, name: None) -> Iterator[tuple[object, ...]]:
        for row in ROWS:
            yield tuple(math.nan if row[column] is None else row[column] for column in self.columns)


class Polars:
    columns = ("note", "number", "ward", "when")

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, object]]:
        return iter(ROWS) if named else iter(())


@pytest.mark.parametrize("table", [ROWS, iter(ROWS), Pandas(), Polars()], ids=["rows", "stream", "pandas", "polars"])
def test_a_row_is_a_document(table: object) -> None:
    assert list(from_table(table, text="note", id="number")) == EXPECTED


def test_arrow_tables_and_batches_are_read() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.Table.from_pylist(ROWS)
    assert list(from_table(table, text="note", id="number")) == EXPECTED
    assert list(from_table(table.to_batches()[0], text="note", id="number")) == EXPECTED


def test_a_column_of_entities_is_read_and_ids_may_be_missing() -> None:
    table = [{"text": "Rash.", "entities": [{"start": 0, "end": 4, "type": "Sign"}]}]
    assert list(from_table(table)) == [Document("row-1", "Rash.", (Entity("Sign", ((0, 4),), "T1"),))]


def test_rows_that_cannot_be_read_are_named() -> None:
    report = Report()
    table = [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}, {"id": 2, "text": None}, {"id": 3, "text": "c"}]
    assert [document.id for document in from_table(table, report=report)] == ["1", "row-2", "3"]
    assert [str(problem) for problem in report] == [
        "the table:2: document id '1' stands twice; the second is called after its place",
        "the table:3: a record needs the key text, a string",
    ]
    with pytest.raises(CorpusError, match="the table:2: document id '1' stands twice"):
        list(from_table(table))
    with pytest.raises(CorpusError, match="no column 'text'; there are note, number, ward, when"):
        from_table(Pandas())
    for table in ("text", 3, {"text": "a"}):
        with pytest.raises(CorpusError, match=r"no table: (str|int|dict)"):
            from_table(table)
