"""Train a recipe, or go on, then score it on dev and test and measure what it costs."""

import json
import math
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import yaml
from safetensors.torch import load_file
from torch import Tensor

from epicrisis.corpora.files import write_text
from epicrisis.corpora.formats import jsonl
from epicrisis.decoding import make_codec
from epicrisis.document import Document
from epicrisis.evaluation import bootstrap, calibration_errors, evaluate_structure, evaluate_tagger
from epicrisis.models import Tagger, make_classifier, make_tagger, parts_and_settings
from epicrisis.recipe import Recipe, load_recipe
from epicrisis.runtime import Annotator, Classifier, NetworkReader, load
from epicrisis.training.data import Data
from epicrisis.training.finishing_labels import own_scores, score_of
from epicrisis.training.loop import train
from epicrisis.training.machine import commit, machine, peak_megabytes
from epicrisis.training.model_files import write_json
from epicrisis.training.run import Run
from epicrisis.training.starting import Start

TOKENS = 128
"""Of the passage whose floating-point operations are counted."""
REPEATS = 3
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\s\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True)
class Measured:
    """What annotating some documents gave."""

    scores: dict[str, Any]
    words_per_second: float
    predicted: list[Document]


def train_and_measure(
    recipe: Recipe,
    data: Data,
    test: Sequence[Document],
    folder: Path,
    *,
    start: Start | None = None,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """A run from its first epoch to its scores: what a result says but for the names of things.

    data   what is trained and chosen on; nothing of `test` is in it
    start  the model whose weights training starts from

    Leaves in the run folder, beside what `train` does, test.jsonl and usage.json. Killed at any moment and called
    again, it goes on where it was. Raises ModelError where the loss is no number, and as `train` does.
    """
    begun_with = commit()
    run = Run(folder)

    def watch(line: str) -> None:
        _note_usage(folder)
        say(line)

    if not run.finished:
        train(_as_begun(recipe, run), data, folder, start=start, resume=True, say=watch)
        _note_usage(folder)
    say("scoring")
    model = load(folder)
    symmetric = data.about.get("symmetric", ())
    dev, tested = (measure_any(model, part, symmetric) if part else None for part in (data.dev, test))
    assert dev is not None
    if tested:
        write_text(folder / "test.jsonl", "".join(jsonl.line(document) + "\n" for document in tested.predicted))
    recipe = load_recipe(str(run.recipe), parts_and_settings())  # with sizes that training found
    total, trained, flops = costs(recipe, model, run)
    about = run.read()
    curves = json.loads((folder / "curves.json").read_text("utf-8"))
    seconds, cpu_seconds = (sum(point[key] for point in curves) for key in ("seconds", "cpu_seconds"))
    return {
        "dev": dev.scores,
        "test": tested.scores if tested else None,
        "parameters": {"total": total, "trained": trained},
        "flops": flops,
        "training": {
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu_seconds, 2),
            "epochs": len(curves),
            "best_epoch": about["best_epoch"],
            "seconds_per_epoch": round(seconds / len(curves), 2),
            "peak_megabytes": _usage(folder),
            "threads": recipe.training.threads,
        },
        "annotating": {
            "part": "test" if tested else "dev",
            "words_per_second": round((tested or dev).words_per_second, 1),
            "threads": 1,
            "best_of": REPEATS,
            "load": round(os.getloadavg()[0], 2),
        },
        "settings": recipe.to_dict(),
        "versions": about["versions"],
        "machine": machine(),
        "commit": begun_with,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def measure_any(model: Annotator | Classifier, gold: Sequence[Document], symmetric: Collection[str]) -> Measured:
    return measure_labels(model, gold) if isinstance(model, Classifier) else measure(model, gold, symmetric)


def measure_labels(classifier: Classifier, gold: Sequence[Document]) -> Measured:
    """As `measure`, of labels."""
    predicted, speed = _timed(classifier.pipe, gold)
    scores = own_scores(classifier.heads, gold, predicted)
    tables = {name: one.counts for name, one in scores.labels.items()}
    tables |= {"topics": scores.topics.counts} if scores.topics else {}
    limits = {name: bootstrap(table) for name, table in tables.items()}
    interval = {name: {"low": one.low, "high": one.high, "level": one.level} for name, one in limits.items()}
    found = {"documents": len(gold), **scores.to_dict(), "score": score_of(scores), "macro_f1_interval": interval}
    return Measured(found, speed, predicted)


def _timed(pipe: Callable[..., Iterable[Document]], gold: Sequence[Document]) -> tuple[list[Document], float]:
    """What a model finds in the bare texts, and its words a second: the best of a few times."""
    bare = [Document(document.id, document.text) for document in gold]
    words = sum(count_words(document.text) for document in bare)
    best = math.inf
    predicted: list[Document] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        predicted = list(pipe(bare, threads=1))
        best = min(best, time.perf_counter() - begun)
    return predicted, words / max(best, 1e-9)


def measure(annotator: Annotator, gold: Sequence[Document], symmetric: Collection[str] = ()) -> Measured:
    """Scores of every kind, and the speed of one thread: the best of a few times.

    symmetric: types of relation that have no direction
    """
    predicted, speed = _timed(annotator.pipe, gold)
    codec = make_codec(annotator.about["decoder"], annotator.about["types"])
    scores = evaluate_tagger(gold, predicted, codec, annotator.rule)
    interval = bootstrap(scores.counts())
    strict = {"low": interval.low, "high": interval.high, "level": interval.level}
    errors = calibration_errors(gold, predicted, symmetric=symmetric, attributes=annotator.attributes)
    found = {**scores.to_dict(), "strict_f1_interval": strict, "calibration_error": errors}
    if annotator.relater is not None:
        given = list(annotator.pipe(gold, threads=1, given=True))
        found |= evaluate_structure(gold, predicted, given_gold=given, symmetric=symmetric).to_dict()
    return Measured(found, speed, predicted)


def count_words(text: str) -> int:
    """What white space separates, and every Chinese character."""
    return sum(1 for _ in _WORD.finditer(text))


def costs(recipe: Recipe, model: Annotator | Classifier, run: Run) -> tuple[int, int, int | None]:
    """As `network_costs`, of any model."""
    if isinstance(model, Annotator):
        return network_costs(recipe, model, load_file(run.model / "network.safetensors"))
    if recipe.task == "linear":
        weights = load_file(run.model / "linear.safetensors")
        count = sum(weights[name].numel() for name in ("weights", "bias"))
        return count, count, None
    reader = cast(NetworkReader, model.reader)
    indexers = dict(zip(model.about["indexers"], reader.indexers, strict=True))
    return _costs(make_classifier(recipe, indexers, model.heads), load_file(run.model / "network.safetensors"))


def network_costs(recipe: Recipe, annotator: Annotator, weights: Mapping[str, Tensor]) -> tuple[int, int, int | None]:
    """Parameters in all, those that training changes, and the operations of a passage where the network knows them.

    weights: as the run has saved them. What stands in them and is no parameter, such as a table of pre-trained
    vectors, counts too, unless there is nothing in it
    """
    indexers = dict(zip(annotator.about["indexers"], annotator.indexers, strict=True))
    relations = annotator.relater.codec if annotator.relater else None
    network, _ = make_tagger(recipe, indexers, annotator.about["types"], relations)
    return _costs(network, weights)


def _costs(network: Tagger, weights: Mapping[str, Tensor]) -> tuple[int, int, int | None]:
    parameters = dict(network.named_parameters())
    fixed = [w for name, w in weights.items() if name not in parameters and w.is_floating_point() and w.any()]
    total = sum(weight.numel() for weight in (*parameters.values(), *fixed))
    trained = sum(weight.numel() for weight in parameters.values() if weight.requires_grad)
    return total, trained, flops_of(network, TOKENS)


def flops_of(network: object, tokens: int) -> int | None:
    count = getattr(network, "flops", None)
    return int(count(tokens)) if callable(count) else None


def _as_begun(recipe: Recipe, run: Run) -> Recipe:
    """A run goes on though the words that are for people were mended in the meantime."""
    if not run.recipe.is_file():
        return recipe
    try:
        before = yaml.safe_load(run.recipe.read_text("utf-8"))
        return replace(recipe, paper=before["paper"], published=before["published"])
    except (ValueError, TypeError, KeyError, yaml.YAMLError):
        return recipe  # `train` says what is wrong with it


def _usage(folder: Path) -> float:
    """The most memory that training has taken, over all its processes."""
    try:
        return float(json.loads((folder / "usage.json").read_text("utf-8"))["peak_megabytes"])
    except (OSError, ValueError, KeyError):
        return 0.0


def _note_usage(folder: Path) -> None:
    write_json(folder / "usage.json", {"peak_megabytes": max(_usage(folder), peak_megabytes())})
