"""Make a shipped model of the best of several runs of one recipe: chosen on dev, scored once on test.

    python scripts/release_model.py NAME RUN [RUN ...] --data DIR

Exports the run with the best dev score into epicrisis/weights/NAME and writes the scores of all runs, dev and test,
into its scores.json and card.md.
"""

import argparse
import json
import shutil
import statistics
from importlib import resources
from pathlib import Path

from epicrisis.cli.main import main as epicrisis
from epicrisis.cli.train import read_split
from epicrisis.corpora import Report
from epicrisis.runtime import load_annotator, read_description
from epicrisis.training import Run
from epicrisis.training.card import card
from epicrisis.training.measured import measure
from epicrisis.training.model_files import write_json

REMARKS = Path(__file__).with_name("model_remarks.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    runs = [Run(folder) for folder in args.runs]
    about = [run.read() for run in runs]
    documents, split = read_split(about[0]["corpus"], args.data, None, Report())
    gold = [documents[i] for i in split["test"]]
    symmetric = about[0].get("symmetric", ())
    results = [measure(load_annotator(run.folder), gold, symmetric).scores for run in runs]
    dev = [json.loads((run.model / "scores.json").read_text("utf-8")) for run in runs]
    dev_f1 = [d["dev"]["scores"]["strict"]["micro"]["f1"] for d in dev]
    related = [d["dev"]["relations"]["end_to_end"]["strict"]["micro"]["f1"] for d in dev if "relations" in d["dev"]]
    decides = [sum(both) for both in zip(dev_f1, related, strict=True)] if related else dev_f1
    best = max(range(len(runs)), key=decides.__getitem__)
    out = Path(str(resources.files("epicrisis").joinpath("weights", args.name)))
    shutil.rmtree(out, ignore_errors=True)
    call = ["export", str(runs[best].folder), "--out", str(out), "--name", args.name, "--to-annotate-only"]
    if code := epicrisis(call):
        raise SystemExit(code)
    test_f1 = [r["scores"]["strict"]["micro"]["f1"] for r in results]
    token_f1 = [r["scores"]["token"]["weighted"]["f1"] for r in results]
    seeds = [
        {"seed": a["seed"], "dev_strict_f1": d, "test_strict_f1": t, "test_token_weighted_f1": w}
        for a, d, t, w in zip(about, dev_f1, test_f1, token_f1, strict=True)
    ]
    released = {**dev[best], "test": results[best], "seeds": seeds}
    for number, found in enumerate(related):
        seeds[number]["dev_relations_f1"] = found
        seeds[number]["test_relations_f1"] = results[number]["relations"]["end_to_end"]["strict"]["micro"]["f1"]
    write_json(out / "scores.json", released)
    remarks = [*json.loads(REMARKS.read_text("utf-8")).get(args.name, []), spread(seeds)]
    (out / "card.md").write_text(card(read_description(out), released, remarks), "utf-8")
    print((out / "card.md").read_text("utf-8"))


def spread(seeds: list[dict]) -> str:
    def line(key: str) -> str:
        values = [seed[key] for seed in seeds]
        deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
        return f"{statistics.mean(values):.4f}{deviation} ({', '.join(f'{value:.4f}' for value in values)})"

    numbers = ", ".join(str(seed["seed"]) for seed in seeds)
    related = (
        f"; of relations, end to end, on dev {line('dev_relations_f1')}, on test {line('test_relations_f1')}"
        if "dev_relations_f1" in seeds[0]
        else ""
    )
    return (
        f"Seeds {numbers}, mean ± standard deviation: strict F1 on dev {line('dev_strict_f1')}, on test "
        f"{line('test_strict_f1')}, token-weighted F1 with O on test {line('test_token_weighted_f1')}{related}. "
        f"Here is the seed that is best on dev."
    )


if __name__ == "__main__":
    main()
