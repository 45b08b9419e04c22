import itertools

import numpy as np
import pytest

from epicrisis.decoding import NearestNeighbour, nearest_neighbour
from epicrisis.text import SCHEMES, TagCodec


def known(codec: TagCodec, count: int, chance: np.random.Generator, size: int = 5) -> dict[str, np.ndarray]:
    """Support of every tag, in no order."""
    tags = chance.permutation(np.concatenate([np.arange(len(codec)), chance.integers(0, len(codec), count)]))
    support = chance.normal(0, 1, (len(tags), size)).astype(np.float32)
    return {"support": support, "tags": tags.astype(np.float32)}


@pytest.mark.parametrize("at_a_time", [nearest_neighbour.AT_A_TIME, 50])
def test_the_score_of_a_tag_is_minus_the_squared_distance_to_its_nearest_token(
    at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_neighbour, "AT_A_TIME", at_a_time)
    chance = np.random.default_rng(1)
    codec = TagCodec(["Drug", "Problem"], scheme="io")
    weights = known(codec, 20, chance)
    states = chance.normal(0, 1, (11, 5)).astype(np.float32)
    found = NearestNeighbour(codec, weights).tag_scores(states)
    for state, row in zip(states, found, strict=True):
        for tag in range(3):
            distances = [
                float(((state - other) ** 2).sum())
                for other, its in zip(weights["support"], weights["tags"], strict=True)
                if its == tag
            ]
            assert row[tag] == pytest.approx(-min(distances), abs=1e-4)


def test_in_io_every_token_has_the_tag_of_its_nearest_neighbour() -> None:
    chance = np.random.default_rng(2)
    codec = TagCodec(["Drug", "Problem"], scheme="io")
    weights = known(codec, 30, chance)
    states = chance.normal(0, 1, (6, 9, 5)).astype(np.float32)
    lengths = np.array([9, 1, 4, 9, 2, 7])
    mask = np.arange(9) < lengths[:, None]
    found = NearestNeighbour(codec, weights).decode(states, mask)
    for row, length, mentions in zip(states, lengths, found, strict=True):
        nearest = [((weights["support"] - state) ** 2).sum(1).argmin() for state in row[:length]]
        tags = weights["tags"][nearest].astype(np.int64)
        assert [(m.first, m.after, m.type) for m in mentions] == codec.mentions(tags)
    assert sum(map(len, found)) > 5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_of_the_paths_that_the_scheme_allows_the_one_with_the_least_distances_is_taken(scheme: str) -> None:
    chance = np.random.default_rng(3)
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    decoder = NearestNeighbour(codec, known(codec, 20, chance))
    follow, begin, end = codec.allowed()
    states = chance.normal(0, 1, (12, 4, 5)).astype(np.float32)
    for row, mentions in zip(states, decoder.decode(states, np.ones((12, 4), bool)), strict=True):
        scores = decoder.tag_scores(row)
        legal = [
            path
            for path in itertools.product(range(len(codec)), repeat=4)
            if begin[path[0]] and end[path[-1]] and all(follow[a, b] for a, b in itertools.pairwise(path))
        ]
        best = max(legal, key=lambda path: sum(scores[t, tag] for t, tag in enumerate(path)))
        assert [(m.first, m.after, m.type) for m in mentions] == codec.mentions(np.array(best))


def test_the_score_of_one_token_is_the_share_of_its_distance_among_the_tags() -> None:
    codec = TagCodec(["Drug", "Problem"], scheme="io")
    weights = {"support": np.array([[0.0], [2.0], [5.0], [-9.0]], np.float32), "tags": np.array([0, 1, 1, 2])}
    ((mention,),) = NearestNeighbour(codec, weights).decode(np.array([[[1.5]]], np.float32), np.ones((1, 1), bool))
    likeness = np.exp([-(1.5**2), -(0.5**2), -(10.5**2)])
    assert mention.type == "Drug"
    assert mention.score == pytest.approx(likeness[1] / likeness.sum())


def test_a_tag_without_support_is_never_given() -> None:
    codec = TagCodec(["Drug", "Problem"], scheme="io")
    weights = {"support": np.array([[0.0], [1.0]], np.float32), "tags": np.array([0, 2])}
    states = np.linspace(-5, 5, 21, dtype=np.float32).reshape(1, 21, 1)
    (found,) = NearestNeighbour(codec, weights).decode(states, np.ones((1, 21), bool))
    assert [(m.first, m.after, m.type) for m in found] == [(12, 21, "Problem")]  # from above 0.5
    assert 0.0 < found[0].score <= 1.0
