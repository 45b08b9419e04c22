import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import epicrisis
from epicrisis.errors import ModelError
from epicrisis.runtime import Classifier, load, model_folder, read_description, shipped_models
from epicrisis.runtime import model as runtime_model
from epicrisis.runtime.model import file_hash

from ..training.invented import NOTES


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    """A model to damage."""
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def described(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    about = json.loads((folder / "model.json").read_text("utf-8"))
    change(about)
    (folder / "model.json").write_text(json.dumps(about), "utf-8")


def believed(folder: Path, name: str, content: bytes) -> None:
    """Write a file, and its hash into model.json: damage that only opening it shows."""
    (folder / name).write_bytes(content)
    described(folder, lambda about: about["files"].update({name: file_hash(folder / name)}))


def error_of(folder: Path) -> str:
    with pytest.raises(ModelError) as raised:
        load(folder)
    message = str(raised.value)
    assert str(folder) in message
    assert "\n" not in message
    return message


def test_a_model_is_opened_by_its_folder_or_by_its_run(tiny_model: Path) -> None:
    assert model_folder(tiny_model) == tiny_model
    assert model_folder(str(tiny_model)) == tiny_model
    assert model_folder(tiny_model.parent) == tiny_model
    assert epicrisis.load(tiny_model).name == "tiny"


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_the_recipe_of_a_shipped_model_names_no_folder_of_the_machine_that_made_it(name: str) -> None:
    recipe = (shipped_models()[name] / "recipe.yaml").read_text("utf-8")
    assert not [word for word in recipe.split() if word.startswith(("/", "~")) or "\\" in word]


def test_a_shipped_model_is_opened_by_name(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_model, "shipped_models", lambda: {"en": tiny_model})
    assert load("en").name == "tiny"
    assert load().name == "tiny"


def test_a_name_with_a_slip_is_suggested(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_model, "shipped_models", lambda: {"en": tiny_model, "zh-small": tiny_model})
    with pytest.raises(ModelError) as raised:
        load("zh-smal")
    assert str(raised.value) == (
        "no model 'zh-smal'. Did you mean 'zh-small'? There are: en, zh-small. Or give a model's folder"
    )


@pytest.mark.parametrize("name", shipped_models())
def test_every_shipped_model_is_whole(name: str) -> None:
    model = load(name)
    assert model.about["name"] == name
    document = model("She took 5 mg of warfarin.")
    assert document.meta["label_model" if isinstance(model, Classifier) else "model"] == name


def test_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    assert "there is no model.json in this folder; was training finished?" in error_of(tmp_path)


@pytest.mark.parametrize("name", ["states.onnx", "decoder.safetensors", "words.json", "character_cnn.json"])
def test_a_file_that_is_missing_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert f"{name}: this file of the model is missing; install or train it again" in error_of(copy)


@pytest.mark.parametrize("name", ["states.onnx", "decoder.safetensors", "words.json", "character_cnn.json"])
@pytest.mark.parametrize("damage", ["half", "one byte", "empty"])
def test_a_file_that_was_changed_is_named(copy: Path, name: str, damage: str) -> None:
    content = (copy / name).read_bytes()
    middle = len(content) // 2
    changed = {
        "half": content[:middle],
        "one byte": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "empty": b"",
    }
    (copy / name).write_bytes(changed[damage])
    assert f"{name}: not the file that the model was saved with; install or train it again" in error_of(copy)


@pytest.mark.parametrize("name", ["states.onnx", "decoder.safetensors", "words.json", "character_cnn.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b"\xff\xfe\x00"], ids=["empty", "{}", "[]", "bytes"])
def test_a_file_that_is_something_else_is_an_error_of_the_model(copy: Path, name: str, content: bytes) -> None:
    believed(copy, name, content)
    assert "install or train it again" in error_of(copy)


def test_half_a_graph_is_an_error_of_the_model(copy: Path) -> None:
    believed(copy, "states.onnx", (copy / "states.onnx").read_bytes()[:-1000])
    assert "states.onnx: it cannot be opened" in error_of(copy)


def test_a_newer_model_asks_for_an_update(copy: Path) -> None:
    described(copy, lambda about: about.update(schema=2))
    assert "a model of schema 2, but this version reads up to 1: update epicrisis" in error_of(copy)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"{}", b"\xff"],
    ids=["empty", "{", "[]", "null", "text", "{}", "bytes"],
)
def test_a_description_that_is_none_is_an_error(copy: Path, content: bytes) -> None:
    (copy / "model.json").write_bytes(content)
    assert "model.json: it cannot be read" in error_of(copy)


NEEDED = ["schema", "name", "types", "passages", "decoder", "indexers", "graphs"]


@pytest.mark.parametrize("key", NEEDED)
def test_a_description_without_a_key_is_an_error(copy: Path, key: str) -> None:
    described(copy, lambda about: about.pop(key))
    assert "damaged" in error_of(copy)


@pytest.mark.parametrize("key", [*NEEDED[2:], "files"])
@pytest.mark.parametrize("junk", [None, 5, "text", [], ["text"], {"text": None}], ids=str)
def test_a_description_with_junk_is_an_error_of_the_model_or_harmless(copy: Path, key: str, junk: Any) -> None:
    described(copy, lambda about: about.update({key: junk}))
    with suppress(ModelError):
        load(copy)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("decoder", {"type": "crv", "scheme": "bio"}),
        ("decoder", {"type": "crf", "scheme": "iob"}),
        ("passages", {"budget": 4, "overlap": 4}),
        ("passages", {"budget": 12, "overlap": 4, "stride": 3}),
        ("indexers", {"wordz": "words.json"}),
        ("indexers", {"words": "missing.json"}),
        ("types", ["Drug"]),
    ],
    ids=str,
)
def test_a_description_of_another_model_is_an_error(copy: Path, key: str, value: Any) -> None:
    described(copy, lambda about: about.update({key: value}))
    assert "damaged" in error_of(copy)


def test_the_description_is_what_the_annotator_knows_of_itself(tiny_model: Path) -> None:
    assert load(tiny_model).about == read_description(tiny_model)


def test_a_model_can_be_moved(tiny_model: Path, copy: Path) -> None:
    assert load(copy)(NOTES[0].text) == load(tiny_model)(NOTES[0].text)


def test_the_network_is_a_function_of_arrays(tiny_model: Path) -> None:
    annotator = load(tiny_model)
    scores = annotator.network(
        {
            "mask": np.ones((1, 2), bool),
            "words": np.ones((1, 2), np.int64),
            "characters": np.ones((2, 3), np.int64),
            "spellings": np.ones((1, 2), np.int64),
        }
    )
    assert scores.shape == (1, 2, 5)
    assert scores.dtype == np.float32
