"""`corpus agree`: how far two annotators of the same notes agree, by type."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from epicrisis import corpora
from epicrisis.cli.corpus.common import listed
from epicrisis.cli.printing import print_json, print_table
from epicrisis.document import Document
from epicrisis.errors import CorpusError

if TYPE_CHECKING:
    from epicrisis.evaluation import TypeAgreement

HELP = "two annotations of the same notes: agreement by type, as F1 of mentions and kappa of tokens"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=Path, metavar="A", help="the files of one annotator")
    parser.add_argument("second", type=Path, metavar="B", help="those of the other, with the same ids")
    parser.add_argument("--format", default="brat", help="a name that `corpus list` shows; default: brat")
    parser.add_argument("--symmetric", default="", metavar="A,B", help="types of relation that have no direction")


def run(args: argparse.Namespace) -> int:
    from epicrisis.evaluation import agreement

    report = corpora.Report()
    first, second = (_by_id(args.format, path, report) for path in (args.first, args.second))
    for path, there, other in ((args.first, first, second), (args.second, second, first)):
        for id in sorted(other.keys() - there.keys()):
            report.add(str(path), None, f"there is no document {id!r}, as the other annotator has")
    common = sorted(first.keys() & second.keys())
    differing = [id for id in common if first[id].text != second[id].text]
    for id in differing:
        report.add(str(args.second), None, f"document {id!r} has another text than the first annotator's; left out")
    common = [id for id in common if id not in set(differing)]
    if not common:
        raise CorpusError(f"{args.first} and {args.second} have no document of one id and text in common")
    symmetric = {*filter(None, (name.strip() for name in args.symmetric.split(",")))}
    found = agreement([first[id] for id in common], [second[id] for id in common], symmetric=symmetric)
    if args.json:
        print_json({**found.to_dict(), "problems": [str(problem) for problem in report]})
        return listed(report)
    _print("type", {"all": found.all, **found.types})
    if found.relations:
        _print("relation", found.relations)
    print(f"{found.documents:,} documents of {found.tokens:,} tokens compared")
    return listed(report)


def _by_id(name: str, path: Path, report: corpora.Report) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for document in corpora.read(name, path, report):
        if document.id in documents:
            report.add(str(path), None, f"document id {document.id!r} stands twice; the first was compared")
        documents.setdefault(document.id, document)
    return documents


def _print(title: str, rows: Mapping[str, "TypeAgreement"]) -> None:
    columns = (title, "both", "only A", "only B", "F1", "F1 boundary", "kappa")
    print_table(
        "",
        columns,
        [
            [
                name,
                *(f"{number:,}" for number in (row.both, row.only_first, row.only_second)),
                f"{row.f1:.3f}",
                f"{row.boundary_f1:.3f}",
                "" if row.kappa is None else f"{row.kappa:.3f}",
            ]
            for name, row in rows.items()
        ],
    )
