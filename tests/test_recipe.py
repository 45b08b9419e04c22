import copy
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from epicrisis.errors import RecipeError
from epicrisis.models import parts_and_settings
from epicrisis.parts.encoders import ENCODERS
from epicrisis.recipe import (
    BELOW,
    CHOICES,
    LEAST,
    MOST,
    ODD,
    JointSettings,
    LinearSettings,
    Optimizer,
    Passages,
    Recipe,
    Schedule,
    Training,
    check_recipe,
    load_recipe,
    recipe_files,
)
from epicrisis.text import OVERLAPS, SCHEMES

PARTS = parts_and_settings()
SMALL: dict[str, Any] = {
    "name": "small",
    "paper": "Somebody 2016",
    "published": {"f1": 0.9},
    "passages": {"budget": 64, "overlap": 8},
    "model": {
        "task": "tagger",
        "embedder": [{"type": "words", "size": 50}, {"type": "character_cnn", "widths": [3, 5]}],
        "encoder": {"type": "bilstm", "hidden_size": 100},
        "attention": {"type": "nothing"},
        "decoder": {"type": "crf", "scheme": "bioes"},
    },
    "training": {"optimizer": {"type": "sgd", "rate": 1}, "patience": 3},
}


def changed(place: str, value: Any) -> dict[str, Any]:
    data = copy.deepcopy(SMALL)
    here: Any = data
    *outer, last = place.split(".")
    for key in outer:
        here = here[int(key)] if isinstance(here, list) else here[key]
    here[int(last) if isinstance(here, list) else last] = value
    return data


def mistakes(data: dict[str, Any]) -> list[str]:
    with pytest.raises(RecipeError) as raised:
        check_recipe(data, PARTS, "small.yaml")
    return str(raised.value).splitlines()


@pytest.mark.parametrize("name", recipe_files())
def test_every_recipe_of_the_package_is_valid_and_has_its_files_name(name: str) -> None:
    recipe = load_recipe(name, PARTS)
    assert recipe.name == name
    assert recipe.paper


def test_there_are_recipes() -> None:
    assert "cnn-bilstm-crf" in recipe_files()


@pytest.mark.parametrize("name", recipe_files())
def test_a_recipe_with_every_default_filled_in_survives_yaml(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name, PARTS)
    file = tmp_path / "resolved.yaml"
    file.write_text(recipe.to_yaml(), "utf-8")
    assert load_recipe(str(file), PARTS) == recipe
    assert load_recipe(str(file), PARTS).to_yaml() == recipe.to_yaml()


def test_defaults_are_filled_in_and_what_was_said_is_kept() -> None:
    recipe = check_recipe(SMALL, PARTS, "small.yaml")
    words, characters = recipe.embedder
    assert words.settings == {"size": 50, "vectors": "", "trained": True, "dropout": 0.0}
    assert characters.settings["widths"] == (3, 5)
    assert recipe.encoder.settings == {"hidden_size": 100, "layers": 1, "dropout": 0.5}
    assert recipe.decoder.settings == {"scheme": "bioes"}
    assert recipe.training.optimizer.rate == 1.0
    assert isinstance(recipe.training.optimizer.rate, float)
    assert (recipe.training.optimizer.type, recipe.training.optimizer.clip) == ("sgd", 5.0)
    assert (recipe.training.patience, recipe.training.epochs) == (3, 50)
    assert (recipe.passages.budget, recipe.passages.overlap) == (64, 8)


def test_what_is_left_out_is_nothing_or_the_default() -> None:
    model = {"embedder": [{"type": "casing"}], "decoder": {"type": "softmax"}}
    recipe = check_recipe({"model": model}, PARTS, "x.yaml")
    assert (recipe.encoder.type, recipe.attention.type, recipe.task) == ("nothing", "nothing", "tagger")
    assert recipe == check_recipe(yaml.safe_load(recipe.to_yaml()), PARTS, "x.yaml")


