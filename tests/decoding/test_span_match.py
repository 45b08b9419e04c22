"""Starts, ends and matches against every pair, one by one."""

import itertools
import math

import numpy as np
import pytest

from epicrisis.decoding import DECODERS
from epicrisis.text import TypeSpansCodec

from .dictated import anything

TYPES = ["Drug", "Problem", "Test"]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


@pytest.mark.parametrize("longest", [1, 3, 32])
@pytest.mark.parametrize("seed", range(5))
def test_a_mention_is_a_start_an_end_and_a_match_of_one_type(
    longest: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = TypeSpansCodec(TYPES, longest=longest)
    lengths = [9, 4, 7]
    scores, weights = anything("span_match", codec, np.random.default_rng(seed), 3, 9)
    weights["bias"] += 8.0
    decoder = DECODERS["span_match"](codec, weights)
    mask = np.arange(9) < np.array(lengths)[:, None]
    found = decoder.decode(scores, mask)
    for row, length, mentions in zip(scores.astype(float), lengths, found, strict=True):
        table = row.reshape(9, 3, -1)
        hidden = (table.shape[2] - 2) // 2
        expected = {}
        for number, (first, last) in itertools.product(range(3), itertools.product(range(length), repeat=2)):
            left, right = table[first, number], table[last, number]
            both = left[2 : 2 + hidden] + right[2 + hidden :]
            inner = [math.sqrt(2 / math.pi) * (x + 0.044715 * x**3) for x in both]
            gelu = [0.5 * x * (1 + math.tanh(y)) for x, y in zip(both, inner, strict=True)]
            shares = [sigmoid(left[0]), sigmoid(right[1]), sigmoid(np.dot(gelu, weights["match"]) + weights["bias"][0])]
            if 0 <= last - first < longest and min(shares) > 0.5:
                expected[first, last + 1, TYPES[number]] = math.prod(shares)
        assert {(m.first, m.after, m.type): m.score for m in mentions} == pytest.approx(expected, rel=1e-4)
        assert len(mentions) == len(expected)
    assert sum(map(len, found)) > 3
    monkeypatch.setattr("epicrisis.decoding.span_match._CHUNK_BYTES", 1)  # one pair at a time
    alone = decoder.decode(scores, mask)
    assert [[(m.first, m.after, m.type) for m in row] for row in alone] == [
        [(m.first, m.after, m.type) for m in row] for row in found
    ]
