"""`corpus convert`: from any format that can be read to any that can be written; what it cannot hold is counted."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from epicrisis import corpora
from epicrisis.cli.corpus.common import add_data, listed
from epicrisis.cli.printing import print_json, print_table
from epicrisis.corpora.writers import find_writer
from epicrisis.document import Document
from epicrisis.errors import CorpusError

if TYPE_CHECKING:
    from epicrisis.rules.polarity import Polarity

HELP = "from one format to another"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="the format or corpus to read")
    parser.add_argument("target", metavar="TO", help="the format to write")
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="a folder, or a file of such formats")
    parser.add_argument(
        "--weak", action="store_true", help="guess the sentiment of documents that lack one, by a list of words"
    )


def run(args: argparse.Namespace) -> int:
    target = find_writer(args.target)
    path = corpora.locate(args.source, args.data)
    if args.out.resolve() == path.resolve():
        raise CorpusError(f"--out {args.out} is what is read; the files would be replaced while they are read")
    report = corpora.Report()
    number = rewritten = 0
    guess = _guess() if args.weak else None

    def counted() -> Iterator[Document]:
        nonlocal number, rewritten
        for document in corpora.read(args.source, path, report):
            number += 1
            if target.asserts:
                said = corpora.asserted(document, corpora.find(args.source))
                pairs = zip(document.entities, said.entities, strict=True)
                rewritten += sum(before.attributes != after.attributes for before, after in pairs)
                document = said
            yield guess.annotate(document) if guess else document

    lost = target.write(counted(), args.out)
    if rewritten:
        lost["entities whose attributes were rewritten as assertion"] = rewritten
    if args.json:
        problems = [str(problem) for problem in report]
        made = {"weak": dict(guess.counts)} if guess else {}
        print_json({"documents": number, "out": str(args.out), "lost": dict(lost), **made, "problems": problems})
        return listed(report)
    print(f"{number:,} documents from {args.source} to {args.target}: {args.out}")
    if guess:
        rows = [[name, f"{n:,}"] for name, n in sorted(guess.counts.items())]
        print_table("", ("sentiments guessed by a list of words: weak, never scored with", "number"), rows)
    if lost:
        title = f"what {args.target} cannot hold"
        print_table("", (title, "number"), [[name, f"{n:,}"] for name, n in sorted(lost.items())])
    else:
        print("nothing was lost")
    return listed(report)


def _guess() -> "Polarity":
    from epicrisis.rules.polarity import Polarity

    return Polarity()