def test_all_mistakes_are_reported_at_once_each_with_its_place() -> None:
    data = copy.deepcopy(SMALL)
    data["model"]["encoder"] = {"type": "bilsm"}
    data["model"]["embedder"][0]["sise"] = 50
    data["model"]["embedder"][1]["widths"] = 3
    data["training"]["optimizer"]["type"] = "adam"
    data["training"]["epochs"] = "many"
    data["pasages"] = {}
    assert mistakes(data) == [
        "small.yaml, pasages: there is no such setting. Did you mean 'passages'? "
        "There are: name, paper, published, passages, model, training.",
        "small.yaml, model.embedder.0.sise: there is no such setting. Did you mean 'size'? "
        "There are: type, size, trained, dropout, vectors.",
        "small.yaml, model.embedder.1.widths: a list of int is expected, not 3",
        f"small.yaml, model.encoder: no 'bilsm'. Did you mean 'bilstm'? There are: {', '.join(ENCODERS)}.",
        "small.yaml, training.optimizer.type: no 'adam'. Did you mean 'adamw'? There are: adamw, sgd.",
        "small.yaml, training.epochs: int is expected, not 'many'",
    ]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("model.task", "taggr", "model.task: no 'taggr'. Did you mean 'tagger'?"),
        ("model.task", 3, "model.task: str is expected, not 3"),
        ("model.embedder", {"type": "words"}, "model.embedder: a list of parts is expected here"),
        ("model.embedder", [], "model.embedder: a list of parts is expected here"),
        ("model.embedder.0", {}, "model.embedder.0: 'type' is missing. There are: words,"),
        ("model.embedder.0.size", "50", "model.embedder.0.size: int is expected, not '50'"),
        ("model.embedder.0.size", True, "model.embedder.0.size: int is expected, not True"),
        ("model.embedder.0.size", 50.0, "model.embedder.0.size: int is expected, not 50.0"),
        ("model.embedder.0.trained", 1, "model.embedder.0.trained: bool is expected, not 1"),
        ("model.embedder.1.widths", ["3"], "model.embedder.1.widths: a list of int is expected, not ['3']"),
        ("model.embedder", [{"type": "casing"}] * 2, "model.embedder: the same part stands there twice"),
        ("model.encoder", "bilstm", "model.encoder: keys and values are expected here, such as 'type: crf'"),
        ("model.encoder", {"type": "dilated_cnn", "width": 2}, "model.encoder.width: an odd number is expected, not 2"),
        ("model.encoder", {"type": "dilated_cnn", "dilations": [0]}, "model.encoder.dilations: at least 1 is expected"),
        ("model.encoder", {"type": "transformer_encoder", "positions": "?"}, "model.encoder.positions: no '?'. There"),
        ("model.encoder", {"type": "transformer_encoder", "heads": 0}, "model.encoder.heads: at least 1 is expected"),
        ("model.encoder.dropout", None, "model.encoder.dropout: float is expected, not None"),
        ("model.decoder.scheme", 3, "model.decoder.scheme: str is expected, not 3"),
        ("model.decoder.type", ["crf"], "model.decoder: no ['crf']."),
        ("model", None, "model: keys and values are expected here"),
        ("training", [], "training: keys and values are expected here"),
        ("training.optimizer", "sgd", "training.optimizer: keys and values are expected here"),
        ("training.optimizer.rate", "1e-3", "training.optimizer.rate: float is expected, not '1e-3'"),
        ("training.optimizer.rate", -0.1, "training.optimizer.rate: at least 0.0 is expected, not -0.1"),
        ("training.epochs", 0, "training.epochs: at least 1 is expected, not 0"),
        ("training.precision", "fp16", "training.precision: no 'fp16'. Did you mean 'bf16'? There are: fp32, bf16."),
        ("training.schedule", {"type": "cosin"}, "training.schedule.type: no 'cosin'. Did you mean 'cosine'?"),
        ("passages.budget", "many", "passages.budget: int is expected, not 'many'"),
        ("passages.overlap", None, "passages.overlap: int is expected, not None"),
        ("passages.budget", 8, "passages.overlap: it has to be smaller than the budget"),
        ("passages.budget", 0, "passages.budget: at least 1 is expected, not 0"),
        ("training.optimizer.rate", math.nan, "training.optimizer.rate: a finite number is expected, not nan"),
        ("training.optimizer.rate", math.inf, "training.optimizer.rate: a finite number is expected, not inf"),
        ("training.optimizer.rate", 10**400, "training.optimizer.rate: float is expected, not 1000"),
        ("training.optimizer", {"momentum": 5.0}, "training.optimizer.momentum: less than 1.0 is expected, not 5.0"),
        ("training.optimizer", {"momentum": -0.1}, "training.optimizer.momentum: at least 0.0 is expected, not -0.1"),
        ("training.optimizer", {"clip": -1}, "training.optimizer.clip: at least 0.0 is expected, not -1.0"),
        ("training.optimizer", {"decay": -1}, "training.optimizer.decay: at least 0.0 is expected, not -1.0"),
        ("training.schedule", {"warm_up": 5}, "training.schedule.warm_up: at most 1.0 is expected, not 5.0"),
        ("training.schedule", {"warm_up": -0.1}, "training.schedule.warm_up: at least 0.0 is expected, not -0.1"),
        ("training.average", 2.0, "training.average: less than 1.0 is expected, not 2.0"),
        ("training.average", -0.5, "training.average: at least 0.0 is expected, not -0.5"),
        ("training.seed", -1, "training.seed: at least 0 is expected, not -1"),
        ("training.seed", 10**20, "training.seed: at most 4294967295 is expected, not 100000000000000000000"),
        ("model.embedder.0.size", 0, "model.embedder.0.size: at least 1 is expected, not 0"),
        ("model.embedder.0.size", 10**20, "model.embedder.0.size: at most 100000 is expected, not 1000"),
        ("model.embedder.0.dropout", 1.5, "model.embedder.0.dropout: less than 1.0 is expected, not 1.5"),
        ("model.embedder.1.filters", 0, "model.embedder.1.filters: at least 1 is expected, not 0"),
        ("model.embedder.1.widths", [], "model.embedder.1.widths: a list of int is expected, not []"),
        ("model.embedder.1.widths", [3, 2], "model.embedder.1.widths: an odd number is expected, not 2"),
        ("model.embedder.1.widths", [-1], "model.embedder.1.widths: at least 1 is expected, not -1"),
        ("model.encoder.hidden_size", 0, "model.encoder.hidden_size: at least 1 is expected, not 0"),
        ("model.encoder.layers", 0, "model.encoder.layers: at least 1 is expected, not 0"),
        ("model.encoder.layers", 10**9, "model.encoder.layers: at most 100 is expected, not 1000000000"),
        ("model.encoder.dropout", 1.0, "model.encoder.dropout: less than 1.0 is expected, not 1.0"),
        ("model.encoder.dropout", -0.1, "model.encoder.dropout: at least 0.0 is expected, not -0.1"),
        ("model.encoder.dropout", math.nan, "model.encoder.dropout: a finite number is expected, not nan"),
        ("model.decoder.scheme", "bieso", "model.decoder.scheme: no 'bieso'. Did you mean 'bioes'? There are: io,"),
    ],
)
def test_a_wrong_value_is_reported_with_its_place_and_what_was_expected(place: str, value: Any, expected: str) -> None:
    found = mistakes(changed(place, value))
    assert any(line.startswith(f"small.yaml, {expected}") for line in found), found


