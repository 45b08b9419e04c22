"""`epicrisis evaluate`: how a model scores on a corpus."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epicrisis import corpora
from epicrisis.cli.train import read_json, read_split
from epicrisis.corpora import Report
from epicrisis.corpora.labels import refuse_weak
from epicrisis.decoding import make_codec
from epicrisis.document import Document
from epicrisis.errors import CorpusError, UsageError
from epicrisis.evaluation import (
    SCHEMES,
    Counts,
    LinkScores,
    Scores,
    StructureScores,
    bootstrap,
    calibration_errors,
    compare,
    evaluate_structure,
    evaluate_tagger,
    without,
)

if TYPE_CHECKING:
    from rich.table import Table

    from epicrisis.runtime import Annotator

MEASURES = ("strict", "boundary", "partial", "type")
ALL = "all"
"""In the place of a part's name: every document."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "evaluate",
        help="a model's scores on a corpus",
        description="Score a model's entities, or its labels of whole texts, against gold ones.",
    )
    parser.add_argument("model", help="a training run, a model folder, or the name of a shipped model")
    parser.add_argument("--corpus", help="default: that of the training run")
    parser.add_argument("--data", type=Path, help="the corpus's files; default: those of the run, or $EPICRISIS_DATA")
    parser.add_argument("--split", default="dev", help="the part to score: dev, test, train, or all; default: dev")
    parser.add_argument(
        "--split-file",
        metavar="FILE|FOLD",
        help="a JSON file of ids, or a fold of the corpus, such as fold-0; default: those of the run or the corpus",
    )
    parser.add_argument(
        "--scheme", choices=SCHEMES, help="score by these rules, too; default: the official ones of the corpus, if any"
    )
    parser.add_argument(
        "--precision",
        type=float,
        metavar="SHARE",
        help="score only what is so sure that this share of it was right on the model's dev part: 0.8, 0.9 or 0.95",
    )
    parser.add_argument("--against", metavar="MODEL", help="another model: is the first one better, or only luckier?")
    parser.add_argument(
        "--episodes",
        type=int,
        metavar="N",
        help="score types that the run held out of training, each time by a few other examples",
    )
    parser.add_argument("--ways", type=int, help="with --episodes: how many of those types at a time; default: all")
    parser.add_argument("--shots", type=int, default=5, help="with --episodes: examples of each at least; default: 5")
    parser.add_argument("--seed", type=int, default=1, help="with --episodes: of the examples; default: 1")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--per-document", action="store_true", help="with --json: the scores of each document, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.runtime import Classifier, load, load_annotator, load_classifier, precise

    for option in ("episodes", "ways", "shots"):
        if (given := getattr(args, option)) is not None and given < 1:
            raise UsageError(f"--{option}: at least 1 is expected")
    model = load(args.model)
    if args.precision is not None and (isinstance(model, Classifier) or args.episodes is not None):
        raise UsageError("--precision: it was measured for entities and relations of the types that a model learned")
    corpus, path, file = source(args)
    held_out = _about_run(args.model).get("held_out_types", [])
    if args.episodes is not None and not held_out:
        raise UsageError(f"{args.model}: episodes need a training run that held types out: train --hold-out-types")
    report = Report()
    gold, digest = gold_documents(corpus, path, args.split, file, report)
    refuse_weak(gold, corpus)
    if not gold:
        raise CorpusError(f"{corpus}: there is no document to score in {args.split!r}")
    if isinstance(model, Classifier):
        from epicrisis.cli.evaluate_labels import evaluate_classifier

        header = {"model": model.name, "corpus": corpus, "split": args.split, "split_hash": digest}
        header["problems"] = [str(problem) for problem in report]
        against = load_classifier(args.against) if args.against else None
        evaluate_classifier(model, gold, header, against=against, as_json=args.json, per_document=args.per_document)
        return 1 if len(report) else 0
    annotator = model
    if args.episodes is not None:
        from epicrisis.cli.evaluate_episodes import evaluate_episodes, show_episodes

        few = {"model": annotator.name, "corpus": corpus, "split": args.split, "split_hash": digest}
        show_episodes({**few, **evaluate_episodes(args, annotator, gold, held_out)}, args.json)
        return 1 if len(report) else 0
    gold = [without(document, held_out) for document in gold]

    def found(by: "Annotator", *, given: bool = False) -> list[Document]:
        every = by.pipe(gold, given=given)
        return list(every) if args.precision is None else [precise(one, by, args.precision) for one in every]

    predicted = found(annotator)
    codec = make_codec(annotator.about["decoder"], annotator.about["types"])
    scores = evaluate_tagger(gold, predicted, codec, annotator.rule)
    about = corpora.find(corpus)
    given = found(annotator, given=True) if annotator.relater else None
    structure = evaluate_structure(gold, predicted, given_gold=given, symmetric=about.symmetric)
    scheme = args.scheme or about.scheme
    by_scheme = _by_scheme(scheme, gold, predicted, given, args.per_document) if scheme else None
    interval = bootstrap(scores.counts())
    result = {
        "model": annotator.name,
        "corpus": corpus,
        "split": args.split,
        "split_hash": digest,
        **scores.to_dict(per_document=args.per_document),
        **structure.to_dict(per_document=args.per_document),
        **({"scheme": by_scheme} if by_scheme else {}),
        "strict_f1_interval": {"low": interval.low, "high": interval.high, "level": interval.level},
        "calibration_error": calibration_errors(
            gold, predicted, symmetric=about.symmetric, attributes=annotator.attributes
        ),
        "problems": [str(problem) for problem in report],
        **({"held_out_types": held_out} if held_out else {}),
    }
    if args.against:
        other = load_annotator(args.against)
        theirs = found(other), found(other, given=True) if other.relater else None
        compared = compare(gold, (predicted, given), theirs, symmetric=about.symmetric)
        result["against"] = {"model": other.name, **{what: asdict(one) for what, one in compared.items()}}
    if args.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        for problem in report:
            print(f"epicrisis: {problem}", file=sys.stderr)
        _print(scores, result)
        _print_structure(structure, predicted)
        if by_scheme:
            told = ", given gold's entities" if by_scheme["given_gold_entities"] else ""
            _print_scheme(scheme + told, by_scheme)
        if args.against:
            print_against("strict F1", result["against"])
    return 1 if len(report) else 0


