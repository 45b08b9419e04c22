"""The rules of i2b2 2010, ShARe, CCKS and Clinical TempEval, each by examples worked out by hand."""

import itertools
import json
import random

import pytest

from epicrisis.document import Attribute, Code, Document, Entity, Relation, Span
from epicrisis.errors import CorpusError
from epicrisis.evaluation import (
    SCHEMES,
    evaluate_ccks,
    evaluate_clinical_tempeval,
    evaluate_i2b2_2010,
    evaluate_share_2014,
    evaluate_share_2015,
)
from epicrisis.evaluation.clinical_tempeval import closure

TEXT = "x" * 100


def entity(type: str, *spans: Span, id: str = "", cui: str = "", **attributes: str) -> Entity:
    codes = (Code("UMLS", cui),) if cui else ()
    return Entity(type, spans, id, attributes={n: Attribute(v) for n, v in attributes.items()}, codes=codes)


def document(*entities: Entity, relations: tuple[Relation, ...] = (), id: str = "d") -> Document:
    return Document(id, TEXT, entities, relations)


def numbers(scores, measure: str) -> tuple[float, float, float]:
    micro = scores.measure(measure).micro
    return micro.tp, micro.fp, micro.fn


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_gives_json_and_wants_pairs_of_documents(name: str) -> None:
    gold = document(entity("problem", (0, 3)))
    data = SCHEMES[name]([gold], [gold]).to_dict(per_document=True)
    assert json.loads(json.dumps(data)) == data
    assert [one["id"] for one in data["per_document"]] == ["d"]
    with pytest.raises(CorpusError, match="there is gold, but no prediction"):
        SCHEMES[name]([gold], [])


# i2b2 2010


def test_i2b2_concepts_need_the_class_and_the_span_or_a_character_of_it() -> None:
    gold = document(entity("problem", (0, 10)), entity("test", (20, 25)), entity("treatment", (30, 40)))
    ours = document(entity("problem", (0, 10)), entity("test", (24, 30)), entity("problem", (30, 40)))
    scores = evaluate_i2b2_2010([gold], [ours])
    assert numbers(scores, "exact concepts") == (1, 2, 2)
    assert numbers(scores, "inexact concepts") == (2, 1, 1)


def test_i2b2_assertions_are_of_problems_and_present_unless_said() -> None:
    gold = document(
        entity("problem", (0, 3), ast="absent"),
        entity("problem", (5, 8), ast="present"),
        entity("problem", (10, 13), ast="possible"),
        entity("test", (20, 23)),
    )
    ours = document(
        entity("problem", (0, 3), ast="absent"),
        entity("problem", (5, 8)),
        entity("problem", (10, 14), ast="possible"),
        entity("test", (20, 23)),
    )
    scores = evaluate_i2b2_2010([gold], [ours])
    assert numbers(scores, "assertions") == (2, 1, 1)
    assert scores.measure("assertions").per_type["possible"].f1 == 0
    asserted = document(entity("problem", (0, 3), assertion="absent"), *gold.entities[1:])
    assert numbers(evaluate_i2b2_2010([gold], [asserted]), "assertions") == (3, 0, 0)


def test_i2b2_relations_need_type_and_spans_and_pip_has_no_direction() -> None:
    entities = (entity("problem", (0, 3), id="a"), entity("problem", (5, 8), id="b"), entity("test", (9, 12), id="c"))
    gold = document(*entities, relations=(Relation("PIP", "a", "b"), Relation("TeRP", "c", "a")))
    for relations, expected in (
        ((Relation("PIP", "b", "a"), Relation("TeRP", "c", "a")), (2, 0, 0)),
        ((Relation("PIP", "a", "b"), Relation("PIP", "b", "a"), Relation("TeCP", "c", "a")), (1, 1, 1)),
        ((Relation("TeRP", "a", "c"),), (0, 1, 2)),
        ((), (0, 0, 2)),
    ):
        assert numbers(evaluate_i2b2_2010([gold], [document(*entities, relations=relations)]), "relations") == expected


