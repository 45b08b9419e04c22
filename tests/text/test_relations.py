"""Candidates against brute force; facts and fates of invented notes."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.decoding import Relations
from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.encoding import encode_pairs
from epicrisis.text import RelationCodec, RelationFates, tokens
from epicrisis.text.relations import LONGEST

TYPES = ("A", "B", "C")


def codec(**changes: Any) -> RelationCodec:
    signatures = (("A", "B", "r"), ("B", "A", "s"), ("C", "C", "r"))
    return RelationCodec(TYPES, ("r", "s"), signatures, **{"window": 6, "most": 32, **changes})


def brute_force(relations: RelationCodec, spans: np.ndarray, types: np.ndarray, stretch: np.ndarray) -> list[set[int]]:
    count = len(spans)
    either = {frozenset((head, tail)) for head, tail, _ in relations.signatures}

    def near(i: int, j: int) -> int:
        return int(max(spans[j, 0] - spans[i, 1], spans[i, 0] - spans[j, 1]))

    def may(i: int, j: int) -> bool:
        of_types = frozenset((TYPES[types[i]], TYPES[types[j]])) in either
        return i != j and of_types and stretch[i] == stretch[j] and near(i, j) <= relations.window

    nearest = [
        set(sorted((j for j in range(count) if may(i, j)), key=lambda j: (near(i, j), j))[: relations.most])
        for i in range(count)
    ]
    return [{j for j in range(count) if j in nearest[i] or i in nearest[j]} for i in range(count)]


@given(st.data())
def test_partners_are_those_of_brute_force(data: st.DataObject) -> None:
    relations = codec(window=data.draw(st.integers(0, 8)), most=data.draw(st.integers(1, 4)))
    mention = st.tuples(st.integers(0, 30), st.integers(1, 4), st.integers(0, 2))
    parts = data.draw(st.lists(st.lists(mention, max_size=8), min_size=1, max_size=3))
    spans, types, stretch = [], [], []
    for number, part in enumerate(parts):
        for first, length, type_ in sorted(part, key=lambda m: (m[0], -m[1])):
            spans.append((first + 40 * number, first + length + 40 * number))
            types.append(type_)
            stretch.append(number)
    arrays = np.array(spans, np.int64).reshape(-1, 2), np.array(types, np.int64), np.array(stretch, np.int64)
    found = relations.partners(*arrays)
    assert [set(row[row >= 0].tolist()) for row in found] == brute_force(relations, *arrays)
    assert all((np.diff(row[row >= 0]) > 0).all() for row in found)
    spans_of, types_of, stretch_of = arrays
    pairs = encode_pairs(relations, spans_of, types_of, types_of % 2, stretch_of)
    assert pairs["ruled"].tolist() == [type_ % 2 for type_ in types]
    for i, j in np.argwhere(pairs["real"]):
        partner = pairs["partners"][i, j]
        assert pairs["partners"][partner, pairs["back"][i, j]] == i
        assert pairs["real"][partner, pairs["back"][i, j]]


def test_of_a_mention_as_long_as_a_note_only_the_beginning_is_near() -> None:
    relations = codec(window=10, most=4)
    spans = np.array([(0, 400), (5, 6), (LONGEST + 9, LONGEST + 10), (LONGEST + 12, LONGEST + 13), (390, 391)])
    types = np.array([0, 1, 1, 1, 1])
    assert relations.partners(spans, types)[0].tolist() == [1, 2]


def test_without_mentions_there_are_no_pairs() -> None:
    nothing = np.zeros(0, np.int64)
    pairs = encode_pairs(codec(), np.zeros((0, 2), np.int64), nothing, nothing)
    assert {name: array.shape for name, array in pairs.items()} == {
        "first": (0,),
        "after": (0,),
        "types": (0,),
        "ruled": (0,),
        "partners": (0, 1),
        "real": (0, 1),
        "back": (0, 1),
    }


TEXT = "She took 5 mg of warfarin twice daily. No fever since, no rash."


def entity(words: str, type_: str, id_: str, **said: str) -> Entity:
    start = TEXT.index(words)
    attributes = {name: Attribute(value) for name, value in said.items()}
    return Entity(type_, ((start, start + len(words)),), id=id_, attributes=attributes)


ENTITIES = (
    entity("5 mg", "Dose", "d"),
    entity("warfarin", "Drug", "w"),
    entity("twice daily", "Often", "o"),
    entity("fever", "Problem", "f", assertion="negated"),
    entity("rash", "Problem", "r", assertion="negated", trend="up"),
)
NOTE = Document("n", TEXT, ENTITIES, (Relation("OF", "d", "w"), Relation("OF", "o", "w"), Relation("SAME", "f", "r")))


def fitted(**settings: Any) -> RelationCodec:
    return RelationCodec.fit([NOTE] * 5, sorted({e.type for e in ENTITIES}), **settings)


def test_a_codec_learns_what_is_related_and_what_is_said_more_than_a_few_times() -> None:
    found = fitted()
    assert found.relations == ("OF", "SAME")
    assert found.signatures == (("Dose", "Drug", "OF"), ("Often", "Drug", "OF"), ("Problem", "Problem", "SAME"))
    assert found.attributes == {"assertion": ("negated",)}  # `trend` is said five times only
    assert fitted(least=6).signatures == ()
    assert RelationCodec.from_dict(json.loads(json.dumps(found.to_dict())), found.types) == found


def test_facts_are_mentions_on_tokens_relations_between_them_and_what_is_said() -> None:
    found, fates = fitted().encode(list(tokens(TEXT)), NOTE.entities, NOTE.relations)
    spelt = list(tokens(TEXT))
    assert [TEXT[spelt[a][0] : spelt[b - 1][1]] for a, b in found.spans] == [
        "5 mg",
        "warfarin",
        "twice daily",
        "fever",
        "rash",
    ]
    assert found.relations.tolist() == [[0, 1, 0], [2, 1, 0], [3, 4, 1]]
    assert found.attributes.tolist() == [[0], [0], [0], [1], [1]]
    assert found.ruled.tolist() == [0] * 5
    assert fates == RelationFates(kept=3)


def test_a_value_is_learned_and_said_as_what_it_is() -> None:
    flagged = replace(NOTE, entities=tuple(replace(e, attributes={"Negation": Attribute(True)}) for e in ENTITIES))
    odd = replace(NOTE, entities=tuple(replace(e, attributes={"Negation": Attribute("true")}) for e in ENTITIES))
    codec = RelationCodec.fit([flagged, odd] * 3, sorted({e.type for e in ENTITIES}))
    assert codec.attributes == {"Negation": ("true", True)}
    numbers = [codec.encode(list(tokens(TEXT)), note.entities, ())[0].attributes[:, 0] for note in (odd, flagged, NOTE)]
    assert [set(row.tolist()) for row in numbers] == [{1}, {2}, {0}]
    again = RelationCodec.from_dict(json.loads(json.dumps(codec.to_dict())), codec.types)
    scores = np.array([[0.0, 1.0, 9.0]], np.float32)
    assert Relations(again, {"type": "bilinear"}).attributes(scores)[0]["Negation"][0] is True


def test_what_rules_say_is_a_number_of_the_values_that_the_codec_knows() -> None:
    codec = fitted(language="en", ruled=("negated", "family"))
    ruled = {"r": "negated", "w": "family", "f": "a value of later rules"}
    found, _ = codec.encode(list(tokens(TEXT)), NOTE.entities, (), ruled)
    assert found.ruled.tolist() == [0, 2, 0, 0, 1]
    assert RelationCodec.from_dict(json.loads(json.dumps(codec.to_dict())), codec.types) == codec
    older = {key: value for key, value in codec.to_dict().items() if key not in ("language", "ruled")}
    assert RelationCodec.from_dict(older, codec.types) == fitted()


@pytest.mark.parametrize(
    ("relation", "fate"),
    [
        (Relation("OF", "w", "d"), "signature"),  # the other way round
        (Relation("NEW", "d", "w"), "signature"),
        (Relation("OF", "d", "d"), "itself"),
        (Relation("OF", "d", "x"), "argument"),  # a type that is not known
        (Relation("OF", "s", "w"), "argument"),  # white space
        (Relation("SAME", "f", "g"), "far"),
    ],
)
def test_what_cannot_be_learned_is_counted(relation: Relation, fate: str) -> None:
    text = TEXT + " word" * 20 + " fever"
    others = (
        Entity("Unknown", ((0, 3),), id="x"),
        Entity("Dose", ((3, 4),), id="s"),
        Entity("Problem", ((len(text) - 5, len(text)),), id="g"),
    )
    found, fates = fitted(window=12).encode(list(tokens(text)), (*ENTITIES, *others), [relation])
    assert fates == RelationFates(**{fate: 1})
    assert not len(found.relations)


def test_a_discontinuous_mention_stands_on_all_its_tokens() -> None:
    split = Entity("Drug", ((9, 13), (17, 25)), id="w")
    spans, types, kept = fitted().mentions(list(tokens(TEXT)), [split])
    assert (spans.tolist(), types.tolist(), kept) == ([[2, 6]], [1], [split])
