"""The sentences about spans: the tree of all against one sentence after the other."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.encoding import Indexer, encode
from epicrisis.errors import RecipeError
from epicrisis.models import Template, fit_indexers, make_tagger, parts_and_settings
from epicrisis.models.template import IMPOSSIBLE, Fillings, Tree, drawn_spans, sentences
from epicrisis.recipe import check_recipe
from epicrisis.runtime.model import onnx_network
from epicrisis.text import Passage, SpanCodec
from epicrisis.training.export import export_states

from ..checkpoints import save_checkpoint

LONGEST = 3
SAID = [[5, 7, 8, 1], [5, 2, 1], [5, 2, 6, 1], [5, 2, 6, 3, 1]]
WORDS = [Passage.of(words.split()) for words in ("no pain or fever today", "on aspirin", "well again .")]


def fillings(layers: int = 2) -> Fillings:
    torch.manual_seed(0)
    codec = SpanCodec(["a", "b", "c"], longest=LONGEST)
    made = Fillings(6, 5, codec, SAID, hidden_size=8, heads=2, layers=layers, feed_forward=7, dropout=0.0)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, 0, 0.4)
    return made.eval()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, dict[str, Indexer]]:
    torch.manual_seed(0)
    checkpoint = str(save_checkpoint(tmp_path_factory.mktemp("checkpoint")))
    model = {
        "task": "template",
        "embedder": [{"type": "transformer", "checkpoint": checkpoint}],
        "decoder": {"type": "template", "hidden_size": 8, "heads": 2, "feed_forward": 7, "longest": LONGEST},
    }
    recipe, indexers = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), WORDS)
    made, _ = make_tagger(recipe, indexers, ["Drug", "Sign_symptom"])
    assert isinstance(made, Template)
    return made.eval(), indexers


def inputs(indexers: dict[str, Indexer], cut: list[Passage] = WORDS) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in encode(cut, indexers.values()).items()}


def slow(made: Fillings, words: Tensor, table: Tensor, states: Tensor, sentence: list[int]) -> Tensor:
    """Of one sentence about one span of one passage: a plain decoder, its pieces in a row."""

    def attend(asked: Tensor, keys: Tensor, values: Tensor, causal: bool) -> Tensor:
        split = (x.view(len(x), 2, -1).transpose(0, 1).unsqueeze(0) for x in (asked, keys, values))
        return F.scaled_dot_product_attention(*split, is_causal=causal)[0].transpose(0, 1).flatten(1)

    read = made.words(torch.cat((words, table[sentence[:-1]]))) + made.places[: len(words) + len(sentence) - 1]
    for layer in made.layers:
        keys, values = layer.read(read).chunk(2, 1)
        read = layer.norms[0](read + layer.said(attend(layer.asked(read), keys, values, True)))
        keys, values = layer.passage_read(states).chunk(2, 1)
        read = layer.norms[1](read + layer.passage_said(attend(layer.passage_asked(read), keys, values, False)))
        read = layer.norms[2](read + layer.network(read))
    known = sorted({piece for said in SAID for piece in said[1:]})
    logits = made.output(read[len(words) :]) @ made.words(table[known]).T / 8**0.5 + made.bias
    steps = logits.log_softmax(1)
    return sum((steps[n, known.index(piece)] for n, piece in enumerate(sentence[1:])), torch.zeros(()))


def test_a_tree_holds_every_beginning_once() -> None:
    tree = Tree(SAID)
    assert tree.pieces.tolist() == [5, 7, 8, 2, 6, 3]
    assert tree.depth.tolist() == [0, 1, 2, 1, 2, 3]
    assert tree.vocabulary.tolist() == [1, 2, 3, 6, 7, 8]
    assert [row.nonzero().flatten().tolist() for row in tree.ancestors] == [
        [0],
        [0, 1],
        [0, 1, 2],
        [0, 3],
        [0, 3, 4],
        [0, 3, 4, 5],
    ]
    for said, sentence in zip(tree.said.T, SAID, strict=True):
        steps = said.nonzero().flatten()
        assert sorted(tree.vocabulary[tree.predicted[steps]].tolist()) == sorted(sentence[1:])
        assert len(steps) == len(sentence) - 1


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ([[1, 2], [1, 2]], "two types have the same word pieces"),
        ([[1, 2], [2, 1]], "begin alike"),
        ([[1, 2], [1, 2, 3]], "goes on with the word entity"),
    ],
)
def test_sentences_that_cannot_be_told_apart_are_an_error(wrong: list[list[int]], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Tree(wrong)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_all_sentences_at_once_are_scored_as_one_after_the_other(layers: int) -> None:
    made = fillings(layers)
    table, states = torch.randn(9, 5), torch.randn(2, 4, 6)
    mask = torch.tensor([[True] * 4, [True, True, False, False]])
    lengths = torch.tensor([[1, 3, 2], [2, 2, 1]])
    words = torch.randn(2, 3, LONGEST, 5)
    words[0, 0, 1:] = 1e3  # behind the span
    with torch.inference_mode():
        found = made(words, lengths, table, states, mask)
        for b, s in itertools.product(range(2), range(3)):
            span, passage = words[b, s, : lengths[b, s]], states[b][mask[b]]
            expected = torch.stack([slow(made, span, table, passage, sentence) for sentence in SAID])
            torch.testing.assert_close(found[b, s], expected, rtol=1e-4, atol=1e-5)
    assert (found.exp().sum(2) < 1).all()


def test_sentences_name_types_as_words() -> None:
    assert sentences(["cell_line", "Drug"])[1:] == ["is a cell line entity", "is a Drug entity"]


def test_the_scores_of_a_passage_are_those_of_its_spans(network: tuple[Template, dict[str, Indexer]]) -> None:
    made, indexers = network
    given = inputs(indexers)
    with torch.inference_mode():
        table = made(given).view(3, 5, LONGEST, 3)
        states, (words, pieces) = made.states(given), made._words(given)
        for row, passage in enumerate(WORDS):
            for start, count in itertools.product(range(5), range(1, LONGEST + 1)):
                if start + count > len(passage.tokens):
                    assert table[row, start, count - 1, 1:].tolist() == [IMPOSSIBLE] * 2
                    assert table[row, start, count - 1, 0] == 0
                    continue
                span = words[row, None, None, start : start + count]
                length, one = torch.tensor([[count]]), slice(row, row + 1)
                expected = made.decoder(span, length, pieces, states[one], given["mask"][one])
                torch.testing.assert_close(table[row, start, count - 1], expected[0, 0])


def test_padding_changes_no_score(network: tuple[Template, dict[str, Indexer]]) -> None:
    made, indexers = network
    with torch.inference_mode():
        together = made(inputs(indexers))
        for row, passage in enumerate(WORDS):
            alone = made(inputs(indexers, [passage]))[0]
            torch.testing.assert_close(together[row, : len(passage.tokens)], alone, rtol=1e-4, atol=1e-5)


def test_a_words_embedding_is_the_mean_of_its_pieces(network: tuple[Template, dict[str, Indexer]]) -> None:
    made, indexers = network
    given = inputs(indexers)
    words, table = made._words(given)
    first, after = given["first_piece"][0, 1], given["after_piece"][0, 1]
    torch.testing.assert_close(words[0, 1], table[given["pieces"].flatten()[first:after]].mean(0))


def drawn(negatives: float, own: Tensor, targets: Tensor, mask: Tensor) -> tuple[list[tuple[int, ...]], int]:
    spans = list(zip(*(column.tolist() for column in drawn_spans(mask, own, targets, negatives)), strict=True))
    return [span for span in spans if span[3]], sum(not span[3] for span in spans)


def test_all_mentions_are_learned_from_and_as_many_other_spans_as_are_asked_for() -> None:
    mask = torch.tensor([[True] * 6, [True, True, True, True, False, False]])
    own = torch.tensor([[False, False, True, True, True, False], [True] * 4 + [False] * 2])
    targets = torch.zeros(2, 4, LONGEST, dtype=torch.long)
    targets[0, 0, 1], targets[0, 2, 1], targets[1, 3, 0] = 2, 1, 3
    targets[0, 2, 2] = 1  # runs beyond the passage
    expected = [(0, 2, 2, 2), (0, 4, 2, 1), (1, 3, 1, 3)]
    assert drawn(1.5, own, targets, mask) == (expected, 4)
    assert drawn(1.0, own, targets, mask) == (expected, 3)
    everything = 3 + 3 + 2 + 3 + 3 + 2 + 1 - 3
    assert drawn(100.0, own, targets, mask) == (expected, everything)
    assert drawn(1.5, own, torch.zeros_like(targets), mask) == ([], 1)


def test_the_loss_is_that_of_the_sentences_about_the_drawn_spans(network: tuple[Template, dict[str, Indexer]]) -> None:
    made, indexers = network
    given = inputs(indexers)
    own = given["mask"].clone()
    own[0, 0] = own[0, 4] = False
    targets = torch.zeros(3, 3, LONGEST, dtype=torch.long)
    targets[0, 0, 0], targets[0, 1, 2], targets[1, 1, 0], targets[2, 0, 2] = 1, 2, 1, 2
    torch.manual_seed(4)
    row, start, count, type_ = drawn_spans(given["mask"], own, targets, made.decoder.negatives)  # type: ignore[arg-type]
    table = made(given).view(3, 5, LONGEST, 3)
    expected = -table[row, start, count - 1, type_].sum()
    torch.manual_seed(4)
    torch.testing.assert_close(made.loss(given, own, targets), expected)


def test_every_weight_gets_a_gradient_also_under_bf16(network: tuple[Template, dict[str, Indexer]]) -> None:
    made, indexers = network
    given = inputs(indexers)
    targets = torch.zeros(3, 5, LONGEST, dtype=torch.long)
    targets[0, 0, 2] = targets[1, 1, 0] = 1
    targets[2, 1, 0] = 2
    expected = made.loss(given, given["mask"], targets)
    made.zero_grad()
    expected.backward()
    for name, weight in made.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.any(), name
    torch.manual_seed(1)
    expected = made.loss(given, given["mask"], targets)
    torch.manual_seed(1)
    with torch.autocast("cpu", torch.bfloat16):
        loss = made.loss(given, given["mask"], targets)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0.02)


def test_the_exported_graph_equals_torch_at_other_shapes(
    network: tuple[Template, dict[str, Indexer]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made, indexers = network
    description = export_states(made, indexers, tmp_path / "states.onnx")  # compares at (1, 1), (3, 17) and (7, 64)
    graph = onnx_network(tmp_path / "states.onnx", description)
    for cut in ([WORDS[1]], WORDS):
        arrays = encode(cut, indexers.values())
        with torch.inference_mode():
            expected = made({name: torch.from_numpy(array) for name, array in arrays.items()}).numpy()
        np.testing.assert_allclose(graph(arrays)[arrays["mask"]], expected[arrays["mask"]], rtol=1e-3, atol=1e-4)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("tokens", [1, 7])
def test_its_operations_are_those_that_torch_counts(network: tuple[Template, dict[str, Indexer]], tokens: int) -> None:
    made, indexers = network
    given = inputs(indexers, [Passage.of(["fever"] * tokens)])
    counter = FlopCounterMode(display=False)
    with torch.no_grad():
        states = made.states(given)
        made.states = lambda inputs: states  # type: ignore[method-assign]  # what is counted elsewhere
        try:
            with counter:
                made(given)
        finally:
            del made.states
    assert made.decoder.flops(tokens) == counter.get_total_flops()  # type: ignore[operator]


def broken(**model: Any) -> dict[str, Any]:
    return {"model": {"embedder": [{"type": "casing"}], **model}}


@pytest.mark.parametrize(("task", "decoder"), [("template", "crf"), ("tagger", "template")])
def test_a_task_has_its_own_decoder(task: str, decoder: str) -> None:
    with pytest.raises(RecipeError, match=f"model.decoder: '{decoder}' is no decoder of the task '{task}'"):
        check_recipe(broken(task=task, decoder={"type": decoder}), parts_and_settings(), "test")


def test_without_word_pieces_there_is_no_template() -> None:
    made = check_recipe(broken(task="template", decoder={"type": "template"}), parts_and_settings(), "test")
    filled, indexers = fit_indexers(made, WORDS)
    with pytest.raises(RecipeError, match="the task template needs a 'transformer'"):
        make_tagger(filled, indexers, ["Drug"])
