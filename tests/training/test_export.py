import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
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
from epicrisis.training.export import export_states
from epicrisis.training.quantising import quantise, quantise_products, quantise_tables

from ..checkpoints import KINDS, save_checkpoint

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


def pretrained(folder: Path, kind: str = "bert") -> tuple[Tagger, dict[str, Indexer]]:
    """A tagger on a small encoder, its weights as large and uneven as trained ones are."""
    embedder = {"type": "transformer", "checkpoint": str(save_checkpoint(folder / kind, kind))}
    model = {"embedder": [embedder], "encoder": {"type": "nothing"}, "decoder": {"type": "crf"}}
    recipe, indexers = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), [])
    torch.manual_seed(0)
    tagger, _ = make_tagger(recipe, indexers, ["Drug", "Problem"])
    for name, weight in tagger.named_parameters():
        if weight.ndim == 2:
            torch.nn.init.normal_(weight, 0, 0.2)
        elif "LayerNorm.weight" in name:
            torch.nn.init.uniform_(weight, 0.5, 2)
    return tagger, indexers


NOTES = [["She", "took", "Warfarin", "5mg"], ["fever"], ["aspirin", "for", "her", "headache", "and", "slept"] * 4]


@pytest.mark.parametrize("kind", KINDS)
def test_the_exported_encoder_equals_torch_in_fp32_and_nearly_in_8_bits(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tagger, indexers = pretrained(tmp_path, kind)
    capfd.readouterr()
    states = export_states(tagger, indexers, tmp_path / "states.onnx")
    products = quantise_products(tmp_path / "states.onnx", tmp_path / "small.onnx")
    assert len(products) == len(set(products)) >= 12  # four of attention and two behind it, in each of two layers
    assert states["batch_tokens"] == 256
    full, small = (onnx_network(tmp_path / name, states) for name in ("states.onnx", "small.onnx"))
    for words in (NOTES, NOTES[1:2]):
        inputs = encode(cut(words), indexers.values())
        with torch.inference_mode():
            expected = tagger({name: torch.from_numpy(array) for name, array in inputs.items()}).numpy()
        mask = inputs["mask"]
        np.testing.assert_allclose(full(inputs)[mask], expected[mask], atol=1e-4)
        difference = np.abs(small(inputs) - expected)[mask]
        assert 0 < difference.max() < 0.15 * np.abs(expected[mask]).max()
    assert capfd.readouterr() == ("", "")


def test_in_8_bits_a_note_does_not_depend_on_what_is_beside_it(tmp_path: Path) -> None:
    tagger, indexers = pretrained(tmp_path)
    states = export_states(tagger, indexers, tmp_path / "states.onnx")
    quantise_products(tmp_path / "states.onnx", tmp_path / "small.onnx")
    network = onnx_network(tmp_path / "small.onnx", states)
    together = network(encode(cut(NOTES), indexers.values()))
    for row, words in zip(together, NOTES, strict=True):
        (alone,) = network(encode(cut([words]), indexers.values()))
        np.testing.assert_allclose(row[: len(words)], alone, atol=1e-4)


def test_a_product_in_8_bits_is_that_of_whole_numbers(tmp_path: Path) -> None:
    """Rows in steps of their largest value times columns in steps of theirs, both taken from the graph in fp32."""
    tagger, indexers = pretrained(tmp_path)
    export_states(tagger, indexers, tmp_path / "states.onnx")
    names = quantise_products(tmp_path / "states.onnx", tmp_path / "small.onnx")
    before = onnx.load(str(tmp_path / "states.onnx"))
    weights = {t.name: onnx.numpy_helper.to_array(t) for t in before.graph.initializer}
    chosen = {node.name: node for node in before.graph.node if node.name in names}
    small = onnx.load(str(tmp_path / "small.onnx"))
    for tensor in {name for node in chosen.values() for name in (node.input[0], node.output[0])}:
        small.graph.output.append(onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(small.SerializeToString())
    inputs = encode(cut(NOTES), indexers.values())
    found = dict(
        zip(
            (output.name for output in session.get_outputs()),
            session.run(None, {i.name: inputs[i.name] for i in session.get_inputs()}),
            strict=True,
        )
    )
    for node in chosen.values():
        rows, weight = found[node.input[0]].astype(np.float64), weights[node.input[1]].astype(np.float64)
        row_step = np.abs(rows).max(-1, keepdims=True) / 127
        column_step = np.abs(weight).reshape(len(weight) // 2, 2, -1).sum(1).max(0) / 127
        whole = np.rint(rows / row_step) @ np.rint(weight / column_step)
        # a value between two steps may be rounded either way
        close = np.isclose(found[node.output[0]], whole * row_step * column_step, rtol=1e-4, atol=1e-4)
        assert close.mean() > 0.99


def test_no_two_neighbouring_products_of_bytes_exceed_16_bits(tmp_path: Path) -> None:
    tagger, indexers = pretrained(tmp_path)
    export_states(tagger, indexers, tmp_path / "states.onnx")
    products = quantise_products(tmp_path / "states.onnx", tmp_path / "small.onnx")
    graph = onnx.load(str(tmp_path / "small.onnx")).graph
    before = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(str(tmp_path / "states.onnx")).graph.initializer}
    after = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    small = [name for name, values in after.items() if values.dtype == np.int8]
    assert len(small) == len(products) == sum(node.op_type == "MatMulIntegerToFloat" for node in graph.node)
    for name in small:
        weight, scale = name.removesuffix(".int8"), after[name.replace(".int8", ".scale")]
        neighbours = np.abs(after[name].astype(int)).reshape(len(after[name]) // 2, 2, -1).sum(1)
        assert 100 < neighbours.max() <= np.iinfo(np.int16).max // 255
        assert (np.abs(after[name] * scale - before[weight]) <= scale / 2 + 1e-7).all()
        assert weight not in after


def test_attention_is_exported_as_plain_products_and_left_as_it_was(tmp_path: Path) -> None:
    tagger, indexers = pretrained(tmp_path)
    config = tagger.embedder.embedders["transformer"].network.config  # type: ignore[union-attr, index]
    assert config._attn_implementation == "sdpa"
    export_states(tagger, indexers, tmp_path / "states.onnx")
    assert config._attn_implementation == "sdpa"
    graph = onnx.load(str(tmp_path / "states.onnx")).graph
    assert "IsNaN" not in {node.op_type for node in graph.node}


@pytest.mark.parametrize(("decoder", "encoder"), [("crf", "bilstm"), ("crf", "nothing")])
def test_without_a_pre_trained_encoder_only_tables_shrink(encoder: str, decoder: str, tmp_path: Path) -> None:
    tagger, indexers = trained(encoder, decoder)
    states = export_states(tagger, indexers, tmp_path / "states.onnx")
    assert "batch_tokens" not in states
    forms = quantise(tmp_path, states)
    assert list(forms) == ["fp32", "int8"]
    assert forms["fp32"] == states
    changed = {"file": "states.int8.onnx", "precision": "int8", "quantised": ["tagger.embedder.embedders.words.table"]}
    assert forms["int8"] == {**states, **changed}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["states.int8.onnx", "states.onnx"]


def test_a_pre_trained_encoder_comes_in_every_form(tmp_path: Path) -> None:
    tagger, indexers = pretrained(tmp_path)
    (tmp_path / "model").mkdir()
    states = export_states(tagger, indexers, tmp_path / "model" / "states.onnx")
    forms = quantise(tmp_path / "model", states)  # its tables are too small to shrink
    assert list(forms) == ["fp32", "int8+products"]
    assert {form["file"] for form in forms.values()} == {file.name for file in (tmp_path / "model").iterdir()}
    assert len(forms["int8+products"]["quantised"]) == 12
    assert {name.split("/")[-2] for name in forms["int8+products"]["quantised"]} == {"query", "key", "value", "dense"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_table_that_is_looked_up_twice_is_stored_once(tmp_path: Path) -> None:
    class Twice(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.nn.Embedding(2000, 8)

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            return self.table(words) + self.table(words + 1)

    torch.manual_seed(0)
    network = Twice().eval()
    words = torch.arange(12).view(3, 4)
    torch.onnx.export(
        network, (words,), str(tmp_path / "a.onnx"), input_names=["words"], opset_version=17, dynamo=False
    )
    assert len(quantise_tables(tmp_path / "a.onnx", tmp_path / "b.onnx")) == 1
    tables = [t.name for t in onnx.load(str(tmp_path / "b.onnx")).graph.initializer if len(t.dims) == 2]
    assert sorted(name.rpartition(".")[2] for name in tables) == ["int8", "scale"]
    session = onnxruntime.InferenceSession(str(tmp_path / "b.onnx"))
    (found,) = session.run(None, {"words": words.numpy()})
    np.testing.assert_allclose(found, network(words).detach().numpy(), atol=0.05)
