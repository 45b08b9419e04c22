"""What `epicrisis extract` writes: a stream of documents, in every format."""

import errno
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from epicrisis.corpora import Report
from epicrisis.corpora.contracts import DocumentWriter
from epicrisis.corpora.files import writing
from epicrisis.corpora.writers import WRITERS
from epicrisis.document import Document
from epicrisis.errors import CorpusError

FORMATS = ("table", "html", *WRITERS)
STREAMED = ("table", "html", "jsonl")
"""What can go to standard output."""


def write(documents: Iterator[Document], format: str, out: Path | None, report: Report, lost: Counter[str]) -> int:
    """Write the documents as they come; returns how many there were, those that could not be written counted.

    report: takes what cannot be written, where a document has files of its own; lost: what the format cannot hold
    """
    count = 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in documents:
            count += 1
            yield document

    if format not in STREAMED and out is not None:
        writer = WRITERS[format]
        if writer.write_document is None:
            lost.update(writer.write(counted(), out))
        else:
            _write_each(counted(), writer.write_document, out, report, lost)
        return count
    with ExitStack() as stack:
        if out is None:
            put = _to_stdout
        else:
            file = stack.enter_context(writing(out))

            def put(piece: str) -> None:
                file.write(piece.encode("utf-8"))

        for piece in _pieces(counted(), format):
            put(piece)
    return count


def _write_each(
    documents: Iterator[Document], write: DocumentWriter, folder: Path, report: Report, lost: Counter[str]
) -> None:
    """Files for each document; where its id names none of its own, that goes to the report and the others go on."""
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            cause = "stands twice; only the first was written. Call once for each, with another --out"
            report.add(str(folder), None, f"document id {document.id!r} {cause}")
            continue
        seen.add(document.id)
        try:
            lost.update(write(document, folder))
        except CorpusError as error:
            cause = str(error)
            if isinstance(error.__cause__, OSError):  # of the disk, unless it is of the name
                if error.__cause__.errno != errno.ENAMETOOLONG:
                    raise
                cause = f"document id {document.id!r} is too long for a file's name"
            report.add(str(folder), None, cause)


def _to_stdout(piece: str) -> None:
    sys.stdout.buffer.write(piece.encode("utf-8"))
    sys.stdout.buffer.flush()


def _pieces(documents: Iterator[Document], format: str) -> Iterator[str]:
    if format == "jsonl":
        from epicrisis.corpora.formats import jsonl

        for document in documents:
            yield jsonl.line(document) + "\n"
    elif format == "html":
        from epicrisis.page import page

        yield from page(documents, title="Epicrisis")
    else:
        from rich.console import Console

        from epicrisis.page import table

        console = Console()
        for document in documents:  # a table a note: an archive's rows are never held
            with console.capture() as captured:
                console.print(table([document], title=document.id))
            yield captured.get()
