"""The four measures, against every pairing tried by hand and against nervaluate."""

import random
from collections.abc import Sequence

import pytest
from nervaluate.entities import Entity as TheirEntity
from nervaluate.strategies import EntityTypeEvaluation, ExactEvaluation, PartialEvaluation, StrictEvaluation

from epicrisis.document import Entity
from epicrisis.evaluation.counts import Counts
from epicrisis.evaluation.matching import MEASURES, Mention, Outcome, boundary, mention, partial, same_type, strict

from .cases import any_mentions, flat_mentions

THEIRS = {
    "strict": StrictEvaluation,
    "boundary": ExactEvaluation,
    "partial": PartialEvaluation,
    "type": EntityTypeEvaluation,
}


def nervaluate(measure: str, gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    sides = [
        [TheirEntity(type_, fragments[0][0], fragments[-1][1] - 1) for type_, fragments in side]
        for side in (gold, predicted)
    ]
    result, _ = THEIRS[measure]().evaluate(sides[0], sides[1], [])
    return Outcome(result.correct, result.incorrect, result.partial, result.missed, result.spurious)


def characters(one: Mention) -> set[int]:
    return {offset for start, end in one[1] for offset in range(start, end)}


def rank(measure: str, gold: Mention, predicted: Mention) -> int | None:
    """How good a pair is: 0 the best, None no pair; the definitions, word for word."""
    same_span = characters(gold) == characters(predicted)
    same = gold[0] == predicted[0]
    overlap = bool(characters(gold) & characters(predicted))
    if measure == "strict":
        return 0 if same_span and same else None
    if measure == "boundary":
        return 0 if same_span else None
    if measure == "partial":
        return 0 if same_span else 1 if overlap else None
    return (0 if same_span else 1) if same and overlap else 2 if overlap else None


def by_hand(measure: str, gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    best = (0, 0, 0)

    def search(number: int, used: frozenset[int], so_far: tuple[int, int, int]) -> None:
        nonlocal best
        if number == len(gold):
            best = max(best, so_far)
            return
        search(number + 1, used, so_far)
        for other, candidate in enumerate(predicted):
            place = rank(measure, gold[number], candidate)
            if place is not None and other not in used:
                more = tuple(count + (index == place) for index, count in enumerate(so_far))
                search(number + 1, used | {other}, more)  # type: ignore[arg-type]

    search(0, frozenset(), (0, 0, 0))
    pairs = sum(best)
    missed, spurious = len(gold) - pairs, len(predicted) - pairs
    if measure == "type":
        return Outcome(best[0] + best[1], best[2], 0, missed, spurious)
    return Outcome(best[0], 0, best[1], missed, spurious)


@pytest.mark.parametrize("measure", MEASURES)
def test_agrees_with_every_pairing_tried_by_hand(measure: str) -> None:
    generator = random.Random(2)
    for _ in range(600):
        gold, predicted = any_mentions(generator, most=5), any_mentions(generator, most=5)
        assert MEASURES[measure](gold, predicted) == by_hand(measure, gold, predicted), (gold, predicted)


@pytest.mark.parametrize("measure", MEASURES)
def test_order_changes_nothing_and_swapping_swaps_missed_and_spurious(measure: str) -> None:
    generator = random.Random(3)
    for _ in range(500):
        gold, predicted = any_mentions(generator, most=10), any_mentions(generator, most=10)
        ours = MEASURES[measure](gold, predicted)
        swapped = MEASURES[measure](predicted, gold)
        assert swapped == Outcome(ours.correct, ours.incorrect, ours.partial, ours.spurious, ours.missed)
        assert Counts.of(swapped).precision == Counts.of(ours).recall
        assert Counts.of(swapped).f1 == Counts.of(ours).f1
        generator.shuffle(gold)
        generator.shuffle(predicted)
        assert MEASURES[measure](gold, predicted) == ours


@pytest.mark.parametrize("measure", MEASURES)
def test_gold_as_prediction_is_all_correct_and_no_prediction_all_missed(measure: str) -> None:
    generator = random.Random(4)
    for _ in range(100):
        gold = any_mentions(generator, most=10)
        assert MEASURES[measure](gold, gold) == Outcome(correct=len(gold))
        assert MEASURES[measure](gold, []) == Outcome(missed=len(gold))
        assert MEASURES[measure]([], gold) == Outcome(spurious=len(gold))


def test_strict_right_is_right_everywhere_and_boundary_is_between_strict_and_partial() -> None:
    generator = random.Random(5)
    for _ in range(500):
        gold, predicted = any_mentions(generator, most=10), any_mentions(generator, most=10)
        same = strict(gold, predicted).correct
        assert same <= same_type(gold, predicted).correct
        assert same <= boundary(gold, predicted).correct == partial(gold, predicted).correct


def test_a_mention_that_stands_twice_counts_twice() -> None:
    drug: Mention = ("Drug", ((0, 3),))
    assert strict([drug, drug], [drug]) == Outcome(correct=1, missed=1)
    assert boundary([drug], [drug, ("Test", ((0, 3),))]) == Outcome(correct=1, spurious=1)
    assert partial([drug, drug], [drug, drug, drug]) == Outcome(correct=2, spurious=1)


def test_fragments_share_characters_not_the_gap_between_them() -> None:
    broken: Mention = ("Problem", ((0, 2), (8, 10)))
    inside: Mention = ("Problem", ((3, 6),))
    assert partial([broken], [inside]) == Outcome(missed=1, spurious=1)
    assert same_type([broken], [("Problem", ((3, 9),))]) == Outcome(correct=1)
    assert boundary([broken], [("Problem", ((0, 10),))]) == Outcome(missed=1, spurious=1)


def test_fragments_that_touch_are_one() -> None:
    assert mention(Entity("Drug", ((0, 2), (2, 5), (7, 8)))) == ("Drug", ((0, 5), (7, 8)))


# nervaluate


@pytest.mark.parametrize("measure", MEASURES)
def test_agrees_with_nervaluate_where_no_mention_has_two_to_choose_from(measure: str) -> None:
    generator = random.Random(6)
    compared = 0
    while compared < 1500:
        gold, predicted = any_mentions(generator), any_mentions(generator)
        gold = [one for one in gold if len(one[1]) == 1]
        predicted = [one for one in predicted if len(one[1]) == 1]
        pairs = [
            (a, b)
            for a, one in enumerate(gold)
            for b, two in enumerate(predicted)
            if rank("partial", one, two) is not None
        ]
        if len({a for a, _ in pairs}) < len(pairs) or len({b for _, b in pairs}) < len(pairs):
            continue
        compared += 1
        theirs = nervaluate(measure, gold, predicted)
        ours = MEASURES[measure](gold, predicted)
        if measure in ("strict", "boundary"):
            # they call a pair that overlaps `incorrect`, we count its two halves: tp, fp and fn are the same
            assert Counts.of(ours) == Counts.of(theirs)
        else:
            assert ours == theirs


def test_agrees_with_nervaluate_on_flat_mentions_in_order() -> None:
    generator = random.Random(7)
    fewer = 0
    for _ in range(2000):
        gold, predicted = flat_mentions(generator), flat_mentions(generator)
        for measure in ("strict", "boundary", "partial"):
            theirs = Counts.of(nervaluate(measure, gold, predicted))
            assert Counts.of(MEASURES[measure](gold, predicted)) == theirs
        theirs_by_type = nervaluate("type", gold, predicted)
        ours_by_type = same_type(gold, predicted)
        assert ours_by_type.correct >= theirs_by_type.correct
        fewer += ours_by_type.correct > theirs_by_type.correct
    assert fewer, "the greedy procedure was expected to lose some pairs of one type"


def test_nervaluate_takes_the_closest_and_leaves_the_next_prediction_without_a_partner() -> None:
    gold: list[Mention] = [("Drug", ((7, 10),)), ("Drug", ((10, 12),))]
    predicted: list[Mention] = [("Drug", ((9, 11),)), ("Drug", ((11, 12),))]
    assert nervaluate("type", gold, predicted) == Outcome(correct=1, missed=1, spurious=1)
    assert same_type(gold, predicted) == Outcome(correct=2)


def test_nervaluate_spends_a_gold_mention_on_the_wrong_type_and_misses_the_right_one() -> None:
    gold: list[Mention] = [("Drug", ((0, 10),))]
    predicted: list[Mention] = [("Test", ((0, 3),)), ("Drug", ((5, 10),))]
    assert nervaluate("type", gold, predicted) == Outcome(incorrect=1, spurious=1)
    assert same_type(gold, predicted) == Outcome(correct=1, spurious=1)


def test_shuffling_changes_nervaluate_and_not_ours() -> None:
    gold: list[Mention] = [("Drug", ((0, 10),)), ("Drug", ((0, 4),))]
    predicted: list[Mention] = [("Drug", ((2, 10),)), ("Drug", ((0, 10),))]
    there = nervaluate("strict", gold, predicted)
    back = nervaluate("strict", gold, predicted[::-1])
    assert (there.correct, back.correct) == (0, 1)
    assert strict(gold, predicted) == strict(gold, predicted[::-1]) == Outcome(correct=1, missed=1, spurious=1)


@pytest.mark.parametrize("measure", MEASURES)
def test_nervaluate_depends_on_the_order_of_nested_mentions(measure: str) -> None:
    generator = random.Random(9)
    changed = 0
    for _ in range(400):
        gold = [one for one in any_mentions(generator) if len(one[1]) == 1]
        predicted = [one for one in any_mentions(generator) if len(one[1]) == 1]
        before = nervaluate(measure, gold, predicted)
        ours = MEASURES[measure](gold, predicted)
        assert ours.correct + ours.partial / 2 >= before.correct + before.partial / 2 or measure == "type"
        generator.shuffle(predicted)
        changed += nervaluate(measure, gold, predicted) != before
        assert MEASURES[measure](gold, predicted) == ours
    assert changed


def test_nervaluate_wants_a_hundredth_of_the_gold_mention_and_we_one_character() -> None:
    gold: list[Mention] = [("Drug", ((0, 150),))]
    predicted: list[Mention] = [("Drug", ((149, 160),))]
    assert nervaluate("partial", gold, predicted) == Outcome(missed=1, spurious=1)
    assert partial(gold, predicted) == Outcome(partial=1)
