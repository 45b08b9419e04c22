"""`epicrisis extract`: notes in, documents with entities, and labels, out."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epicrisis import corpora
from epicrisis.cli.extract_output import FORMATS, STREAMED, write
from epicrisis.corpora import Report
from epicrisis.corpora.writers import WRITERS
from epicrisis.document import Document
from epicrisis.errors import CorpusError, DocumentError, UsageError
from epicrisis.text import language

if TYPE_CHECKING:
    from epicrisis.rules import Dictionary, Patterns
    from epicrisis.runtime import Annotator, AnnotatorByLanguage

STDIN = "-"
NO_MODEL = "none"
SOURCES = ("model", "terms", "patterns")
ASSERTIONS = ("rules", "model", "both")


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
        "--model",
        help="name or folder of a model for all notes; default: the shipped one for each note's language. "
        "none: no model, entities that .jsonl notes bring along stay",
    )
    parser.add_argument(
        "--support",
        type=Path,
        metavar="FILE",
        help="a few documents with their entities, a .jsonl file or a folder of brat files: --model finds what they "
        "are examples of, types that it was not trained for among them; it needs a nearest-neighbour decoder",
    )
    parser.add_argument("--terms", type=Path, metavar="FILE", help="find the terms of this CSV file, too")
    parser.add_argument("--patterns", type=Path, metavar="FILE", help="find what these regular expressions match, too")
    parser.add_argument(
        "--precedence",
        metavar="NAMES",
        help=f"which of {','.join(SOURCES)} goes before which where entities overlap; default: in this order",
    )
    parser.add_argument(
        "--assertion",
        choices=ASSERTIONS,
        default="both",
        help="what says that an entity is negated, uncertain, hypothetical, historical or of the family: rules; the "
        "model, if it can; or both: the model, and rules for what it says worse than they do. Default: both",
    )
    parser.add_argument(
        "--sentiment",
        nargs="?",
        const="",
        metavar="MODEL",
        help="label every note and each of its sentences, too, and say which words carried the note's labels; by this "
        "model, or the shipped one for the note's language. Stands behind the notes",
    )
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument(
        "--out",
        type=Path,
        help=f"file, or the folder of brat and the like; default for {', '.join(STREAMED)}: standard output",
    )
    parser.add_argument("--threads", type=int, help="default: one a processor")
    sure = "leave out entities and relations below this"
    parser.add_argument("--least-score", type=float, default=0.0, metavar="P", help=sure)
    parser.add_argument(
        "--precision",
        type=float,
        metavar="SHARE",
        help="keep of each type only what is so sure that this share of it was right on the model's dev part: 0.8, 0.9 "
        "or 0.95; a type that was never so precise is left out",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.out is None and args.format not in STREAMED:
        what = "FILE" if WRITERS[args.format].suffix else "FOLDER"
        raise UsageError(f"{args.format} is written into a {what.lower()}: give --out {what}")
    if args.threads is not None and args.threads < 1:
        raise UsageError("--threads: at least 1 is expected")
    if not 0 <= args.least_score <= 1:
        raise UsageError("--least-score: a probability, from 0 to 1, is expected")
    if args.support is not None and args.model is None:
        raise UsageError("--support: the models for each language cannot be shown examples; say which by --model")
    if args.support is not None and args.model == NO_MODEL:
        raise UsageError("--support: there is no model that could be shown examples")
    if args.precision is not None and (args.support is not None or args.model == NO_MODEL):
        raise UsageError(
            "--precision: it was measured for what models find of their own types; leave out the other option"
        )
    order = _precedence(args.precedence)
    report = Report()
    annotator = None if args.model == NO_MODEL else _annotator(args, report)
    found = _finders(args, report)
    jsonl = any(place.lower().endswith(".jsonl") for place in args.notes)
    labelled = None if args.sentiment is None else _labeller(args.sentiment)
    if annotator is None and not found and not labelled and not jsonl:
        raise UsageError(
            "--model none finds nothing: give --terms, --patterns or --sentiment, or .jsonl notes that hold entities"
        )
    documents: Iterator[Document] = _notes(args.notes, report)
    unsure: Counter[str] = Counter()
    if annotator is not None:
        documents = annotator.pipe(documents, threads=args.threads)
        if args.least_score > 0 or args.precision is not None:
            documents = _sure(documents, annotator, args.least_score, args.precision, unsure)
    gone: Counter[str] = Counter()
    if found:
        documents = _merged(documents, found, order, gone)
    if args.assertion != "model":
        documents = _asserted(documents, annotator, both=args.assertion == "both")
    if labelled is not None:
        documents = labelled(documents, args.threads)
    if args.out is not None and sys.stderr.isatty():
        documents = _counted_aloud(documents)
    lost: Counter[str] = Counter()
    count = write(documents, args.format, args.out, report, lost)
    for problem in report:
        print(f"epicrisis: {problem}", file=sys.stderr)
    if annotator is not None:
        _say_without_model(annotator)
    if parts := _counted(unsure):
        print(f"epicrisis: left out as not sure enough: {parts}", file=sys.stderr)
    if parts := _counted(gone):
        cause = "of entities that gave way to overlapping ones (--precedence)"
        print(f"epicrisis: left out: {parts} {cause}", file=sys.stderr)
    if lost:
        parts = "; ".join(f"{name} {number:,}" for name, number in sorted(lost.items()))
        print(f"epicrisis: {args.format} cannot hold: {parts}", file=sys.stderr)
    if not count and not len(report):
        raise CorpusError("there was no note to read")
    return 1 if len(report) else 0


def _counted(left_out: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(left_out.items()) if number)


def _annotator(args: argparse.Namespace, report: Report) -> "Annotator | AnnotatorByLanguage":
    from epicrisis.runtime import load_annotator, load_by_language

    if args.model is None:
        return load_by_language()
    annotator = load_annotator(args.model)
    if args.support is None:
        return annotator
    name = "brat" if args.support.is_dir() else "jsonl"
    return annotator.with_support(corpora.read(name, args.support, report))


def _labeller(name: str) -> "Callable[[Iterable[Document], int | None], Iterator[Document]]":
    """What labels a stream of documents and their sentences; name: of a model, "" for the shipped ones."""
    from epicrisis.runtime import load_classifier, load_classifiers

    if name:
        classifier = load_classifier(name)
        return lambda documents, threads: classifier.pipe(documents, threads=threads, sentences=True, evidence=True)
    by_language = load_classifiers()
    return lambda documents, threads: by_language.pipe(documents, threads=threads, sentences=True, evidence=True)


def _say_without_model(annotator: "Annotator | AnnotatorByLanguage") -> None:
    from epicrisis.runtime import AnnotatorByLanguage

    if isinstance(annotator, AnnotatorByLanguage):
        for name, number in sorted(annotator.without_model.items()):
            cause = f"no model for their language ({name}) is shipped"
            print(f"epicrisis: {number:,} notes were annotated by {annotator.default}: {cause}", file=sys.stderr)


def _precedence(names: str | None) -> list[str]:
    """The sources in order; those that are not named follow in their own."""
    order = [name.strip() for name in names.split(",")] if names else []
    if len(set(order)) < len(order) or not set(order) <= set(SOURCES):
        raise UsageError(f"--precedence: each of {', '.join(SOURCES)} at most once is expected, with commas between")
    return [*order, *(name for name in SOURCES if name not in order)]


def _finders(args: argparse.Namespace, report: Report) -> "dict[str, Dictionary | Patterns]":
    """What finds entities beside the model. Rows of the term list that cannot be read go to the report."""
    found: dict[str, Any] = {}
    if args.terms is not None:
        from epicrisis.rules import Dictionary

        found["terms"] = terms = Dictionary.from_csv(args.terms)
        for line, cause in terms.problems:
            report.add(str(args.terms), line, cause)
        if (more := terms.passed_over - len(terms.problems)) > 0:
            report.add(str(args.terms), None, f"{more:,} more rows were passed over")
    if args.patterns is not None:
        from epicrisis.rules import Patterns

        found["patterns"] = Patterns.from_file(args.patterns)
    return found


def _merged(
    documents: Iterable[Document], finders: "dict[str, Dictionary | Patterns]", order: list[str], gone: Counter[str]
) -> Iterator[Document]:
    """Documents with what was found put together; gone: takes how much of the model's is left out by that."""
    from epicrisis.rules import combined

    for document in documents:
        sources = {name: finder.find(document.text) for name, finder in finders.items()}
        sources["model"] = list(document.entities)
        document, left_out = combined(document, [sources[name] for name in order if name in sources])
        gone.update(left_out)
        yield document