# CCKS


def test_ccks_relaxed_pairs_every_mention_once() -> None:
    gold = document(entity("药物", (0, 4)), entity("手术", (10, 14)), entity("药物", (20, 24)))
    ours = document(entity("药物", (0, 4)), entity("药物", (2, 6)), entity("手术", (13, 20)), entity("手术", (20, 24)))
    scores = evaluate_ccks([gold], [ours])
    assert numbers(scores, "strict") == (1, 3, 2)
    assert numbers(scores, "relaxed") == (2, 2, 1)


# ShARe


def test_share_2014_strict_compares_fragments_and_no_cui() -> None:
    gold = document(entity("D", (0, 3), (5, 8), cui="C1"), entity("D", (10, 13)))
    ours = document(entity("D", (0, 3), (5, 8), cui="C2"), entity("D", (0, 8)), entity("D", (10, 13), cui="C1"))
    assert numbers(evaluate_share_2014([gold], [ours]), "strict") == (2, 1, 0)


def test_share_2014_relaxed_has_two_bases() -> None:
    gold = document(entity("D", (0, 3)), entity("D", (5, 8)), entity("D", (20, 23)))
    wide = document(entity("D", (0, 8)))  # one prediction finds two
    assert numbers(evaluate_share_2014([gold], [wide]), "relaxed") == (1, 0, 1)
    many = document(*(entity("D", (start, start + 1)) for start in (0, 1, 2)), entity("D", (8, 10)))
    assert numbers(evaluate_share_2014([gold], [many]), "relaxed") == (3, 1, 2)  # neighbours do not touch
    gap = document(entity("D", (3, 5)))
    split = document(entity("D", (0, 3), (5, 8)))
    assert numbers(evaluate_share_2014([split], [gap]), "relaxed") == (0, 1, 1)


def test_share_2014_accuracy_of_cuis_rises_with_fewer_mentions_found() -> None:
    gold = document(entity("D", (0, 3), cui="C1"), entity("D", (5, 8), cui="C2"), entity("D", (9, 12)))
    ours = document(entity("D", (0, 3), cui="c1"), entity("D", (5, 8), cui="C9"))
    assert evaluate_share_2014([gold], [ours]).accuracy == {"strict": 1 / 3, "relaxed": 1 / 2}
    fewer = document(entity("D", (0, 3), cui="C1"), entity("D", (9, 12)))
    assert evaluate_share_2014([gold], [fewer]).accuracy == {"strict": 2 / 3, "relaxed": 1.0}


def test_share_2015_wants_the_cui_too_and_neighbours_touch() -> None:
    gold = document(entity("D", (10, 20), cui="C1"), entity("D", (30, 40)))
    scores = evaluate_share_2015([gold], [document(entity("D", (10, 20), cui="C2"), entity("D", (30, 40)))])
    assert numbers(scores, "strict") == (1, 1, 1)
    assert numbers(scores, "relaxed") == (1, 1, 1)
    neighbour = document(entity("D", (20, 25), cui="C1"), entity("D", (41, 45)))
    assert numbers(evaluate_share_2015([gold], [neighbour]), "relaxed") == (1, 1, 1)


def test_share_2015_the_longest_touch_is_right_and_the_others_are_false() -> None:
    gold = document(entity("D", (10, 20)))
    ours = document(entity("D", (8, 12)), entity("D", (12, 19)), entity("D", (50, 60)))
    assert numbers(evaluate_share_2015([gold], [ours]), "relaxed") == (1, 2, 0)


def test_share_2015_one_more_on_an_exact_match_goes_unpunished_and_a_third_does_not() -> None:
    gold = document(entity("D", (10, 20)))
    exact = entity("D", (10, 20))
    assert numbers(evaluate_share_2015([gold], [document(exact, entity("D", (12, 15)))]), "relaxed") == (1, 0, 0)
    more = document(exact, entity("D", (12, 15)), entity("D", (16, 18)))
    assert numbers(evaluate_share_2015([gold], [more]), "relaxed") == (1, 1, 0)


