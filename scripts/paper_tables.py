"""Results of `epicrisis bench` -> docs/results.md: a table a paper, ours beside what was published.

python scripts/paper_tables.py benchmarks docs/results.md
"""

import argparse
import json
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from epicrisis.recipe import read_recipe, recipe_files

HEAD = """# Results beside the papers
Made by `scripts/paper_tables.py` from [benchmarks/results](../benchmarks/results): one JSON a run, with the recipe as
it was resolved, split, seed, scores of every kind, costs, versions and commit. The plans that made them are in
[benchmarks/plans](../benchmarks/plans).

F1 is strict (same characters, same type), micro, against all gold mentions, those that tags cannot express among them;
mean ± standard deviation over seeds, a single seed is marked ¹. Every choice was made on dev; test was scored once, at
the end. Minutes are those of one processor. A row without a run says what it waits for.
"""
COLUMNS = (
    "recipe",
    "published F1",
    "dev F1",
    "test F1",
    "test boundary F1",
    "parameters",
    "MFLOP",
    "minutes",
    "words/s",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path, help="the folder of papers.yaml and results/")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    found: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted((args.benchmarks / "results").glob("*.json")):
        result = json.loads(file.read_text("utf-8"))
        found[result["corpus"], result["recipe"]][result["label"]].append(result)
    lines = [HEAD]
    for paper in yaml.safe_load((args.benchmarks / "papers.yaml").read_text("utf-8")):
        lines += [f"## {paper['title']}", "", f"| {' | '.join(COLUMNS)} |", f"|---|{'---:|' * (len(COLUMNS) - 1)}"]
        waits = paper.get("waits", {})
        for name in paper["recipes"]:
            published = _published(name, paper["corpus"])
            runs = found.get((paper["corpus"], name), {})
            lines += [_row(name, label, published, results) for label, results in sorted(runs.items())]
            if not runs:
                reason = f"waits for {waits[name]}" if name in waits else "no run yet"
                lines.append(f"| {name} | {published} | {reason} |{' |' * (len(COLUMNS) - 3)}")
        lines += ["", "What differs:", *(f"- {difference}" for difference in paper["differs"]), ""]
    args.out.write_text("\n".join(lines), "utf-8")


def _published(name: str, corpus: str) -> str:
    """The figure of the paper whose corpus this is."""
    assert name in recipe_files(), name
    published = read_recipe(name)[0].get("published") or {}
    letters = "".join(filter(str.isalpha, corpus)).lower()
    same = letters[:5] in "".join(filter(str.isalpha, published.get("corpus", ""))).lower()
    return str(published.get("f1", "")) if same else ""


def _row(name: str, label: str, published: str, results: list[dict[str, Any]]) -> str:
    def f1(part: str, measure: str) -> str:
        values = [result[part]["scores"][measure]["micro"]["f1"] for result in results]
        if len(values) == 1:
            return f"{values[0]:.3f}¹"
        return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"

    first = results[0]
    cells = [
        f"{name}, {label}" if label else name,
        published,
        f1("dev", "strict"),
        f1("test", "strict"),
        f1("test", "boundary"),
        f"{first['parameters']['total'] / 1e6:.1f} M",
        f"{first['flops'] / 1e6:,.0f}" if first["flops"] else "",
        f"{statistics.mean(result['training']['cpu_seconds'] for result in results) / 60:.0f}",
        f"{statistics.mean(result['annotating']['words_per_second'] for result in results):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
