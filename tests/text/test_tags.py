import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from epicrisis.document import Entity, Span
from epicrisis.text import SCHEMES, Mention, TagCodec, covering

TYPES = ("Drug", "Problem")
WORDS = [(start, start + 3) for start in range(0, 40, 4)]
"""Ten words of three characters, a space between them."""


def all_mentions(length: int, first: int = 0) -> Iterator[list[Mention]]:
    """Every way in which mentions that do not overlap can lie on so many tokens."""
    if first == length:
        yield []
        return
    yield from all_mentions(length, first + 1)
    for after, type_ in itertools.product(range(first + 1, length + 1), TYPES):
        yield from ([(first, after, type_), *rest] for rest in all_mentions(length, after))


def written(codec: TagCodec, mentions: list[Mention], length: int) -> tuple[int, ...]:
    tags = np.zeros(length, np.int64)
    for first, after, type_ in mentions:
        tags[first:after] = codec.pattern((first, after, type_))
    return tuple(tags.tolist())


def joined(mentions: list[Mention]) -> list[Mention]:
    """Neighbours of one type as one: what IO can say of them."""
    found: list[Mention] = []
    for first, after, type_ in mentions:
        if found and found[-1][1:] == (first, type_):
            first = found.pop()[0]
        found.append((first, after, type_))
    return found


@pytest.fixture(params=SCHEMES)
def codec(request: pytest.FixtureRequest) -> TagCodec:
    return TagCodec(TYPES, scheme=request.param)


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("io", "O I-Drug I-Drug I-Drug I-Problem O I-Drug"),
        ("bio", "O B-Drug I-Drug B-Drug B-Problem O B-Drug"),
        ("bioes", "O B-Drug E-Drug S-Drug S-Problem O S-Drug"),
    ],
)
def test_the_three_schemes_by_example(scheme: str, expected: str) -> None:
    codec = TagCodec(TYPES, scheme=scheme)
    mentions = [(1, 3, "Drug"), (3, 4, "Drug"), (4, 5, "Problem"), (6, 7, "Drug")]
    assert " ".join(codec.names[tag] for tag in written(codec, mentions, 7)) == expected


def test_a_long_mention_has_an_inside() -> None:
    codec = TagCodec(TYPES, scheme="bioes")
    assert [codec.names[tag] for tag in codec.pattern((2, 6, "Problem"))] == [f"{p}-Problem" for p in "BIIE"]


@pytest.mark.parametrize("length", range(1, 6))
def test_mentions_survive_being_written_as_tags(codec: TagCodec, length: int) -> None:
    for mentions in all_mentions(length):
        expected = joined(mentions) if codec.scheme == "io" else mentions
        assert codec.mentions(np.array(written(codec, mentions, length))) == expected


@pytest.mark.parametrize("length", range(1, 5))
def test_allowed_are_exactly_the_paths_that_some_mentions_are_written_as(codec: TagCodec, length: int) -> None:
    follow, begin, end = codec.allowed()
    by_rule = {
        path
        for path in itertools.product(range(len(codec)), repeat=length)
        if begin[path[0]] and end[path[-1]] and all(follow[a, b] for a, b in itertools.pairwise(path))
    }
    assert by_rule == {written(codec, mentions, length) for mentions in all_mentions(length)}


def test_no_tokens_hold_no_mentions(codec: TagCodec) -> None:
    assert codec.mentions(np.zeros(0, np.int64)) == []
    assert len(codec.encode([], [Entity("Drug", ((0, 3),))]).dropped) == 1


def test_the_longest_mention_wins_and_what_lies_inside_is_dropped() -> None:
    outer, inner = Entity("Problem", ((4, 15),)), Entity("Drug", ((4, 7),))
    crossing, other = Entity("Drug", ((12, 19),)), Entity("Drug", ((24, 27),))
    tagged = TagCodec(TYPES, scheme="bio").encode(WORDS, [inner, crossing, other, outer])
    assert [TagCodec(TYPES, scheme="bio").names[tag] for tag in tagged.targets[:8]] == [
        "O",
        "B-Problem",
        "I-Problem",
        "I-Problem",
        "O",
        "O",
        "B-Drug",
        "O",
    ]
    assert tagged.kept == (outer, other)
    assert tagged.dropped == (crossing, inner)


def test_a_mention_that_begins_inside_a_word_is_snapped_to_it() -> None:
    half = Entity("Drug", ((5, 11),))
    tagged = TagCodec(TYPES, scheme="bio").encode(WORDS, [half])
    assert tagged.snapped == (half,)
    assert tagged.targets.tolist() == [0, 1, 2, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "entity",
    [
        Entity("Drug", ((0, 3), (8, 11))),
        Entity("Drug", ((3, 4),)),
        Entity("Test", ((0, 3),)),
        Entity("Drug", ((100, 103),)),
    ],
    ids=["discontinuous", "white space", "unknown type", "outside"],
)
def test_what_tags_cannot_say_is_dropped_and_counted(codec: TagCodec, entity: Entity) -> None:
    tagged = codec.encode(WORDS, [entity])
    assert tagged.dropped == (entity,)
    assert not tagged.targets.any()


WHOLE_WORDS = st.tuples(st.integers(0, 9), st.integers(1, 3)).map(lambda s: (4 * s[0], 4 * (s[0] + s[1]) - 1))
SPANS = WHOLE_WORDS | st.tuples(st.integers(0, 44), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1]))
ENTITIES = st.lists(
    st.builds(Entity, st.sampled_from([*TYPES, "Unknown"]), st.lists(SPANS, min_size=1, max_size=1))
    | st.builds(Entity, st.just("Drug"), st.just(((0, 3), (12, 15)))),
    max_size=6,
)


def characters(mention: Mention) -> Span:
    return WORDS[mention[0]][0], WORDS[mention[1] - 1][1]


@given(st.sampled_from(sorted(SCHEMES)), ENTITIES)
def test_every_entity_is_kept_snapped_or_dropped(scheme: str, entities: list[Entity]) -> None:
    tagged = TagCodec(TYPES, scheme=scheme).encode(WORDS, entities)
    assert Counter([*tagged.kept, *tagged.snapped, *tagged.dropped]) == Counter(entities)


@given(st.sampled_from(sorted(SCHEMES)), ENTITIES)
@example("io", [Entity("Drug", ((0, 3),)), Entity("Drug", ((4, 7),))])  # neighbours, which IO reads as one mention
def test_what_counts_as_kept_can_be_read_back_from_the_tags(scheme: str, entities: list[Entity]) -> None:
    codec = TagCodec(TYPES, scheme=scheme)
    tagged = codec.encode(WORDS, entities)
    read = {(characters(mention), mention[2]) for mention in codec.mentions(tagged.targets)}
    assert {((e.start, e.end), e.type) for e in tagged.kept} <= read


@given(st.sampled_from(["bio", "bioes"]), ENTITIES)
def test_what_is_read_back_is_the_words_of_what_was_kept_or_snapped(scheme: str, entities: list[Entity]) -> None:
    codec = TagCodec(TYPES, scheme=scheme)
    tagged = codec.encode(WORDS, entities)
    expected = [(*(covering(WORDS, e.fragments[0]) or ()), e.type) for e in (*tagged.kept, *tagged.snapped)]
    assert codec.mentions(tagged.targets) == sorted(expected)


def test_an_unknown_scheme_is_an_error_that_names_the_others() -> None:
    with pytest.raises(ValueError, match="no scheme 'iob'; there are io, bio, bioes"):
        TagCodec(TYPES, scheme="iob")