def gold_documents(
    corpus: str, path: Path, part: str, file: str | Path | None, report: Report
) -> tuple[list[Document], str | None]:
    """The documents of a part of a corpus, or of all of it, and the hash of the split.

    Raises CorpusError as `read_split` does, and where the split has no such part.
    """
    if part == ALL:
        read = corpora.read(corpus, path, report)
        return [corpora.asserted(document, corpora.find(corpus)) for document in read], None
    documents, split = read_split(corpus, path, file, report)
    if part not in split:
        raise CorpusError(f"{corpus}: the split has no part {part!r}; there are {', '.join(split)}")
    return [documents[i] for i in split[part]], corpora.split_hash(split)


def source(args: argparse.Namespace) -> tuple[str, Path, str | Path | None]:
    """Corpus, its files and the split list or fold: as given, else as the run in `model` was trained."""
    folder = Path(args.model)
    about = _about_run(args.model)
    corpus = args.corpus or about.get("corpus")
    if corpus is None:
        raise CorpusError("which corpus? Give --corpus NAME and --data DIR")
    same = corpus == about.get("corpus")
    data = args.data or (Path(about["data"]) if same and "data" in about else None)
    file = args.split_file or (folder / "split.json" if same else None)
    return corpus, corpora.locate(corpus, data), file


def _about_run(model: str) -> dict[str, Any]:
    """What run.json says; nothing where the model is no training run."""
    file = Path(model, "run.json")
    return read_json(file) if file.is_file() else {}


