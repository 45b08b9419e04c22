"""`corpus list`: the corpora and formats that there are, what each holds, its licence, where to get it."""

import argparse

from epicrisis import corpora
from epicrisis.cli.corpus.common import print_json, print_table
from epicrisis.corpora.writers import WRITERS

HELP = "the corpora and formats that can be read and written: what they hold, licence, where to get them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    rows = []
    for name in dict.fromkeys([*corpora.CORPORA, *WRITERS]):
        corpus = corpora.CORPORA.get(name)
        rows.append(
            {
                "name": name,
                "title": WRITERS[name].title if corpus is None else corpus.title,
                "languages": list(corpus.languages) if corpus else [],
                "licence": corpus.licence if corpus else "",
                "reads": corpus is not None,
                "writes": name in WRITERS,
                "split": corpus is not None and corpus.has_split,
                "counts": dict(corpus.counts) if corpus else {},
                "types": dict(corpus.types) if corpus else {},
                "citation": corpus.citation if corpus else "",
                "where": corpus.where if corpus else "",
            }
        )
    if args.json:
        print_json(rows)
        return 0
    columns = ("name", "title", "languages", "reads", "writes", "split", "counts", "licence", "where")
    print_table(
        "",
        ("name", "title", "languages", "reads", "writes", "split", "holds", "licence", "where"),
        [[_cell(row[column]) for column in columns] for row in rows],
    )
    return 0


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, dict):
        return ", ".join(f"{number:,} {name}" for name, number in value.items() if number)
    return ", ".join(value) if isinstance(value, list) else str(value)