CLASSIFIER: dict[str, Any] = {
    "name": "mood",
    "model": {
        "task": "classifier",
        "embedder": [{"type": "words"}],
        "pooling": {"type": "max"},
        "heads": [{"type": "classes"}, {"type": "ordinal", "order": ["bad", "good"]}],
    },
}


def test_a_classifier_has_pooling_and_heads_instead_of_a_decoder() -> None:
    recipe = check_recipe(CLASSIFIER, PARTS, "mood.yaml")
    assert recipe.pooling is not None
    assert (recipe.pooling.type, [head.type for head in recipe.heads]) == ("max", ["classes", "ordinal"])
    assert recipe.heads[1].settings == {"dropout": 0.5, "label": "sentiment", "order": ("bad", "good")}
    assert check_recipe(yaml.safe_load(recipe.to_yaml()), PARTS, "mood.yaml") == recipe
    assert "decoder" not in recipe.to_dict()["model"]
    linear = {"name": "line", "model": {"task": "linear", "heads": [{"type": "topics"}], "linear": {"strengths": [1]}}}
    made = check_recipe(linear, PARTS, "line.yaml")
    assert made.linear.strengths == (1.0,)
    assert check_recipe(yaml.safe_load(made.to_yaml()), PARTS, "line.yaml") == made
    assert set(made.to_dict()["model"]) == {"task", "linear", "heads"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"decoder": {"type": "crf"}}, "model.decoder: there is no such setting."),
        ({"pooling": None}, "model.pooling: keys and values are expected here"),
        ({"pooling": {"type": "mix"}}, "model.pooling: no 'mix'. Did you mean 'max'?"),
        ({"preparation": {}}, "model.preparation: there is no such setting."),
        ({"heads": []}, "model.heads: a list of parts is expected here, such as [{type: classes}]"),
        ({"heads": [{"type": "ordinal", "order": "up"}]}, "model.heads.0.order: a list of str is expected"),
        ({"heads": [{"type": "classes", "dropout": 1}]}, "model.heads.0.dropout: less than 1.0 is expected"),
        ({"task": "linear", "linear": {"words": 99}}, "model.linear.words: at most 9 is expected, not 99"),
        ({"task": "linear"}, "model.heads: the task linear has heads of the types classes and topics alone"),
        ({"task": "linear", "linear": {"strengths": [0]}}, "model.linear.strengths: at least 1e-06 is expected"),
    ],
)
def test_a_wrong_classifier_says_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    found = mistakes({**CLASSIFIER, "model": {**CLASSIFIER["model"], **change}})
    assert any(line.startswith(f"small.yaml, {expected}") for line in found), found


