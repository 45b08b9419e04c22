"""The rules of n2c2 2018 track 2, each by an example that they treat in their own way."""

import json
import random

import pytest

from epicrisis.document import Document, Entity, Relation, Span
from epicrisis.evaluation import Counts, bootstrap, evaluate_n2c2_2018
from epicrisis.evaluation.n2c2_2018 import MEASURES

TEXT = "x" * 60


def document(
    *entities: tuple[str, tuple[Span, ...]], relations: tuple[tuple[str, int, int], ...] = (), id: str = "d"
) -> Document:
    made = tuple(Entity(type_, spans, f"T{number}") for number, (type_, spans) in enumerate(entities))
    return Document(id, TEXT, made, tuple(Relation(type_, f"T{head}", f"T{tail}") for type_, head, tail in relations))


def counts(gold: Document, ours: Document, measure: str) -> tuple[float, float, float]:
    micro = evaluate_n2c2_2018([gold], [ours]).measure(measure).micro
    return micro.tp, micro.fp, micro.fn


def test_fragments_and_gaps_are_not_looked_at() -> None:
    gold = document(("ADE", ((0, 4), (8, 12))))
    assert counts(gold, document(("ADE", ((0, 12),))), "strict entities") == (1, 0, 0)
    assert counts(gold, document(("ADE", ((5, 7),))), "lenient entities") == (1, 0, 0)  # within the gap


def test_lenient_wants_the_type_and_one_character() -> None:
    gold = document(("Drug", ((5, 10),)))
    assert counts(gold, document(("Drug", ((9, 20),))), "lenient entities") == (1, 0, 0)
    assert counts(gold, document(("Drug", ((9, 20),))), "strict entities") == (0, 1, 1)
    assert counts(gold, document(("Drug", ((10, 20),))), "lenient entities") == (0, 1, 1)
    assert counts(gold, document(("Form", ((5, 10),))), "lenient entities") == (0, 1, 1)


def test_a_second_prediction_over_one_gold_mention_is_neither_right_nor_wrong() -> None:
    gold = document(("Drug", ((0, 10),)))
    ours = document(("Drug", ((0, 4),)), ("Drug", ((5, 10),)))
    assert counts(gold, ours, "lenient entities") == (1, 0, 0)
    assert counts(gold, ours, "strict entities") == (0, 2, 1)


def test_a_prediction_over_two_gold_mentions_is_one_right_and_one_missed() -> None:
    gold = document(("Drug", ((0, 4),)), ("Drug", ((5, 10),)))
    assert counts(gold, document(("Drug", ((0, 10),))), "lenient entities") == (1, 0, 1)


def test_a_prediction_is_thrown_away_though_it_matches_another_gold_mention_too_and_takes_that_with_it() -> None:
    gold = document(("Drug", ((0, 4),)), ("Drug", ((5, 10),)))
    ours = document(("Drug", ((0, 3),)), ("Drug", ((3, 7),)), ("Drug", ((8, 10),)))
    # the first takes (0, 4); the second, over both, goes and takes (5, 10) along; so the third goes, too
    assert counts(gold, ours, "lenient entities") == (1, 0, 1)


def test_a_relation_is_right_if_both_arguments_and_all_types_are() -> None:
    entities = ("Dosage", ((0, 5),)), ("Drug", ((6, 12),))
    gold = document(*entities, relations=(("Dosage-Drug", 0, 1),))
    wide = document(("Dosage", ((0, 3),)), ("Drug", ((6, 14),)), relations=(("Dosage-Drug", 0, 1),))
    assert counts(gold, wide, "strict relations") == (0, 1, 1)
    assert counts(gold, wide, "lenient relations") == (1, 0, 0)
    for other in (
        document(*entities, relations=(("Form-Drug", 0, 1),)),
        document(*entities, relations=(("Dosage-Drug", 1, 0),)),
        document(("Form", ((0, 5),)), entities[1], relations=(("Dosage-Drug", 0, 1),)),
    ):
        assert counts(gold, other, "lenient relations") == (0, 1, 1)
    assert counts(gold, document(entities[1]), "lenient relations") == (0, 0, 1)