def _print(scores: Scores, result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"{result['model']} on {result['corpus']}, {result['split']}: {result['documents']} documents")
    for column in ("measure", "precision", "recall", "F1", "macro F1"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for name in MEASURES:
        measure = getattr(scores, name)
        micro = measure.micro
        numbers = (micro.precision, micro.recall, micro.f1, measure.macro.f1)
        table.add_row(name, *(f"{number:.4f}" for number in numbers))
    if scores.token is not None:
        weighted, macro = scores.token.with_o.weighted, scores.token.with_o.macro
        numbers = (weighted.precision, weighted.recall, weighted.f1, macro.f1)
        table.add_row("tokens, weighted, with O", *(f"{number:.4f}" for number in numbers))
    console.print(table)
    interval = result["strict_f1_interval"]
    console.print(f"strict F1 between {interval['low']:.3f} and {interval['high']:.3f} (bootstrap over documents)")
    errors = ", ".join(f"{name} {error:.3f}" for name, error in result["calibration_error"].items())
    console.print(f"scores differ from how often they are right by, in the mean: {errors}")
    if scores.codec is not None:
        console.print(
            f"{scores.codec.dropped} gold mentions cannot be expressed by the model's tags; strict F1 against the "
            f"others {scores.codec.strict.micro.f1:.4f}"
        )
    types = Table("type", *(("precision", "recall", "strict F1", "gold")))
    for name, counts in sorted(scores.strict.per_type.items(), key=lambda item: -(item[1].tp + item[1].fn)):
        shares = (counts.precision, counts.recall, counts.f1)
        types.add_row(name, *(f"{share:.3f}" for share in shares), f"{counts.tp + counts.fn:.0f}")
    console.print(types)


def _print_structure(scores: StructureScores, predicted: list[Document]) -> None:
    """What gold has beside entities, as far as the model gives any of it."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    gives = {
        "relations": any(document.relations for document in predicted),
        "groups": any(document.groups for document in predicted),
        "attributes": any(entity.attributes for document in predicted for entity in document.entities),
    }
    if lacking := [name for name, some in gives.items() if getattr(scores, name) and not some]:
        console.print(f"gold has {' and '.join(lacking)}, and the model gives none")
    if scores.relations and gives["relations"]:
        rows = {f"{setting.replace('_', ' ')}, ": links for setting, links in scores.relations.items()}
        console.print(_link_table("relations", rows))
        per_type = Table("relation", "precision", "recall", "strict F1", "gold")
        found = scores.relations["end_to_end"].strict.per_type
        for name, counts in sorted(found.items(), key=lambda item: -(item[1].tp + item[1].fn)):
            per_type.add_row(name, *_shares(counts), f"{counts.tp + counts.fn:.0f}")
        console.print(per_type)
    if scores.groups is not None and gives["groups"]:
        console.print(_link_table("groups", {"whole, ": scores.groups.whole, "in pairs, ": scores.groups.pairs}))
    if scores.attributes and gives["attributes"]:
        table = Table(
            "attribute", "accuracy, found", "where stated", "macro F1, found", "F1, gold's entities", "F1, end to end"
        )
        for name, one in scores.attributes.items():
            found_values, whole = one.found.values.macro.f1, one.end_to_end.values.micro.f1
            told = f"{one.given_gold.values.micro.f1:.4f}" if one.given_gold else ""
            numbers = one.found.accuracy, one.found.accuracy_stated, found_values
            table.add_row(name, *(f"{number:.4f}" for number in numbers), told, f"{whole:.4f}")
        console.print(table)


def _link_table(title: str, rows: dict[str, LinkScores]) -> "Table":
    from rich.table import Table

    table = Table(title, "precision", "recall", "F1", "macro F1")
    for name, links in rows.items():
        for kind, measure in (("strict", links.strict), ("boundary", links.boundary)):
            table.add_row(f"{name}{kind}", *_shares(measure.micro), f"{measure.macro.f1:.4f}")
    return table


def _by_scheme(
    name: str,
    gold: Sequence[Document],
    predicted: Sequence[Document],
    given: Sequence[Document] | None,
    per_document: bool,
) -> dict[str, Any]:
    """Scores by the rules of a shared task.

    A network finds mentions, and no concepts. Where those are scored, it is told gold's mentions with theirs: that says
    how well it relates them.
    """
    told = name == "concepts" and not any(entity.codes for document in predicted for entity in document.entities)
    told = told and given is not None
    scores = SCHEMES[name](gold, given if told and given else predicted)
    return {"name": name, "given_gold_entities": told, **scores.to_dict(per_document=per_document)}


def _print_scheme(name: str, scores: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(f"by the rules of {name}", "precision", "recall", "F1", "macro F1")
    for measure, numbers in scores.items():
        if measure == "accuracy":
            for name, share in numbers.items():
                table.add_row(f"accuracy, {name}", f"{share:.4f}")
        elif isinstance(numbers, dict):
            shares = (f"{numbers['micro'][share]:.4f}" for share in ("precision", "recall", "f1"))
            macro = f"{numbers['macro']['f1']:.4f}" if "macro" in numbers else ""
            table.add_row(measure, *shares, macro)
    Console().print(table)


def print_against(what: str, found: dict[str, Any]) -> None:
    """what: which score was compared"""
    from rich.console import Console
    from rich.table import Table

    model, *rows = found.items()
    table = Table(f"{what}, less that of {model[1]}", "difference", "p")
    for of, one in rows:
        table.add_row(of, f"{one['difference']:+.4f}", f"{one['p']:.4f}")
    Console().print(table)


def _shares(counts: Counts) -> tuple[str, str, str]:
    return f"{counts.precision:.4f}", f"{counts.recall:.4f}", f"{counts.f1:.4f}"