# Clinical TempEval


def test_tempeval_values_count_with_their_spans_and_nothing_predicted_is_precise() -> None:
    gold = document(
        entity("EVENT", (0, 3), DocTimeRel="BEFORE", Polarity="POS", ContextualModality="ACTUAL"),
        entity("EVENT", (5, 8), DocTimeRel="AFTER", Polarity="NEG", ContextualModality="ACTUAL"),
        entity("TIMEX3", (10, 13), Class="DATE"),
    )
    ours = document(
        entity("EVENT", (0, 3), DocTimeRel="AFTER"),
        entity("EVENT", (5, 8), DocTimeRel="AFTER", assertion="negated"),
        entity("EVENT", (20, 23), DocTimeRel="AFTER"),
    )
    scores = evaluate_clinical_tempeval([gold], [ours])
    assert (scores.measure("ES").precision, scores.measure("ES").recall) == (2 / 3, 1)
    assert (scores.measure("DR").precision, scores.measure("DR").recall) == (1 / 3, 1 / 2)
    assert scores.measure("EA Polarity").recall == 1
    assert (scores.measure("TS").precision, scores.measure("TS").recall, scores.measure("TS").f1) == (1, 0, 0)
    assert scores.measure("CR").f1 == 1  # neither has any


def test_tempeval_duplicates_collapse_and_fragments_have_to_be_the_same() -> None:
    gold = document(entity("EVENT", (0, 3), (5, 8)), entity("EVENT", (0, 3), (5, 8)))
    scores = evaluate_clinical_tempeval([gold], [document(entity("EVENT", (0, 8)))])
    assert (scores.measure("ES").gold, scores.measure("ES").found) == (1, 0)


def contains(*pairs: tuple[int, int]) -> Document:
    entities = tuple(entity("EVENT", (10 * n, 10 * n + 5), id=f"e{n}") for n in range(5))
    relations = tuple(Relation("CONTAINS", f"e{a}", f"e{b}") for a, b in pairs)
    return document(*entities, relations=relations)


@pytest.mark.parametrize(
    ("gold", "ours", "precision", "recall"),
    [
        ([(0, 1), (1, 2)], [(0, 2)], 1, 0),  # follows from gold; gold does not follow from it
        ([(0, 2)], [(0, 1), (1, 2)], 0, 1),
        ([(0, 1), (1, 2), (0, 2)], [(0, 1), (1, 2)], 1, 1),
        ([(0, 1), (1, 2)], [(1, 0), (1, 2), (3, 4)], 1 / 3, 1 / 2),
        ([(0, 1)], [], 1, 0),
        ([], [(0, 1)], 0, 1),
    ],
)
def test_tempeval_closure_of_containers(
    gold: list[tuple[int, int]], ours: list[tuple[int, int]], precision: float, recall: float
) -> None:
    tally = evaluate_clinical_tempeval([contains(*gold)], [contains(*ours)]).measure("CR")
    assert (tally.precision, tally.recall) == (precision, recall)


@pytest.mark.parametrize("seed", range(30))
def test_the_closure_is_that_of_end_points(seed: int) -> None:
    """As the official scorer has it: source.start < target.start and target.end < source.end, closed under <."""
    generator = random.Random(seed)
    pairs = {(generator.randrange(6), generator.randrange(6)) for _ in range(generator.randrange(1, 9))}
    below = {((a, "start"), (b, "start")) for a, b in pairs} | {((b, "end"), (a, "end")) for a, b in pairs}
    below |= {((n, "start"), (n, "end")) for pair in pairs for n in pair}
    while more := {(a, d) for (a, b), (c, d) in itertools.product(below, below) if b == c} - below:
        below |= more
    nodes = {n for pair in pairs for n in pair}
    expected = {
        (a, b)
        for a, b in itertools.product(nodes, nodes)
        if ((a, "start"), (b, "start")) in below and ((b, "end"), (a, "end")) in below
    }
    assert closure(pairs) == expected
