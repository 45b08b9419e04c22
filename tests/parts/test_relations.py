"""Decoders of relations against equations written out in numpy; padding changes nothing; every weight learns."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import expit, logit
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.decoding import Relations
from epicrisis.decoding.relations import EXCLUSIVE
from epicrisis.encoding import encode_pairs
from epicrisis.parts.relations import RELATIONS
from epicrisis.parts.relations.pairs import IMPOSSIBLE
from epicrisis.text import RelationCodec

SIZE, STATES, TOKENS = 5, 4, 24
CODEC = RelationCodec(("A", "B"), ("r", "s", "t"), (("A", "B", "r"), ("A", "B", "s"), ("B", "B", "t")), {}, 10)
SPANS = np.array([(0, 1), (2, 4), (2, 3), (9, 10), (13, 16), (23, 24)], np.int64)
KINDS = np.array([0, 1, 0, 1, 1, 0], np.int64)
SETTINGS: dict[str, dict[str, Any]] = {
    "bilinear_attention": {"layer_size": 3, "distances": True},
    "bilinear": {"hidden_size": 3, "distances": True},
    "concat": {"layer_size": 3, "distances": True},
    "context": {"size": 3, "around": 2, "layer_size": 3, "distances": True},
}


def make(name: str, **settings: Any) -> nn.Module:
    torch.manual_seed(1)
    part = RELATIONS[name](SIZE, STATES, len(CODEC.relations), **{**SETTINGS[name], "dropout": 0.0, **settings})
    for weight in part.parameters():
        nn.init.normal_(weight, std=0.5)
    return part


def pairs(spans: np.ndarray = SPANS, types: np.ndarray = KINDS) -> dict[str, Tensor]:
    found = {name: torch.from_numpy(array) for name, array in encode_pairs(CODEC, spans, types, 0 * types).items()}
    allowed = torch.from_numpy(CODEC.allowed)
    return {**found, "allowed": allowed[found["types"].unsqueeze(1), found["types"][found["partners"]]]}


def arrays() -> tuple[Tensor, Tensor]:
    torch.manual_seed(2)
    return torch.randn(len(SPANS), SIZE), torch.randn(TOKENS, STATES)


def softmax(row: np.ndarray) -> np.ndarray:
    shares = np.exp(row - row.max())
    return shares / shares.sum()


def distance(part: nn.Module, i: int, j: int) -> np.ndarray:
    edges = [-64, -32, -16, -8, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 16, 32, 64]
    ahead, behind = SPANS[j, 0] - SPANS[i, 1], SPANS[i, 0] - SPANS[j, 1]
    tokens = ahead + 1 if ahead >= 0 else -behind - 1 if behind >= 0 else 0
    tables = [table.weight.detach().numpy() for table in part.output.distances]  # type: ignore[union-attr]
    return tables[0][sum(tokens >= edge for edge in edges)] + tables[1][sum(j - i >= edge for edge in edges)]


def gelu(x: np.ndarray) -> np.ndarray:
    return torch.nn.functional.gelu(torch.from_numpy(x)).numpy()


def output(part: nn.Module, head: np.ndarray, tail: np.ndarray, beside: np.ndarray) -> np.ndarray:
    weights = {name: weight.detach().numpy() for name, weight in part.output.named_parameters()}  # type: ignore[union-attr]
    vector = weights["head.weight"] @ head + weights["head.bias"] + weights["tail.weight"] @ tail + beside
    if "output.weight" in weights:
        vector = weights["output.weight"] @ gelu(vector) + weights["output.bias"]
    return vector


def reference(name: str, part: nn.Module, e: np.ndarray, h: np.ndarray, i: int, j: int) -> np.ndarray:
    """Scores of i as head and j as tail."""
    w = {key: weight.detach().numpy() for key, weight in part.named_parameters()}
    far = distance(part, i, j)
    if name == "concat":
        return output(part, e[i], e[j], far)
    if name == "bilinear_attention":

        def share(a: int, b: int) -> float:
            partners = [n for n in CODEC.partners(SPANS, KINDS)[a].tolist() if n >= 0]
            return float(softmax(np.array([e[a] @ w["weight"] @ e[n] for n in partners]))[partners.index(b)])

        return output(part, e[i] + share(i, j) * e[j], e[j] + share(j, i) * e[i], far)
    if name == "bilinear":
        view = gelu(e @ w["views.weight"].T + w["views.bias"])
        form = np.array([view[i, :3] @ matrix @ view[j, 3:] for matrix in w["weight"]])
        return output(part, e[i], e[j], far + form)
    begin, end = min(SPANS[i, 0], SPANS[j, 0]) - 2, max(SPANS[i, 1], SPANS[j, 1]) + 2
    words = h[max(0, begin) : end]
    questions = e @ w["asking.weight"].T + w["asking.bias"]
    keys, answers = np.split(words @ w["answering.weight"].T + w["answering.bias"], 2, axis=1)
    context = softmax(keys @ (questions[i, :3] + questions[j, 3:]) / np.sqrt(3)) @ answers
    return output(part, e[i], e[j], far + w["answered.weight"] @ context)


@pytest.mark.parametrize("name", RELATIONS)
def test_scores_are_those_of_the_equations(name: str) -> None:
    part, (mentions, states), asked = make(name), arrays(), pairs()
    scores = part.scores(mentions, states, asked).detach().numpy()
    beside = part.classes_beside
    assert scores.shape == (*asked["partners"].shape, beside + 3)
    for i, n in np.argwhere(asked["real"].numpy()):
        j = int(asked["partners"][i, n])
        expected = reference(name, part, mentions.numpy(), states.numpy(), int(i), j)
        allowed = np.concatenate([np.ones(beside, bool), CODEC.allowed[KINDS[i], KINDS[j]]])
        np.testing.assert_allclose(scores[i, n], np.where(allowed, expected, IMPOSSIBLE), rtol=1e-4, atol=1e-5)
    assert (scores[~asked["real"].numpy()][:, beside:] == IMPOSSIBLE).all()


@pytest.mark.parametrize("name", RELATIONS)
def test_padding_changes_nothing(name: str) -> None:
    part, (mentions, states), asked = make(name), arrays(), pairs()
    wider = {
        key: torch.nn.functional.pad(tensor, (0, 2)) if key in ("partners", "real", "back") else tensor
        for key, tensor in asked.items()
    }
    wider["allowed"] = torch.nn.functional.pad(asked["allowed"], (0, 0, 0, 2))
    targets = asked["allowed"] & (torch.arange(3) == 0)
    wide = part.scores(mentions, states, wider)
    plain = part.scores(mentions, states, asked)
    torch.testing.assert_close(wide[:, : plain.shape[1]], plain)
    torch.testing.assert_close(
        part.loss(wide, wider, torch.nn.functional.pad(targets, (0, 0, 0, 2))), part.loss(plain, asked, targets)
    )


@pytest.mark.parametrize("name", RELATIONS)
def test_losses_are_those_of_the_candidates_alone(name: str) -> None:
    part, (mentions, states), asked = make(name), arrays(), pairs()
    scores = part.scores(mentions, states, asked)
    targets = torch.zeros_like(asked["allowed"])
    targets[0, 0, 1] = True  # A, then B: s
    expected = 0.0
    for i, n in np.argwhere(asked["real"].numpy()):
        row = scores[i, n].detach().numpy().astype(float)
        gold = targets[i, n].numpy()
        if name in EXCLUSIVE:
            expected -= np.log(softmax(row)[gold.argmax() + 1 if gold.any() else 0])
        else:
            allowed = asked["allowed"][i, n].numpy()
            right = 1 / (1 + np.exp(np.where(gold, -row, row)))
            expected -= np.log(right[allowed]).sum()
    assert asked["allowed"][0, 0, 1]
    torch.testing.assert_close(part.loss(scores, asked, targets).item(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", RELATIONS)
def test_every_weight_learns_in_fp32_and_bf16(name: str) -> None:
    part, asked = make(name), pairs()
    mentions, states = (tensor.requires_grad_() for tensor in arrays())
    targets = asked["allowed"] & (torch.arange(3) == 1)
    losses = []
    for bf16 in (False, True):
        part.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = part.loss(part.scores(mentions, states, asked), asked, targets)
        loss.backward()
        assert loss.dtype == torch.float32
        losses.append(loss.item())
        for key, weight in part.named_parameters():
            assert weight.grad is not None, key
            assert torch.isfinite(weight.grad).all(), key
            assert weight.grad.abs().sum() > 0, key
    assert mentions.grad is not None
    assert mentions.grad.abs().sum() > 0
    assert losses[1] == pytest.approx(losses[0], rel=0.05)


def test_attention_weighs_what_a_pair_looks_like() -> None:
    part, (mentions, states), asked = make("bilinear_attention"), arrays(), pairs()
    before = part.scores(mentions, states, asked)
    with torch.no_grad():
        part.weight.mul_(-3)
    assert (part.scores(mentions, states, asked) - before)[asked["real"]].abs().max() > 0.01
    ahead, back = part.shares(mentions, asked)
    real = asked["real"]
    torch.testing.assert_close((ahead * real).sum(1)[real.any(1)], torch.ones(int(real.any(1).sum())))
    for i, n in np.argwhere(real.numpy()):
        partner = int(asked["partners"][i, n])
        there = asked["partners"][partner].tolist().index(i)
        assert back[i, n] == ahead[partner, there]


def test_words_between_and_around_count_for_the_context_and_no_others() -> None:
    part, (mentions, states), asked = make("context"), arrays(), pairs()
    n = asked["partners"][0].tolist().index(1)  # tokens 0 to 4, two around
    before = part.scores(mentions, states, asked)
    for token, matters in ((1, True), (5, True), (6, False), (20, False)):
        changed = states.clone()
        changed[token] += 1
        same = torch.equal(part.scores(mentions, changed, asked)[0, n], before[0, n])
        assert same != matters


@pytest.mark.parametrize("name", RELATIONS)
def test_flops_are_those_that_are_counted_while_it_runs(name: str) -> None:
    part = make(name)
    spans = np.stack([np.arange(8), np.arange(8) + 1], 1)
    asked = pairs(spans, np.ones(8, np.int64))  # each of eight is a candidate of each other
    count = 4 if name == "context" else TOKENS  # as many words as it is said to look at
    with FlopCounterMode(display=False) as counter:
        part.scores(torch.randn(8, SIZE), torch.randn(count, STATES), asked)
    found = counter.get_total_flops()
    if name == "context":  # the words' keys and answers are computed once
        found += (8 - 1) * 2 * count * STATES * 6
    assert part.flops(8, 7) == found


def test_probabilities_thresholds_and_greedy_selection() -> None:
    asked = pairs()
    scores = np.full((*asked["partners"].shape, 3), -5.0, np.float32)
    real, partners = asked["real"].numpy(), asked["partners"].numpy()
    first, second = partners[0].tolist().index(1), partners[1].tolist().index(0)
    scores[0, first] = [2.0, 0.5, -9.0]
    scores[1, second, 2] = 1.0
    scores[~real] = 9.0  # padding is nothing, whatever its scores
    every = Relations(CODEC, {"type": "bilinear", "select": "threshold"})
    sigmoid = {score: 1 / (1 + np.exp(-score)) for score in (2.0, 1.0, 0.5)}
    found = every.select(every.decode(scores, partners, real))
    assert [(h, t, type_) for h, t, type_, _ in found] == [(0, 1, "r"), (0, 1, "s"), (1, 0, "t")]
    assert [score for *_, score in found] == pytest.approx([sigmoid[2.0], sigmoid[0.5], sigmoid[1.0]])
    greedy = Relations(CODEC, {"type": "bilinear", "select": "greedy"})
    assert [relation[2] for relation in greedy.select(greedy.decode(scores, partners, real))] == ["r"]
    strict = Relations(CODEC, {"type": "bilinear", "thresholds_given": {"r": 0.9, "s": 0.6}, "thresholds": {"r": 0.4}})
    assert [relation[2] for relation in strict.select(strict.decode(scores, partners, real))] == ["s", "t"]
    half = np.full(len(scores), 0.5, np.float32)
    unsure = strict.decode(scores, partners, real, (half, np.ones_like(partners, np.float32)))
    assert unsure == [(0, 1, "r", pytest.approx(sigmoid[2.0] / 2))]
    alone = Relations(CODEC, {"type": "concat"})
    row = np.array([[[0.0, 1.0, 2.0, 0.5]]], np.float32)
    np.testing.assert_allclose(alone.probabilities(row)[0, 0], softmax(row[0, 0])[1:], rtol=1e-6)


@pytest.mark.parametrize("kind", ["bilinear", "concat"])
def test_log_odds_of_probabilities_are_put_on_a_line(kind: str) -> None:
    codec = RelationCodec(("A",), ("r", "s"), (("A", "A", "r"), ("A", "A", "s")), {"sure": ("no", "yes"), "up": ("a",)})
    lines = {"relations": {"slope": 0.5, "shift": -1.0}, "attributes": {"sure": {"slope": 0.25, "shift": 0.5}}}
    lined = Relations(codec, {"type": kind, "odds": lines})
    plain = Relations(codec, {"type": kind})
    scores = np.random.default_rng(1).normal(0, 3, (4, 5, 3 if plain.exclusive else 2)).astype(np.float32)
    np.testing.assert_allclose(
        logit(lined.probabilities(scores)), logit(plain.probabilities(scores)) / 2 - 1, rtol=1e-4, atol=1e-5
    )
    rows = np.ones((len(scores), 5), np.int64), np.ones((len(scores), 5), bool)
    half = np.full(len(scores), 0.5, np.float32), np.full((len(scores), 5), 0.5, np.float32)
    least = {"thresholds": {"r": 0.0, "s": 0.0}}
    before, after = (
        Relations(codec, {"type": kind, **least, "odds": odds}).decode(scores, *rows, half)
        for odds in ({}, {"found": {"slope": 3.0, "shift": 1.0}})
    )
    np.testing.assert_allclose(
        logit([share for *_, share in after]), 3 * logit([share for *_, share in before]) + 1, rtol=1e-3, atol=1e-3
    )
    of_values = np.array([[0, 1, 3, 0, 2]], np.float32)
    ((before,), (after,)) = (one.attributes(of_values) for one in (plain, lined))
    assert after["up"] == before["up"]
    assert after["sure"] == ("yes", pytest.approx(expit(logit(before["sure"][1]) / 4 + 0.5), rel=1e-5))


def test_attributes_are_the_likeliest_values_unless_it_is_none() -> None:
    codec = RelationCodec(("A",), ("r",), (("A", "A", "r"),), {"sure": ("no", "yes"), "up": ("a",)})
    scores = np.array([[0, 1, 2, 0, 3], [3, 1, 2, 1, 0]], np.float32)
    first, second = Relations(codec, {"type": "bilinear"}).attributes(scores)
    assert {name: value for name, (value, _) in first.items()} == {"sure": "yes", "up": "a"}
    assert first["sure"][1] == pytest.approx(softmax(scores[0, :3])[2])
    assert second == {}
