"""`epicrisis extract`: notes in, documents with entities out."""

import argparse
import errno
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError, DocumentError, UsageError

FORMATS = ("table", "jsonl", "brat", "html")
STDIN = "-"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "extract",
        help="entities out of notes",
        description="Find entities in notes. Notes go through one after the other: an archive needs no more memory "
        "than a note.",
    )
    parser.add_argument(
        "notes", nargs="+", help="text files, folders of *.txt, .jsonl files; - reads one note from stdin"
    )
    parser.add_argument(
        "--model", help="name or folder of a model for all notes; default: the shipped one for each note's language"
    )
    parser.add_argument(
        "--support",
        type=Path,
        metavar="FILE",
        help="a few documents with their entities, a .jsonl file or a folder of brat files: --model finds what they "
        "are examples of, types that it was not trained for among them; it needs a nearest-neighbour decoder",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--out", type=Path, help="file, or folder for brat; default: standard output")
    parser.add_argument("--threads", type=int, help="default: one a processor")
    parser.add_argument("--least-score", type=float, default=0.0, metavar="P", help="leave out entities below this")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.runtime import Annotator, AnnotatorByLanguage, load, load_by_language

    if args.format == "brat" and args.out is None:
        raise UsageError("brat is written into a folder: give --out FOLDER")
    if args.threads is not None and args.threads < 1:
        raise UsageError("--threads: at least 1 is expected")
    if not 0 <= args.least_score <= 1:
        raise UsageError("--least-score: a probability, from 0 to 1, is expected")
    if args.support is not None and args.model is None:
        raise UsageError("--support: the models for each language cannot be shown examples; say which by --model")
    report = Report()
    annotator = load_by_language() if args.model is None else load(args.model)
    if args.support is not None and isinstance(annotator, Annotator):
        name = "brat" if args.support.is_dir() else "jsonl"
        annotator = annotator.with_support(corpora.read(name, args.support, report))
    documents = annotator.pipe(_notes(args.notes, report), threads=args.threads)
    documents = _sure(documents, args.least_score)
    if args.out is not None and sys.stderr.isatty():
        documents = _counted_aloud(documents)
    lost: Counter[str] = Counter()
    count = _write(documents, args.format, args.out, report, lost)
    for problem in report:
        print(f"epicrisis: {problem}", file=sys.stderr)
    if isinstance(annotator, AnnotatorByLanguage):
        for language, number in sorted(annotator.without_model.items()):
            cause = f"no model for their language ({language}) is shipped"
            print(f"epicrisis: {number:,} notes were annotated by {annotator.default}: {cause}", file=sys.stderr)
    if lost:
        parts = "; ".join(f"{name} {number:,}" for name, number in sorted(lost.items()))
        print(f"epicrisis: brat cannot hold: {parts}", file=sys.stderr)
    if not count and not len(report):
        raise CorpusError("there was no note to read")
    return 1 if len(report) else 0


def _notes(places: list[str], report: Report) -> Iterator[Document]:
    """Every readable note; what cannot be read goes to the report, and the others go on."""
    for place in places:
        try:
            if place == STDIN:
                yield _from_stdin()
            else:
                name = "jsonl" if place.lower().endswith(".jsonl") else "text"
                yield from corpora.read(name, place, report)
        except (CorpusError, DocumentError) as error:
            report.problems.append(corpora.Problem(place, None, str(error).removeprefix(f"{place}: ")))


def _from_stdin() -> Document:
    if sys.stdin is None:
        raise CorpusError("standard input is closed; send a note to it, or give a file")
    data = sys.stdin.buffer.read()
    try:
        return Document("stdin", data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CorpusError(f"standard input is not UTF-8 (byte {error.start}); convert it first") from None


def _sure(documents: Iterable[Document], least: float) -> Iterator[Document]:
    for document in documents:
        if least > 0:
            document = replace(document, entities=tuple(e for e in document.entities if (e.score or 0) >= least))
        yield document


def _counted_aloud(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, their number shown on the terminal while they pass."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed} notes"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        for document in documents:
            yield document
            progress.advance(task)


def _write(documents: Iterator[Document], format: str, out: Path | None, report: Report, lost: Counter[str]) -> int:
    """Write the documents as they come; returns how many there were, those that could not be written counted.

    report: takes what cannot be written, lost: what the format cannot hold; both of brat only
    """
    count = 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in documents:
            count += 1
            yield document

    if format == "brat" and out is not None:
        _write_brat(counted(), out, report, lost)
        return count
    with ExitStack() as stack:
        if out is None:
            write = _to_stdout
        else:
            file = stack.enter_context(corpora.files.writing(out))

            def write(piece: str) -> None:
                file.write(piece.encode("utf-8"))

        for piece in _pieces(counted(), format):
            write(piece)
    return count


def _write_brat(documents: Iterator[Document], folder: Path, report: Report, lost: Counter[str]) -> None:
    """Two files a document; where its id is none for files of its own, that goes to the report and the others go on."""
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            cause = "stands twice; only the first was written. Call once for each, with another --out"
            report.add(str(folder), None, f"document id {document.id!r} {cause}")
            continue
        seen.add(document.id)
        try:
            lost.update(corpora.brat.write_document(document, folder))
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
        for document in documents:
            yield corpora.jsonl.line(document) + "\n"
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
