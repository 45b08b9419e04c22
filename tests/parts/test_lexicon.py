from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from epicrisis.encoding import Indexer, LexiconIndexer, encode
from epicrisis.encoding.matching import MatchedWords
from epicrisis.models import Tagger
from epicrisis.parts.embedders import Lexicon, SideBySide
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage
from epicrisis.training.export import export_states
from epicrisis.training.quantising import quantise_tables

from . import making

LETTERS = "abcdefghijkl"
WORDS = ["a bc l", "a bc a dd", *(f"{a} {b}{c}" for a in LETTERS for b in LETTERS for c in LETTERS)]
"""Enough of them for a table that is worth storing in 8 bits; several of them begin at one token."""
NOTES = [["a", "bc", "a", "dd"], ["x"], ["l", "aa", "b", "bb", "c"]]


def embedder(**settings: object) -> Lexicon:
    torch.manual_seed(0)
    part = Lexicon(8, 5, **{"size": 3, "dropout": 0.0, **settings})
    part.start_from(torch.randn(6, 3))
    torch.nn.init.normal_(part.words.unknown)
    torch.nn.init.normal_(part.words.learned.weight.data[2:])
    return part


def test_a_tokens_vector_is_the_weighted_sum_of_each_of_its_sets() -> None:
    part = embedder()
    words, places = torch.tensor([1, 7, 3, 3, 1, 2]), torch.tensor([0, 2, 2, 5, 11, 23])
    weights = torch.tensor([0.5, 2.0, 1.0, 3.0, 0.25, 1.5])
    mask = torch.ones(2, 3, dtype=torch.bool)
    found = part({"mask": mask, "lexicon_words": words, "lexicon_places": places, "lexicon_weights": weights})
    table = (part.words.table + torch.nn.functional.pad(part.words.learned.weight, (0, 0, 0, 3))).detach().numpy()
    table[1] = part.words.unknown.detach().numpy()
    expected = np.zeros((2, 3, 4, 3), np.float32)
    for word, place, weight in zip(words.tolist(), places.tolist(), weights.tolist(), strict=True):
        expected[place // 12, place // 4 % 3, place % 4] += weight * table[word]
    np.testing.assert_allclose(found.detach().numpy(), expected.reshape(2, 3, 12), atol=1e-6)
    assert part.output_size == 12


def test_dropout_rests_after_training() -> None:
    part, inputs = embedder(dropout=0.5), making.inputs()
    inputs["lexicon_words"] = inputs["lexicon_words"].clamp(max=7)
    assert not torch.equal(part(inputs), part(inputs))
    part.eval()
    assert torch.equal(part(inputs), part(inputs))


def tagger(size: int = 6) -> tuple[Tagger, dict[str, Indexer]]:
    matched = MatchedWords(WORDS, [1] * 5, size, np.random.default_rng(0).normal(size=(len(WORDS), size)))
    part = Lexicon(*matched.sizes, size=size)
    part.start_from(torch.from_numpy(matched.vectors).float())
    torch.nn.init.normal_(part.words.unknown)
    network = SideBySide({"lexicon": part})
    decoder = making.decoder("crf", making.BIO, network.output_size)
    encoder, attention = making.encoder("nothing"), making.attention("nothing")
    return Tagger(network, encoder, attention, decoder), {"lexicon": LexiconIndexer(matched)}


def test_the_table_of_a_lexicon_is_stored_in_8_bits(tmp_path: Path) -> None:
    network, indexers = tagger()
    description = export_states(network, indexers, tmp_path / "states.onnx")
    names = quantise_tables(tmp_path / "states.onnx", tmp_path / "small.onnx")
    assert len(names) == 1
    tables = {t.name: t.dims for t in onnx.load(str(tmp_path / "small.onnx")).graph.initializer}
    assert list(tables[f"{names[0]}.int8"]) == [len(WORDS) + 2, 6]
    inputs = encode([Passage.of(words) for words in NOTES], indexers.values())
    full, small = (onnx_network(tmp_path / name, description)(inputs) for name in ("states.onnx", "small.onnx"))
    assert 0 < np.abs(full - small)[inputs["mask"]].max() < 0.02 * np.abs(full).max()


@pytest.mark.parametrize("lengths", [[1], [2, 1], [5, 1, 3], [40] * 9, [129]])
def test_an_exported_lexicon_equals_torch(lengths: list[int], tmp_path: Path) -> None:
    network, indexers = tagger()
    description = export_states(network, indexers, tmp_path / "states.onnx")
    notes = [[(NOTES[0] + NOTES[2])[(k * k) % 9] for k in range(length)] for length in lengths]
    inputs = encode([Passage.of(words) for words in notes], indexers.values())
    assert len(set(inputs["lexicon_places"].tolist())) < len(inputs["lexicon_places"]) or max(lengths) < 3
    with torch.inference_mode():
        expected = network({name: torch.from_numpy(array) for name, array in inputs.items()}).numpy()
    np.testing.assert_allclose(onnx_network(tmp_path / "states.onnx", description)(inputs), expected, atol=1e-4)


def test_it_multiplies_no_matrices() -> None:
    assert embedder().flops(100) == 0
