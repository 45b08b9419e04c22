"""Invented notes with relations and attributes, and a joint recipe small enough to learn them."""

from typing import Any

import torch

from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.encoding import Indexer
from epicrisis.models import Joint, fit_indexers, make_tagger, parts_and_settings
from epicrisis.recipe import Recipe, check_recipe
from epicrisis.text import Codec, PassageRule, passages
from epicrisis.training import Data
from epicrisis.training.tagging import relation_codec

RULE = PassageRule(12, 4)


def related(id_: str, marked: str, *relations: tuple[str, str], negated: str = "") -> Document:
    """A document of a text in which every entity stands as [id:Type words]; negated: ids of those that are."""
    text, entities = "", []
    for piece in marked.split("["):
        inside, bracket, after = piece.partition("]")
        if not bracket:
            text += piece
            continue
        name, _, words = inside.partition(" ")
        key, _, type_ = name.partition(":")
        said = {"assertion": Attribute("negated")} if key in negated.split() else {}
        entities.append(Entity(type_, ((len(text), len(text) + len(words)),), id=key, attributes=said))
        text += words + after
    return Document(id_, text, tuple(entities), tuple(Relation("DOSE_OF", head, tail) for head, tail in relations))


NOTES = [
    related(
        "a",
        "She took [a:Dose 5 mg] of [b:Drug warfarin] and [c:Dose 10 mg] of [d:Drug aspirin].",
        ("a", "b"),
        ("c", "d"),
    ),
    related(
        "b",
        "No [a:Problem fever]. [b:Drug Metformin] [c:Dose 500 mg] twice."
        "\n\nNo [d:Problem rash] but [e:Problem nausea].",
        ("c", "b"),
        negated="a d",
    ),
    related("c", "[a:Drug Heparin] was given, [b:Dose 20 units]. Denies [c:Problem pain].", ("b", "a"), negated="c"),
    related("d", "Known [a:Problem headache]; [b:Dose 1 g] [c:Drug paracetamol]\n\nat night.", ("b", "c")),
    related("e", "服用[a:Drug 阿司匹林][b:Dose 5 mg]。无[c:Problem 头痛]。", ("b", "a"), negated="c"),
]
DATA = Data(
    [Document(f"{n}{note.id}", note.text, note.entities, note.relations) for n in range(4) for note in NOTES],
    NOTES,
    {"train": [f"{n}{note.id}" for n in range(4) for note in NOTES], "dev": [note.id for note in NOTES]},
    {"corpus": "invented", "languages": ["en", "zh"]},
)


def joint_recipe(
    *, relations: dict[str, Any] | None = None, joint: dict[str, Any] | None = None, **training: Any
) -> Recipe:
    recipe = {
        "name": "tiny",
        "passages": {"budget": RULE.budget, "overlap": RULE.overlap},
        "model": {
            "task": "joint",
            "embedder": [{"type": "words", "size": 12, "vectors": ""}],
            "encoder": {"type": "bilstm", "hidden_size": 12, "dropout": 0.0},
            "decoder": {"type": "crf"},
            "relations": relations or {"type": "bilinear_attention", "dropout": 0.0},
            "joint": {"type_size": 4, **(joint or {})},
        },
        "training": {"optimizer": {"rate": 0.03}, "epochs": 30, "patience": 30, "batch_tokens": 60, **training},
    }
    return check_recipe(recipe, parts_and_settings(), "tiny")


def made(recipe: Recipe) -> tuple[Joint, dict[str, Indexer], Codec]:
    """The network of a recipe with fresh weights, for the notes."""
    types = sorted({entity.type for note in NOTES for entity in note.entities})
    codec = relation_codec(recipe, DATA.train, types)
    assert codec is not None
    cut = [passage for note in NOTES for passage in passages(note.text, RULE)]
    recipe, indexers = fit_indexers(recipe, cut)
    torch.manual_seed(1)
    joint, tags = make_tagger(recipe, indexers, types, codec)
    assert isinstance(joint, Joint)
    return joint, indexers, tags
