"""`corpus list`: the corpora and formats that there are, what each holds, its licence, where to get it."""

import argparse
from typing import Any

from epicrisis import corpora
from epicrisis.cli.printing import print_json, print_table
from epicrisis.corpora.writers import WRITERS, find_writer

HELP = "the corpora and formats that can be read and written: what they hold, licence, where to get them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="all that is known of these: source, terms, files")


def run(args: argparse.Namespace) -> int:
    names = args.names or dict.fromkeys([*corpora.CORPORA, *WRITERS])
    rows = [_row(name) for name in names]
    if args.json:
        print_json(rows)
    elif args.names:
        print("\n\n".join(f"{row['name']}\n\n{row['about']}" for row in rows))
    else:
        formats = [row for row in rows if not row["licence"]]
        cells = [[row["name"], "yes" * row["reads"], "yes" * row["writes"], row["title"]] for row in formats]
        print_table("", ("format", "reads", "writes", "what it is"), cells)
        named = [[row["name"], _described(row)] for row in rows if row["licence"]]
        print_table("", ("corpus", "what it is; what it holds; terms, and where to get it"), named)
    return 0


def _row(name: str) -> dict[str, Any]:
    """Raises CorpusError where there is no such name."""
    corpus = None if name in WRITERS and name not in corpora.CORPORA else corpora.find(name)
    module = corpora.CORPORA.module(name) if corpus else WRITERS.module(name)
    return {
        "name": name,
        "title": corpus.title if corpus else find_writer(name).title,
        "languages": list(corpus.languages) if corpus else [],
        "licence": corpus.licence if corpus else "",
        "reads": corpus is not None,
        "writes": name in WRITERS,
        "split": corpus is not None and corpus.has_split,
        "counts": dict(corpus.counts) if corpus else {},
        "types": dict(corpus.types) if corpus else {},
        "reported": dict(corpus.reported) if corpus else {},
        "citation": corpus.citation if corpus else "",
        "where": corpus.where if corpus else "",
        "about": (module.__doc__ or "").strip(),
    }


def _described(row: dict[str, Any]) -> str:
    holds = [f"{number:,} {name}" for name, number in row["counts"].items() if number]
    holds += [f"{number:,} {name} reported" for name, number in row["reported"].items()]
    holds += ["with a split"] if row["split"] else []
    return "\n".join(filter(None, (row["title"], ", ".join(holds), f"{row['licence']}: {row['where']}")))
