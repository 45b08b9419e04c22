"""`epicrisis curves`: the loss of every epoch of some runs, as a figure."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "curves",
        help="the loss of every epoch, as a figure",
        description="Draw the loss of every epoch, on train and dev, and the score on dev that decides, of one run or "
        "of several beside each other. A run may still be going on.",
    )
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, as `train`, `tune` and `bench` leave them")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .png, .svg or .pdf file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.benchmark.curves import draw, read_curves

    draw({folder.resolve().name: read_curves(folder) for folder in args.runs}, args.out)
    return 0
