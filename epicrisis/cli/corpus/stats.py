"""`corpus stats`: documents, tokens, mentions per type and part, relations, lengths; as tables, JSON and figures."""

import argparse
from pathlib import Path

from epicrisis.cli.corpus.common import add_corpus, add_split, listed, read, split_of
from epicrisis.cli.printing import print_json, print_table
from epicrisis.corpora import counting

HELP = "documents, tokens, mentions per type and part, relations, lengths; figures of them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_corpus(parser)
    add_split(parser)
    parser.add_argument(
        "--figures",
        type=Path,
        metavar="DIR",
        help="draw histograms of types and lengths and a word cloud a type there, as PNG",
    )


def run(args: argparse.Namespace) -> int:
    documents, report = read(args.corpus, args.data)
    parts = counting.parts_of(documents, split_of(args.corpus, args.split, documents))
    result = counting.statistics_of(documents, parts)
    figures = []
    if args.figures is not None:
        from epicrisis.corpora.figures import draw

        figures = draw(documents, result, args.figures)
    if args.json:
        data = {"corpus": args.corpus, **result, "problems": [str(problem) for problem in report]}
        print_json({**data, "figures": [str(file) for file in figures]} if args.figures else data)
        return listed(report)
    held = result["parts"]
    whole = held[counting.WHOLE]
    rows = [[name, *(f"{held[part][name]:,}" for part in held)] for name in whole if whole[name]]
    print_table(args.corpus, ("", *held), rows)
    tables = {"type": "types", "relation": "relation_types", "attribute": "attributes", "label": "labels"}
    for title, key in tables.items():
        if result[key]:
            rows = [[name, *(f"{numbers[part]:,}" for part in held)] for name, numbers in result[key].items()]
            print_table("", (title, *held), rows)
    spreads = {name: spread for name, spread in result["lengths"].items() if spread}
    rows = [[name, *(f"{spread[key]:,g}" for key in ("least", "median", "most"))] for name, spread in spreads.items()]
    print_table("", ("length", "least", "median", "most"), rows)
    if any(result["overlaps"].values()):
        rows = [[counting.OVERLAPS[name], f"{n:,}"] for name, n in result["overlaps"].items() if n]
        print_table("", ("what one row of tags cannot hold", "number"), rows)
    for file in figures:
        print(file)
    return listed(report)
