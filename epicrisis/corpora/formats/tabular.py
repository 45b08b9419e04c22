"""Tables of comments or notes with a label, whatever their columns are called: CSV, TSV, JSON lines.

A description (`describing`) says which column is what. `text` is needed; `label` (a sentiment), `intensity`, `topic`
(several with ; between them), `id` and `split` are known, and any other column that the description names goes to
`meta` under our name for it. Without a description the columns must have these names. The delimiter is the one that
the header has most often; a byte order mark is passed over. Texts that are empty stay: an empty comment is one, too.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import Ids, in_part, made, records
from epicrisis.corpora.files.rows import Faults, header, rows
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.formats.describing import Description, described, label
from epicrisis.corpora.labels import SENTIMENT, TOPIC
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError

KNOWN = ("text", "label", "intensity", "topic", "id", "split")
NAME = "table.yaml"
"""A description of this name is found where --data is its folder."""

Row = tuple[int, Mapping[str, Any]]


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where there is no table, no such column, or the description cannot be read."""
    path = path / NAME if (path / NAME).is_file() else path
    about = described(path, ("columns", "values"))
    tables = []
    for file in sources(about.data, ending(".csv", ".tsv", ".jsonl"), "a table (*.csv, *.tsv, *.jsonl)"):
        columns: list[str] = []
        delimiter = ""
        if file.path.suffix.lower() != ".jsonl":
            if (own := header(file, report, "\t" if file.path.suffix.lower() == ".tsv" else "")) is None:
                continue
            columns, delimiter = own
            wanted = {"text": "text", **about.columns}
            for ours, theirs in wanted.items():
                if theirs not in columns:
                    raise CorpusError(
                        f"{file.name}: its header of {len(columns)} columns has no {theirs!r} for {ours!r}; say what "
                        f"the columns are called in {NAME} (docs/formats.md, table)"
                    )
        tables.append((file, columns, delimiter))
    return _read(tables, about, report)


def _read(tables: list[tuple[Source, list[str], str]], about: Description, report: Report) -> Iterator[Document]:
    ids = Ids(report)
    for file, columns, delimiter in tables:
        faults = Faults(file, report)
        source = rows(file, columns, delimiter, faults) if columns else records(file, report)
        names = about.columns or {name: name for name in KNOWN}
        for place, row in source:
            own = {ours: row.get(theirs) for ours, theirs in {"text": "text", **names}.items()}
            document = _document(f"{file.id}-{place}", place, own, about, faults)
            if document is not None:
                yield in_part(ids.once(document, (file.name, place), f"{file.id}-{place}"), file)


def _document(name: str, place: int, row: Mapping[str, Any], about: Description, faults: Faults) -> Document | None:
    text = row["text"]
    if not isinstance(text, str):
        faults.add(place, "it has no text")
        return None
    labels: dict[str, Label] = {}
    if "label" in row and (one := label(row, place, about.values, faults)) is not None:
        labels[SENTIMENT] = one
    for topic in str(row.get("topic") or "").split(";"):
        if topic.strip():
            labels[TOPIC + topic.strip()] = Label(True)
    others = {key: value for key, value in row.items() if key not in KNOWN or key == "split"}
    meta = {key: value for key, value in others.items() if value not in (None, "")}
    id = row.get("id")
    own = str(id).strip() if isinstance(id, str | int) else ""
    return made((faults.file, place), faults.report, own or name, text, labels=labels, meta=meta)


CORPUS = Corpus(
    name="table",
    title="tables with columns of any name (CSV, TSV, JSON lines), a description beside them",
    read=read,
    where="your own files",
)
"""Its split, if its rows or the names of files say one, is that of `meta`, as with any other format."""
