"""Searches, first for the top of a hill that costs nothing, then for settings of small recipes."""

import itertools
import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from epicrisis.cli.tune import usual
from epicrisis.errors import ModelError, RecipeError, UsageError
from epicrisis.models import parts_and_settings
from epicrisis.recipe import check_recipe, load_recipe, recipe_files
from epicrisis.training.tuning import Choice, Range, best_of, changes_of, parse_vary, search, tune

from .labelled import label_data, label_recipe

SPACE = parse_vary(["x=-4..4", "y=0.001..10:log", "kind=a,b"])


def hill(number: int, settings: dict[str, Any]) -> float:
    """Highest at x 1, y 0.1, kind b."""
    if settings["kind"] == "a" and settings["x"] > 3:
        raise ModelError("too steep")
    return -abs(settings["x"] - 1) - abs(settings["y"] - 0.1) - (settings["kind"] == "a")


def searched(trials: int = 12, method: str = "tpe", seed: int = 1, done: Any = (), stop: int = 99) -> list[Any]:
    kept: list[Any] = []

    def score(number: int, settings: dict[str, Any]) -> float:
        if number == stop:
            raise KeyboardInterrupt
        return hill(number, settings)

    def keep(found: Any) -> None:
        kept[:] = json.loads(json.dumps(found))

    with suppress(KeyboardInterrupt):
        search(SPACE, score, done, trials=trials, method=method, seed=seed, keep=keep, say=lambda line: None)
    return kept


def test_what_is_varied_is_read() -> None:
    assert SPACE["x"] == Range(-4, 4, whole=True, log=False)
    assert SPACE["y"] == Range(0.001, 10, whole=False, log=True)
    assert SPACE["kind"] == Choice(("a", "b"))
    assert parse_vary(["a=1,2.5,true,1e-3,[3, 4]"]) == {"a": Choice((1, 2.5, True, 0.001, [3, 4]))}
    assert parse_vary(["a=1e-4..1e-2:log"])["a"].grid() == [0.0001, 0.001, 0.01]
    assert parse_vary(["a=64..256:log"])["a"].grid() == [64, 128, 256]
    assert parse_vary(["a=1..2"])["a"].grid() == [1, 2]


@pytest.mark.parametrize("given", ["a", "a=", "=1", "a=2..1", "a=0..1:log", "a=x..1", "a=1..2:lin", "a=[", "a=1..inf"])
def test_what_cannot_be_varied_is_an_error(given: str) -> None:
    with pytest.raises(UsageError, match="--vary"):
        parse_vary([given])
    with pytest.raises(UsageError, match="is varied twice"):
        parse_vary(["a=1", "a=2"])


def test_a_grid_tries_all_there_is_and_the_best_is_found() -> None:
    found = searched(method="grid")
    expected = itertools.product([-4, 0, 4], [0.001, 0.1, 10], ["a", "b"])
    assert [tuple(trial["settings"].values()) for trial in found] == list(expected)
    assert [trial["settings"]["x"] for trial in found if "error" in trial] == [4, 4, 4]
    best = best_of(found)
    assert best is not None
    assert best["settings"] == {"x": 0, "y": 0.1, "kind": "b"}


def test_trials_learn_from_those_before_them() -> None:
    found = searched(40)
    best = best_of(found)
    assert best is not None
    assert best["score"] > -0.5
    scores = [trial.get("score", -10) for trial in found]
    assert sum(scores[20:]) / 20 > sum(scores[:5]) / 5 + 0.5, "the first five are drawn at random"
    assert all(-4 <= t["settings"]["x"] <= 4 and 0.001 <= t["settings"]["y"] <= 10 for t in found)
    assert searched(12, seed=2) != searched(12)


@pytest.mark.parametrize("method", ["tpe", "grid"])
def test_a_search_that_was_stopped_comes_out_as_one_that_was_not(method: str) -> None:
    whole = searched(method=method)
    half = searched(method=method, stop=7)
    assert len(half) == 8
    assert set(half[7]) == {"settings"}
    assert searched(method=method, done=half) == whole


def made(changes: Any) -> Any:
    data = label_recipe(epochs=8).to_dict()
    for change in changes:
        key, _, value = change.partition("=")
        *outer, last = key.split(".")
        here = data
        for name in outer:
            here = here[name]
        here[last] = yaml.safe_load(value)
    return check_recipe(data, parts_and_settings(), "tiny")


def test_a_score_that_is_no_number_is_a_trial_that_failed() -> None:
    scores = iter([0.5, math.nan, 0.7, -math.inf, 0.6, 0.4, 0.3, 0.2])
    kept: list[Any] = []
    found = search(
        SPACE, lambda *_: next(scores), (), trials=8, method="tpe", seed=1, keep=kept.append, say=lambda line: None
    )
    assert [trial.get("error") for trial in found[:4]] == [None, "its score is no number"] * 2
    assert best_of(found) == {"number": 2, **found[2]}


def tuned(out: Path, *vary: str, **settings: Any) -> Any:
    given = {"trials": 3, "method": "grid", "seed": 1, "resume": False, "say": lambda line: None, **settings}
    return tune(made, parse_vary(vary or ["training.optimizer.rate=0.0,0.03"]), label_data(), out, **given)


def test_settings_are_tried_in_run_folders_and_the_best_becomes_a_recipe(tmp_path: Path) -> None:
    said: list[str] = []
    best = tuned(tmp_path / "out", say=said.append)
    assert best["settings"] == {"training.optimizer.rate": 0.03}
    kept = json.loads((tmp_path / "out" / "trials.json").read_text("utf-8"))["trials"]
    assert [trial["settings"]["training.optimizer.rate"] for trial in kept] == [0.0, 0.03]
    assert kept[1]["score"] == best["score"] > kept[0]["score"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("best.yaml", "trial-000", "trial-001", "trials.json"),
    ]
    assert (tmp_path / "out" / "trial-001" / "model" / "model.json").is_file()
    assert not (tmp_path / "out" / "trial-001" / "checkpoints").exists()
    recipe = load_recipe(str(tmp_path / "out" / "best.yaml"), parts_and_settings())
    assert recipe.training.optimizer.rate == 0.03
    assert len(said) == 2
    with pytest.raises(ModelError, match="a search lies here"):
        tuned(tmp_path / "out")
    with pytest.raises(ModelError, match="this search is of another recipe"):
        tuned(tmp_path / "out", "training.optimizer.rate=0.01,0.02", resume=True)
    assert tuned(tmp_path / "out", resume=True) == best


def test_settings_that_the_recipe_does_not_know_are_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="there is no such setting"):
        tuned(tmp_path / "out", "model.encoder.hiden=1,2")
    assert not (tmp_path / "out").exists()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match="holds no search"):
        tuned(tmp_path)


@pytest.mark.parametrize("name", recipe_files())
def test_what_is_tried_by_default_are_settings_of_the_recipe(name: str) -> None:
    parts = parts_and_settings()
    recipe = load_recipe(name, parts)
    for key, one in parse_vary(usual(recipe)).items():
        for value in one.grid():
            load_recipe(name, parts, changes_of({key: value}))
