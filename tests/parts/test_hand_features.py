from pathlib import Path

import numpy as np
import pytest
import torch

from epicrisis.encoding import HandFeatureIndexer, encode
from epicrisis.models import Tagger
from epicrisis.parts.embedders import HandFeatures, SideBySide
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage
from epicrisis.training.export import export_states
from epicrisis.training.quantising import quantise_tables

from . import making


def test_a_token_is_the_sum_of_its_features() -> None:
    torch.manual_seed(0)
    part = HandFeatures(6, size=3)
    numbers = torch.tensor([[[1, 5, 0, 2], [1, 0, 0, 0]], [[1, 3, 3, 4], [0, 0, 0, 0]]])
    table = part.features.weight.detach().numpy()
    expected = np.zeros((2, 2, 3), np.float32)
    for row in range(2):
        for token in range(2):
            for number in numbers[row, token].tolist():
                expected[row, token] += table[number] if number else 0.0
    found = part({"hand_features": numbers})
    np.testing.assert_allclose(found.detach().numpy(), expected, atol=1e-7)
    assert not found[1, 1].any()
    (gradient,) = torch.autograd.grad(found.sum(), part.features.weight)
    assert gradient[:, 0].tolist() == [0.0, 3.0, 1.0, 2.0, 1.0, 1.0]


def test_any_weights_of_a_log_linear_model_can_be_written_as_the_product() -> None:
    """Of 7 features and 5 tags, where a row is as wide as there are tags."""
    torch.manual_seed(0)
    wanted = torch.randn(7, 5)
    wanted[0] = 0.0  # padding
    part, decoder = HandFeatures(7, size=5), making.decoder("crf", making.BIO, 5)
    with torch.no_grad():
        decoder.output.bias.zero_()
        part.features.weight.copy_(wanted @ torch.linalg.inv(decoder.output.weight).T)
    numbers = torch.tensor([[[1, 2, 6], [3, 0, 5]]])
    torch.testing.assert_close(decoder.scores(part({"hand_features": numbers})), wanted[numbers].sum(2))


WORDS = [[f"w{n}x{n % 7}" for n in range(400)], ["头", "痛"]]


@pytest.mark.parametrize("lengths", [[1], [5, 1, 3], [129]])
def test_an_exported_graph_equals_torch_and_its_table_is_stored_in_8_bits(lengths: list[int], tmp_path: Path) -> None:
    indexer = HandFeatureIndexer.fit([Passage.of(words) for words in WORDS], least=1)
    embedder = SideBySide({"hand_features": HandFeatures(*indexer.sizes, size=4)})
    encoder, attention = making.encoder("nothing"), making.attention("nothing")
    network = Tagger(embedder, encoder, attention, making.decoder("crf", making.BIO, 4))
    description = export_states(network, {"hand_features": indexer}, tmp_path / "states.onnx")
    inputs = encode([Passage.of(WORDS[0][:length]) for length in lengths], [indexer])
    with torch.inference_mode():
        expected = network({name: torch.from_numpy(array) for name, array in inputs.items()}).numpy()
    mask = inputs["mask"]
    np.testing.assert_allclose(
        onnx_network(tmp_path / "states.onnx", description)(inputs)[mask], expected[mask], atol=1e-5
    )
    assert len(quantise_tables(tmp_path / "states.onnx", tmp_path / "small.onnx")) == 1


def test_it_multiplies_no_matrices() -> None:
    assert HandFeatures(6, size=3).flops(100) == 0