def _asserted(
    documents: Iterable[Document], annotator: "Annotator | AnnotatorByLanguage | None", *, both: bool
) -> Iterator[Document]:
    """Documents with the rules' assertions; both: those that are there stay, and what the annotator decides alone."""
    from epicrisis.rules import Assertion

    rules = cache(Assertion)
    for document in documents:
        decided = _one(annotator, document).decides if both and annotator is not None else ()
        yield rules(language(document.text)).annotate(document, keep=both, decided=decided)


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


def _sure(
    documents: Iterable[Document],
    annotator: "Annotator | AnnotatorByLanguage",
    least: float,
    precision: float | None,
    unsure: Counter[str],
) -> Iterator[Document]:
    """Documents with what is sure enough; unsure: takes how much is not."""
    from epicrisis.runtime import at_least, precise

    for document in documents:
        kept = at_least(document, least)
        if precision is not None:
            kept = precise(kept, _one(annotator, document), precision)
        unsure["entities"] += len(document.entities) - len(kept.entities)
        unsure["relations"] += len(document.relations) - len(kept.relations)
        yield kept


def _one(annotator: "Annotator | AnnotatorByLanguage", document: Document) -> "Annotator":
    """The one that annotates this document."""
    from epicrisis.runtime import AnnotatorByLanguage

    return annotator.annotator_for(document.text) if isinstance(annotator, AnnotatorByLanguage) else annotator


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
