"""Make a shipped model of the best of several runs of one recipe: chosen on dev, scored once on test.

    python scripts/release_model.py NAME RUN [RUN ...] --data DIR

Exports the run with the best dev score into epicrisis/weights/NAME and writes the scores of all runs, dev and test,
into its scores.json and card.md. The runs are taggers, joint models or classifiers.
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
from epicrisis.runtime import load, read_description
from epicrisis.runtime.model import is_classifier
from epicrisis.training import Run
from epicrisis.training.card import card, label_card
from epicrisis.training.measured import measure_any
from epicrisis.training.model_files import write_json

REMARKS = Path(__file__).with_name("model_remarks.json")
SCORES = {
    "dev_strict_f1": "strict F1 on dev",
    "test_strict_f1": "on test",
    "test_token_weighted_f1": "token-weighted F1 with O on test",
    "dev_relations_f1": "F1 of relations, end to end, on dev",
    "test_relations_f1": "on test",
    "dev_macro_f1": "macro F1 on dev",
    "dev_accuracy": "accuracy on dev",
    "test_macro_f1": "macro F1 on test",
    "test_accuracy": "accuracy on test",
}
"""What is said of every seed."""
DECIDES = ("dev_strict_f1", "dev_relations_f1", "dev_macro_f1")
"""Whose sum decides."""


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
    results = [measure_any(load(run.folder), gold, symmetric).scores for run in runs]
    dev = [json.loads((run.model / "scores.json").read_text("utf-8")) for run in runs]
    labels = is_classifier(read_description(runs[0].model))
    seeds = [
        {"seed": a["seed"], **(_of_labels if labels else _of_entities)(*of)}
        for a, *of in zip(about, dev, results, strict=True)
    ]
    decides = [sum(seed.get(key, 0.0) for key in DECIDES) for seed in seeds]
    best = max(range(len(runs)), key=decides.__getitem__)
    out = Path(str(resources.files("epicrisis").joinpath("weights", args.name)))
    shutil.rmtree(out, ignore_errors=True)
    call = ["export", str(runs[best].folder), "--out", str(out), "--name", args.name, "--to-annotate-only"]
    if code := epicrisis(call):
        raise SystemExit(code)
    released = {**dev[best], "test": results[best], "seeds": seeds}
    write_json(out / "scores.json", released)
    remarks = [*json.loads(REMARKS.read_text("utf-8")).get(args.name, []), spread(seeds)]
    made = (label_card if labels else card)(read_description(out), released, remarks)
    (out / "card.md").write_text(made, "utf-8")
    print(made)


def _of_entities(dev: dict, test: dict) -> dict[str, float]:
    found = {
        "dev_strict_f1": dev["dev"]["scores"]["strict"]["micro"]["f1"],
        "test_strict_f1": test["scores"]["strict"]["micro"]["f1"],
        "test_token_weighted_f1": test["scores"]["token"]["weighted"]["f1"],
    }
    if "relations" in dev["dev"]:
        for part, scores in (("dev", dev["dev"]), ("test", test)):
            found[f"{part}_relations_f1"] = scores["relations"]["end_to_end"]["strict"]["micro"]["f1"]
    return found


def _of_labels(dev: dict, test: dict) -> dict[str, float]:
    """Of the first label."""
    found = {}
    for part, scores in (("dev", dev["dev"]), ("test", test)):
        label = next(iter(scores["labels"].values()))
        found |= {f"{part}_macro_f1": label["macro"]["f1"], f"{part}_accuracy": label["accuracy"]}
    return found


def spread(seeds: list[dict]) -> str:
    def line(key: str) -> str:
        values = [seed[key] for seed in seeds]
        deviation = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
        return (
            f"{SCORES[key]} {statistics.mean(values):.4f}{deviation} ({', '.join(f'{value:.4f}' for value in values)})"
        )

    numbers = ", ".join(str(seed["seed"]) for seed in seeds)
    said = ", ".join(line(key) for key in seeds[0] if key != "seed")
    return f"Seeds {numbers}, mean ± standard deviation: {said}. Here is the seed that is best on dev."


if __name__ == "__main__":
    main()
