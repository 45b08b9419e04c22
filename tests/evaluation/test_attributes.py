"""Attributes of entities, against multisets counted one by one and against examples counted by eye."""

import itertools
import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.document import Attribute, Document, Entity
from epicrisis.errors import CorpusError
from epicrisis.evaluation import bootstrap, evaluate_attributes

from .cases import any_mentions

VALUES = (None, "NEG", "MAYBE", True)


def entity(type_: str, start: int, value: str | None = None, *, end: int = 0) -> Entity:
    attributes = {"POLARITY": Attribute(value)} if value else {}
    return Entity(type_, ((start, end or start + 1),), attributes=attributes)


def document(*entities: Entity, id: str = "d") -> Document:
    return Document(id, "x" * 60, entities)


GOLD = document(
    entity("Sign", 0, "NEG"),
    entity("Sign", 2, "NEG"),
    entity("Sign", 4, "MAYBE"),
    entity("Sign", 6),
    entity("Sign", 8, "NEG"),
)
OURS = document(
    entity("Sign", 0, "NEG"), entity("Sign", 2, "MAYBE"), entity("Sign", 4), entity("Sign", 6), entity("Drug", 8, "NEG")
)


def test_a_small_document_is_counted_by_eye() -> None:
    scores = evaluate_attributes([GOLD], [OURS])["POLARITY"]
    found, whole = scores.found, scores.end_to_end
    assert (found.right, found.entities, found.stated) == (2, 4, (1, 3))
    assert found.accuracy == 0.5
    assert found.accuracy_stated == pytest.approx(1 / 3)
    assert {value: (c.tp, c.fp, c.fn) for value, c in found.values.per_type.items()} == {
        "MAYBE": (0, 1, 1),
        "NEG": (1, 0, 1),
    }
    # the fifth entity has another type: its gold value is missed, and that of the prediction is spurious
    assert (whole.right, whole.entities, whole.stated) == (2, 5, (1, 5))
    assert {value: (c.tp, c.fp, c.fn) for value, c in whole.values.per_type.items()} == {
        "MAYBE": (0, 1, 1),
        "NEG": (1, 1, 2),
    }
    assert whole.values.macro.f1 == pytest.approx((0 + 0.4) / 2)


def test_only_attributes_of_gold_are_scored() -> None:
    invented = document(Entity("Sign", ((0, 1),), attributes={"TREND": Attribute("INC")}))
    assert list(evaluate_attributes([GOLD], [invented])) == ["POLARITY"]
    assert evaluate_attributes([invented], [invented])["TREND"].found.values.micro.f1 == 1
    assert evaluate_attributes([document()], [invented]) == {}


def test_true_is_what_it_is_written_as() -> None:
    gold = document(Entity("Sign", ((0, 1),), attributes={"Negated": Attribute(True)}))
    for value, right in ((True, 1), ("true", 1), (False, 0), ("True", 0), (1, 0)):
        ours = document(Entity("Sign", ((0, 1),), attributes={"Negated": Attribute(value)}))
        assert evaluate_attributes([gold], [ours])["Negated"].found.right == right


def test_of_a_mention_that_stands_twice_equal_values_make_a_pair_first() -> None:
    twice = document(entity("Sign", 0), entity("Sign", 0, "NEG"))
    once = document(entity("Sign", 0, "NEG"))
    scores = evaluate_attributes([twice], [once])["POLARITY"]
    assert (scores.found.right, scores.found.entities) == (1, 1)
    assert (scores.end_to_end.right, scores.end_to_end.entities) == (1, 2)
    assert scores.end_to_end.values.micro.f1 == 1
    assert evaluate_attributes([once], [twice])["POLARITY"].end_to_end.values.micro.f1 == 1


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_end_to_end_is_arithmetic_of_multisets_and_found_is_the_best_pairing(seed: int) -> None:
    generator = random.Random(seed)

    def any_document() -> Document:
        entities = []
        for type_, spans in any_mentions(generator, most=4):
            value = generator.choice(VALUES)
            entities.append(Entity(type_, spans, attributes={"A": Attribute(value)} if value else {}))
        return document(*entities)

    def triples(of: Document) -> Counter[tuple[object, ...]]:
        written = {True: "true"}
        return Counter(
            (e.type, e.fragments, written.get(value, value))
            for e in of.entities
            if (value := e.attributes["A"].value if e.attributes else None) is not None
        )

    gold, ours = any_document(), any_document()
    scores = evaluate_attributes([gold], [ours])
    if "A" not in scores:
        assert not triples(gold)
        return
    left, right = triples(gold), triples(ours)
    for value in ("NEG", "MAYBE", "true"):
        counts = scores["A"].end_to_end.values.per_type.get(value)
        expected = [Counter({k: n for k, n in side.items() if k[2] == value}) for side in (left, right)]
        tp = (expected[0] & expected[1]).total()
        if counts is None:
            assert not expected[0]
            assert not expected[1]
        else:
            assert (counts.tp, counts.fp, counts.fn) == (tp, expected[1].total() - tp, expected[0].total() - tp)
    assert scores["A"].found.right == scores["A"].end_to_end.right == best(gold, ours)
    assert scores["A"].end_to_end.entities == len(gold.entities)


def best(gold: Document, ours: Document) -> int:
    """The most agreeing pairs of entities that are the same mention, every pairing tried."""

    def agree(one: Entity, other: Entity) -> bool:
        return (one.type, one.fragments, str(one.attributes)) == (other.type, other.fragments, str(other.attributes))

    fewer, more = sorted((gold.entities, ours.entities), key=len)
    return max(
        sum(agree(a, b) for a, b in zip(fewer, chosen, strict=True))
        for chosen in itertools.permutations(more, len(fewer))
    )


def test_documents_are_counted_one_by_one() -> None:
    other = replace(GOLD, id="e")
    scores = evaluate_attributes([GOLD, other], [other, OURS])["POLARITY"]
    assert scores.counts().tolist() == [[[1, 2, 3]], [[4, 0, 0]]]
    assert scores.counts("found", values=["NEG"]).tolist() == [[[1, 0, 1]], [[3, 0, 0]]]
    assert bootstrap(scores.counts()).value == pytest.approx(scores.end_to_end.values.micro.f1)
    with pytest.raises(CorpusError, match="there is gold, but no prediction"):
        evaluate_attributes([GOLD], [])


def test_nothing_divided_by_nothing_is_0() -> None:
    scores = evaluate_attributes([GOLD], [document()])["POLARITY"]
    assert (scores.found.accuracy, scores.found.accuracy_stated, scores.end_to_end.accuracy) == (0, 0, 0)
    data = scores.to_dict(per_document=True)
    assert json.loads(json.dumps(data)) == data
    assert list(data) == ["found", "end_to_end", "per_document"]
    assert {"accuracy", "accuracy_stated", "micro", "macro", "per_value"} <= set(data["found"])
    assert data["end_to_end"]["per_value"]["NEG"]["fn"] == 3
