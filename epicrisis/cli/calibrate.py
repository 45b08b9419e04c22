"""`epicrisis calibrate`: a model that is as sure of what it finds as it is right on notes of one's own."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epicrisis import corpora
from epicrisis.cli.evaluate import ALL, gold_documents, source
from epicrisis.cli.export import copy_model
from epicrisis.corpora import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError, ModelError, UsageError

if TYPE_CHECKING:
    from epicrisis.runtime import Annotator

FEWEST = 4
"""Documents of which one half can be fitted on and the other measured."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "calibrate",
        help="a model's scores and thresholds, fitted on other notes",
        description="Fit a model's scores, and from which on what it finds counts, on annotated documents: a model is "
        "as sure as it was right on the texts that it was fitted on, and notes of another kind are others. Its "
        "network stays as it is. Types that the documents do not hold at all keep theirs; of the others, what is not "
        "annotated counts as wrongly found.",
    )
    parser.add_argument("model", help="a training run, a model folder, or the name of a shipped model")
    parser.add_argument("--corpus", required=True, help="a corpus or a format: jsonl, brat ...")
    parser.add_argument("--data", type=Path, help="its files; default: its folder in $EPICRISIS_DATA")
    parser.add_argument("--split", default=ALL, help=f"the part of the corpus to fit on; default: {ALL}")
    parser.add_argument(
        "--split-file",
        metavar="FILE|FOLD",
        help="a JSON file of ids, or a fold of the corpus, such as fold-0; default: those of the run or the corpus",
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--name", help="what the model calls itself; default: the folder's name")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.calibration import calibrate
    from epicrisis.runtime import load_annotator, model_folder, read_description

    folder = model_folder(args.model)
    about = read_description(folder)
    published = bool(corpora.find(args.corpus).licence)
    if published and about.get("training", {}).get("corpus") == args.corpus and args.split in (ALL, "train"):
        raise UsageError(f"{args.model} learned from this part of {args.corpus}, where it is surer; --split dev is not")
    if args.out.exists():
        raise ModelError(f"{args.out}: this exists already; give another --out")
    annotator = load_annotator(args.model)
    report = Report()
    corpus, path, file = source(args)
    gold, _ = gold_documents(corpus, path, args.split, file, report)
    for problem in report:
        print(f"epicrisis: {problem}", file=sys.stderr)
    _say_what_is_missing(annotator, gold, corpus)
    symmetric = corpora.find(corpus).symmetric
    if len(gold) >= FEWEST:
        _show(annotator, gold, symmetric)
    fitted = calibrate(annotator, gold, symmetric=symmetric).about
    on = {"corpus": corpus, "part": args.split, "documents": len(gold)}
    remark = (
        f"Scores and thresholds were fitted again, documents: {len(gold)}, of {corpus} ({args.split}). What stands "
        "below was measured before; from which scores on types are precise now is told by model.json."
    )
    name = args.name or args.out.name
    copy_model(folder, args.out, {**fitted, "name": name, "calibrated_on": on}, remark=remark)
    return 1 if len(report) else 0


def _say_what_is_missing(annotator: "Annotator", gold: Sequence[Document], corpus: str) -> None:
    """Raises CorpusError where nothing is annotated."""
    types = {entity.type for document in gold for entity in document.entities}
    if not types:
        raise CorpusError(f"{corpus}: no entity is annotated; there is nothing to fit on")
    missing = [type_ for type_ in annotator.about["types"] if type_ not in types]
    if annotator.relater is not None:
        related = {relation.type for document in gold for relation in document.relations}
        missing += [type_ for type_ in annotator.about["relations"]["types"] if type_ not in related]
    if missing:
        print(f"not annotated, and left as they are: {', '.join(missing)}")


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
        table.add_row(name, *(f"{of[name]:.3f}" if name in of else "-" for of in errors))
    Console().print(table)
