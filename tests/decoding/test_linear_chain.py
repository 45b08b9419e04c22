import itertools

import numpy as np
import pytest
import torch
from torchcrf import CRF

from epicrisis.decoding import Chain
from epicrisis.text import SCHEMES, TagCodec

from .brute_force import mention_probabilities, paths, random_weights

LENGTHS = np.array([3, 5, 1, 4, 5, 2])


def mask_of(lengths: np.ndarray) -> np.ndarray:
    return np.arange(lengths.max()) < lengths[:, None]


@pytest.fixture(params=itertools.product(SCHEMES, (1, 2)), ids=lambda p: f"{p[0]}-{p[1]}")
def codec(request: pytest.FixtureRequest) -> TagCodec:
    scheme, types = request.param
    return TagCodec(["Drug", "Problem"][:types], scheme=scheme)


@pytest.fixture(params=range(3))
def chance(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


def batch(codec: TagCodec, chance: np.random.Generator, lengths: np.ndarray = LENGTHS) -> np.ndarray:
    """Scores of sequences of several lengths; behind an end stands what must not be read."""
    scores = chance.normal(0, 2, (len(lengths), lengths.max(), len(codec))).astype(np.float32)
    return np.where(mask_of(lengths)[..., None], scores, np.float32(1e6))


def test_the_best_path_is_the_best_of_all_paths(codec: TagCodec, chance: np.random.Generator) -> None:
    chain = Chain(*random_weights(codec, chance), codec)
    scores = batch(codec, chance)
    for row, length, tags in zip(scores, LENGTHS, chain.best_path(scores, LENGTHS), strict=True):
        by_hand = paths(chain, row[:length], codec)
        assert tuple(tags[:length]) == max(by_hand, key=by_hand.__getitem__)
        assert not tags[length:].any()


def test_a_mentions_score_is_the_share_of_all_paths_that_hold_it(codec: TagCodec, chance: np.random.Generator) -> None:
    chain = Chain(*random_weights(codec, chance), codec)
    scores = batch(codec, chance)
    count = 0
    for row, length, found in zip(scores, LENGTHS, chain.mentions(scores, mask_of(LENGTHS), codec), strict=True):
        by_hand = mention_probabilities(chain, row[:length], codec)
        for mention in found:
            assert mention.score == pytest.approx(by_hand[mention.first, mention.after, mention.type], abs=1e-9)
            count += 1
    assert count > 3


def test_the_mentions_are_those_of_the_best_path_in_order(codec: TagCodec, chance: np.random.Generator) -> None:
    chain = Chain(*random_weights(codec, chance), codec)
    scores = batch(codec, chance)
    tags = chain.best_path(scores, LENGTHS)
    for row, length, found in zip(tags, LENGTHS, chain.mentions(scores, mask_of(LENGTHS), codec), strict=True):
        assert [(m.first, m.after, m.type) for m in found] == codec.mentions(row[:length])


def test_a_sequence_is_read_alike_alone_and_in_a_batch(codec: TagCodec, chance: np.random.Generator) -> None:
    chain = Chain(*random_weights(codec, chance), codec)
    scores = batch(codec, chance)
    together = chain.mentions(scores, mask_of(LENGTHS), codec)
    for row, length, expected in zip(scores, LENGTHS, together, strict=True):
        (alone,) = chain.mentions(row[None, :length], np.ones((1, length), bool), codec)
        assert [(m.first, m.after, m.type) for m in alone] == [(m.first, m.after, m.type) for m in expected]
        assert [m.score for m in alone] == pytest.approx([m.score for m in expected])


def test_mentions_that_share_a_token_are_no_more_likely_together_than_certain(codec: TagCodec) -> None:
    """What the scores promise at a token, over every mention that could cover it: never more than one in all."""
    chance = np.random.default_rng(7)
    chain = Chain(*random_weights(codec, chance), codec)
    scores = batch(codec, chance, np.array([4]))[0]
    probabilities = mention_probabilities(chain, scores, codec)
    promised = {}
    for mention, expected in probabilities.items():
        tags = np.zeros((1, 4), np.int64)
        tags[0, mention[0] : mention[1]] = codec.pattern(mention)
        place = [np.array([number]) for number in (0, mention[0], mention[1] - 1)]
        (promised[mention],) = chain._probabilities(scores[None], np.array([4]), tags, *place, codec)
        assert promised[mention] == pytest.approx(expected, abs=1e-9)
    for token in range(4):
        assert sum(p for (first, after, _), p in promised.items() if first <= token < after) <= 1 + 1e-9


@pytest.mark.parametrize("size", [30.0, 140.0, 300.0])
def test_extreme_scores_give_probabilities_and_the_best_path(codec: TagCodec, size: float) -> None:
    chance = np.random.default_rng(1)
    lengths = np.array([4] * 50)
    scores = chance.choice([-size, 0.0, size], (50, 4, len(codec))).astype(np.float32)
    scores += chance.normal(0, 0.1, scores.shape).astype(np.float32)
    chain = Chain(*random_weights(codec, chance, 0.1), codec)
    found = chain.mentions(scores, mask_of(lengths), codec)
    for row, mentions in zip(scores, found, strict=True):
        by_hand = paths(chain, row, codec)
        best = max(by_hand, key=by_hand.__getitem__)
        assert [(m.first, m.after, m.type) for m in mentions] == codec.mentions(np.array(best))
        expected = mention_probabilities(chain, row, codec)
        for mention in mentions:
            by_all_paths = expected[mention.first, mention.after, mention.type]
            if size <= 140:
                assert mention.score == pytest.approx(by_all_paths, abs=1e-6)
            else:  # scores are lifted to 300 below a token's best: a number, if not the exact one
                assert 0.0 <= mention.score <= 1.0


@pytest.mark.parametrize("size", [30.0, 300.0])
def test_a_long_sequence_of_extreme_scores_gives_probabilities(codec: TagCodec, size: float) -> None:
    chance = np.random.default_rng(2)
    lengths = np.array([300, 211, 1])
    scores = chance.choice([-size, 0.0, size], (3, 300, len(codec))).astype(np.float32)
    chain = Chain(*random_weights(codec, chance), codec)
    found = [mention.score for row in chain.mentions(scores, mask_of(lengths), codec) for mention in row]
    assert len(found) > 50
    assert all(0.0 <= score <= 1.0 for score in found)


def test_a_thousand_certain_tokens_stay_certain(codec: TagCodec) -> None:
    scores = np.zeros((1, 1000, len(codec)), np.float32)
    scores[..., 0] = 50
    scores[0, 500, codec.pattern((0, 1, "Drug"))[0]] = 100
    chain = Chain(*random_weights(codec, np.random.default_rng(0), 0.1), codec)
    ((mention,),) = chain.mentions(scores, np.ones((1, 1000), bool), codec)
    assert (mention.first, mention.after) == (500, 501)
    assert mention.score == pytest.approx(1.0)


@pytest.mark.parametrize("tags", [1, 2, 3, 7])
def test_without_a_scheme_the_best_path_is_that_of_pytorch_crf(tags: int) -> None:
    torch.manual_seed(tags)
    crf = CRF(tags, batch_first=True)
    scores = torch.randn(len(LENGTHS), 5, tags)
    mask = torch.from_numpy(mask_of(LENGTHS))
    weights = [weight.detach().numpy() for weight in (crf.transitions, crf.start_transitions, crf.end_transitions)]
    found = Chain(*weights).best_path(scores.numpy(), LENGTHS)
    expected = crf.decode(scores, mask)
    assert [row[:length].tolist() for row, length in zip(found, LENGTHS, strict=True)] == expected
