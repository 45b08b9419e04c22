"""Whole runs on six invented notes: a second or two each."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
import yaml

import epicrisis.training.loop
import epicrisis.training.quantising
from epicrisis.document import Document
from epicrisis.errors import CorpusError, ModelError, RecipeError
from epicrisis.models import parts_and_settings
from epicrisis.recipe import CHOICES, TASKS, Part, Recipe, load_recipe
from epicrisis.runtime import load
from epicrisis.training import Data, Run, train
from epicrisis.training.module import TaggerModule

from ..checkpoints import save_checkpoint
from .invented import DATA, NOTES, SHORT, TWO_NOTES, curves, data, tiny_recipe, weights


def places(document: Document) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    return [(entity.type, entity.fragments) for entity in document.entities]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(tiny_recipe(), DATA, tmp_path_factory.mktemp("runs") / "tiny")


def test_the_notes_are_learned_by_heart(finished: Run) -> None:
    annotator = load(finished.folder)
    assert [places(document) for document in annotator.pipe(d.text for d in NOTES)] == [places(d) for d in NOTES]
    assert finished.read()["dev_strict_f1"] == {"fp32": 1.0}


def test_the_loaded_model_predicts_what_the_run_wrote_down(finished: Run) -> None:
    written = [Document.from_json(line) for line in (finished.folder / "dev.jsonl").read_text("utf-8").splitlines()]
    assert list(load(finished.folder).pipe(NOTES)) == written
    assert list(load(finished.model).pipe(NOTES)) == written
    assert [document.id for document in written] == [note.id for note in NOTES]


def test_a_run_folder_holds_all_that_was_done(finished: Run) -> None:
    files = {file.relative_to(finished.folder).as_posix() for file in finished.folder.rglob("*") if file.is_file()}
    assert files == {
        "recipe.yaml",
        "run.json",
        "split.json",
        "curves.json",
        "dev.jsonl",
        "checkpoints/best.ckpt",
        "checkpoints/last.ckpt",
        "model/model.json",
        "model/states.onnx",
        "model/decoder.safetensors",
        "model/network.safetensors",
        "model/words.json",
        "model/character_cnn.json",
        "model/recipe.yaml",
        "model/scores.json",
        "model/card.md",
    }
    about = finished.read()
    assert about["finished"] is True
    assert {key: about[key] for key in ("corpus", "split_hash", "recipe", "seed")} == {
        "corpus": "invented",
        "split_hash": "abc",
        "recipe": "tiny",
        "seed": 1,
    }
    assert about["codec"] == {"kept": 14, "snapped": 0, "dropped": 0}
    assert about["versions"]["torch"] == torch.__version__
    assert json.loads((finished.folder / "split.json").read_text()) == DATA.split
    found = curves(finished)
    assert [point["epoch"] for point in found] == list(range(1, 26))
    assert found[about["best_epoch"] - 1]["dev_strict_f1"] == max(point["dev_strict_f1"] for point in found) == 1.0
    assert found[-1]["loss"] < 0.1 * found[0]["loss"]


def test_the_saved_recipe_trains_the_same_network_again(finished: Run, tmp_path: Path) -> None:
    recipe = load_recipe(str(finished.recipe), parts_and_settings())
    assert weights(train(recipe, DATA, tmp_path / "tiny")) == weights(finished)


def test_the_model_says_what_it_is(finished: Run) -> None:
    about = json.loads((finished.model / "model.json").read_text())
    expected = {
        "schema": 1,
        "name": "tiny",
        "task": "tagger",
        "languages": ["en", "zh"],
        "types": ["Drug", "Problem"],
        "passages": {"budget": 12, "overlap": 4},
        "decoder": {"type": "crf", "scheme": "bio"},
        "licence": "CC0-1.0",
    }
    assert {key: about[key] for key in expected} == expected
    scores = json.loads((finished.model / "scores.json").read_text())
    assert scores["dev"]["scores"]["strict"]["micro"]["f1"] == 1.0
    card = (finished.model / "card.md").read_text("utf-8")
    assert "# tiny" in card
    assert "Drug, Problem" in card


def test_every_epoch_has_an_order_and_a_dropout_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orders: dict[int, list[int]] = {}
    draws: dict[int, float] = {}
    step = TaggerModule.training_step

    def recorded(self: TaggerModule, batch: Any, number: int) -> Any:
        orders.setdefault(self.current_epoch, []).append(int(batch.inputs["words"].sum()))
        draws.setdefault(self.current_epoch, torch.get_rng_state().sum().item())
        return step(self, batch, number)

    monkeypatch.setattr(TaggerModule, "training_step", recorded)
    train(tiny_recipe(**SHORT), TWO_NOTES, tmp_path / "run")
    assert [sum(order) for order in orders.values()] == [sum(orders[0])] * 5  # the same passages ...
    assert len({tuple(order) for order in orders.values()}) > 2
    assert len(set(draws.values())) == 5


def test_a_finished_run_says_so_and_is_left_as_it_is(finished: Run) -> None:
    before = {file: file.stat().st_mtime_ns for file in finished.folder.rglob("*")}
    said: list[str] = []
    train(tiny_recipe(), DATA, finished.folder, resume=True, say=said.append)
    assert said == [f"{finished.folder}: this run is finished"]
    assert {file: file.stat().st_mtime_ns for file in finished.folder.rglob("*")} == before


def test_a_run_is_only_gone_on_with_when_asked_to(finished: Run) -> None:
    with pytest.raises(ModelError, match=r"a run lies here\. Go on with it by --resume, or give another --out"):
        train(tiny_recipe(), DATA, finished.folder)


@pytest.mark.parametrize(
    ("recipe", "split_hash"), [(tiny_recipe(seed=2), "abc"), (tiny_recipe(epochs=26), "abc"), (tiny_recipe(), "abd")]
)
def test_a_run_is_not_gone_on_with_by_another_recipe_or_split(finished: Run, recipe: Recipe, split_hash: str) -> None:
    other = replace(DATA, about={**DATA.about, "split_hash": split_hash})
    with pytest.raises(ModelError, match="this run has another recipe, seed or split"):
        train(recipe, other, finished.folder, resume=True)


CHANGED = [replace(NOTES[0], entities=NOTES[0].entities[:1]), *NOTES[1:]]
REWORDED = [replace(NOTES[0], text=NOTES[0].text.replace("warfarin", "coumadin")), *NOTES[1:]]


@pytest.mark.parametrize(
    "other", [data(train=CHANGED), data(dev=CHANGED), data(train=REWORDED)], ids=["train", "dev", "text"]
)
def test_a_run_is_not_gone_on_with_by_changed_documents_of_the_same_ids(finished: Run, other: Data) -> None:
    with pytest.raises(ModelError, match="this run was begun with other documents") as raised:
        train(tiny_recipe(), other, finished.folder, resume=True)
    assert "warfarin" not in str(raised.value)


def test_a_run_of_an_earlier_version_without_a_hash_of_its_documents_is_gone_on_with(
    finished: Run, tmp_path: Path
) -> None:
    shutil.copytree(finished.folder, tmp_path / "old")
    old = Run(tmp_path / "old")
    about = old.read()
    assert len(about.pop("documents_hash")) == 64
    old.about.write_text(json.dumps(about), "utf-8")
    assert train(tiny_recipe(), DATA, old.folder, resume=True).finished


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b"\xff"])
def test_a_run_that_cannot_be_read_is_an_error(finished: Run, tmp_path: Path, content: bytes) -> None:
    damaged = Run(tmp_path / "run")
    damaged.folder.mkdir()
    shutil.copy(finished.recipe, damaged.recipe)
    damaged.about.write_bytes(content)
    with pytest.raises(CorpusError, match=r"there is no training run here \(no readable run\.json\)"):
        train(tiny_recipe(), DATA, damaged.folder, resume=True)


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_run_whose_recipe_cannot_be_read_is_an_error(finished: Run, tmp_path: Path, content: bytes | None) -> None:
    damaged = Run(tmp_path / "run")
    damaged.folder.mkdir()
    shutil.copy(finished.about, damaged.about)
    if content is not None:
        damaged.recipe.write_bytes(content)
    with pytest.raises(CorpusError, match=r"recipe\.yaml: the run's recipe cannot be read"):
        train(tiny_recipe(), DATA, damaged.folder, resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_with_other_files_is_not_touched(tmp_path: Path, resume: bool) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match="the folder is not empty and holds no run"):
        train(tiny_recipe(), DATA, tmp_path, resume=resume)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (data(train=[Document("d", "all well")]), "the training documents hold no entities"),
        (data(train=[]), "the training documents hold no entities"),
        (data(dev=[]), "there are no dev documents"),
    ],
)
def test_without_something_to_learn_and_to_choose_by_there_is_no_run(
    tmp_path: Path, wrong: Data, expected: str
) -> None:
    with pytest.raises(CorpusError, match=expected):
        train(tiny_recipe(), wrong, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_recipe_that_cannot_be_built_leaves_no_run_folder(tmp_path: Path) -> None:
    recipe = tiny_recipe()
    recipe = replace(recipe, encoder=Part("bilstm", {**recipe.encoder.settings, "hidden_size": 10**15}))
    with pytest.raises(RecipeError, match="bilstm: it cannot be made with"):
        train(recipe, DATA, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_dev_documents_may_hold_types_that_training_has_not_seen(tmp_path: Path) -> None:
    other = [replace(NOTES[0], entities=(replace(NOTES[0].entities[0], type="Dose"),))]
    run = train(tiny_recipe(epochs=2), data(dev=other), tmp_path / "run")
    assert json.loads((run.model / "model.json").read_text())["types"] == ["Drug", "Problem"]


CHOSEN = [
    {"type": name, **dict.fromkeys([key], value)}
    for name, settings in parts_and_settings()["decoder"].items()
    if name not in (*TASKS, "span_match")  # which the recipes mrc and template learn, behind what they are made for
    for key in sorted(CHOICES.keys() & settings.keys()) or ["type"]
    for value in CHOICES.get(key, (name,))
]


@pytest.mark.parametrize("decoder", CHOSEN, ids=lambda chosen: "-".join(chosen.values()))
def test_every_decoder_learns_the_notes_in_every_way_it_can_be_made(decoder: dict[str, Any], tmp_path: Path) -> None:
    run = train(tiny_recipe(decoder, **{**SHORT, "epochs": 16}), TWO_NOTES, tmp_path / "run")
    assert run.read()["dev_strict_f1"] == {"fp32": 1.0}


def test_a_run_in_bf16_learns_the_notes(tmp_path: Path) -> None:
    run = train(tiny_recipe(**SHORT, precision="bf16"), TWO_NOTES, tmp_path / "run")
    assert run.read()["dev_strict_f1"] == {"fp32": 1.0}


def test_progress_is_said_a_line_an_epoch_and_no_word_of_a_note(tmp_path: Path) -> None:
    said: list[str] = []
    train(tiny_recipe(epochs=3), DATA, tmp_path / "run", say=said.append)
    assert said[0] == (
        "tiny, seed 1: 6 documents, 10 passages; of their entities targets express 14 exactly, 0 to whole tokens, 0 "
        "not at all"
    )
    assert [line.split("  ")[0] for line in said[1:4]] == ["epoch 1", "epoch 2", "epoch 3"]
    assert said[4].startswith("dev strict F1 ")
    assert len(said) == 5
    assert not any("warfarin" in line for line in said)


def test_training_writes_nothing_by_itself(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    train(tiny_recipe(epochs=2), DATA, tmp_path / "run")
    assert capfd.readouterr() == ("", "")


def test_the_recipe_in_the_folder_has_every_default_filled_in(finished: Run) -> None:
    written = yaml.safe_load(finished.recipe.read_text("utf-8"))
    assert written["model"]["embedder"][0] == {
        "type": "words",
        "size": 8,
        "vectors": "",
        "trained": True,
        "dropout": 0.0,
    }
    assert written["training"]["optimizer"]["momentum"] == 0.9
    assert finished.recipe.read_bytes() == (finished.model / "recipe.yaml").read_bytes()


def encoder_recipe(folder: Path) -> Recipe:
    """The plain tagger on a small pre-trained encoder."""
    checkpoint = str(save_checkpoint(folder / "checkpoint"))
    changes = [f"model.embedder.0.checkpoint={checkpoint}", "training.epochs=40", "training.patience=40"]
    changes += ["training.precision=fp32", "training.optimizer.pretrained_rate=0.003", "training.optimizer.rate=0.01"]
    return load_recipe("bert-crf", parts_and_settings(), [*changes, "training.batch_tokens=40"])


def test_a_pre_trained_encoder_is_kept_in_8_bits_where_it_finds_the_same(tmp_path: Path) -> None:
    run = train(encoder_recipe(tmp_path), TWO_NOTES, tmp_path / "run")
    scores = run.read()["dev_strict_f1"]
    assert scores == {"fp32": 1.0, "int8+products": 1.0}
    states = json.loads((run.model / "model.json").read_text())["graphs"]["states"]
    assert states["precision"] == "int8+products"
    assert len(states["quantised"]) == 12
    assert [file.name for file in run.model.glob("*.onnx")] == [states["file"]]
    assert load(run.folder).batch_tokens == states["batch_tokens"] == 256
    card = (run.model / "card.md").read_text("utf-8")
    assert "kept in int8+products (8 bits: 12 products of the encoder's states with its weights; all else fp32)" in card
    assert "fp32 1.0000, int8+products 1.0000" in card
    written = [Document.from_json(line) for line in (run.folder / "dev.jsonl").read_text("utf-8").splitlines()]
    assert list(load(run.folder).pipe(TWO_NOTES.dev)) == written


def test_8_bits_that_lose_too_much_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(file: Path, to: Path) -> list[str]:
        graph = onnx.load(str(file))
        for tensor in graph.graph.initializer:
            if tensor.name.endswith("output.bias"):  # all scores equal: nothing is found
                zero = onnx.numpy_helper.to_array(tensor) * 0 + np.arange(tensor.dims[0], 0, -1, np.float32) * 1e4
                tensor.CopyFrom(onnx.numpy_helper.from_array(zero, tensor.name))
        onnx.save(graph, str(to))
        return ["/spoilt"]

    monkeypatch.setattr(epicrisis.training.quantising, "quantise_products", spoilt)
    run = train(tiny_recipe(), DATA, tmp_path / "run")
    scores = run.read()["dev_strict_f1"]
    assert scores["fp32"] == 1.0
    assert scores["int8+products"] < 0.5
    states = json.loads((run.model / "model.json").read_text())["graphs"]["states"]
    assert (states["precision"], states["file"], states["quantised"]) == ("fp32", "states.onnx", [])
    assert [file.name for file in run.model.glob("*.onnx")] == ["states.onnx"]
    assert [places(document) for document in load(run.folder).pipe(NOTES)] == [places(note) for note in NOTES]
