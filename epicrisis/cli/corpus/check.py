"""`corpus check`: offsets, published counts, duplicates, leakage between parts and between corpora."""

import argparse

from epicrisis import corpora
from epicrisis.cli.corpus.common import add_corpus, add_split, listed, print_json, print_table, read, split_of
from epicrisis.corpora import checking

HELP = "offsets, published counts, duplicates, leakage between parts and between corpora"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_corpus(parser)
    add_split(parser)
    parser.add_argument(
        "--against", metavar="NAME", help="count what this one shares with another corpus, in $EPICRISIS_DATA"
    )


def run(args: argparse.Namespace) -> int:
    documents, report = read(args.corpus, args.data)
    split = split_of(args.corpus, args.split, documents)
    findings = checking.check(corpora.find(args.corpus), documents, report, split)
    facts = dict(findings.facts)
    if args.against:
        common = checking.shared(documents, read(args.against, None)[0])
        facts |= {f"{what} in common with {args.against}": number for what, number in common.items()}
    if args.json:
        print_json({"corpus": args.corpus, "wrong": list(findings.wrong), "facts": facts})
    else:
        print_table(args.corpus, ("fact", "number"), [[name, f"{n:,}"] for name, n in facts.items() if n])
        print(f"{len(documents):,} documents checked, {len(findings.wrong):,} things wrong")
    return listed(findings.wrong)
