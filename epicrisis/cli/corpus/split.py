"""`corpus split`: a split by document, near-duplicates on one side, written down as a list of ids."""

import argparse
import json
import sys
from pathlib import Path

from epicrisis import corpora
from epicrisis.cli.corpus.common import add_corpus, listed, read
from epicrisis.cli.printing import print_table
from epicrisis.corpora import counting
from epicrisis.corpora.files import write_text
from epicrisis.corpora.splits import PARTS

HELP = "a split by document, near-duplicates on one side"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_corpus(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the list goes; without it, to stdout")
    parser.add_argument("--parts", type=_parts, default=dict(PARTS), metavar="NAME=SHARE,...", help="default: 8:1:1")
    parser.add_argument("--seed", type=int, default=1, help="default: 1")
    parser.add_argument(
        "--by", default="", metavar="KEY", help="a key of meta, such as pmid: documents with its value on one side"
    )


def run(args: argparse.Namespace) -> int:
    documents, report = read(args.corpus, args.data)
    split = corpora.make_split(documents, parts=args.parts, seed=args.seed, by=args.by)
    shares = ", ".join(f"{name} {share:g}" for name, share in args.parts.items())
    groups = corpora.near_duplicates(documents)
    unit = f"by document, those of one {args.by} together" if args.by else "by document"
    rule = f"{unit}, near-duplicates on one side ({len(groups)} groups), types in proportion; {shares}"
    made = {"corpus": args.corpus, "rule": rule, "seed": args.seed, "hash": corpora.split_hash(split), **split}
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if args.out is not None:
        write_text(args.out, text)
    if args.json or args.out is None:
        sys.stdout.write(text)
    else:
        parts = counting.parts_of(documents, split)
        held = counting.statistics_of(documents, parts)["parts"]
        rows = [[part, *(f"{held[part][key]:,}" for key in ("documents", "tokens", "entities"))] for part in held]
        print_table(str(args.out), ("part", "documents", "tokens", "entities"), rows)
    return listed(report)


def _parts(value: str) -> dict[str, float]:
    try:
        pairs = [part.split("=") for part in value.split(",")]
        parts = {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        parts = {}
    if len(parts) < len(value.split(",")) or not all(0 <= share < 1e9 for share in parts.values()):
        raise argparse.ArgumentTypeError(f"{value!r} is not of the form train=0.8,dev=0.1,test=0.1")
    return parts