def test_gold_relations_that_stand_twice_are_two_and_a_second_prediction_is_none() -> None:
    entities = ("Dosage", ((0, 5),)), ("Drug", ((6, 12),))
    once = document(*entities, relations=(("Dosage-Drug", 0, 1),))
    twice = document(*entities, relations=(("Dosage-Drug", 0, 1), ("Dosage-Drug", 0, 1)))
    assert counts(twice, once, "strict relations") == (1, 0, 1)
    assert counts(once, twice, "strict relations") == (1, 0, 0)


def test_macro_is_the_mean_over_documents_and_an_empty_one_is_0() -> None:
    gold = [
        document(("Drug", ((0, 4),)), id="a"),
        document(("Drug", ((0, 4),)), ("Form", ((5, 6),)), id="b"),
        document(id="c"),
    ]
    ours = [gold[0], document(("Drug", ((0, 4),)), id="b"), gold[2]]
    scores = evaluate_n2c2_2018(gold, ours)
    macro = scores.macro("strict entities")
    assert macro.recall == pytest.approx((1 + 0.5 + 0) / 3)
    assert macro.f1 == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert scores.measure("strict entities").micro == Counts(2, 0, 1)
    data = scores.to_dict(per_document=True)
    assert json.loads(json.dumps(data)) == data
    assert data["strict entities"]["macro"]["recall"] == macro.recall
    assert data["strict entities"]["per_type"]["Form"]["fn"] == 1
    assert [one["id"] for one in data["per_document"]] == ["a", "b", "c"]
    assert bootstrap(scores.counts("lenient entities")).value == pytest.approx(0.8)


def by_the_rules(gold: list, system: list, equal) -> tuple[int, int, int]:
    """The rules as the challenge wrote them down: a list of those left, one pass, then counts of what is left."""
    left, matched = list(range(len(system))), []
    for number, one in enumerate(system):
        for place, other in enumerate(gold):
            if equal(other, one):
                if place not in matched:
                    matched.append(place)
                elif number in left:
                    left.remove(number)
    tp = len([number for number in left if any(equal(other, system[number]) for other in gold)])
    return tp, len(left) - tp, len(gold) - tp


@pytest.mark.parametrize("seed", range(300))
def test_agrees_with_the_rules_step_by_step(seed: int) -> None:
    generator = random.Random(seed)

    def any_document() -> Document:
        spans = sorted(sorted(generator.sample(range(14), 2)) for _ in range(generator.randint(0, 6)))
        entities = [(generator.choice(("Drug", "Form")), ((start, end),)) for start, end in spans]
        ends = range(len(entities))
        ties = [("Form-Drug", generator.choice(ends), generator.choice(ends)) for _ in range(3 if entities else 0)]
        return document(*entities, relations=tuple(ties))

    gold, ours = any_document(), any_document()
    sides = [[(e.type, e.start, e.end) for e in one.entities] for one in (gold, ours)]
    of = [{e.id: (e.type, e.start, e.end) for e in one.entities} for one in (gold, ours)]
    ties = [[(of[n][r.head], of[n][r.tail]) for r in one.relations] for n, one in enumerate((gold, ours))]

    def strict(a: tuple, b: tuple) -> bool:
        return a == b

    def lenient(a: tuple, b: tuple) -> bool:
        return a[0] == b[0] and bool({*range(a[1], a[2])} & {*range(b[1], b[2])})

    for name, equal in (("strict", strict), ("lenient", lenient)):
        assert counts(gold, ours, f"{name} entities") == by_the_rules(*sides, equal)
        both = lambda a, b, equal=equal: equal(a[0], b[0]) and equal(a[1], b[1])  # noqa: E731
        assert counts(gold, ours, f"{name} relations") == by_the_rules(*ties, both)


def test_the_measures_are_named() -> None:
    assert list(evaluate_n2c2_2018([document()], [document()]).to_dict()) == [*MEASURES]
