"""The end of a run of a classifier: exported, its precision, temperature and thresholds chosen on dev, its scores
written down."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_arrays
from safetensors.torch import save

from epicrisis.corpora.files import write_text
from epicrisis.corpora.formats import jsonl
from epicrisis.decoding import LabelHead
from epicrisis.decoding.labels import Topics
from epicrisis.document import TOPIC, Document
from epicrisis.encoding import Indexer, NgramIndexer, chapters
from epicrisis.evaluation.labels import LabelScores, evaluate_labels
from epicrisis.models import Classifier
from epicrisis.recipe import Recipe
from epicrisis.runtime import load_classifier, read_description
from epicrisis.text import PassageRule
from epicrisis.text.foreign import languages
from epicrisis.training.card import label_card
from epicrisis.training.data import Data
from epicrisis.training.export_labels import export_labels
from epicrisis.training.labelling import calibrated
from epicrisis.training.model_files import write_description, write_json, write_model
from epicrisis.training.quantising import quantise
from epicrisis.training.run import Run
from epicrisis.training.task import Point

COMPARED = 16
"""Texts of dev on which an exported graph is compared with torch."""
INT8_LOSS = 0.003
"""Of the dev score, that 8 bits may cost."""


def finish_network(
    run: Run,
    recipe: Recipe,
    network: Classifier,
    indexers: Mapping[str, Indexer],
    heads: Sequence[LabelHead],
    data: Data,
    curves: Sequence[Point],
    say: Callable[[str], None],
) -> None:
    """Export the network and choose its precision on dev."""
    building = _building(run, recipe)
    weights = {name: weight.contiguous() for name, weight in network.state_dict().items()}
    (building / "network.safetensors").write_bytes(save(weights))
    rule, known = PassageRule(recipe.passages.budget, recipe.passages.overlap), list(indexers.values())
    texts = (recipe.preparation.prepare(document.text).text for document in data.dev)
    cut = (chapter for text in texts for chapter in chapters(text, rule, known, opens=network.opens))
    states = export_labels(network, indexers, building / "states.onnx", list(islice(cut, COMPARED)))
    forms = quantise(building, states)
    about = {**_about(run, recipe, data), "opens": network.opens, "passages": asdict(recipe.passages)}

    def write(form: Mapping[str, Any], heads: Sequence[LabelHead]) -> None:
        write_model(building, about={**about, **_labels(heads)}, graphs={"states": form}, indexers=indexers)

    scores = {}
    for precision, form in forms.items():
        write(form, heads)
        scores[precision] = score_of(_scored(building, data.dev))
    kept = [name for name, score in scores.items() if name == "fp32" or scores["fp32"] - score < INT8_LOSS][-1]
    for precision, form in forms.items():
        if precision != kept:
            (building / form["file"]).unlink()
    write(forms[kept], heads)
    _end(run, building, data, heads, lambda chosen: write(forms[kept], chosen), curves, scores, say)


def finish_linear(
    run: Run,
    recipe: Recipe,
    ngrams: NgramIndexer,
    weights: Mapping[str, NDArray[np.float32]],
    heads: Sequence[LabelHead],
    data: Data,
    curves: Sequence[Point],
    say: Callable[[str], None],
) -> None:
    """weights: `weights` (n-grams, columns of all heads) and `bias` (columns,)"""
    building = _building(run, recipe)
    text = json.dumps(ngrams.to_dict(), ensure_ascii=False, separators=(",", ":"))
    (building / "ngrams.json").write_text(text, "utf-8")
    (building / "linear.safetensors").write_bytes(save_arrays({**weights, "rarity": ngrams.rarity}))
    about = {**_about(run, recipe, data), "ngrams": {"file": "ngrams.json", "weights": "linear.safetensors"}}

    def write(heads: Sequence[LabelHead]) -> None:
        write_description(building, {**about, **_labels(heads)}, ["ngrams.json", "linear.safetensors"])

    write(heads)
    scores = {"fp32": score_of(_scored(building, data.dev))}
    _end(run, building, data, heads, write, curves, scores, say)


def score_of(scores: LabelScores) -> float:
    """Macro F1, or the absolute error of numbers alone, negative: the larger the better."""
    return -scores.absolute_error if scores.macro_f1 is None else scores.macro_f1


def own_scores(heads: Sequence[LabelHead], gold: Sequence[Document], predicted: Sequence[Document]) -> LabelScores:
    """Scores of the labels that the heads give."""
    names = sorted({name for document in gold for name in document.labels if any(head.owns(name) for head in heads)})
    return evaluate_labels(gold, predicted, names=names, topics=any(isinstance(head, Topics) for head in heads))


def columns_of(heads: Sequence[LabelHead]) -> list[str]:
    """What the scores of the heads stand for, one after the other."""
    return [
        f"{TOPIC}{value}" if isinstance(head, Topics) else f"{head.label}={value}"  # type: ignore[attr-defined]
        for head in heads
        for value in (head.values if head.columns > 1 else ("number",))  # type: ignore[attr-defined]
    ]


def _scored(folder: Path, gold: Sequence[Document]) -> LabelScores:
    classifier = load_classifier(folder)
    return own_scores(classifier.heads, gold, list(classifier.pipe(gold)))


def _building(run: Run, recipe: Recipe) -> Path:
    building = run.folder / "model.part"
    building.mkdir(exist_ok=True)
    (building / "recipe.yaml").write_text(recipe.to_yaml(), "utf-8")
    return building


def _about(run: Run, recipe: Recipe, data: Data) -> dict[str, Any]:
    return {
        "name": run.folder.resolve().name,
        "task": recipe.task,
        "recipe": recipe.name,
        "languages": data.about.get("languages") or languages(document.text for document in data.train),
        "licence": data.about.get("licence", ""),
        "preparation": recipe.preparation.to_dict(),
        "training": {k: data.about[k] for k in ("corpus", "split_hash") if k in data.about}
        | {"seed": recipe.training.seed},
    }


def _labels(heads: Sequence[LabelHead]) -> dict[str, Any]:
    return {"types": columns_of(heads), "labels": [head.to_dict() for head in heads]}


def _end(
    run: Run,
    building: Path,
    data: Data,
    heads: Sequence[LabelHead],
    write: Callable[[Sequence[LabelHead]], None],
    curves: Sequence[Point],
    scores: Mapping[str, float],
    say: Callable[[str], None],
) -> None:
    """Temperature and thresholds, and the files that say how the model is."""
    read = zip(load_classifier(building).scores(data.dev), data.dev, strict=True)
    pairs = [(row, document) for row, document in read if row is not None]
    before = _scored(building, data.dev)
    write(calibrated(heads, np.stack([row for row, _ in pairs]), [document for _, document in pairs]))
    classifier = load_classifier(building)
    predicted = list(classifier.pipe(data.dev))
    dev = own_scores(classifier.heads, data.dev, predicted)
    results = {
        "corpus": data.about.get("corpus"),
        "dev": {"documents": len(data.dev), **dev.to_dict()},
        "dev_score_by_precision": dict(scores),
        "dev_calibration_error_before": {
            name: one.calibration.error for name, one in before.labels.items() if one.calibration
        },
    }
    write_json(building / "scores.json", results)
    write_text(building / "card.md", label_card(read_description(building), results))
    write_text(run.folder / "dev.jsonl", "".join(jsonl.line(document) + "\n" for document in predicted))
    write_json(run.folder / "curves.json", list(curves))
    key = next(key for key in ("dev_macro_f1", "dev_minus_absolute_error") if key in curves[0])
    best = max(curves, key=lambda point: point[key])
    run.add(finished=True, best_epoch=int(best["epoch"]), **{key: dict(scores)})
    building.replace(run.model)
    words = f"dev macro F1 {dev.macro_f1:.4f}" if dev.macro_f1 is not None else f"dev MAE {dev.absolute_error:.4f}"
    say(f"{words} (epoch {best['epoch']:.0f}); the model is in {run.model}")
