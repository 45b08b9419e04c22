"""Six invented notes and a recipe small enough to learn them in a second or two."""

import json
from collections.abc import Sequence
from typing import Any

from epicrisis.document import Document, Entity
from epicrisis.models import parts_and_settings
from epicrisis.recipe import Recipe, check_recipe
from epicrisis.training import Data, Run

MARKED = {
    "n1": "She took [Drug 5 mg of warfarin] for [Problem atrial fibrillation].",
    "n2": "No [Problem fever]. [Drug Aspirin] was stopped on day 3.\nNo [Problem chest pain] since.",
    "n3": "Known [Problem diabetes mellitus], on [Drug metformin] 500 mg twice daily.",
    "n4": "Plan:\n\n[Drug Amoxicillin], then home.\n\nNo [Problem rash].",
    "n5": "Mild [Problem headache] and [Problem nausea] after [Drug metformin].",
    "n6": "患者[Problem 头痛]三天,服用[Drug 阿司匹林]后好转。",
}


def marked(id_: str, text: str) -> Document:
    """A document of a text in which every entity stands as [Type words]."""
    plain, entities = "", []
    for piece in text.split("["):
        inside, bracket, after = piece.partition("]")
        if not bracket:
            plain += piece
            continue
        type_, _, words = inside.partition(" ")
        entities.append(Entity(type_, ((len(plain), len(plain) + len(words)),)))
        plain += words + after
    return Document(id_, plain, tuple(entities))


NOTES = [marked(id_, text) for id_, text in MARKED.items()]


def data(train: Sequence[Document] = NOTES, dev: Sequence[Document] = NOTES) -> Data:
    split = {"train": [d.id for d in train], "dev": [d.id for d in dev], "test": []}
    about = {"corpus": "invented", "split_hash": "abc", "licence": "CC0-1.0", "languages": ["en", "zh"]}
    return Data(train, dev, split, about)


DATA = data()

RECIPE: dict[str, Any] = {
    "name": "tiny",
    "passages": {"budget": 12, "overlap": 4},
    "model": {
        "embedder": [
            {"type": "words", "size": 8, "vectors": ""},
            {"type": "character_cnn", "size": 6, "filters": 6, "dropout": 0.1},
        ],
        "encoder": {"type": "bilstm", "hidden_size": 8, "dropout": 0.1},
        "decoder": {"type": "crf", "scheme": "bio"},
    },
    "training": {"optimizer": {"rate": 0.02}, "epochs": 25, "patience": 25, "batch_tokens": 40},
}


def tiny_recipe(decoder: dict[str, Any] | None = None, **training: Any) -> Recipe:
    model = {**RECIPE["model"], "decoder": decoder or RECIPE["model"]["decoder"]}
    changed = {**RECIPE, "model": model, "training": {**RECIPE["training"], **training}}
    return check_recipe(changed, parts_and_settings(), "tiny")


SHORT = {"epochs": 5, "batch_tokens": 24, "optimizer": {"rate": 0.03}, "schedule": {"type": "cosine", "warm_up": 0.1}}
TWO_NOTES = data([NOTES[0], NOTES[4]] * 8, [NOTES[0], NOTES[4]])
"""Learned in three of those short epochs."""


def weights(run: Run) -> bytes:
    return (run.model / "network.safetensors").read_bytes()


def curves(run: Run) -> list[dict[str, float]]:
    points = json.loads((run.folder / "curves.json").read_text())
    return [{key: value for key, value in point.items() if "seconds" not in key} for point in points]
