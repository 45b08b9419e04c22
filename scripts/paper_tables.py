"""Results of `epicrisis bench` -> docs/results.md: a table a paper, ours beside what was published.

python scripts/paper_tables.py benchmarks docs/results.md
"""

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from epicrisis.recipe import read_recipe, recipe_files

HEAD = """# Results beside the papers
Made by `scripts/paper_tables.py` from [benchmarks/results](../benchmarks/results): one JSON a run, with the recipe as
it was resolved, split, seed, scores of every kind, costs, versions and commit. The plans that made them are in
[benchmarks/plans](../benchmarks/plans).

F1 is strict (same characters, same type), micro, against all gold mentions, those that tags cannot express among them;
mean ± standard deviation over seeds, or over folds where a row says so; a single seed is marked ¹. Every choice was
made on dev; test was scored once, at the end. Minutes are those of one processor. A row without a run says what it
waits for.
"""
Result = dict[str, Any]
Column = Callable[[list[Result]], str]
Found = dict[tuple[str, str], dict[str, list[Result]]]
"""Results by corpus and recipe, and by label."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path, help="the folder of papers.yaml and results/")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    found: Found = defaultdict(lambda: defaultdict(list))
    for file in sorted((args.benchmarks / "results").glob("*.json")):
        result = json.loads(file.read_text("utf-8"))
        found[result["corpus"], result["recipe"]][result["label"]].append(result)
    lines = [HEAD]
    papers = yaml.safe_load((args.benchmarks / "papers.yaml").read_text("utf-8"))
    apart = tuple(start for paper in papers for start in paper.get("variants", ()))
    for paper in papers:
        lines += [f"## {paper['title']}", ""]
        corpora = paper["corpora"]
        for corpus in corpora:
            lines += [f"### {corpus}", ""] if len(corpora) > 1 else []
            lines += [*_table(found, corpus, paper, apart), ""]
        lines += [*_few_shots(args.benchmarks / "episodes", corpora)]
        lines += [*paper.get("says", ()), ""] if "says" in paper else []
        if "differs" in paper:
            lines += ["What differs:", *(f"- {difference}" for difference in paper["differs"]), ""]
    args.out.write_text("\n".join(lines), "utf-8")


def _table(found: Found, corpus: str, paper: dict[str, Any], apart: tuple[str, ...]) -> Iterator[str]:
    """apart: how labels of runs begin that have tables of their own (`variants`)"""
    own = tuple(paper.get("variants", ()))
    published = {} if own else PUBLISHED[paper["kind"]]
    columns, waits = KINDS[paper["kind"]], paper.get("waits", {})
    names = ["recipe", *published, *columns]
    yield f"| {' | '.join(names)} |"
    yield f"|---|{'---:|' * (len(names) - 1)}"
    for name in paper["recipes"]:
        figures = [str(figure) for figure in _published(name, corpus, paper["kind"])] if published else []
        runs = {
            label: results
            for label, results in found.get((corpus, name), {}).items()
            if (label.startswith(own) if own else not label.startswith(apart or "\0"))
        }
        for label, results in sorted(_by_fold(runs).items()):
            cells = [f"{name}, {label}" if label else name, *figures, *(of(results) for of in columns.values())]
            yield f"| {' | '.join(cells)} |"
        if not runs:
            reason = f"waits for {waits[name]}" if name in waits else "no run yet"
            yield f"| {' | '.join([name, *figures, reason])} |{' |' * (len(columns) - 1)}"


def _by_fold(runs: Mapping[str, list[Result]]) -> dict[str, list[Result]]:
    """Label -> results; of a label with several splits those of the first one, beside which others can be read, and of
    all together."""
    found: dict[str, list[Result]] = {}
    for label, results in runs.items():
        folds = sorted({result.get("split", "") for result in results})
        first = [result for result in results if result.get("split", "") == folds[0]]
        found[", ".join(filter(None, (label, folds[0])))] = first
        if len(folds) > 1:
            found[", ".join(filter(None, (label, f"{len(folds)} folds")))] = results
    return found


def _few_shots(folder: Path, corpora: list[str]) -> Iterator[str]:
    """What `evaluate --episodes --json` gave: types that training never saw, found by a few examples."""
    for file in sorted(folder.glob("*.json")):
        result = json.loads(file.read_text("utf-8"))
        if result["corpus"] not in corpora:
            continue
        mean, held_out = result["strict_f1"], " and ".join(result["held_out_types"])
        yield (
            f"{file.stem}, trained without {held_out}, then shown {result['shots']} mentions of each: strict F1 "
            f"{mean['mean']:.3f} on these types in {result['split']}, mean of {len(result['episodes'])} drawn sets of "
            f"examples ({mean['low']:.3f} to {mean['high']:.3f}, 95 %).\n"
        )


def _published(name: str, corpus: str, kind: str) -> Iterator[Any]:
    """The figures of the paper; those of entities only where they were measured on this corpus."""
    assert name in recipe_files(), name
    published = read_recipe(name)[0].get("published") or {}
    letters = "".join(filter(str.isalpha, corpus)).lower()
    same = letters[:5] in "".join(filter(str.isalpha, published.get("corpus", ""))).lower()
    for key in PUBLISHED[kind].values():
        yield published.get(key, "") if same or kind != "entities" else ""


def _spread(*keys: str) -> Column:
    """The figure that lies under these keys of a result."""

    def column(results: list[Result]) -> str:
        values = [value for value in (_under(result, keys) for result in results) if value is not None]
        if len(values) < 2:
            return f"{values[0]:.3f}¹" if values else ""
        return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"

    return column


def _under(result: Result, keys: Sequence[str]) -> float | None:
    found: Any = result
    for key in keys:
        if found is None or key not in found:
            return None
        found = found[key]
    return None if found is None else float(found)


def _mean(pattern: str, divided: float, *keys: str) -> Column:
    def column(results: list[Result]) -> str:
        values = [value for value in (_under(result, keys) for result in results) if value]
        return format(statistics.mean(values) / divided, pattern) if values else ""

    return column


def _counted(results: list[Result]) -> str:
    return f"{_mean('.1f', 1e6, 'parameters', 'total')(results)} M"


STRICT, BOUNDARY = (("scores", measure, "micro", "f1") for measure in ("strict", "boundary"))
SENTIMENT = ("labels", "sentiment")
COSTS = {
    "parameters": _counted,
    "MFLOP": _mean(",.0f", 1e6, "flops"),
    "minutes": _mean(".0f", 60, "training", "cpu_seconds"),
    "words/s": _mean(",.0f", 1, "annotating", "words_per_second"),
}
PUBLISHED = {
    "entities": {"published F1": "f1"},
    "relations": {"published entities, n2c2 2018": "f1", "published relations, n2c2 2018": "relations_f1"},
    "labels": {"published accuracy, MIMIC-III": "accuracy", "published F1, MIMIC-III": "f1"},
}
KINDS: dict[str, dict[str, Column]] = {
    "entities": {
        "dev F1": _spread("dev", *STRICT),
        "test F1": _spread("test", *STRICT),
        "test boundary F1": _spread("test", *BOUNDARY),
        **COSTS,
    },
    "relations": {
        "dev entities": _spread("dev", *STRICT),
        "test entities": _spread("test", *STRICT),
        "dev relations": _spread("dev", "relations", "end_to_end", "strict", "micro", "f1"),
        "test relations": _spread("test", "relations", "end_to_end", "strict", "micro", "f1"),
        "test relations, gold's entities": _spread("test", "relations", "given_gold_entities", "strict", "micro", "f1"),
        "test negated, gold's entities": _spread(
            "test", "attributes", "assertion", "given_gold_entities", "per_value", "negated", "f1"
        ),
        **{name: column for name, column in COSTS.items() if name in ("minutes", "words/s")},
    },
    "labels": {
        "dev accuracy": _spread("dev", *SENTIMENT, "accuracy"),
        "dev macro F1": _spread("dev", *SENTIMENT, "macro", "f1"),
        "test accuracy": _spread("test", *SENTIMENT, "accuracy"),
        "test macro F1": _spread("test", *SENTIMENT, "macro", "f1"),
        "test weighted F1": _spread("test", *SENTIMENT, "weighted", "f1"),
        "test kappa": _spread("test", *SENTIMENT, "quadratic_weighted_kappa"),
        "test MAE": _spread("test", *SENTIMENT, "mean_absolute_error"),
        **COSTS,
    },
}
"""What a table of that kind says of the runs of a row."""


if __name__ == "__main__":
    main()
