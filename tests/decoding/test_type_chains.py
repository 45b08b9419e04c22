import itertools

import numpy as np
import pytest

from epicrisis.decoding import DECODERS, Chain
from epicrisis.decoding.type_chains import TypeChains
from epicrisis.text import SCHEMES, TypeTagsCodec

from .brute_force import mention_probabilities, paths
from .dictated import anything

TYPES = ["Drug", "Problem", "Test"]
LENGTHS = np.array([3, 5, 1, 4, 5, 2])
MASK = np.arange(5) < LENGTHS[:, None]


def chains(codec: TypeTagsCodec, seed: int, *shape: int) -> tuple[TypeChains, list[Chain], np.ndarray]:
    """All at once, one by one, and scores (*shape, types * tags)."""
    scores, weights = anything("crf_per_type", codec, np.random.default_rng(seed), *shape)
    alone = [Chain(*row, one) for *row, one in zip(*weights.values(), codec.of_type, strict=True)]
    return TypeChains(*weights.values(), codec), alone, 2 * scores


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_mentions_are_those_of_each_types_best_path_of_all(scheme: str, seed: int) -> None:
    codec = TypeTagsCodec(TYPES, scheme=scheme)
    together, alone, scores = chains(codec, seed, len(LENGTHS), 5)
    scores[~MASK] = 1e6
    found = together.mentions(scores, MASK)
    for row, length, mentions in zip(scores.reshape(len(LENGTHS), 5, 3, -1), LENGTHS, found, strict=True):
        expected = {}
        for number, (chain, one) in enumerate(zip(alone, codec.of_type, strict=True)):
            by_hand = paths(chain, row[:length, number], one)
            shares = mention_probabilities(chain, row[:length, number], one)
            best = one.mentions(np.array(max(by_hand, key=by_hand.__getitem__)))
            expected |= {mention: shares[mention] for mention in best}
        assert {(m.first, m.after, m.type): m.score for m in mentions} == pytest.approx(expected, abs=1e-9)
        assert [(m.first, m.after) for m in mentions] == sorted((m.first, m.after) for m in mentions)


@pytest.mark.parametrize("sure", [0.0, 4.0, 8.0])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_they_are_those_of_a_chain_for_each_type_however_sure_of_nothing_the_scores_are(
    scheme: str, sure: float
) -> None:
    codec = TypeTagsCodec(TYPES, scheme=scheme)
    together, alone, scores = chains(codec, 7, 30, 60)
    by_type = scores.reshape(30, 60, 3, -1)
    by_type[..., 0] += sure
    mask = np.arange(60) < np.random.default_rng(1).integers(1, 61, 30)[:, None]
    for n, row in enumerate(together.mentions(scores, mask)):
        expected = [
            mention
            for number, (chain, one) in enumerate(zip(alone, codec.of_type, strict=True))
            for mention in chain.mentions(by_type[n : n + 1, :, number], mask[n : n + 1], one)[0]
        ]
        expected.sort(key=lambda m: (m.first, m.after, TYPES.index(m.type)))
        assert [(m.first, m.after, m.type) for m in row] == [(m.first, m.after, m.type) for m in expected]
        assert [m.score for m in row] == pytest.approx([m.score for m in expected], abs=1e-9)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_type_is_left_out_of_which_a_path_holds_a_mention(scheme: str) -> None:
    """The score of O leads everywhere, by less and less: transitions make up for it as far as they can."""
    codec = TypeTagsCodec(["Drug"], scheme=scheme)
    left_out, held = 0, 0
    for seed, lead in itertools.product(range(6), np.arange(0.0, 8.0, 0.5)):
        together, (chain,), scores = chains(codec, seed, 1, 5)
        scores[:] = 0.0
        scores[..., 0] = lead
        possible = together._possible(scores.reshape(1, 5, 1, -1), np.ones((1, 5), bool))[0, 0]
        by_hand = paths(chain, scores[0], codec.of_type[0])
        mention = any(max(by_hand, key=by_hand.__getitem__))
        assert possible or not mention
        left_out += not possible
        held += mention
    assert left_out > 10
    assert held > 10


@pytest.mark.parametrize("size", [30.0, 300.0])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_long_sequence_of_extreme_scores_gives_probabilities(scheme: str, size: float) -> None:
    codec = TypeTagsCodec(TYPES, scheme=scheme)
    scores, weights = anything("crf_per_type", codec, np.random.default_rng(2), 3, 300)
    scores = np.random.default_rng(3).choice([-size, 0.0, size], scores.shape).astype(np.float32)
    mask = np.arange(300) < np.array([300, 211, 1])[:, None]
    found = [m.score for row in DECODERS["crf_per_type"](codec, weights).decode(scores, mask) for m in row]
    assert len(found) > 50
    assert all(0.0 <= score <= 1.0 for score in found)
