"""A user's own brat folder and a joint recipe: types, relations and attributes are learned from what is there."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from epicrisis import load
from epicrisis.cli.main import main
from epicrisis.cli.train import read_split
from epicrisis.corpora import Report, near_duplicates, read
from epicrisis.corpora.formats import brat
from epicrisis.document import Attribute, Document

from ..training.joint import NOTES, RULE, joint_recipe

NAMES = {"Dose": "Posology", "Drug": "Remedy", "Problem": "Complaint"}


def own(note: Document, number: int) -> Document:
    """The invented note in a schema that no corpus has; its last line makes it no near-duplicate of another."""
    return replace(
        note,
        id=f"{note.id}{number}",
        text=note.text + f"\n\nSheet {number}: " + " ".join(f"p{note.id}{number}x{word}" for word in range(40)),
        entities=tuple(
            replace(
                entity,
                id=f"T{position}",
                type=NAMES[entity.type],
                attributes={"Absence": Attribute("denied")} if entity.attributes else {},
            )
            for position, entity in enumerate(note.entities, start=1)
        ),
        relations=tuple(
            replace(
                relation, type="BELONGS", head=_renamed(note, relation.head), tail=_renamed(note, relation.tail), id=""
            )
            for relation in note.relations
        ),
    )


def _renamed(note: Document, id: str) -> str:
    return f"T{[entity.id for entity in note.entities].index(id) + 1}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    assert not brat.write([own(note, number) for number in range(4) for note in NOTES], folder)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = tmp_path_factory.mktemp("recipes") / "own.yaml"
    recipe.write_text(joint_recipe(epochs=30, patience=30).to_yaml(), "utf-8")
    out = tmp_path_factory.mktemp("runs") / "own"
    assert main(["train", str(recipe), "--corpus", "brat", "--data", str(folder), "--out", str(out)]) == 0
    return out


def test_the_split_that_was_made_is_said_and_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, out = tmp_path / "own.yaml", tmp_path / "run"
    recipe.write_text(joint_recipe(epochs=1, patience=1).to_yaml(), "utf-8")
    assert main(["train", str(recipe), "--corpus", "brat", "--data", str(folder), "--out", str(out)]) == 0
    split = json.loads((out / "split.json").read_text("utf-8"))
    sizes = ", ".join(f"{len(split[part])} {part}" for part in ("train", "dev", "test"))
    assert f"split: {sizes} documents, listed in {out / 'split.json'}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"train": 12, "test": 6}, {"train": 11, "dev": 1, "test": 6}),
        ({"train": 12, "dev": 3, "test": 6}, {"train": 12, "dev": 3, "test": 6}),
        ({"test": 12}, {"train": 10, "dev": 1, "test": 1}),
    ],
)
def test_folders_that_are_called_train_and_test_are_the_parts(
    parts: dict[str, int], expected: dict[str, int], tmp_path: Path
) -> None:
    texts = {
        part: [" ".join(f"{part}{n}x{word}" for word in range(20)) for n in range(number)]
        for part, number in parts.items()
    }
    brat.write([Document(f"{part}/{n}", text) for part in texts for n, text in enumerate(texts[part])], tmp_path)
    documents, split = read_split("brat", tmp_path, None, Report())
    assert {part: len(ids) for part, ids in split.items()} == expected
    if len(parts) > 1:
        assert all(documents[id].text in texts["test"] for id in split["test"])


def test_types_relations_and_attributes_are_those_of_the_folder(run: Path) -> None:
    about = load(str(run / "model")).about
    assert sorted(about["types"]) == sorted(NAMES.values())
    assert about["relations"]["types"] == ["BELONGS"]
    assert about["relations"]["attributes"] == {"Absence": ["denied"]}
    assert RULE.budget == about["passages"]["budget"]


def test_what_was_learned_is_found(run: Path, folder: Path) -> None:
    model = load(str(run / "model"))
    found = model(NOTES[2].text)
    assert [(entity.type, found.words(entity)) for entity in found.entities] == [
        ("Remedy", "Heparin"),
        ("Posology", "20 units"),
        ("Complaint", "pain"),
    ]
    assert [(relation.type, relation.head, relation.tail) for relation in found.relations] == [("BELONGS", "T2", "T1")]
    assert {name: a.value for name, a in found.entities[2].attributes.items()} == {"Absence": "denied"}


def test_a_split_by_document_was_made_and_written_down(run: Path, folder: Path) -> None:
    documents = list(read("brat", folder))
    split = json.loads((run / "split.json").read_text("utf-8"))
    assert {part: len(ids) for part, ids in split.items()} == {"train": 16, "dev": 2, "test": 2}
    assert sorted(id for ids in split.values() for id in ids) == sorted(document.id for document in documents)
    assert not near_duplicates(documents)


def test_the_run_is_evaluated_on_its_own_test_part(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run), "--split", "test", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["documents"] == 2
    assert "relations" in result
