"""`corpus check`: offsets, published counts, duplicates, leakage between parts and between corpora."""

import argparse
from pathlib import Path

from epicrisis import corpora
from epicrisis.cli.corpus.common import add_corpus, add_split, listed, read, split_of
from epicrisis.cli.printing import print_json, print_table
from epicrisis.corpora import checking

HELP = "offsets, published counts, duplicates, leakage between parts and between corpora"
FIRST = 5
"""Ids that are shown of what two corpora share."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_corpus(parser)
    add_split(parser)
    parser.add_argument("--against", metavar="NAME", help="another corpus that must not share texts with this one")
    parser.add_argument(
        "--against-data", type=Path, metavar="DIR", help=f"its files; without it, ${corpora.reading.VARIABLE}"
    )


def run(args: argparse.Namespace) -> int:
    documents, report = read(args.corpus, args.data)
    split = split_of(args.corpus, args.split, documents)
    findings = checking.check(corpora.find(args.corpus), documents, report, split)
    facts, wrong = dict(findings.facts), list(findings.wrong)
    if args.against:
        other, problems = read(args.against, args.against_data)
        wrong += [str(problem) for problem in problems]
        for what, ids in checking.shared(documents, other).items():
            facts[f"{what} in common with {args.against}"] = len(ids)
            if ids:
                shown = ", ".join(ids[:FIRST]) + (", ..." if len(ids) > FIRST else "")
                wrong.append(f"{args.corpus} and {args.against} have {len(ids):,} {what} in common: {shown}")
    if args.json:
        print_json({"corpus": args.corpus, "wrong": wrong, "facts": facts})
    else:
        print_table(args.corpus, ("fact", "number"), [[name, f"{n:,}"] for name, n in facts.items() if n])
        print(f"{len(documents):,} documents checked, {len(wrong):,} things wrong")
    return listed(wrong)