def test_how_a_text_is_prepared_is_part_of_a_classifier_alone() -> None:
    steps = {"steps": ["case", "terms"], "terms": {"bp": "blood pressure"}}
    recipe = check_recipe({**CLASSIFIER, "preparation": steps}, PARTS, "mood.yaml")
    assert recipe.preparation.prepare("BP low").text == "blood pressure low"
    assert recipe.to_dict()["preparation"] == steps
    (mistake,) = mistakes({**CLASSIFIER, "preparation": {"steps": ["cases"]}})
    assert mistake.startswith("small.yaml, preparation has no step 'cases'. Did you mean 'case'?")
    assert "preparation" in " ".join(mistakes({**SMALL, "preparation": {}}))
    assert "preparation" not in check_recipe(SMALL, PARTS, "small.yaml").to_dict()


def test_the_values_at_the_ends_of_the_ranges_are_allowed() -> None:
    data = copy.deepcopy(SMALL)
    data["model"]["embedder"][1] |= {"size": 1, "filters": 1, "widths": [1], "dropout": 0}
    data["model"]["encoder"] |= {"hidden_size": 1, "layers": 1, "dropout": 0.99}
    data["training"] = {
        "optimizer": {"rate": 0, "decay": 0, "clip": 0, "momentum": 0},
        "schedule": {"warm_up": 1},
        "average": 0.999,
        "seed": 2**32 - 1,
    }
    assert check_recipe(data, PARTS, "small.yaml").training.schedule.warm_up == 1.0


def test_every_number_that_a_recipe_holds_has_a_range() -> None:
    sections = {"passages": Passages, "training": Training}
    sections |= {"training.optimizer": Optimizer, "training.schedule": Schedule, "model.joint": JointSettings}
    sections |= {"model.linear": LinearSettings}
    kinds = (int, float, tuple[float, ...])
    numbers = {f"{place}.{f.name}" for place, kind in sections.items() for f in fields(kind) if f.type in kinds}
    numbers |= {
        setting
        for family in PARTS.values()
        for settings in family.values()
        for setting, (kind, _) in settings.items()
        if kind in (int, float, tuple[int, ...])
    }
    assert numbers == set(LEAST)
    assert {*MOST, *BELOW, *ODD} <= numbers


