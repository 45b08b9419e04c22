"""`epicrisis pretrain words`: word vectors from plain text, for `words: {vectors: FOLDER}` in a recipe."""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "pretrain", help="word vectors from plain text", description="Learn from plain text."
    )
    commands = parser.add_subparsers(dest="pretrain_command", metavar="WHAT", required=True)
    words = commands.add_parser("words", help="word vectors (skip-gram)")
    words.add_argument("texts", nargs="+", help="text files, folders of *.txt, .jsonl files")
    words.add_argument("--out", type=Path, required=True, help="the folder to make")
    words.add_argument(
        "--corpus",
        help="the corpus that the vectors are for: its train part is read, too, and texts "
        "like its dev and test part are left out",
    )
    words.add_argument("--data", type=Path, help="the corpus's files; default: its folder in $EPICRISIS_DATA")
    words.add_argument(
        "--lexicon",
        type=Path,
        help="a word a line, what follows a TAB is ignored: vectors for these words, too, beside those of the tokens "
        "(single characters of Chinese)",
    )
    words.add_argument("--size", type=int, default=200)
    words.add_argument("--window", type=int, default=5)
    words.add_argument("--epochs", type=int, default=8)
    words.add_argument("--at-least", type=int, default=3, help="how often a word must occur")
    words.add_argument("--seed", type=int, default=1)
    words.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.cli.train import read_split
    from epicrisis.encoding.vectors import write_vectors
    from epicrisis.training.lexicon import read_lexicon
    from epicrisis.training.vectors import VectorSettings, train_vectors

    if args.out.exists():
        raise CorpusError(f"{args.out}: this exists already; give another --out")
    lexicon, left_out = read_lexicon(args.lexicon) if args.lexicon else (None, Counter[str]())
    report = Report()
    own: list[Document] = []
    held_out: list[Document] = []
    if args.corpus:
        documents, split = read_split(args.corpus, corpora.locate(args.corpus, args.data), None, report)
        own = [documents[i] for i in split["train"]]
        held_out = [documents[i] for part, ids in split.items() if part != "train" for i in ids]
    settings = VectorSettings(
        size=args.size, window=args.window, epochs=args.epochs, at_least=args.at_least, seed=args.seed
    )
    vectors, counts = train_vectors(_texts(args.texts, report), own, held_out, settings, lexicon)
    write_vectors(vectors, args.out)
    for what, count in (left_out + counts).items():
        print(f"{what}: {count:,}")
    for problem in report:
        print(f"not as expected, the rest is read: {problem}")
    print(f"{len(vectors.words):,} vectors of {vectors.matrix.shape[1]} numbers: {args.out}")
    return 1 if len(report) else 0


def _texts(places: list[str], report: Report) -> Iterator[Document]:
    for place in places:
        yield from corpora.read("jsonl" if place.endswith(".jsonl") else "text", place, report)
