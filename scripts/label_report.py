"""Runs that label texts -> which are better than a baseline, how surely, and where the best one errs.

    python scripts/label_report.py STORE benchmarks/results docs/sentiment.md --corpus nhs-feedback \\
        --baseline sentiment-tfidf --without "preparation: "

STORE is that of `epicrisis bench`: it holds what each run found in the test documents, results hold what it is.
No word of a document gets into the report.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.cli.train import read_split
from epicrisis.corpora import Report, locate
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document, Label
from epicrisis.evaluation import approximate_randomisation, holm
from epicrisis.evaluation.labels import ClassScores, class_scores
from epicrisis.recipe import read_recipe

Row = tuple[str, str]
"""Recipe and label: the runs of its seeds are one row."""
LENGTHS = ((1, 3), (4, 8), (9, 16), (17, 32), (33, 64), (65, 10_000))
SURE = (0.0, 0.5, 0.7, 0.9, 1.01)
OTHER = "other"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--baseline", required=True, help="a recipe")
    parser.add_argument("--without", default=[], action="append", help="rows whose label begins so are left out")
    parser.add_argument("--data", type=Path, help="default: its folder in $EPICRISIS_DATA")
    parser.add_argument("--title", default="Sentiment: significance and errors")
    args = parser.parse_args()
    documents, split = read_split(args.corpus, locate(args.corpus, args.data), None, Report())
    gold = [document for i in split["test"] if "sentiment" in (document := documents[i]).labels]
    runs = _runs(args.store, args.results, args.corpus)
    runs = {row: folders for row, folders in runs.items() if not row[1].startswith(tuple(args.without))}
    if not any(recipe == args.baseline for recipe, _ in runs):
        raise SystemExit(f"{args.results}: no run of {args.baseline} on {args.corpus} whose folder is in {args.store}")
    scored = {row: [_scores(gold, folder) for folder in folders.values()] for row, folders in runs.items()}
    dev = {row: mean(_dev(folder) for folder in folders.values()) for row, folders in runs.items()}
    best = max(dev, key=dev.__getitem__)
    lines = [f"# {args.title}", "", *_intro(args, gold), *_table(runs, scored, dev, (args.baseline, "")), ""]
    lines += [*_order(scored), "", *_errors(best, gold, list(runs[best].values()), scored[best])]
    args.out.write_text("\n".join(lines) + "\n", "utf-8")


def _runs(store: Path, results: Path, corpus: str) -> dict[Row, dict[int, Path]]:
    """By row, the run folders by seed."""
    found: dict[Row, dict[int, Path]] = defaultdict(dict)
    for file in sorted(results.glob(f"{corpus}-*.json")):
        result, folder = json.loads(file.read_text("utf-8")), store / file.stem
        if result["corpus"] == corpus and (folder / "test.jsonl").is_file():
            found[result["recipe"], result["label"]][result["seed"]] = folder
    return found


def _scores(gold: Sequence[Document], folder: Path) -> ClassScores:
    return class_scores(list(zip(_labels(gold), _predicted(gold, folder), strict=True)))


def _labels(documents: Sequence[Document]) -> list[Label]:
    return [document.labels["sentiment"] for document in documents]


def _predicted(gold: Sequence[Document], folder: Path) -> list[Label | None]:
    found = {document.id: document for document in jsonl.read(folder / "test.jsonl", Report())}
    return [found[document.id].labels.get("sentiment") for document in gold]


def _dev(folder: Path) -> float:
    return float(json.loads((folder / "result.json").read_text("utf-8"))["dev"]["score"])


def _intro(args: argparse.Namespace, gold: Sequence[Document]) -> Iterator[str]:
    yield (
        f"Made by `scripts/label_report.py` from the runs behind [results.md](results.md): the {len(gold):,} test "
        f"documents of {args.corpus} with a sentiment. A recipe's answers of all seeds are taken together: the counts "
        f"of a document are averaged over them, and approximate randomisation (10,000 draws) exchanges those of two "
        f"recipes. p is two-sided, corrected for the number of rows (Holm), against `{args.baseline}`."
    )
    yield ""


def _table(
    runs: dict[Row, dict[int, Path]], scored: dict[Row, list[ClassScores]], dev: dict[Row, float], baseline: Row
) -> Iterator[str]:
    others = [row for row in scored if row != baseline]
    values = list(dict.fromkeys(value for row in scored.values() for one in row for value in one.values))
    p = {}
    for measure, counts in (("accuracy", _right), ("macro F1", lambda scores: scores.counts_of(values))):
        compared = [approximate_randomisation(*_same_seeds(counts, scored[row], scored[baseline])) for row in others]
        p[measure] = dict(zip(others, zip(compared, holm([c.p for c in compared]), strict=True), strict=True))
    yield "| recipe | seeds | dev macro F1 | accuracy | less baseline's | p | macro F1 | less baseline's | p |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in sorted(scored, key=lambda row: -dev[row]):
        cells = [", ".join(filter(None, row)), " ".join(map(str, sorted(runs[row]))), f"{dev[row]:.3f}"]
        for measure, of in (("accuracy", lambda s: s.accuracy), ("macro F1", lambda s: s.macro.f1)):
            cells.append(f"{mean(map(of, scored[row])):.3f}")
            if row == baseline:
                cells += ["", ""]
            else:
                compared, corrected = p[measure][row]
                cells += [f"{compared.difference:+.3f}", f"{corrected:.4f}"]
        yield f"| {' | '.join(cells)} |"


def _same_seeds(
    counts: Callable[[ClassScores], NDArray[np.float64]], ours: Sequence[ClassScores], theirs: Sequence[ClassScores]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean counts over seeds, so that a row weighs the same whatever its number of seeds."""
    first, second = (np.mean([counts(one) for one in scores], 0) for scores in (ours, theirs))
    return first, second


