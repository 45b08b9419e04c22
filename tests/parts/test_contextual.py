from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from epicrisis.encoding import ContextualIndexer, encode
from epicrisis.encoding.contextual import LanguageModel, read_language_model, write_language_model
from epicrisis.errors import ModelError, RecipeError
from epicrisis.models import Tagger
from epicrisis.parts.embedders import BiLM, Contextual, SideBySide
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage
from epicrisis.training.export import export_states

from . import making

MODEL = making.language_model(size=3, layers=2)
LENGTHS = torch.tensor([5, 3, 1])
MASK = torch.arange(5) < LENGTHS.unsqueeze(1)
TOKENS = torch.tensor([[2, 3, 4, 5, 6], [7, 1, 2, 0, 0], [3, 0, 0, 0, 0]])


def part(**settings: object) -> Contextual:
    contextual = Contextual(len(MODEL.vocabulary) + 2, 3, 2, **{"dropout": 0.0, **settings})
    contextual.start_from(MODEL.weights)
    return contextual


def packed_states() -> torch.Tensor:
    """torch's own LSTMs, that of the right on sequences that are turned round one by one."""
    model = part().model
    vectors = model.tokens(TOKENS)

    def turned(states: torch.Tensor) -> torch.Tensor:
        rows = zip(states, LENGTHS.tolist(), strict=True)
        return torch.stack([torch.cat([row[:length].flip(0), row[length:]]) for row, length in rows])

    def run(lstm: torch.nn.Module, states: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(states, LENGTHS, batch_first=True)
        return pad_packed_sequence(lstm(packed)[0], batch_first=True)[0]

    layers, right, left = [torch.cat([vectors, vectors], 2)], vectors, turned(vectors)
    for number in range(2):
        more_right, more_left = run(model.forwards[number], right), run(model.backwards[number], left)
        right, left = (more_right + right, more_left + left) if number else (more_right, more_left)
        layers.append(torch.cat([right, turned(left)], 2))
    return torch.stack(layers)


def test_the_language_model_is_torchs_lstms_on_packed_sequences() -> None:
    torch.testing.assert_close(part().model(TOKENS, MASK)[:, MASK], packed_states()[:, MASK])


def test_the_layers_are_mixed_by_shares_and_scaled() -> None:
    contextual = part()
    contextual.shares.data = torch.tensor([0.0, 1.0, -1.0])
    contextual.scale.data = torch.tensor(2.5)
    shares = np.exp([0.0, 1.0, -1.0]) / np.exp([0.0, 1.0, -1.0]).sum()
    expected = sum(2.5 * share * layer for share, layer in zip(shares.tolist(), packed_states(), strict=True))
    found = contextual({"contextual": TOKENS, "mask": MASK})
    torch.testing.assert_close(found[MASK], expected[MASK])


def test_only_the_mix_is_learned() -> None:
    contextual = part()
    assert [name for name, weight in contextual.named_parameters() if weight.requires_grad] == ["shares", "scale"]
    contextual({"contextual": TOKENS, "mask": MASK}).square().sum().backward()
    assert contextual.shares.grad.any()
    assert contextual.model.tokens.weight.grad is None


def test_a_language_model_survives_its_folder(tmp_path: Path) -> None:
    written = {name: weight.numpy() for name, weight in BiLM(4, 3, 1).state_dict().items()}
    write_language_model(LanguageModel(("a", "b"), 3, 1, written), tmp_path / "new")
    again = read_language_model(tmp_path / "new")
    assert (again.vocabulary, again.size, again.layers) == (("a", "b"), 3, 1)
    assert again.weights.keys() == written.keys()
    for name, weight in written.items():
        np.testing.assert_array_equal(again.weights[name], weight)


def test_another_architecture_is_an_error(tmp_path: Path) -> None:
    write_language_model(MODEL, tmp_path)
    (tmp_path / "config.json").write_text('{"architecture": "BertModel"}')
    with pytest.raises(ModelError, match="a language model of architecture 'bilm' is needed, not 'BertModel'"):
        read_language_model(tmp_path)


@pytest.mark.parametrize("config", ['{"architecture": "bilm", "size": 3}', "[]", "{", '{"architecture": "bilm"'])
def test_a_config_that_is_none_is_an_error(config: str, tmp_path: Path) -> None:
    write_language_model(MODEL, tmp_path)
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match="no language model can be read here"):
        read_language_model(tmp_path)


def test_weights_of_another_size_are_an_error(tmp_path: Path) -> None:
    write_language_model(MODEL, tmp_path)
    (tmp_path / "config.json").write_text('{"architecture": "bilm", "size": 4, "layers": 2}')
    with pytest.raises(ModelError, match=r"do not agree, backwards\.0\.bias_hh_l0 to begin with"):
        read_language_model(tmp_path)


@pytest.mark.parametrize(
    ("folder", "expected"), [("", "the folder of a language model is needed"), ("no/such", "no folder 'no/such'")]
)
def test_a_folder_has_to_be_there(folder: str, expected: str) -> None:
    with pytest.raises(RecipeError, match=expected):
        ContextualIndexer.fit([], folder=folder)


@pytest.mark.parametrize("lengths", [[1], [2, 1], [5, 1, 3], [129]])
def test_an_exported_graph_equals_torch(lengths: list[int], tmp_path: Path) -> None:
    indexer = making.indexer("contextual")
    embedder = SideBySide({"contextual": part()})
    encoder, attention = making.encoder("nothing"), making.attention("nothing")
    network = Tagger(embedder, encoder, attention, making.decoder("crf", making.BIO, 6))
    description = export_states(network, {"contextual": indexer}, tmp_path / "states.onnx")
    words = [[making.WORDS[0][n * n % 6] for n in range(length)] for length in lengths]
    inputs = encode([Passage.of(passage) for passage in words], [indexer])
    with torch.inference_mode():
        expected = network({name: torch.from_numpy(array) for name, array in inputs.items()}).numpy()
    mask = inputs["mask"]
    np.testing.assert_allclose(
        onnx_network(tmp_path / "states.onnx", description)(inputs)[mask], expected[mask], atol=1e-5
    )


def test_the_products_of_two_layers_in_both_directions_are_these() -> None:
    assert part().flops(7) == 2 * 7 * 2 * 2 * (3 * 12 + 3 * 12)
