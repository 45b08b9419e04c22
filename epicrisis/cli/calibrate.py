"""`epicrisis calibrate`: a model that is as sure of what it finds as it is right on notes of one's own."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epicrisis import corpora
from epicrisis.cli.export import copy_model
from epicrisis.cli.train import read_split
from epicrisis.corpora import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError, UsageError

if TYPE_CHECKING:
    from epicrisis.runtime import Annotator

ALL = "all"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "calibrate",
        help="a model's scores and thresholds, fitted on other notes",
        description="Fit a model's scores, and from which on what it finds counts, on annotated documents: a model is "
        "as sure as it was right on the texts that it was fitted on, and notes of another kind are others. Its "
        "network stays as it is. What is not annotated in the documents counts as wrongly found.",
    )
    parser.add_argument("model", help="a training run, a model folder, or the name of a shipped model")
    parser.add_argument("--corpus", required=True, help="a corpus or a format: jsonl, brat ...")
    parser.add_argument("--data", type=Path, help="its files; default: its folder in $EPICRISIS_DATA")
    parser.add_argument("--split", default=ALL, help=f"the part of the corpus to fit on; default: {ALL}")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--name", help="what the model calls itself; default: the folder's name")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.calibration import calibrate
    from epicrisis.runtime import load_annotator, model_folder, read_description

    source = model_folder(args.model)
    about = read_description(source)
    learned = about.get("training", {}).get("corpus") == args.corpus
    if learned and args.split in (ALL, "train"):
        raise UsageError(f"{args.model} learned from this part of {args.corpus}, where it is surer; --split dev is not")
    annotator = load_annotator(args.model)
    report = Report()
    gold = _documents(args, report)
    symmetric = corpora.find(args.corpus).symmetric
    for type_ in sorted(set(about["types"]) - {entity.type for document in gold for entity in document.entities}):
        print(f"{type_}: not annotated in any document; all that is found of it counts as wrong")
    _show(annotator, gold, symmetric)
    fitted = calibrate(annotator, gold, symmetric=symmetric).about
    on = {"corpus": args.corpus, "part": args.split, "documents": len(gold)}
    remark = f"Scores and thresholds were fitted again, on {len(gold)} documents of {args.corpus} ({args.split})."
    copy_model(source, args.out, {**fitted, "name": args.name or args.out.name, "calibrated_on": on}, remark=remark)
    return 1 if len(report) else 0


def _documents(args: argparse.Namespace, report: Report) -> list[Document]:
    path = corpora.locate(args.corpus, args.data)
    if args.split == ALL:
        read = corpora.read(args.corpus, path, report)
        gold = [corpora.asserted(document, corpora.find(args.corpus)) for document in read]
    else:
        documents, split = read_split(args.corpus, path, None, report)
        if args.split not in split:
            raise CorpusError(f"{args.corpus}: the split has no part {args.split!r}; there are {', '.join(split)}")
        gold = [documents[i] for i in split[args.split]]
    if not any(document.entities for document in gold):
        raise CorpusError(f"{args.corpus}: no entity is annotated in {args.split!r}; there is nothing to fit on")
    return gold


def _show(annotator: "Annotator", gold: Sequence[Document], symmetric: Sequence[str]) -> None:
    """By how much scores differ from how often they are right, before and after; after is not measured where fitted."""
    from rich.console import Console
    from rich.table import Table

    from epicrisis.calibration import calibrate
    from epicrisis.evaluation import calibration_errors

    halves = gold[::2], gold[1::2]
    after = [
        document
        for fit, asked in (halves, halves[::-1])
        for document in calibrate(annotator, fit, symmetric=symmetric).pipe(asked)
    ]
    asked = [*halves[1], *halves[0]]
    errors = [
        calibration_errors(asked, found, symmetric=symmetric, attributes=annotator.attributes)
        for found in (list(annotator.pipe(asked)), after)
    ]
    table = Table("scores differ from how often they are right by", "before", "after, fitted on the other half")
    for name in errors[0]:
        table.add_row(name, *(f"{of.get(name, 0.0):.3f}" for of in errors))
    Console().print(table)
