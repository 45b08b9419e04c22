"""Every recipe of the package: built small, it learns four notes by heart, and its saved model finds the same.

That is no evidence of quality: it shows that the parts of each system work together, down to the exported graph.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epicrisis.decoding import DECODERS
from epicrisis.encoding import INDEXERS
from epicrisis.encoding.contextual import LanguageModel, weight_shapes, write_language_model
from epicrisis.encoding.vectors import Vectors, write_vectors
from epicrisis.evaluation.relations import evaluate_relations
from epicrisis.models import parts_and_settings
from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.encoders import ENCODERS
from epicrisis.parts.heads import HEADS
from epicrisis.parts.pooling import POOLING
from epicrisis.parts.relations import RELATIONS
from epicrisis.recipe import LABELLING, check_recipe, read_recipe, recipe_files
from epicrisis.runtime import load_annotator
from epicrisis.training import train

from ..checkpoints import save_checkpoint
from ..parts.making import write_questions
from .invented import data, marked
from .joint import NOTES as WITH_RELATIONS

ENGLISH = [
    marked("e1", "She took [Drug 5 mg of warfarin] for [Problem fever]."),
    marked("e2", "No [Problem fever]. [Drug Aspirin] was stopped on day 3."),
    marked("e3", "Known [Problem pain], on [Drug aspirin] daily."),
    marked("e4", "Mild [Problem headache] after [Drug warfarin]."),
]
CHINESE = [
    marked("c1", "患者[Problem 头痛]三天,服用[Drug 阿司匹林]后好转。"),
    marked("c2", "无[Problem 发热],[Drug 阿司匹林]已停。"),
    marked("c3", "[Problem 头痛]伴[Problem 发热]。"),
    marked("c4", "患者服用[Drug 华法林]五天。"),
]
RELATED = [replace(note, id=f"{n}{note.id}") for n in range(2) for note in WITH_RELATIONS[:4]]
SMALL = {
    "hidden_size": 16,
    "feed_forward": 16,
    "heads": 2,
    "filters": 8,
    "dropout": 0.0,
    "layers": 1,
    "negatives": 100.0,
    "longest": 4,
    "layer_size": 16,
}
"""Settings that make any part small, or have it see all spans of so few notes."""


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What settings name, made on the spot."""
    folder = tmp_path_factory.mktemp("resources")
    words = ("头痛", "发热", "阿司匹林", "患者", "warfarin", "头", "痛")
    matrix = np.random.default_rng(1).normal(size=(len(words), 8)).astype(np.float32)
    write_vectors(Vectors(words, matrix), folder / "vectors")
    dice = np.random.default_rng(1)
    shapes = weight_shapes(len(words), 8, 1)
    weights = {name: dice.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}
    write_language_model(LanguageModel(words, 8, 1, weights), folder / "language")
    return {
        "checkpoint": str(save_checkpoint(folder / "encoder")),
        "questions": str(write_questions(folder / "questions.yaml")),
        "vectors": str(folder / "vectors"),
        "words": str(folder / "vectors"),
        "folder": str(folder / "language"),
    }


def small(name: str, resources: dict[str, str]) -> Any:
    """The recipe with small parts, and as many steps as they need."""
    recipe, _ = read_recipe(name)
    parts = parts_and_settings()
    model = recipe["model"]
    model["embedder"] = [_shrunk(part, parts["embedder"][part["type"]], resources) for part in model["embedder"]]
    for family in ("encoder", "attention", "decoder", *(("relations",) if model["task"] == "joint" else ())):
        model[family] = _shrunk(model[family], parts[family][model[family]["type"]], resources)
    if model["task"] == "joint":
        model["joint"] = {**model["joint"], "least": 1, "type_size": 4}
    recipe["passages"] = {"budget": 16, "overlap": 4}
    sentences = model["task"] == "template"  # learned piece by piece, and slower than tags
    slow = sentences or name == "mrc"
    recipe["training"] = {
        "optimizer": {"rate": 0.01, "pretrained_rate": 0.003, "clip": 1.0},
        "epochs": 120 if slow else 60,
        "patience": 60,
        "batch_tokens": 15 if sentences else 40,
        "precision": recipe["training"].get("precision", "fp32"),
    }
    return check_recipe(recipe, parts, name)


def _shrunk(part: dict[str, Any], known: Any, resources: dict[str, str]) -> dict[str, Any]:
    changes = {key: value for key, value in {**SMALL, **resources}.items() if key in known}
    return {**part, **changes, **({"size": 8} if "size" in known else {})}


TAGGING = [name for name in recipe_files() if read_recipe(name)[0]["model"]["task"] not in LABELLING]


@pytest.mark.parametrize("name", TAGGING)
def test_a_recipe_learns_four_notes_and_its_saved_model_finds_them_again(
    name: str, resources: dict[str, str], tmp_path: Path
) -> None:
    recipe = str(read_recipe(name)[0])
    joint = "'task': 'joint'" in recipe
    notes = RELATED if joint else CHINESE if "CCKS2019" in recipe or "-zh" in recipe else ENGLISH
    said: list[str] = []
    run = train(small(name, resources), data(notes, notes), tmp_path / "run", say=said.append)
    annotator = load_annotator(run.folder)
    found = list(annotator.pipe(notes))
    if joint:
        assert evaluate_relations(notes, found).strict.micro.f1 == 1, said[-1]
    for gold, document in zip(notes, found, strict=True):
        expected = [(entity.type, entity.fragments) for entity in gold.entities]
        assert [(entity.type, entity.fragments) for entity in document.entities] == expected, said[-1]
    assert [document.to_json() for document in load_annotator(run.model).pipe(notes)] == [d.to_json() for d in found]


def test_every_part_is_used_by_a_recipe() -> None:
    """A part that no recipe names has no run, and so nobody knows what it is worth."""
    used: dict[str, set[str]] = {"embedder": set(), "encoder": set(), "attention": set(), "decoder": set()}
    used |= {"relations": set(), "pooling": set(), "heads": set()}
    for name in recipe_files():
        model = read_recipe(name)[0]["model"]
        for family in ("embedder", "heads"):
            used[family] |= {part["type"] for part in model.get(family, ())}
        for family in ("encoder", "attention", "decoder", "pooling"):
            if family in model:
                used[family].add(model[family]["type"])
        if "relations" in model:
            used["relations"].add(model["relations"]["type"])
    known = {"embedder": INDEXERS, "encoder": ENCODERS, "attention": ATTENTION, "decoder": DECODERS}
    known |= {"relations": RELATIONS, "pooling": POOLING, "heads": HEADS}
    assert {family: set(table) - used[family] for family, table in known.items()} == {
        "embedder": set(),
        "encoder": set(),
        "attention": {"additive"},  # the ablation of S1's Table V, by --set
        "decoder": set(),
        "relations": {"bilinear", "context"},  # for comparison, by --set
        "pooling": set(),
        "heads": {"ordinal", "intensity", "topics"},  # of other labels than classes, by --set
    }


def test_every_recipe_says_who_described_it() -> None:
    for name in recipe_files():
        recipe, _ = read_recipe(name)
        assert recipe["paper"].strip()
        assert "published" in recipe
