"""Decoders of spans, against the slow and obvious way."""

import itertools

import numpy as np
import pytest

from epicrisis.decoding import DECODERS
from epicrisis.document import Span
from epicrisis.text import OVERLAPS, EdgeCodec, SpanCodec

from .dictated import anything

TYPES = ["Drug", "Problem", "Test"]


def fits(span: Span, taken: list[Span], overlap: str) -> bool:
    if overlap == "flat":
        return all(span[1] <= a or b <= span[0] for a, b in taken)
    crossing = any(x[0] < y[0] < x[1] < y[1] for t in taken for x, y in itertools.permutations([t, span]))
    return span not in taken and not crossing


@pytest.mark.parametrize("longest", [1, 3, 32])
@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize("seed", range(5))
def test_biaffine_takes_the_likeliest_spans_that_have_room(overlap: str, longest: int, seed: int) -> None:
    codec = SpanCodec(TYPES, longest=longest, overlap=overlap)
    scores, weights = anything("biaffine", codec, np.random.default_rng(seed), 1, 9)
    weights["weight"][-1, 0, -1] += 4.0
    first, last = (np.append(view, np.ones((9, 1)), 1) for view in np.split(scores[0].astype(float), 2, 1))
    ranked = []
    for a, b in itertools.combinations(range(10), 2):
        row = np.array([first[a] @ weights["weight"][:, number] @ last[b - 1] for number in range(4)])
        if b - a <= longest and row.argmax():
            share = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
            ranked.append((share.max(), (a, b), codec.types[row.argmax() - 1]))
    taken: dict[Span, tuple[str, float]] = {}
    for share, span, type_ in sorted(ranked, reverse=True):
        if fits(span, list(taken), overlap):
            taken[span] = type_, share
    (found,) = DECODERS["biaffine"](codec, weights).decode(scores, np.ones((1, 9), bool))
    assert {(m.first, m.after): m.type for m in found} == {span: type_ for span, (type_, _) in taken.items()}
    assert [m.score for m in found] == pytest.approx([taken[m.first, m.after][1] for m in found], rel=1e-4)


@pytest.mark.parametrize("longest", [1, 3, 12])
@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize("seed", range(3))
def test_template_takes_the_likeliest_sentence_about_each_span(overlap: str, longest: int, seed: int) -> None:
    codec = SpanCodec(TYPES, longest=longest, overlap=overlap)
    scores, weights = anything("template", codec, np.random.default_rng(seed), 1, 9)
    table = scores[0].astype(float).reshape(9, longest, 4)
    ranked = []
    for a, b in itertools.combinations(range(10), 2):
        if b - a <= longest and table[a, b - a - 1].argmax():
            share = np.exp(table[a, b - a - 1]) / np.exp(table[a, b - a - 1]).sum()
            ranked.append((share.max(), (a, b), TYPES[share.argmax() - 1]))
    taken: dict[Span, tuple[str, float]] = {}
    for share, span, type_ in sorted(ranked, reverse=True):
        if fits(span, list(taken), overlap):
            taken[span] = type_, share
    (found,) = DECODERS["template"](codec, weights).decode(scores, np.ones((1, 9), bool))
    assert {(m.first, m.after): m.type for m in found} == {span: type_ for span, (type_, _) in taken.items()}
    assert [m.score for m in found] == pytest.approx([taken[m.first, m.after][1] for m in found], rel=1e-4)


def test_of_spans_that_are_all_but_certain_the_more_certain_is_taken() -> None:
    """Though 32 bits, and even 64, call both probabilities 1."""
    codec = SpanCodec(["Drug"])
    weight = np.zeros((4, 2, 4), np.float32)
    weight[0, 1, 1], weight[1, 1, 2] = 50.0, 51.0
    weight[0, 1, 0] = weight[1, 1, 1] = weight[2, 1, 2] = weight[0, 1, 2] = -1.0
    views = np.eye(3, dtype=np.float32)
    (found,) = DECODERS["biaffine"](codec, {"weight": weight}).decode(
        np.concatenate((views, views), 1)[None], np.ones((1, 3), bool)
    )
    assert [(m.first, m.after, m.score) for m in found] == [(1, 3, 1.0)]


def test_a_long_sequence_is_read_in_chunks_as_if_it_were_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = SpanCodec(TYPES, longest=8)
    scores, weights = anything("biaffine", codec, np.random.default_rng(3), 1, 3000)
    weights["weight"][-1, 0, -1] += 15.0
    decoder, mask = DECODERS["biaffine"](codec, weights), np.ones((1, 3000), bool)
    (expected,) = decoder.decode(scores, mask)
    monkeypatch.setattr("epicrisis.decoding.spans._CHUNK_BYTES", 1)  # one token at a time
    (found,) = decoder.decode(scores, mask)
    assert len(expected) > 50
    assert [(m.first, m.after, m.type) for m in found] == [(m.first, m.after, m.type) for m in expected]
    assert [m.score for m in found] == pytest.approx([m.score for m in expected], rel=1e-4)


@pytest.mark.parametrize("longest", [1, 3, 32])
@pytest.mark.parametrize("seed", range(5))
def test_a_start_goes_with_the_nearest_end_of_its_type(longest: int, seed: int) -> None:
    codec = EdgeCodec(TYPES, longest=longest)
    scores, weights = anything("span", codec, np.random.default_rng(seed), 1, 9)
    shares = 1 / (1 + np.exp(-scores[0].astype(float)))
    expected = {}
    for number, type_ in enumerate(TYPES):
        for first in range(9):
            ends = [last for last in range(first, 9) if shares[last, 2 * number + 1] > 0.5]
            if shares[first, 2 * number] > 0.5 and ends and ends[0] - first < longest:
                expected[first, ends[0] + 1, type_] = shares[first, 2 * number] * shares[ends[0], 2 * number + 1]
    (found,) = DECODERS["span"](codec, weights).decode(scores, np.ones((1, 9), bool))
    assert {(m.first, m.after, m.type): m.score for m in found} == pytest.approx(expected)
