import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import epicrisis.training.export
from epicrisis.encoding import Indexer, encode
from epicrisis.errors import ModelError
from epicrisis.models import Tagger, fit_indexers, make_tagger, parts_and_settings
from epicrisis.parts.decoders import DECODERS
from epicrisis.recipe import check_recipe
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage
from epicrisis.training.export import export_states, quantise_tables

WORDS = [["".join(letters) for letters in product("abcdefghijkl", repeat=3)], ["aspirin", "头", "痛", "5", "mg"]]
"""Enough words for a table that is worth storing in 8 bits."""


def cut(words: list[list[str]]) -> list[Passage]:
    return [Passage.of(passage) for passage in words]


def trained(encoder: str = "bilstm", decoder: str = "crf") -> tuple[Tagger, dict[str, Indexer]]:
    """A network with weights as large as after training."""
    model: dict[str, Any] = {
        "embedder": [
            {"type": "words", "size": 16, "vectors": ""},
            {"type": "character_cnn", "size": 6, "filters": 6, "widths": [1, 3]},
            {"type": "casing"},
        ],
        "encoder": {"type": encoder, **({"hidden_size": 8, "layers": 2} if encoder == "bilstm" else {})},
        "decoder": {"type": decoder},
    }
    torch.manual_seed(0)
    recipe, indexers = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), cut(WORDS))
    tagger, _ = make_tagger(recipe, indexers, ["Drug", "Problem"])
    for name, weight in tagger.named_parameters():
        if "embedders" in name or "decoder" in name:
            torch.nn.init.normal_(weight, 0, 0.5)
    return tagger, indexers


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("encoder", ["bilstm", "nothing"])
def test_the_exported_graph_equals_torch_at_every_shape(encoder: str, decoder: str, tmp_path: Path) -> None:
    tagger, indexers = trained(encoder, decoder)
    network = onnx_network(tmp_path / "states.onnx", export_states(tagger, indexers, tmp_path / "states.onnx"))
    for lengths in ([1], [2, 1], [5, 1, 3], [40] * 9, [1] * 20, [129]):
        words = [[WORDS[n % 2][k % 5] for k in range(length)] for n, length in enumerate(lengths)]
        inputs = encode(cut(words), indexers.values())
        with torch.inference_mode():
            expected = tagger({name: torch.from_numpy(array) for name, array in inputs.items()}).numpy()
        mask = inputs["mask"]
        np.testing.assert_allclose(network(inputs)[mask], expected[mask], atol=1e-4)


def test_exporting_merges_and_leaves_dropout_out(tmp_path: Path) -> None:
    tagger, indexers = trained()
    inputs = {name: torch.from_numpy(array) for name, array in encode(cut(WORDS[1:]), indexers.values()).items()}
    with torch.inference_mode():
        before = tagger.eval()(inputs)
        description = export_states(tagger.train(), indexers, tmp_path / "states.onnx")
        torch.testing.assert_close(tagger(inputs), before)
    network = onnx_network(tmp_path / "states.onnx", description)
    arrays = {name: array.numpy() for name, array in inputs.items()}
    np.testing.assert_array_equal(network(arrays), network(arrays))


def test_the_description_says_what_goes_in_and_out(tmp_path: Path) -> None:
    tagger, indexers = trained()
    description = export_states(tagger, indexers, tmp_path / "states.onnx")
    assert list(description["inputs"]) == ["mask", "words", "characters", "spellings", "casing"]
    assert description["inputs"]["mask"] == {"shape": ["passages", "tokens"], "dtype": "bool"}
    assert description["outputs"] == {"scores": {"shape": ["passages", "tokens", "tags"], "dtype": "float32"}}
    assert json.loads(json.dumps(description)) == description
    assert [file.name for file in tmp_path.iterdir()] == ["states.onnx"]


def test_a_graph_that_differs_from_torch_is_not_kept_quietly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the exporter had lost something: the network that is compared with is another."""
    tagger, indexers = trained()

    def spoilt(file: Path, graph: Any) -> Any:
        network = onnx_network(file, graph)
        return lambda inputs: network(inputs) + (inputs["mask"].shape[1] > 60) * 0.01

    monkeypatch.setattr(epicrisis.training.export, "onnx_network", spoilt)
    with pytest.raises(ModelError, match=r"at 7 passages of 64 tokens the exported graph differs from torch by 0\.01"):
        export_states(tagger, indexers, tmp_path / "states.onnx")


def test_a_table_in_8_bits_loses_little_and_is_a_quarter_as_large(tmp_path: Path) -> None:
    tagger, indexers = trained("nothing")
    description = export_states(tagger, indexers, tmp_path / "states.onnx")
    names = quantise_tables(tmp_path / "states.onnx", tmp_path / "small.onnx")
    assert len(names) == 1  # the words; the characters and kinds of casing are too few
    full, small = (onnx_network(tmp_path / name, description) for name in ("states.onnx", "small.onnx"))
    inputs = encode(cut([WORDS[0][:60], WORDS[1]]), indexers.values())
    mask = inputs["mask"]
    expected, found = full(inputs)[mask], small(inputs)[mask]
    assert 0 < np.abs(expected - found).max() < 0.02 * np.abs(expected).max()
    assert (tmp_path / "small.onnx").stat().st_size < 0.4 * (tmp_path / "states.onnx").stat().st_size


def test_8_bits_are_at_most_half_a_step_of_each_row_away(tmp_path: Path) -> None:
    tagger, indexers = trained("nothing")
    export_states(tagger, indexers, tmp_path / "states.onnx")
    (name,) = quantise_tables(tmp_path / "states.onnx", tmp_path / "small.onnx")
    before, after = (
        {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(str(tmp_path / file)).graph.initializer}
        for file in ("states.onnx", "small.onnx")
    )
    assert name not in after
    restored = after[f"{name}.int8"] * after[f"{name}.scale"]
    assert after[f"{name}.int8"].dtype == np.int8
    assert (np.abs(restored - before[name]) <= after[f"{name}.scale"] / 2 + 1e-7).all()
    for other in before.keys() - {name}:
        np.testing.assert_array_equal(after[other], before[other])
