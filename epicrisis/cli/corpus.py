"""`epicrisis corpus`: what corpora there are, what one holds, whether it is sound; converting and splitting.

Every function returns the exit code: 0 done, 1 done but for what is listed on stderr. Errors of the call and of the
files raise EpicrisisError, which the main program shows.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.corpora import checking, counting
from epicrisis.corpora.files import write_text
from epicrisis.corpora.splits import PARTS, parse_split, resolved
from epicrisis.document import Document
from epicrisis.errors import CorpusError


def add_parser(subparsers: Any) -> None:
    """Adds `corpus` and its five commands; each sets `run`, a function of the parsed arguments."""
    parser = subparsers.add_parser("corpus", help="list, measure, check, convert and split corpora")
    commands = parser.add_subparsers(dest="corpus_command", metavar="COMMAND", required=True)

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
        added.add_argument("--json", action="store_true", help="print JSON instead of tables")
        added.set_defaults(run=run)
        return added

    def data(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--data", type=Path, metavar="DIR", help=f"the corpus's files; without it, ${corpora.reading.VARIABLE}"
        )

    command("list", run_list, "the corpora and formats that can be read")
    for name, run, help in (
        ("stats", run_stats, "documents, tokens, mentions per type and part, relations, lengths"),
        ("check", run_check, "offsets, published counts, duplicates, leakage between parts"),
    ):
        added = command(name, run, help)
        added.add_argument("corpus", help="a name that `corpus list` shows")
        data(added)
        added.add_argument("--split", type=Path, metavar="FILE", help="a split list instead of the package's own")
        if name == "check":
            added.add_argument(
                "--against", metavar="NAME", help="count what this one shares with another corpus, in $EPICRISIS_DATA"
            )
    added = command("convert", run_convert, "from one format to another")
    added.add_argument("source", metavar="FROM", help="the format or corpus to read")
    added.add_argument("target", metavar="TO", help="the format to write")
    data(added)
    added.add_argument("--out", type=Path, required=True, metavar="OUT", help="folder, or file for jsonl")
    added.add_argument(
        "--weak", action="store_true", help="guess the sentiment of documents that lack one, by a list of words"
    )
    added = command("split", run_split, "a split by document, near-duplicates on one side")
    added.add_argument("corpus", help="a name that `corpus list` shows")
    data(added)
    added.add_argument("--out", type=Path, metavar="FILE", help="where the list goes; without it, to stdout")
    added.add_argument("--parts", type=_parts, default=dict(PARTS), metavar="NAME=SHARE,...", help="default: 8:1:1")
    added.add_argument("--seed", type=int, default=1, help="default: 1")
    added.add_argument(
        "--by", default="", metavar="KEY", help="a key of meta, such as pmid: documents with its value on one side"
    )


def run_list(args: argparse.Namespace) -> int:
    rows = [
        {
            "name": corpus.name,
            "title": corpus.title,
            "languages": list(corpus.languages),
            "licence": corpus.licence,
            "writes": corpus.write is not None,
            "split": corpus.has_split,
            "counts": dict(corpus.counts),
            "where": corpus.where,
        }
        for corpus in corpora.CORPORA.values()
    ]
    if args.json:
        _print_json(rows)
        return 0
    columns = ("name", "title", "languages", "writes", "split", "licence", "where")
    _print_table("", columns, [[_cell(row[column]) for column in columns] for row in rows])
    return 0


def run_stats(args: argparse.Namespace) -> int:
    documents, report = _read(args.corpus, args.data)
    parts = counting.parts_of(documents, _split(args, documents))
    result = counting.statistics_of(documents, parts)
    if args.json:
        _print_json({"corpus": args.corpus, **result, "problems": [str(problem) for problem in report]})
        return _listed([str(problem) for problem in report])
    held = result["parts"]
    whole = held[counting.WHOLE]
    rows = [[name, *(f"{held[part][name]:,}" for part in held)] for name in whole if whole[name]]
    _print_table(args.corpus, ("", *held), rows)
    for title, key in (
        ("type", "types"),
        ("relation", "relation_types"),
        ("attribute", "attributes"),
        ("label", "labels"),
    ):
        if result[key]:
            rows = [[name, *(f"{numbers[part]:,}" for part in held)] for name, numbers in result[key].items()]
            _print_table("", (title, *held), rows)
    spreads = {name: spread for name, spread in result["lengths"].items() if spread}
    rows = [[name, *(f"{spread[key]:,g}" for key in ("least", "median", "most"))] for name, spread in spreads.items()]
    _print_table("", ("length", "least", "median", "most"), rows)
    if result["overlaps"]:
        _print_table("", ("mentions", "number"), [[name, f"{n:,}"] for name, n in result["overlaps"].items()])
    return _listed([str(problem) for problem in report])


def run_check(args: argparse.Namespace) -> int:
    documents, report = _read(args.corpus, args.data)
    findings = checking.check(corpora.find(args.corpus), documents, report, _split(args, documents))
    facts = dict(findings.facts)
    if args.against:
        common = checking.shared(documents, _read(args.against, None)[0])
        facts |= {f"{what} in common with {args.against}": number for what, number in common.items()}
    if args.json:
        _print_json({"corpus": args.corpus, "wrong": list(findings.wrong), "facts": facts})
    else:
        _print_table(args.corpus, ("fact", "number"), [[name, f"{n:,}"] for name, n in facts.items() if n])
        print(f"{len(documents):,} documents checked, {len(findings.wrong):,} things wrong")
    return _listed(findings.wrong)


def run_convert(args: argparse.Namespace) -> int:
    target = corpora.find(args.target)
    if target.write is None:
        writable = ", ".join(name for name, corpus in corpora.CORPORA.items() if corpus.write)
        raise CorpusError(f"{args.target} can be read only. There are to write: {writable}.")
    path = corpora.locate(args.source, args.data)
    if args.out.resolve() == path.resolve():
        raise CorpusError(f"--out {args.out} is what is read; the files would be replaced while they are read")
    report = corpora.Report()
    number = 0
    guess = _guess() if args.weak else None

    def counted() -> Any:
        nonlocal number
        for document in corpora.read(args.source, path, report):
            number += 1
            yield guess.annotate(document) if guess else document

    lost = target.write(counted(), args.out)
    problems = [str(problem) for problem in report]
    if args.json:
        made = {"weak": dict(guess.counts)} if guess else {}
        _print_json({"documents": number, "out": str(args.out), "lost": dict(lost), **made, "problems": problems})
        return _listed(problems)
    print(f"{number:,} documents from {args.source} to {args.target}: {args.out}")
    if guess:
        rows = [[name, f"{n:,}"] for name, n in sorted(guess.counts.items())]
        _print_table("", ("sentiments guessed by a list of words: weak, never scored with", "number"), rows)
    if lost:
        title = f"what {args.target} cannot hold"
        _print_table("", (title, "number"), [[name, f"{n:,}"] for name, n in sorted(lost.items())])
    return _listed(problems)


def run_split(args: argparse.Namespace) -> int:
    documents, report = _read(args.corpus, args.data)
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
        _print_table(str(args.out), ("part", "documents", "tokens", "entities"), rows)
    return _listed([str(problem) for problem in report])


def _guess() -> Any:
    from epicrisis.rules.polarity import Polarity

    return Polarity()


def _read(name: str, data: Path | None) -> tuple[list[Document], corpora.Report]:
    report = corpora.Report()
    return list(corpora.read(name, corpora.locate(name, data), report)), report


def _split(args: argparse.Namespace, documents: Sequence[Document]) -> corpora.Split | None:
    if args.split is None:
        own = corpora.find(args.corpus).has_split
        return corpora.load_split(args.corpus, documents, strict=False) if own else None
    try:
        return resolved(parse_split(json.loads(args.split.read_text("utf-8")), str(args.split)), documents)
    except (OSError, ValueError) as error:
        raise CorpusError(f"{args.split}: no split list that can be read ({type(error).__name__})") from error


def _parts(value: str) -> dict[str, float]:
    try:
        pairs = [part.split("=") for part in value.split(",")]
        parts = {name.strip(): float(share) for name, share in pairs}
    except ValueError:
        parts = {}
    if len(parts) < len(value.split(",")) or not all(0 <= share < 1e9 for share in parts.values()):
        raise argparse.ArgumentTypeError(f"{value!r} is not of the form train=0.8,dev=0.1,test=0.1")
    return parts


def _listed(wrong: Sequence[str]) -> int:
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _print_json(data: Any) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return ", ".join(value) if isinstance(value, list) else str(value)


def _print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Numbers to the right. In a log, where nobody scrolls sideways, a line may be as long as it needs."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        numbers = index > 0 and all(row[index][:1].isdigit() for row in rows)
        table.add_column(column, justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else 240, highlight=False).print(table)
