"""`epicrisis evaluate --episodes`: types that a run held out of training, found by a few examples."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from epicrisis.document import Document
from epicrisis.evaluation import episodes, evaluate, mean_interval

if TYPE_CHECKING:
    from epicrisis.runtime import Annotator


def evaluate_episodes(
    args: argparse.Namespace, annotator: "Annotator", gold: list[Document], held_out: list[str]
) -> dict[str, Any]:
    ways = args.ways or len(held_out)
    drawn = episodes(gold, held_out, ways=ways, shots=args.shots, count=args.episodes, seed=args.seed)
    rows: list[dict[str, Any]] = []
    for episode in drawn:
        predicted = list(annotator.with_support(episode.support).pipe(episode.query))
        scores = evaluate(episode.query, predicted).strict
        rows.append(
            {
                "types": list(episode.types),
                "support": [document.id for document in episode.support],
                "query": len(episode.query),
                "strict": scores.to_dict(),
            }
        )
    interval = mean_interval([row["strict"]["micro"]["f1"] for row in rows])
    return {
        "held_out_types": held_out,
        "ways": ways,
        "shots": args.shots,
        "seed": args.seed,
        "strict_f1": {"mean": interval.value, "low": interval.low, "high": interval.high, "level": interval.level},
        "episodes": rows,
    }


def show_episodes(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    title = (
        f"{result['model']} on {result['corpus']}, {result['split']}: {result['ways']} types, {result['shots']} shots"
    )
    table = Table("types", "support", "query", "precision", "recall", "strict F1", title=title)
    for row in result["episodes"]:
        micro = row["strict"]["micro"]
        shares = (f"{micro[name]:.4f}" for name in ("precision", "recall", "f1"))
        table.add_row(", ".join(row["types"]), str(len(row["support"])), str(row["query"]), *shares)
    console = Console()
    console.print(table)
    mean = result["strict_f1"]
    console.print(
        f"strict F1 {mean['mean']:.4f}, between {mean['low']:.3f} and {mean['high']:.3f} (mean over "
        f"{len(result['episodes'])} episodes, 95 % by bootstrap over them)"
    )
