"""`epicrisis train`: a recipe on a corpus, into a run folder."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import Report, Split
from epicrisis.corpora.labels import refuse_weak_parts
from epicrisis.document import Document
from epicrisis.errors import CorpusError, UsageError, suggestion
from epicrisis.evaluation import without

PATIENT = "patient"
"""Of meta: whose note it is. What is learned of a patient by heart is not to be tested on her."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("train", help="a recipe on a corpus", description="Train a recipe on a corpus.")
    parser.add_argument("recipe", help="a name that `epicrisis models recipes` shows, or a .yaml file")
    parser.add_argument("--corpus", required=True, help="a name that `epicrisis corpus list` shows")
    parser.add_argument("--data", type=Path, help="the corpus's files; default: its folder in $EPICRISIS_DATA")
    parser.add_argument("--out", type=Path, required=True, help="the run folder to make")
    parser.add_argument(
        "--split",
        metavar="FILE|FOLD",
        help="a JSON file of ids, as `corpus split` writes, or the fold to test on, such as fold-0; default: the "
        "corpus's own, else one is made by document, the notes of a patient (meta) together, and written into the run "
        "folder",
    )
    parser.add_argument("--seed", type=int, help="default: the recipe's")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help="change the recipe, such as model.encoder.hidden_size=128",
    )
    parser.add_argument(
        "--hold-out-types",
        metavar="A,B",
        default="",
        help="types whose entities training does not see, for `evaluate --episodes`",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="RUN",
        help="start from the weights and vocabularies of this run or model folder; its types need not be the same",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.models import parts_and_settings
    from epicrisis.recipe import load_recipe
    from epicrisis.training import Data, read_start, train

    changes = [*args.changes, *([f"training.seed={args.seed}"] if args.seed is not None else [])]
    recipe = load_recipe(args.recipe, parts_and_settings(), changes)
    report = Report()
    path = corpora.locate(args.corpus, args.data)
    documents, split = read_split(args.corpus, path, args.split, report)
    corpus = corpora.find(args.corpus)
    held_out = _held_out(args.hold_out_types, documents.values())
    about = {
        "corpus": args.corpus,
        "data": str(path.resolve()),
        "split_hash": corpora.split_hash(split),
        "languages": list(corpus.languages),
        "licence": corpus.licence,
        "symmetric": list(corpus.symmetric),
        "problems": [str(problem) for problem in report],
        **({"held_out_types": held_out} if held_out else {}),
    }
    for problem in report:
        print(f"not as expected, the rest is read: {problem}", flush=True)
    sizes = ", ".join(f"{len(ids):,} {part}" for part, ids in split.items())
    print(f"split: {sizes} documents, listed in {args.out / 'split.json'}", flush=True)
    train_part, dev_part = ([without(documents[i], held_out) for i in split[part]] for part in ("train", "dev"))
    data = Data(train_part, dev_part, split, about)
    progress = sys.stdout.isatty()
    train(
        recipe,
        data,
        args.out,
        start=read_start(args.start) if args.start else None,
        resume=args.resume,
        progress=progress,
        say=lambda line: print(line, flush=True),
    )
    return 1 if len(report) else 0


def _held_out(names: str, documents: Iterable[Document]) -> list[str]:
    """Raises UsageError where a type does not occur in the corpus."""
    held_out = sorted({name.strip() for name in names.split(",")} - {""})
    types = {entity.type for document in documents for entity in document.entities} if held_out else set()
    for name in held_out:
        if name not in types:
            raise UsageError(f"--hold-out-types: no type {name!r} in the corpus.{suggestion(name, sorted(types))}")
    return held_out


def read_split(name: str, path: Path, chosen: str | Path | None, report: Report) -> tuple[dict[str, Document], Split]:
    """A corpus's documents by id, and the split to use: the one given, the corpus's own, or one made by document.

    chosen: a file, or the name of a fold that comes with the package

    Raises CorpusError where documents share an id, or the split lacks train or dev or names documents that are not
    there, or the corpus comes in folds and none is named.
    """
    read = [corpora.asserted(document, corpora.find(name)) for document in corpora.read(name, path, report)]
    documents = {document.id: document for document in read}
    if len(documents) < len(read):
        raise CorpusError(f"{path}: {len(read) - len(documents)} documents share their id with another one")
    folds = corpora.folds(name)
    if chosen is not None and (Path(chosen).is_file() or not folds):
        split = corpora.splits.resolved(corpora.splits.parse_split(read_json(Path(chosen)), str(chosen)), read)
        corpora.splits.check_split(split, documents, str(chosen))
    elif chosen is not None:
        split = corpora.load_split(name, read, fold=str(chosen))
    elif folds:
        raise CorpusError(
            f"{name}: its split is {len(folds)} folds; name the one to test on, such as --split {folds[0]}"
        )
    elif corpora.find(name).has_split:
        split = corpora.load_split(name, read)
    else:
        split = _made_split(read)
    refuse_weak_parts(split, read, str(chosen or name))
    for part in ("train", "dev"):
        if not split.get(part):
            raise CorpusError(f"{chosen or name}: the split has no documents for {part!r}")
    return documents, split


def read_json(file: Path) -> Any:
    """Raises CorpusError where the file cannot be read or is no JSON."""
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(f"{file}: it cannot be read as JSON ({type(error).__name__})") from None


def _made_split(documents: list[Document]) -> Split:
    """The parts that the documents say (`meta["split"]`), where each says one and there are train and dev.

    Else one by document, in which the notes of a patient stay together and what is held back as test stays test.
    """
    official = corpora.splits.official_split(documents)
    if {"train", "dev"} <= official.keys() and sum(map(len, official.values())) == len(documents):
        return official
    if len(official.get("test", ())) in (0, len(documents)):
        return corpora.make_split(documents, by=PATIENT)
    rest = [document for document in documents if document.meta.get("split") != "test"]
    parts = {"train": 0.9, "dev": 0.1}
    return {**corpora.make_split(rest, parts=parts, by=PATIENT), "test": official["test"]}
