"""`epicrisis tune`: settings of a recipe, tried and chosen on dev."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import Report
from epicrisis.errors import UsageError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "tune",
        help="the settings of a recipe that are best on dev",
        description="Train a recipe with one setting after the other and keep the best on dev. Test is not looked at.",
    )
    parser.add_argument("recipe", help="a name that `epicrisis models recipes` shows, or a .yaml file")
    parser.add_argument("--corpus", required=True, help="a name that `epicrisis corpus list` shows")
    parser.add_argument("--data", type=Path, help="the corpus's files; default: its folder in $EPICRISIS_DATA")
    parser.add_argument("--out", type=Path, required=True, help="the folder of trials to make")
    parser.add_argument("--split", metavar="FILE|FOLD", help="as of `epicrisis train`")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="for all trials"
    )
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="KEY=VALUES",
        help="what is tried: KEY=a,b,c or KEY=low..high, with :log behind for orders of magnitude; default: the rate, "
        "the batch and the encoder's hidden size, around the recipe's own",
    )
    parser.add_argument(
        "--method", choices=("tpe", "grid"), default="tpe", help="default: tpe, which learns from trials"
    )
    parser.add_argument("--trials", type=int, default=20, help="of tpe; a grid tries all values, of ranges three")
    parser.add_argument("--seed", type=int, help="of the trials' training and of their choice; default: the recipe's")
    parser.add_argument("--resume", action="store_true", help="go on with the search in --out")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.cli.train import read_split
    from epicrisis.models import parts_and_settings
    from epicrisis.recipe import load_recipe
    from epicrisis.training import Data
    from epicrisis.training.tuning import changes_of, parse_vary, tune

    if args.trials < 1:
        raise UsageError("--trials: at least 1 is expected")
    parts = parts_and_settings()
    fixed = [*args.changes, *([f"training.seed={args.seed}"] if args.seed is not None else [])]

    def make(changes: Sequence[str]) -> Any:
        return load_recipe(args.recipe, parts, [*fixed, *changes])

    recipe = make([])
    space = parse_vary(args.vary or usual(recipe))
    report = Report()
    path = corpora.locate(args.corpus, args.data)
    documents, split = read_split(args.corpus, path, args.split, report)
    corpus = corpora.find(args.corpus)
    about = {
        "corpus": args.corpus,
        "data": str(path.resolve()),
        "split_hash": corpora.split_hash(split),
        "languages": list(corpus.languages),
        "licence": corpus.licence,
        "symmetric": list(corpus.symmetric),
    }
    for problem in report:
        print(f"not as expected, the rest is read: {problem}", flush=True)
    data = Data([documents[i] for i in split["train"]], [documents[i] for i in split["dev"]], split, about)
    best = tune(
        make,
        space,
        data,
        args.out,
        trials=args.trials,
        method=args.method,
        seed=recipe.training.seed,
        resume=args.resume,
        say=lambda line: print(line, flush=True),
    )
    print(f"best on dev: {best['score']:.4f} with {' '.join(changes_of(best['settings']))}: {args.out / 'best.yaml'}")
    return 1 if len(report) else 0


def usual(recipe: Any) -> list[str]:
    """The rate, the batch and the hidden size, around those of the recipe; of a linear one, n-grams and weights."""
    if recipe.task == "linear":
        return [
            "model.linear.words=1,2,3",
            "model.linear.characters=0,4,6",
            "training.class_weights=none,root,balanced",
        ]
    training = recipe.training
    rate = "pretrained_rate" if training.optimizer.pretrained_rate else "rate"
    height = getattr(training.optimizer, rate)
    tokens = training.batch_tokens
    space = [
        f"training.optimizer.{rate}={height / 5:g}..{height * 5:g}:log",
        f"training.batch_tokens={tokens // 2},{tokens},{2 * tokens}",
    ]
    if size := recipe.encoder.settings.get("hidden_size"):
        space.append(f"model.encoder.hidden_size={max(1, size // 2)},{size},{2 * size}")
    return space