def test_the_choices_of_a_decoder_are_those_of_its_codec() -> None:
    assert CHOICES["scheme"] == tuple(SCHEMES)
    assert CHOICES["overlap"] == OVERLAPS


def test_changes_of_the_command_line_are_made_before_the_check() -> None:
    changes = [
        "model.encoder.hidden_size=64",
        "model.embedder.1.filters=20",
        "model.decoder.type=softmax",
        "model.decoder.scheme=io",
        "training.optimizer.rate=0.5",
        "training.schedule.type=linear",
        "model.embedder.0.vectors=''",
    ]
    recipe = load_recipe("cnn-bilstm-crf", PARTS, changes)
    assert recipe.encoder.settings["hidden_size"] == 64
    assert recipe.embedder[1].settings["filters"] == 20
    assert (recipe.decoder.type, recipe.decoder.settings) == ("softmax", {"scheme": "io"})
    assert (recipe.training.optimizer.rate, recipe.training.schedule.type) == (0.5, "linear")
    assert recipe.embedder[0].settings["vectors"] == ""
    untouched = load_recipe("cnn-bilstm-crf", PARTS)
    assert recipe.encoder.settings["dropout"] == untouched.encoder.settings["dropout"]


def test_a_change_can_bring_in_what_the_recipe_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("model: {embedder: [{type: casing}], decoder: {type: crf}}")
    recipe = load_recipe(str(file), PARTS, ["training.seed=7", "model.encoder.type=bilstm"])
    assert (recipe.name, recipe.training.seed, recipe.encoder.type) == ("mine", 7, "bilstm")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("model.encoder.hidden_size", "it has the form model.encoder.hidden_size=128"),
        ("=3", "it has the form model.encoder.hidden_size=128"),
        ("model.encoder.hidden=3", "model.encoder.hidden: there is no such setting. Did you mean 'hidden_size'?"),
        ("model.encoder.hidden_size=many", "model.encoder.hidden_size: int is expected, not 'many'"),
        ("model.embedder.9.size=3", "there is nothing at '9'"),
        ("model.embedder.words.size=3", "there is nothing at 'words'"),
        ("model.encoder.type.size=3", "model.encoder.type has no settings"),
        ("model.encoder=[", "the value is no YAML"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change: str, expected: str) -> None:
    with pytest.raises(RecipeError) as raised:
        load_recipe("cnn-bilstm-crf", PARTS, [change])
    assert expected in str(raised.value)


def test_an_unknown_recipe_suggests_one_and_says_how_to_give_a_file() -> None:
    with pytest.raises(RecipeError) as raised:
        load_recipe("cnn-bilstm-cfr", PARTS)
    assert "no recipe 'cnn-bilstm-cfr'. Did you mean 'cnn-bilstm-crf'? There are: " in str(raised.value)
    assert "A recipe of your own is given as a .yaml file" in str(raised.value)


@pytest.mark.parametrize("name", ["missing.yaml", "folder/missing"])
def test_a_file_that_is_not_there_is_an_error(name: str) -> None:
    with pytest.raises(RecipeError, match="there is no such file"):
        load_recipe(name, PARTS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"model:\n  task: [\n", "line 3: this is no YAML; is the indentation right?"),
        (b"model: \xff", "this is no YAML"),
        (b"- words\n", "a recipe has the keys paper, published, passages, model and training"),
        (b"", "a recipe has the keys paper, published, passages, model and training"),
    ],
)
def test_a_file_that_is_no_recipe_is_an_error(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    with pytest.raises(RecipeError) as raised:
        load_recipe(str(file), PARTS)
    assert expected in str(raised.value)
    assert str(file) in str(raised.value)


def test_a_recipe_is_data_that_can_be_compared() -> None:
    recipe = check_recipe(SMALL, PARTS, "small.yaml")
    assert isinstance(recipe, Recipe)
    assert recipe != check_recipe(changed("training.patience", 4), PARTS, "small.yaml")
