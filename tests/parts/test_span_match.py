"""The lesson of starts, ends and matches, step by step."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from epicrisis.decoding import DECODERS as WAYS_OUT
from epicrisis.parts.decoders import SpanMatch
from epicrisis.text import Passage, TypeSpansCodec

from ..training.invented import marked

CODEC = TypeSpansCodec(["Drug", "Problem"], longest=3)


def bce(logit: float, gold: bool) -> float:
    return float(np.logaddexp(0, -logit if gold else logit))


def made(size: int = 10) -> SpanMatch:
    torch.manual_seed(3)
    decoder = SpanMatch(size, CODEC, hidden_size=4, dropout=0.0, match_weight=0.5)
    for weight in decoder.parameters():
        torch.nn.init.normal_(weight, 0, 1.0)
    return decoder


def test_the_loss_is_that_of_all_edges_and_of_the_pairs_that_both_ends_are_gold_or_predicted() -> None:
    torch.manual_seed(5)
    decoder = made()
    scores = torch.randn(2, 6, 2 * (2 + 8))
    mask = torch.arange(6) < torch.tensor([[6], [4]])
    gold = {0: {(0, 2, 0), (1, 1, 0), (3, 5, 1), (3, 4, 1)}, 1: {(0, 0, 1), (2, 3, 1)}}  # first, last, type
    targets = torch.zeros(2, 6, 2, 4, dtype=torch.long)
    for row, spans in gold.items():
        for first, last, type_ in spans:
            targets[row, first, type_, last - first + 1] = targets[row, last, type_, 0] = 1
    expected, compared = 0.0, 0
    for row, length in ((0, 6), (1, 4)):
        for type_ in range(2):
            table = scores[row].view(6, 2, 10)[:, type_].numpy()
            starts = {first for first, _, t in gold[row] if t == type_}
            ends = {last for _, last, t in gold[row] if t == type_}
            for token in range(length):
                expected += bce(table[token, 0], token in starts) + bce(table[token, 1], token in ends)
            for first in range(length):
                for last in range(first, min(first + 3, length)):
                    predicted = table[first, 0] > 0 and table[last, 1] > 0
                    if predicted or (first in starts and last in ends):
                        both = torch.from_numpy(table[first, 2:6] + table[last, 6:])
                        logit = float(F.gelu(both, approximate="tanh") @ decoder.match.detach() + decoder.bias.detach())
                        expected += 0.5 * bce(logit, (first, last, type_) in gold[row])
                        compared += 1
    assert compared > len(gold[0]) + len(gold[1])
    assert decoder.loss(scores, mask, targets).item() == pytest.approx(expected, rel=1e-5)


def test_all_questions_share_the_weights() -> None:
    decoder = made()
    states = torch.randn(2, 5, 10)
    swapped = torch.cat((states[..., 5:], states[..., :5]), -1)
    scores = decoder.scores(states)
    torch.testing.assert_close(decoder.scores(swapped), torch.cat((scores[..., 10:], scores[..., :10]), -1))


def test_states_that_are_not_of_a_question_for_each_type_are_an_error() -> None:
    with pytest.raises(ValueError, match="7 numbers a token cannot be the states of 2 questions"):
        SpanMatch(7, CODEC)


def test_nested_crossing_and_coinciding_mentions_are_learned_by_heart() -> None:
    text = "[Drug a] b c d e f"
    tokens = Passage.of(marked("d", text).text.split()).tokens
    spans = [(0, 3, "Drug"), (1, 2, "Drug"), (2, 5, "Drug"), (0, 3, "Problem"), (5, 6, "Problem")]
    codec = TypeSpansCodec(["Drug", "Problem"])
    targets = np.zeros((6, 2, 33), np.int64)
    for first, after, type_ in spans:
        number = codec.number[type_]
        targets[first, number, after - first] = targets[after - 1, number, 0] = 1
    assert len(tokens) == 6
    torch.manual_seed(1)
    decoder = SpanMatch(24, codec, hidden_size=16, dropout=0.0)
    states, mask = torch.randn(1, 6, 24), torch.ones(1, 6, dtype=torch.bool)
    optimizer = torch.optim.Adam(decoder.parameters(), 0.05)
    for _ in range(100):
        optimizer.zero_grad()
        decoder.loss(decoder.scores(states), mask, torch.from_numpy(targets[None])).backward()
        optimizer.step()
    weights = {name: weight.detach().numpy() for name, weight in decoder.weights().items()}
    (found,) = WAYS_OUT["span_match"](codec, weights).decode(decoder.scores(states).detach().numpy(), mask.numpy())
    assert {(m.first, m.after, m.type) for m in found} == set(spans)
