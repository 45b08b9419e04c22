import random
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from epicrisis.encoding import LatticeIndexer, WordIndexer, encode
from epicrisis.encoding.matching import MatchedWords
from epicrisis.models import Tagger
from epicrisis.parts.embedders import Lattice, SideBySide
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage
from epicrisis.training.export import export_states

from . import making

LEXICON = [" ".join(word) for word in ("ab", "abc", "bca", "cc", "ca", "aaaa", "abcabc", "bc")]
INDEXER = LatticeIndexer(WordIndexer("abc", 3), MatchedWords(LEXICON, [1] * 4, 2))
TEXTS = ["abcabcc", "aaaab", "b", "ccbca"]


def part(**settings: object) -> Lattice:
    torch.manual_seed(0)
    lattice = Lattice(*INDEXER.sizes, **{"size": 5, "hidden_size": 3, "dropout": 0.0, **settings})
    for weight in lattice.parameters():
        torch.nn.init.normal_(weight, 0, 0.7)
    for table in (lattice.characters, lattice.words):
        table.learned.weight.data[0] = 0.0  # padding
    lattice.start_from((None, torch.randn(len(LEXICON), 2)))
    return lattice


def inputs(texts: list[str]) -> dict[str, torch.Tensor]:
    arrays = encode([Passage.of(list(text)) for text in texts], [INDEXER])
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def one_direction(lattice: Lattice, text: str, direction: int) -> list[NDArray[np.float64]]:
    """The equations, character by character and word by word; from right to left the text and its words turn round."""
    table = {
        name: torch.cat(
            [words.learned.weight + words.table[: len(words.learned.weight)], words.table[len(words.learned.weight) :]]
        )
        .detach()
        .double()
        .numpy()
        for name, words in (("characters", lattice.characters), ("words", lattice.words))
    }
    weight = {name: p.detach().double().numpy()[direction] for name, p in lattice.named_parameters() if p.dim() == 3}
    size = lattice.output_size // 2
    lexicon = {word.replace(" ", "")[:: -1 if direction else 1]: n for n, word in enumerate(LEXICON, start=2)}
    text = text[:: -1 if direction else 1]
    h, c = np.zeros(size), np.zeros(size)
    states: list[NDArray[np.float64]] = []
    cells: list[NDArray[np.float64]] = []
    for place, letter in enumerate(text):
        x = table["characters"]["abc".index(letter) + 2]
        part_of_x = x @ weight["character_inputs"] + weight["character_bias"][0]
        pre = part_of_x[: 3 * size] + h @ weight["recurrent"][:, : 3 * size]
        i, o, g = sigmoid(pre[:size]), sigmoid(pre[size : 2 * size]), np.tanh(pre[2 * size :])
        gates, values = [np.exp(i)], [g]
        for begin in range(place):
            word = lexicon.get(text[begin : place + 1])
            if word is None:
                continue
            pre = table["words"][word] @ weight["word_inputs"] + weight["word_bias"][0]
            pre = pre + states[begin] @ weight["recurrent"][:, 3 * size :]
            i_w, f_w, g_w = sigmoid(pre[:size]), sigmoid(pre[size : 2 * size]), np.tanh(pre[2 * size :])
            cell = f_w * cells[begin] + i_w * g_w
            gates.append(np.exp(sigmoid(part_of_x[3 * size :] + cell @ weight["link"])))
            values.append(cell)
        if len(gates) == 1:
            c = (1 - i) * c + i * g
        else:
            c = sum(gate * value for gate, value in zip(gates, values, strict=True)) / sum(gates)
        h = o * np.tanh(c)
        cells.append(c)
        states.append(h)
    return states


@pytest.mark.parametrize("texts", [TEXTS, ["abcabcabcabccc"], ["b"], ["bbb", "ba"]])
def test_the_batch_is_the_equations_one_passage_at_a_time(texts: list[str]) -> None:
    lattice = part()
    found = lattice(inputs(texts)).detach().numpy()
    assert found.shape == (len(texts), max(map(len, texts)), 6)
    for row, text in enumerate(texts):
        expected = np.hstack([one_direction(lattice, text, 0), one_direction(lattice, text, 1)[::-1]])
        np.testing.assert_allclose(found[row, : len(text)], expected, atol=1e-5)


def test_the_gradient_is_that_of_finite_differences() -> None:
    lattice, batch = part().double(), inputs(TEXTS)
    mask = batch["mask"]
    weights = [weight for weight in lattice.parameters() if weight.dim() == 3]
    assert len(weights) == 6
    assert torch.autograd.gradcheck(lambda *_: lattice(batch)[mask], weights, fast_mode=True)


def test_a_word_changes_what_stands_at_its_ends() -> None:
    lattice = part()
    with torch.no_grad():
        before = lattice(inputs(["abcab"]))[0]
        lattice.words.table[LEXICON.index("b c a") + 2] += 1.0
        changed = (lattice(inputs(["abcab"]))[0] != before).any(1)
    assert changed.tolist() == [True, True, False, True, True] or changed.tolist() == [True] * 2 + [False] + [True] * 2


def test_vectors_are_what_it_starts_from() -> None:
    lattice, vectors = part(), torch.randn(3, 5)
    lattice.start_from((vectors.numpy(), None))
    table = lattice.characters.table[2:]
    torch.testing.assert_close(table / table.std(), vectors / vectors.std())


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tagger, object]:
    file = tmp_path_factory.mktemp("lattice") / "states.onnx"
    embedder = SideBySide({"lattice": part()})
    encoder, attention = making.encoder("nothing"), making.attention("nothing")
    network = Tagger(embedder, encoder, attention, making.decoder("crf", making.BIO, embedder.output_size))
    return network, onnx_network(file, export_states(network, {"lattice": INDEXER}, file))


@pytest.mark.parametrize("lengths", [[1], [2, 1], [5, 1, 3], [40] * 9, [129], [1] * 20])
def test_an_exported_lattice_equals_torch(lengths: list[int], exported: tuple[Tagger, object]) -> None:
    network, graph = exported
    dice = random.Random(1)
    batch = inputs(["".join(dice.choices("abc", k=length)) for length in lengths])
    with torch.inference_mode():
        expected = network(batch)[batch["mask"]].numpy()
    found = graph({name: array.numpy() for name, array in batch.items()})[batch["mask"].numpy()]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_nothing_is_said_in_exporting(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    embedder = SideBySide({"lattice": part()})
    encoder, attention = making.encoder("nothing"), making.attention("nothing")
    network = Tagger(embedder, encoder, attention, making.decoder("crf", making.BIO, embedder.output_size))
    export_states(network, {"lattice": INDEXER}, tmp_path / "states.onnx")
    assert capfd.readouterr() == ("", "")


def test_dropout_rests_after_training() -> None:
    lattice, batch = part(dropout=0.5), inputs(TEXTS)
    assert not torch.equal(lattice(batch), lattice(batch))
    lattice.eval()
    assert torch.equal(lattice(batch), lattice(batch))


def test_the_products_of_a_lattice_are_these() -> None:
    token = 5 * 4 * 3 + 3 * 3 * 3 + 3 * 3 * 3  # its inputs, the state before for it, its own state for words
    word = 2 * 3 * 3 + 3 * 3
    assert part().flops(7) == 2 * (2 * 7 * token + 2 * 3 * word)
