"""Training from a model's weights instead of from fresh ones."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from epicrisis.document import Document
from epicrisis.errors import ModelError, RecipeError
from epicrisis.models import make_tagger
from epicrisis.text import RelationCodec
from epicrisis.training import Data, Run, read_start, train

from .invented import NOTES, SHORT, data, tiny_recipe
from .joint import DATA as RELATED
from .joint import joint_recipe


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(tiny_recipe(), data(NOTES * 2, NOTES[:2]), tmp_path_factory.mktemp("runs") / "first")


def renamed(documents: list[Document]) -> list[Document]:
    return [replace(d, entities=tuple(replace(e, type=f"My{e.type}") for e in d.entities)) for d in documents]


def test_all_weights_are_taken_over_where_the_types_are_the_same(finished: Run) -> None:
    start = read_start(finished.folder)
    network, _ = make_tagger(start.recipe, start.indexers, start.about["types"])
    taken, total = start.give(network, start.about["types"])
    assert taken == total
    for name, weight in load_file(finished.model / "network.safetensors").items():
        assert torch.equal(network.state_dict()[name], weight)


def test_of_other_types_all_but_the_decoder_is_taken_over(finished: Run) -> None:
    start = read_start(finished.model)
    network, _ = make_tagger(start.recipe, start.indexers, ["A", "B"])
    fresh = {name: weight.clone() for name, weight in network.state_dict().items()}
    taken, total = start.give(network, ["A", "B"])
    given = load_file(start.file)
    for name, weight in network.state_dict().items():
        of_types = name.startswith("decoder.")
        assert torch.equal(weight, fresh[name] if of_types else given[name])
        assert not of_types or not torch.equal(weight, given[name])
    assert 0 < taken < total


def test_a_run_begins_where_the_other_ended(finished: Run, tmp_path: Path) -> None:
    other = renamed(NOTES)
    said: list[str] = []
    few = Data(other[:4] * 2, other[:2], {"train": ["a"], "dev": ["b"]}, {})
    recipe = tiny_recipe(**SHORT)
    run = train(recipe, few, tmp_path / "run", start=read_start(finished.folder), say=said.append)
    assert any("of the network's numbers start from the model first" in line for line in said)
    assert run.read()["started_from"]["model"] == "first"
    assert (run.model / "words.json").read_text() == (finished.model / "words.json").read_text()
    alone = train(recipe, few, tmp_path / "alone")
    losses = [json.loads((one.folder / "curves.json").read_text())[0]["loss"] for one in (run, alone)]
    assert losses[0] < losses[1]
    with pytest.raises(ModelError, match="begun from other weights"):
        train(recipe, few, tmp_path / "run", resume=True)


def test_the_licence_of_what_a_model_learned_from_first_still_holds(finished: Run, tmp_path: Path) -> None:
    own = Data(NOTES[:4], NOTES[:2], {"train": ["a"], "dev": ["b"]}, {"licence": "MIT"})
    run = train(tiny_recipe(**SHORT), own, tmp_path / "run", start=read_start(finished.folder))
    again = read_start(run.folder)
    assert run.read()["licence"] == again.about["licence"] == "MIT and CC0-1.0"
    assert again.licences("") == again.licences("MIT") == "MIT and CC0-1.0"
    assert read_start(finished.folder).licences("CC0-1.0") == "CC0-1.0"


def test_a_joint_network_starts_from_a_tagger_and_another_one_from_it(tmp_path: Path) -> None:
    recipe = joint_recipe(epochs=2)
    first = train(recipe, RELATED, tmp_path / "first")
    start = read_start(first.folder)
    again = train(joint_recipe(epochs=1, optimizer={"rate": 0.0}), RELATED, tmp_path / "second", start=start)
    ours, theirs = (load_file(run.model / "network.safetensors") for run in (again, first))
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_weights_of_other_relations_are_not_taken_over(tmp_path: Path) -> None:
    start = read_start(train(joint_recipe(epochs=1, joint={"rules": "en"}), RELATED, tmp_path / "run").folder)
    types = start.about["types"]
    same = RelationCodec.from_dict(start.about["relations"], types)
    network, _ = make_tagger(start.recipe, start.indexers, types, same)
    taken, total = start.give(network, types)
    assert taken == total
    signatures = tuple((head, tail, "CAUSES") for head, tail, _ in same.signatures)
    for codec, fresh in (
        (replace(same, relations=("CAUSES",), signatures=signatures), {"relations."}),
        (replace(same, attributes={"assertion": ("possible",)}), {"attributes.", "ruled."}),
    ):
        network, _ = make_tagger(start.recipe, start.indexers, types, codec)
        start.give(network, types)
        given = load_file(start.file)
        other = {name for name, weight in network.state_dict().items() if not torch.equal(weight, given[name])}
        assert {f"{name.split('.')[0]}." for name in other} - {"ruled."} == fresh - {"ruled."}


def test_another_embedder_or_a_model_without_its_weights_is_an_error(finished: Run, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="comes without its weights of training"):
        read_start("en")
    recipe = tiny_recipe()
    other = replace(recipe, embedder=recipe.embedder[:1])
    with pytest.raises(RecipeError, match="is not that of the model to start from"):
        read_start(finished.folder).recipe_with_sizes(other)
    with pytest.raises(ModelError, match="no model"):
        read_start(tmp_path / "nowhere")
