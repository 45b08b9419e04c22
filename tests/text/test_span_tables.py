"""The codecs of spans: what decoding can read from their targets is what they say they kept."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Entity, Span
from epicrisis.text import EdgeCodec, Mention, SpanCodec, TypeSpansCodec, covering
from epicrisis.text.span_tables import Room

TYPES = ["Drug", "Problem"]
WORDS = [(4 * n, 4 * n + 3) for n in range(10)]
SPANS = st.tuples(st.integers(0, 44), st.integers(1, 16)).map(lambda s: (s[0], s[0] + s[1]))
ENTITIES = st.lists(
    st.builds(Entity, st.sampled_from([*TYPES, "Unknown"]), st.lists(SPANS, min_size=1, max_size=1))
    | st.builds(Entity, st.just("Drug"), st.just(((0, 3), (12, 15)))),
    max_size=8,
)


def on(first: int, after: int, type_: str = "Drug") -> Entity:
    return Entity(type_, ((WORDS[first][0], WORDS[after - 1][1]),))


def mention(entity: Entity) -> Mention:
    first, after = covering(WORDS, entity.fragments[0]) or (0, 0)
    return first, after, entity.type


def written_spans(codec: SpanCodec, entities: list[Entity]) -> set[Mention]:
    targets = codec.encode(WORDS, entities).targets
    return {(t, t + n + 1, codec.types[targets[t, n] - 1]) for t, n in np.argwhere(targets).tolist()}


def written_edges(codec: EdgeCodec, entities: list[Entity]) -> set[Mention]:
    targets = codec.encode(WORDS, entities).targets > 0
    return {(*span, type_) for n, type_ in enumerate(codec.types) for span in codec.pairs(*targets[:, n].T)}


def written_type_spans(codec: TypeSpansCodec, entities: list[Entity]) -> set[Mention]:
    targets = codec.encode(WORDS, entities).targets
    spans = {(t, t + n + 1, codec.types[number]) for t, number, n in np.argwhere(targets[..., 1:]).tolist()}
    ends = {(t + 1, codec.types[number]) for t, number in np.argwhere(targets[..., 0]).tolist()}
    assert ends == {(after, type_) for _, after, type_ in spans}
    return spans


CODECS = {
    "nested": (SpanCodec(TYPES, longest=3), written_spans),
    "flat": (SpanCodec(TYPES, longest=9, overlap="flat"), written_spans),
    "edges": (EdgeCodec(TYPES, longest=3), written_edges),
    "type spans": (TypeSpansCodec(TYPES, longest=3), written_type_spans),
}


@pytest.mark.parametrize("name", CODECS)
@given(entities=ENTITIES)
def test_what_is_kept_or_snapped_is_what_the_targets_say(name: str, entities: list[Entity]) -> None:
    codec, written = CODECS[name]
    found = codec.encode(WORDS, entities)
    assert Counter([*found.kept, *found.snapped, *found.dropped]) == Counter(entities)
    said = written(codec, entities)
    assert said == {mention(entity) for entity in (*found.kept, *found.snapped)}
    assert all(after - first <= codec.longest for first, after, _ in said)
    assert all((e.start, e.end) == (WORDS[m[0]][0], WORDS[m[1] - 1][1]) for e in found.kept for m in [mention(e)])


def test_nested_mentions_are_kept_by_spans_and_crossing_ones_are_not() -> None:
    outer, inner, crossing = on(0, 4), on(1, 2, "Problem"), on(3, 6)
    found = SpanCodec(TYPES).encode(WORDS, [inner, crossing, outer])
    assert found.kept == (outer, inner)
    assert found.dropped == (crossing,)
    assert found.targets[0, 3] == 1
    assert found.targets[1, 0] == 2
    assert found.targets.sum() == 3


def test_of_two_types_with_one_span_the_first_is_kept() -> None:
    found = SpanCodec(TYPES).encode(WORDS, [on(2, 4, "Problem"), on(2, 4, "Drug")])
    assert [e.type for e in found.kept] == ["Drug"]
    assert [e.type for e in found.dropped] == ["Problem"]


def test_flat_spans_share_no_token() -> None:
    found = SpanCodec(TYPES, overlap="flat").encode(WORDS, [on(0, 4), on(1, 2, "Problem"), on(4, 6)])
    assert found.kept == (on(0, 4), on(4, 6))


def test_edges_keep_types_that_cross_and_mentions_that_end_together() -> None:
    entities = [on(0, 4), on(2, 4), on(3, 6, "Problem")]
    assert Counter(EdgeCodec(TYPES).encode(WORDS, entities).kept) == Counter(entities)


def test_spans_of_each_type_nest_cross_and_coincide_and_only_the_long_are_dropped() -> None:
    entities = [on(0, 4), on(1, 2), on(3, 6), on(0, 4, "Problem"), on(3, 6, "Problem")]
    found = TypeSpansCodec(TYPES, longest=4).encode(WORDS, [*entities, on(4, 9), on(1, 2)])
    assert Counter(found.kept) == Counter(entities)
    assert found.dropped == (on(4, 9), on(1, 2))


def test_of_edges_that_begin_together_the_shorter_is_kept() -> None:
    found = EdgeCodec(TYPES).encode(WORDS, [on(0, 4), on(0, 2)])
    assert (found.kept, found.dropped) == ((on(0, 2),), (on(0, 4),))


def test_an_unknown_overlap_is_an_error() -> None:
    with pytest.raises(ValueError, match="no overlap 'some'; there are nested, flat"):
        SpanCodec(TYPES, overlap="some")


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 8)).map(lambda s: (s[0], s[0] + s[1]))))
def test_there_is_room_for_what_crosses_nothing(spans: list[Span]) -> None:
    room = Room(16, "nested")
    taken: list[Span] = []
    for span in spans:
        crossing = any(a[0] < b[0] < a[1] < b[1] for x in taken for a, b in itertools.permutations([x, span]))
        fits = span not in taken and not crossing
        assert room.take(span) == fits
        taken += [span] * fits


def test_of_two_mentions_on_the_same_words_the_exact_one_is_kept() -> None:
    exact, inexact = on(0, 2), Entity("Drug", ((1, 7),))
    for codec in (SpanCodec(TYPES), EdgeCodec(TYPES)):
        found = codec.encode(WORDS, [inexact, exact])
        assert (found.kept, found.dropped) == ((exact,), (inexact,))
