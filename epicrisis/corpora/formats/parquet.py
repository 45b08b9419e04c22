"""Parquet: a document a row, as `Document.to_dict` has it, so that nothing is lost.

Columns: schema, id, text; entities, relations, groups, labels and segments as lists of structs; meta, and the values of
attributes and labels, as JSON text, for they may be of any type, and so is the evidence of labels. Offsets are code
points, half open.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any

from epicrisis.corpora.contracts import Corpus, Format
from epicrisis.corpora.files.output import json_bytes, one_file, writing
from epicrisis.corpora.files.records import Ids, in_part
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.optional import library
from epicrisis.corpora.report import Report
from epicrisis.document import SCHEMA, Document
from epicrisis.errors import DocumentError

ROWS = 1000
"""Documents that are held at once."""
AS_JSON = {"value", "evidence"}
"""What attributes and labels have as JSON text."""


def read(path: Path, report: Report) -> Iterator[Document]:
    """A file, or every `*.parquet` of a folder. Raises CorpusError where there is none, or pyarrow is missing."""
    library("pyarrow.parquet", "corpora")
    return _read(sources(path, ending(".parquet"), "Parquet files (*.parquet)"), report)


def _read(files: Iterable[Source], report: Report) -> Iterator[Document]:
    arrow = library("pyarrow", "corpora")
    ids = Ids(report)
    for file in files:
        number = 0
        try:
            with file.open() as opened:
                for row in _rows(opened, file.name, report):
                    number += 1
                    document = _document(row, (file.name, number), report)
                    if document is not None:
                        yield in_part(ids.once(document, (file.name, number), f"{file.id}-{number}"), file)
        except arrow.ArrowException as error:
            place = f"from row {number + 1} on" if number else "as Parquet"
            report.add(file.name, None, f"cannot be read {place} ({type(error).__name__})")
        except OSError as error:
            report.add(file.name, None, f"cannot be read: {error.strerror or 'the file is damaged'}")


def _rows(opened: IO[bytes], name: str, report: Report) -> Iterator[dict[str, Any]]:
    table = library("pyarrow.parquet", "corpora").ParquetFile(opened)
    there = table.schema_arrow.names
    if missing := [column for column in ("id", "text", "entities") if column not in there]:
        report.add(name, None, f"its columns are not those of our documents: no {', '.join(missing)}")
        return
    for batch in table.iter_batches(batch_size=ROWS, columns=[column for column in _schema().names if column in there]):
        yield from batch.to_pylist()


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """One file. Nothing is lost: the count is empty.

    Raises CorpusError where the file cannot be written or pyarrow is missing.
    """
    arrow, parquet = library("pyarrow", "corpora"), library("pyarrow.parquet", "corpora")
    schema = _schema()
    waiting = iter(documents)
    with writing(one_file(path, ".parquet")) as file, parquet.ParquetWriter(file, schema, compression="zstd") as table:
        while rows := [_row(document) for document in islice(waiting, ROWS)]:
            table.write_table(arrow.Table.from_pylist(rows, schema))
    return Counter()


def _schema() -> Any:
    arrow = library("pyarrow", "corpora")
    text, number, offset, yes = arrow.string(), arrow.float64(), arrow.int64(), arrow.bool_()

    def rows(**fields: Any) -> Any:
        return arrow.list_(arrow.struct(list(fields.items())))

    span = arrow.list_(offset, 2)
    attributes = rows(name=text, value=text, score=number, cue=span)
    labels = rows(name=text, value=text, score=number, intensity=number, evidence=text)
    codes = rows(system=text, code=text, text=text)
    about = {"id": text, "type": text, "score": number, "attributes": attributes, "note": text, "event": yes}
    return arrow.schema(
        {
            "schema": arrow.int32(),
            "id": text,
            "text": text,
            "entities": rows(fragments=arrow.list_(span), codes=codes, **about),
            "relations": rows(head=text, tail=text, roles=arrow.list_(text, 2), **about),
            "groups": rows(type=text, members=arrow.list_(text)),
            "labels": labels,
            "segments": rows(span=span, kind=text, labels=labels),
            "meta": text,
        }
    )


def _row(document: Document) -> dict[str, Any]:
    data = document.to_dict()
    name = f"document {document.id!r}"
    for item in (*data["entities"], *data.get("relations", ())):
        item["attributes"] = _named(item.get("attributes", {}), name)
    for segment in data.get("segments", ()):
        segment["labels"] = _named(segment["labels"], name)
    data["labels"] = _named(data.get("labels", {}), name)
    data["meta"] = json_bytes(data.get("meta", {}), name).decode()
    return data


def _named(items: Mapping[str, Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    texts = {
        key: {part: json_bytes(item[part], name).decode() for part in AS_JSON & item.keys()}
        for key, item in items.items()
    }
    return [{**item, "name": key, **texts[key]} for key, item in items.items()]


def _document(row: dict[str, Any], place: tuple[str, int], report: Report) -> Document | None:
    try:
        data = {name: value for name, value in _filled(row).items() if value is not None}
        for item in (*data["entities"], *data.get("relations", ())):
            item["attributes"] = _by_name(item.get("attributes", ()))
        for segment in data.get("segments", ()):
            segment["labels"] = _by_name(segment.get("labels", ()))
        data["labels"] = _by_name(data.get("labels", ()))
        data["meta"] = json.loads(data.get("meta", "{}"))
        return Document.from_dict({"schema": SCHEMA, **data})
    except DocumentError as error:
        report.add(*place, str(error))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        report.add(*place, f"a value has the wrong shape ({type(error).__name__})")
    return None


def _filled(value: Any) -> Any:
    """The value without the nulls of structs: a column holds a key of every struct, a document only those that are."""
    if isinstance(value, dict):
        return {key: _filled(one) for key, one in value.items() if one is not None}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def _by_name(items: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        item["name"]: {key: json.loads(one) if key in AS_JSON else one for key, one in item.items() if key != "name"}
        for item in items
    }


CORPUS = Corpus(
    name="parquet",
    title="Parquet: our own documents, one a row",
    read=read,
    where="your own files",
)
FORMAT = Format("parquet", CORPUS.title, write, suffix=".parquet")
