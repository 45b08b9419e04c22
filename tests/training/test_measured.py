"""A run with its scores and costs, in one process."""

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from epicrisis.corpora import Report
from epicrisis.corpora.formats import jsonl
from epicrisis.errors import ModelError
from epicrisis.evaluation import evaluate
from epicrisis.models import parts_and_settings
from epicrisis.recipe import load_recipe
from epicrisis.runtime import Annotator, load
from epicrisis.training import Run
from epicrisis.training import measured as module
from epicrisis.training.machine import commit, machine, peak_megabytes
from epicrisis.training.measured import count_words, flops_of, network_costs, train_and_measure

from .invented import NOTES, data, tiny_recipe

TRAIN, TEST = NOTES[:4], NOTES[4:]
DATA = data(TRAIN, TRAIN)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("measured") / "run"
    return folder, train_and_measure(tiny_recipe(), DATA, TEST, folder, say=lambda line: None)


def test_scores_are_those_of_the_model_on_each_part(done: tuple[Path, dict[str, Any]]) -> None:
    folder, result = done
    for part, gold in (("dev", TRAIN), ("test", TEST)):
        expected = evaluate(gold, list(load(folder).pipe(gold))).to_dict()
        assert result[part]["documents"] == len(gold)
        for measure in ("strict", "boundary", "partial", "type"):
            assert result[part]["scores"][measure] == expected["scores"][measure]
        assert {"micro", "macro", "weighted"} <= set(result[part]["scores"]["token"])
        assert result[part]["codec"]["dropped"] == 0
        interval = result[part]["strict_f1_interval"]
        assert interval["low"] <= expected["scores"]["strict"]["micro"]["f1"] <= interval["high"]
    assert result["dev"]["scores"]["strict"]["micro"]["f1"] > 0.9, "learned by heart"
    kept = list(jsonl.CORPUS.read(folder / "test.jsonl", Report()))
    assert [document.entities for document in kept] == [document.entities for document in load(folder).pipe(TEST)]


def test_costs_are_those_of_the_run(done: tuple[Path, dict[str, Any]]) -> None:
    folder, result = done
    curves = json.loads((folder / "curves.json").read_text())
    training = result["training"]
    assert training["seconds"] == pytest.approx(sum(point["seconds"] for point in curves), abs=0.01)
    assert training["epochs"] == len(curves) == 25
    best = max(point["dev_strict_f1"] for point in curves)
    assert curves[training["best_epoch"] - 1]["dev_strict_f1"] == best
    assert 50 < training["peak_megabytes"] <= peak_megabytes()
    weights = load_file(folder / "model" / "network.safetensors")
    empty = weights["embedder.embedders.words.table"]  # this recipe has no pre-trained vectors
    assert result["parameters"]["trained"] == sum(weight.numel() for weight in weights.values()) - empty.numel()
    assert result["parameters"]["total"] == result["parameters"]["trained"]
    recipe = load_recipe(str(folder / "recipe.yaml"), parts_and_settings())
    with_vectors = network_costs(
        recipe, load(folder), {**weights, "embedder.embedders.words.table": torch.ones_like(empty)}
    )
    assert with_vectors[0] == result["parameters"]["total"] + empty.numel()
    assert with_vectors[1] == result["parameters"]["trained"]
    assert result["annotating"]["words_per_second"] > 0
    assert result["settings"]["training"]["seed"] == 1


def test_nothing_of_the_test_part_is_seen_in_training(done: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _ = done
    other = [replace(note, id=f"{note.id}-other", text=note.text.upper(), entities=()) for note in TEST]
    train_and_measure(tiny_recipe(), DATA, other, tmp_path / "run", say=lambda line: None)
    for file in ("model/network.safetensors", "dev.jsonl"):
        assert (tmp_path / "run" / file).read_bytes() == (folder / file).read_bytes()


def test_gold_is_not_shown_to_the_annotator(done: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(self: Annotator, documents: Any, **options: Any) -> Any:
        documents = list(documents)
        seen.extend(documents)
        return pipe(self, documents, **options)

    pipe = Annotator.pipe
    monkeypatch.setattr(Annotator, "pipe", spy)
    module.measure(load(done[0]), TEST)
    assert len(seen) == len(TEST) * module.REPEATS
    assert not any(document.entities for document in seen)


def test_a_run_that_was_stopped_while_it_was_scored_is_only_scored_again(
    done: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, result = done

    def no_training(*arguments: Any, **options: Any) -> None:
        raise AssertionError("it is trained")

    monkeypatch.setattr(module, "train", no_training)
    again = train_and_measure(tiny_recipe(), DATA, TEST, folder, say=lambda line: None)
    assert {key: again[key] for key in ("dev", "test", "training")} == {
        key: result[key] for key in ("dev", "test", "training")
    }


def test_a_run_goes_on_though_its_citation_was_mended(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(line: str) -> None:
        if line.startswith("epoch 2"):
            raise Stopped

    lines: list[str] = []
    recipe = tiny_recipe(epochs=4)
    with pytest.raises(Stopped):
        train_and_measure(recipe, DATA, (), tmp_path / "run", say=stop)
    first = json.loads((tmp_path / "run" / "usage.json").read_text())["peak_megabytes"]
    mended = replace(recipe, paper="Mended 2020", published={"f1": 0.9})
    result = train_and_measure(mended, DATA, (), tmp_path / "run", say=lines.append)
    epochs = [line.split()[1] for line in lines if line.startswith("epoch ")]
    assert epochs[0] in ("2", "3")
    assert epochs[-1] == "4"
    assert result["test"] is None
    assert result["annotating"]["part"] == "dev"
    assert result["training"]["peak_megabytes"] >= first
    assert Run(tmp_path / "run").finished


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"epoch 1, batch \d+: the loss is no number"):
        train_and_measure(
            tiny_recipe(optimizer={"rate": 1e30, "clip": 0.0}), DATA, TEST, tmp_path / "run", say=lambda line: None
        )


def test_words_of_both_languages_are_counted() -> None:
    assert count_words("She took 5 mg,\nthen\tslept.") == 6
    assert count_words("患者头痛3天 (CT)") == 7


def test_operations_are_counted_where_the_network_knows_them() -> None:
    class Knows:
        def flops(self, tokens: int) -> int:
            return 10 * tokens

    assert flops_of(Knows(), 128) == 1280
    assert flops_of(object(), 128) is None


def test_the_machine_has_no_name_and_the_commit_is_one() -> None:
    about = machine()
    assert about["cores"] >= 1
    assert platform.node() not in json.dumps(about)
    found = commit()
    assert found is None or (len(found["id"]) == 40 and isinstance(found["dirty"], bool))
