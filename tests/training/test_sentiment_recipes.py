"""Every recipe of sentiment: built small, it learns invented comments by heart, and its saved model says the same.

That is no evidence of quality: it shows that the parts of each system work together, down to the exported graph.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epicrisis.document import Document
from epicrisis.encoding import INDEXERS, chapters, encode_documents
from epicrisis.encoding.vectors import Vectors, write_vectors
from epicrisis.models import make_classifier, parts_and_settings
from epicrisis.recipe import LABELLING, Recipe, check_recipe, load_recipe, read_recipe, recipe_files
from epicrisis.runtime import load_classifier
from epicrisis.runtime.model import label_network
from epicrisis.training import train
from epicrisis.training.export_labels import torch_labels

from ..checkpoints import save_checkpoint
from .labelled import CHINESE, ENGLISH, label_data

SENTIMENT = [name for name in recipe_files() if read_recipe(name)[0]["model"]["task"] in LABELLING]
SMALL = {"hidden_size": 16, "feed_forward": 16, "heads": 2, "dropout": 0.0, "layers": 1, "size": 8, "regions": [1, 2]}


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("resources")
    words = ("nurses", "kind", "pain", "谢", "等", "差")
    matrix = np.random.default_rng(1).normal(size=(len(words), 8)).astype(np.float32)
    write_vectors(Vectors(words, matrix), folder / "vectors")
    return {"checkpoint": str(save_checkpoint(folder / "encoder")), "vectors": str(folder / "vectors")}


def small(name: str, resources: dict[str, str]) -> Recipe:
    recipe, _ = read_recipe(name)
    parts, model = parts_and_settings(), recipe["model"]
    if model["task"] == "linear":
        model["linear"] |= {"least": 1, "strengths": [10]}
        return check_recipe(recipe, parts, name)

    def shrunk(family: str, part: dict[str, Any]) -> dict[str, Any]:
        known = parts[family][part["type"]]
        return {**part, **{key: value for key, value in {**SMALL, **resources}.items() if key in known}}

    for family in ("embedder", "heads"):
        model[family] = [shrunk(family, part) for part in model[family]]
    for family in ("encoder", "pooling"):
        model[family] = shrunk(family, model[family])
    recipe["passages"] = {"budget": 8, "overlap": 2}
    recipe["training"] = {
        "optimizer": {"rate": 0.02, "pretrained_rate": 0.005, "clip": 1.0},
        "epochs": 40,
        "patience": 40,
        "batch_tokens": 40,
        "class_weights": "root",
    }
    return check_recipe(recipe, parts, name)


@pytest.mark.parametrize("comments", [ENGLISH, CHINESE], ids=["english", "chinese"])
@pytest.mark.parametrize("name", SENTIMENT)
def test_a_recipe_learns_comments_and_its_saved_model_says_the_same(
    name: str, comments: list[Document], resources: dict[str, str], tmp_path: Path
) -> None:
    said: list[str] = []
    run = train(small(name, resources), label_data(comments, comments), tmp_path / "run", say=said.append)
    classifier = load_classifier(run.folder)
    bare = [replace(document, labels={}) for document in comments]
    found = list(classifier.pipe(bare))
    gold = [document.labels["sentiment"].value for document in comments]
    assert [document.labels["sentiment"].value for document in found] == gold, said[-1]
    written = [Document.from_json(line) for line in (run.folder / "dev.jsonl").read_text("utf-8").splitlines()]
    assert [document.labels["sentiment"] for document in written] == [d.labels["sentiment"] for d in found]
    assert [document.to_json() for document in load_classifier(run.model).pipe(bare)] == [d.to_json() for d in found]
    states = json.loads((run.model / "model.json").read_text("utf-8")).get("graphs", {}).get("states")
    if states is None:
        return
    assert sorted(file.name for file in run.model.glob("*.onnx")) == [states["file"]]
    if states["precision"] == "fp32":
        same_as_torch(run.model, states)


def same_as_torch(folder: Path, states: dict[str, Any]) -> None:
    """The graph, and the network from its saved weights, at three shapes that it was not traced at."""
    from safetensors.torch import load_file

    classifier = load_classifier(folder)
    recipe = load_recipe(str(folder / "recipe.yaml"), parts_and_settings())
    indexers = {
        key: INDEXERS[key].from_dict(json.loads((folder / file).read_text("utf-8")))
        for key, file in classifier.about["indexers"].items()
    }
    network = make_classifier(recipe, indexers, classifier.heads).eval()
    network.load_state_dict(load_file(folder / "network.safetensors"))
    graph, rule = label_network(folder / states["file"], states), classifier.reader.rule  # type: ignore[attr-defined]
    texts = ["Rude.", "The nurses were kind 谢谢. " * 9, "Nobody came.\n\nI was in pain.\n\nTuesday.", "干净 " * 20]
    for chosen in (texts[:1], texts[1:3], texts):
        cut = [next(chapters(text, rule, indexers.values(), opens=network.opens)) for text in chosen]
        inputs = encode_documents(cut, indexers.values())
        for ours, found in zip(torch_labels(network)(inputs), graph(inputs), strict=True):
            if ours is not None and found is not None:
                np.testing.assert_allclose(found, ours, atol=1e-4)
