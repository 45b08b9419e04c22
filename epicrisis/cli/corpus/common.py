"""What the commands of `epicrisis corpus` share: arguments, reading with a report, lists of what is wrong."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from epicrisis import corpora
from epicrisis.corpora.splits import parse_split, resolved
from epicrisis.document import Document
from epicrisis.errors import CorpusError


def add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", help="a name that `corpus list` shows")
    add_data(parser)


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=f"the corpus's files; without it, ${corpora.reading.VARIABLE}"
    )


def add_split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--split", type=Path, metavar="FILE", help="a split list instead of the package's own")


def read(name: str, data: Path | None) -> tuple[list[Document], corpora.Report]:
    """Every document that can be read, and the problems."""
    report = corpora.Report()
    return list(corpora.read(name, corpora.locate(name, data), report)), report


def split_of(name: str, file: Path | None, documents: Sequence[Document]) -> corpora.Split | None:
    """The split of a file, else the corpus's own, else None. Raises CorpusError where the file holds none."""
    if file is None:
        own = corpora.find(name).has_split
        return corpora.load_split(name, documents, strict=False) if own else None
    try:
        return resolved(parse_split(json.loads(file.read_text("utf-8")), str(file)), documents)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{file}: no split list that can be read ({type(error).__name__})") from error


def listed(wrong: Iterable[object]) -> int:
    """What is wrong, a line each on stderr; the exit code that this means."""
    code = 0
    for line in wrong:
        print(line, file=sys.stderr)
        code = 1
    return code