def _right(scores: ClassScores) -> NDArray[np.float64]:
    """Counts whose micro F1 is the accuracy: a wrong answer is one too many and one missed."""
    right = scores.counts[:, :, 0].sum(1)
    return np.stack([right, 1 - right, 1 - right], 1)[:, None]


def _order(scored: dict[Row, list[ClassScores]]) -> Iterator[str]:
    """The rows that the paper has, as it and as we order them."""
    published = {}
    for recipe, label in scored:
        figures = read_recipe(recipe)[0].get("published") or {}
        if "accuracy" in figures and not label:
            published[recipe] = figures["accuracy"]
    if len(published) < 2:
        return
    ours = {recipe: mean(one.accuracy for one in scored[recipe, ""]) for recipe in published}
    orders = [sorted(of, key=lambda recipe: -of[recipe]) for of in (published, ours)]
    pairs = [(a, b) for n, a in enumerate(orders[0]) for b in orders[0][n + 1 :]]
    kept = sum(ours[a] > ours[b] for a, b in pairs)
    both = zip((published, ours), orders, strict=True)
    shown = [" > ".join(f"`{name}` {of[name]:.3g}" for name in order) for of, order in both]
    yield (
        f"**The paper's ordering** by accuracy is {shown[0]}. Ours is {shown[1]}. {kept} of its {len(pairs)} pairs "
        f"stand in the same order here: it {'holds' if kept == len(pairs) else 'does not hold'} on these data. Its own "
        f"are other texts, with labels of an unknown source (MIMIC-III has no public ones): whether it holds there, "
        f"this does not say."
    )


def _errors(best: Row, gold: Sequence[Document], folders: list[Path], scored: list[ClassScores]) -> Iterator[str]:
    answers = [_predicted(gold, folder) for folder in folders]
    yield f"## Where `{best[0]}` errs"
    yield ""
    yield f"It is the row that is best on dev{f' ({best[1]})' if best[1] else ''}; means over its seeds."
    yield ""
    values = scored[0].values
    confusion = np.mean([one.confusion for one in scored], 0)
    yield from _markdown(
        ("gold", *(f"as {value}" for value in values), "no label", "precision", "recall", "F1"),
        [
            [str(value), *(f"{n:.0f}" for n in confusion[k])]
            + [
                f"{mean(getattr(one.per_class[value], name) for one in scored):.3f}"
                for name in ("precision", "recall", "f1")
            ]
            for k, value in enumerate(values)
        ],
    )
    groups: dict[str, Callable[[Document], str]] = {
        "gold's grade": lambda d: _grade(d.labels["sentiment"]),
        "words": lambda d: _length(len(d.text.split())),
        "says": lambda d: 'nothing ("None", "N/A" ...)' if d.meta.get("says_nothing") else "something",
        "question": lambda d: str(d.meta.get("question", OTHER)),
    }
    for name, group in groups.items():
        keys = [group(document) for document in gold]
        if set(keys) <= {OTHER}:
            continue
        rows = []
        for key in sorted(
            set(keys), key=lambda key: (len(key.partition("-")[0]), key) if name == "words" else (0, key)
        ):
            chosen = [n for n, one in enumerate(keys) if one == key]
            each = [class_scores([(gold[n].labels["sentiment"], said[n]) for n in chosen]) for said in answers]
            share = mean(one.accuracy for one in each)
            rows.append([key, str(len(chosen)), f"{share:.3f}", f"{(1 - share) * len(chosen):.0f}"])
        yield from _markdown((name, "documents", "accuracy", "errors"), rows)
    rows = []
    for low, high in pairwise(SURE):
        chosen = [
            label.value == one.labels["sentiment"].value
            for said in answers
            for one, label in zip(gold, said, strict=True)
            if label is not None and low <= (label.score or 0) < high
        ]
        if chosen:
            share = len(chosen) / sum(map(len, answers))
            rows.append([f"{low:g} to {min(high, 1):g}", f"{share:.3f}", f"{mean(chosen):.3f}"])
    yield from _markdown(("its probability of its answer", "share of documents", "accuracy"), rows)


def _grade(label: Label) -> str:
    return OTHER if label.intensity is None else f"{label.intensity:g}"


def _length(words: int) -> str:
    return next(
        (f"{low}-{high}" if high < 10_000 else f"{low} and more" for low, high in LENGTHS if low <= words <= high), "0"
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|---|{'---:|' * (len(header) - 1)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


if __name__ == "__main__":
    main()
