"""Tables that a program holds (pandas, polars, Arrow, or any rows as mappings) -> documents.

    from epicrisis import corpora
    documents = corpora.from_table(frame, text="note_text", id="note_id")

Nothing is imported for it: a table is known by what it can do. Other columns go to `meta`, what is missing (None, NaN)
does not; `entities` and `relations`, if there are such columns, are read as in `jsonl`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from epicrisis.corpora.files.records import Ids
from epicrisis.corpora.formats import jsonl
from epicrisis.corpora.report import Report, Strict
from epicrisis.document import Document
from epicrisis.errors import CorpusError

TABLE = "the table"


def from_table(table: Any, *, text: str = "text", id: str = "id", report: Report | None = None) -> Iterator[Document]:
    """The documents of a table, a row each, in its order. Those without an id, and the second of two with one, are
    row-1, row-2 and so on.

    text, id: the names of the columns; report: takes problems by row; without one the first raises CorpusError

    Raises CorpusError where the table has no column of the text's name or is none.
    """
    report = Strict() if report is None else report
    names = [str(name) for name in getattr(table, "column_names", None) or getattr(table, "columns", None) or ()]
    if names and text not in names:
        raise CorpusError(f"the table has no column {text!r}; there are {', '.join(names)}")
    return _read(rows(table), text, id, report)


def _read(rows: Iterable[Mapping[str, Any]], text: str, id: str, report: Report) -> Iterator[Document]:
    ids = Ids(report)
    for number, row in enumerate(rows, start=1):
        known = {str(name): _plain(value) for name, value in row.items()}
        held = {name: value for name, value in known.items() if value is not None and name not in (text, id)}
        own = known.get(id)
        default = f"row-{number}"
        name = str(own) if own is not None else default
        record = {**held, "text": known.get(text), "id": name}
        document = jsonl.of_record(record, name, (TABLE, number), report)
        if document is not None:
            yield ids.once(document, (TABLE, number), default)


def rows(table: Any) -> Iterator[Mapping[str, Any]]:
    """The rows by name of column. Raises CorpusError where it is no table."""
    if hasattr(table, "to_batches"):  # Arrow: some rows at a time, for Python's take much more memory
        return (row for batch in table.to_batches() for row in batch.to_pylist())
    if hasattr(table, "to_pylist"):
        return iter(table.to_pylist())
    if hasattr(table, "iter_rows"):  # polars
        return iter(table.iter_rows(named=True))
    if hasattr(table, "itertuples"):  # pandas
        names = list(map(str, table.columns))
        return (dict(zip(names, row, strict=True)) for row in table.itertuples(index=False, name=None))
    if isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping):
        return iter(table)
    raise CorpusError(f"no table: {type(table).__name__}; one of pandas, polars or Arrow was expected, or rows")


def _plain(value: Any) -> Any:
    """A value as Python has it, None where it is missing; NaN and NaT are not equal to themselves."""
    if isinstance(value, str | list | Mapping):
        return value
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return _plain(value.tolist())
    if hasattr(value, "isoformat"):
        value = value.isoformat() if value == value else None
    return value if value == value else None
