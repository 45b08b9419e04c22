import itertools

import numpy as np
import pytest

from epicrisis.decoding import CRF, Softmax
from epicrisis.text import SCHEMES, TagCodec


@pytest.fixture(params=SCHEMES)
def codec(request: pytest.FixtureRequest) -> TagCodec:
    return TagCodec(["Drug", "Problem"], scheme=request.param)


def test_softmax_takes_the_best_tags_that_the_scheme_allows(codec: TagCodec) -> None:
    chance = np.random.default_rng(5)
    scores = chance.normal(0, 1, (20, 4, len(codec))).astype(np.float32)
    follow, begin, end = codec.allowed()
    found = Softmax(codec, {}).decode(scores, np.ones((20, 4), bool))
    for row, mentions in zip(scores, found, strict=True):
        legal = [
            path
            for path in itertools.product(range(len(codec)), repeat=4)
            if begin[path[0]] and end[path[-1]] and all(follow[a, b] for a, b in itertools.pairwise(path))
        ]
        best = max(legal, key=lambda path: sum(row[t, tag] for t, tag in enumerate(path)))
        assert [(m.first, m.after, m.type) for m in mentions] == codec.mentions(np.array(best))


def test_softmax_is_the_plain_argmax_where_that_is_legal(codec: TagCodec) -> None:
    spelt = [(1, 2, "Drug"), (3, 6, "Problem")]
    scores = np.zeros((1, 7, len(codec)), np.float32)
    for mention in spelt:
        scores[0, range(mention[0], mention[1]), codec.pattern(mention)] = 3
    scores[0, [0, 2, 6], 0] = 3
    (found,) = Softmax(codec, {}).decode(scores, np.ones((1, 7), bool))
    assert [(m.first, m.after, m.type) for m in found] == spelt


def test_a_softmax_score_of_one_token_is_its_share(codec: TagCodec) -> None:
    scores = np.zeros((1, 1, len(codec)), np.float32)
    tag = codec.pattern((0, 1, "Drug"))[0]
    scores[0, 0, tag] = 2.0
    _, begin, end = codec.allowed()
    ((mention,),) = Softmax(codec, {}).decode(scores, np.ones((1, 1), bool))
    assert mention.score == pytest.approx(np.exp(2) / (np.exp(2) + (begin & end).sum() - 1))


def test_the_crfs_transitions_count() -> None:
    codec = TagCodec(["Drug"], scheme="bio")
    scores = np.array([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]], np.float32)  # each token alone: B, O
    free = {
        "transitions": np.zeros((3, 3), np.float32),
        "start": np.zeros(3, np.float32),
        "end": np.zeros(3, np.float32),
    }
    glued = {**free, "transitions": np.array([[0, 0, 0], [0, 0, 5], [0, 0, 0]], np.float32)}
    mask = np.ones((1, 2), bool)
    assert [(m.first, m.after) for m in CRF(codec, free).decode(scores, mask)[0]] == [(0, 1)]
    assert [(m.first, m.after) for m in CRF(codec, glued).decode(scores, mask)[0]] == [(0, 2)]
