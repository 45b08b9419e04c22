"""What every way out promises: being in the table is being tested, with every choice that its codec leaves."""

import inspect
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.decoding import DECODERS, Found
from epicrisis.document import Entity
from epicrisis.recipe import CHOICES
from epicrisis.text import Mention, covering

from .dictated import anything, dictated

TYPES = ["Drug", "Problem", "Test"]
TOKENS = [(4 * n, 4 * n + 3) for n in range(10)]
SPANS = st.tuples(st.integers(0, 37), st.integers(1, 20)).map(lambda s: (s[0], min(s[0] + s[1], 39)))
ENTITIES = st.lists(st.builds(Entity, st.sampled_from(TYPES), st.tuples(SPANS)), max_size=8)


def codecs() -> list[Any]:
    """Every decoder with its codec in every way that a recipe can choose, and long spans forbidden to some."""
    found = []
    for name, decoder in DECODERS.items():
        settings = inspect.signature(decoder.make_codec).parameters
        choices = {key: CHOICES[key] for key in settings if key in CHOICES}
        if "longest" in settings:
            choices["longest"] = (3, 32)
        for values in itertools.product(*choices.values()):
            chosen = dict(zip(choices, values, strict=True))
            label = "-".join([name, *map(str, values)])
            found.append(pytest.param(name, decoder.make_codec(TYPES, **chosen), id=label))
    return found


every_decoder = pytest.mark.parametrize(("name", "codec"), codecs())


def plain(found: list[Found]) -> list[Mention]:
    return [(m.first, m.after, m.type) for m in found]


@every_decoder
@given(entities=ENTITIES)
def test_scores_that_targets_dictate_are_decoded_to_what_the_codec_kept(
    name: str, codec: Any, entities: list[Entity]
) -> None:
    encoded = codec.encode(TOKENS, entities)
    scores, weights = dictated(name, codec, encoded.targets)
    (found,) = DECODERS[name](codec, weights).decode(scores[None], np.ones((1, len(TOKENS)), bool))
    kept, snapped = (
        {(*(covering(TOKENS, (e.start, e.end)) or ()), e.type) for e in entities}
        for entities in (encoded.kept, encoded.snapped)
    )
    if getattr(codec, "scheme", "") == "io":  # neighbours of one type run together
        assert kept <= set(plain(found))
    else:
        assert sorted(plain(found)) == sorted(kept | snapped)
    assert [(m.first, m.after) for m in found] == sorted((m.first, m.after) for m in found)
    assert all(0.5 < m.score <= 1.0 for m in found)


@every_decoder
def test_a_sequence_is_read_alike_alone_and_among_longer_ones(name: str, codec: Any) -> None:
    chance = np.random.default_rng(1)
    lengths = np.array([7, 3, 40, 1, 12])
    scores, weights = anything(name, codec, chance, len(lengths), 40)
    mask = np.arange(40) < lengths[:, None]
    scores[~mask] = 1e6
    decoder = DECODERS[name](codec, weights)
    together = decoder.decode(scores, mask)
    assert sum(map(len, together)) > 10
    for row, length, expected in zip(scores, lengths.tolist(), together, strict=True):
        (alone,) = decoder.decode(row[None, :length], np.ones((1, length), bool))
        assert plain(alone) == plain(expected)
        assert [m.score for m in alone] == pytest.approx([m.score for m in expected], rel=1e-5)
        assert all(0 <= m.first < m.after <= length for m in expected)
        assert all(0.0 <= m.score <= 1.0 for m in expected)
        assert all(m.after - m.first <= codec.longest for m in expected if hasattr(codec, "longest"))


@every_decoder
def test_nothing_is_found_where_there_is_nothing(name: str, codec: Any) -> None:
    nothing = np.zeros((4, *codec.encode([], []).targets.shape[1:]), np.int64)
    scores, weights = dictated(name, codec, nothing)
    decoder = DECODERS[name](codec, weights)
    assert decoder.decode(np.stack([scores] * 3), np.ones((3, 4), bool)) == [[], [], []]
    assert decoder.decode(scores[None][:0], np.ones((0, 4), bool)) == []
    assert decoder.decode(scores[None][:0, :0], np.ones((0, 0), bool)) == []


@every_decoder
def test_scores_are_left_as_they_are(name: str, codec: Any) -> None:
    scores, weights = anything(name, codec, np.random.default_rng(0), 2, 5)
    before = scores.copy()
    mask = np.array([[True] * 5, [True, True, False, False, False]])
    decoder = DECODERS[name](codec, weights)
    assert decoder.decode(scores, mask) == decoder.decode(before.copy(), mask)
    np.testing.assert_array_equal(scores, before)
