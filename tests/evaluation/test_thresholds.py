"""Thresholds against brute force over all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit

from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation.calibration import Judged
from epicrisis.evaluation.thresholds import (
    FEW,
    FLATTEST,
    PRIOR,
    best_threshold,
    odds_line,
    precise_from,
    precision_threshold,
    precision_thresholds,
    relation_thresholds,
)

SCORED = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.35, 0.6, 0.8]), st.booleans()), min_size=1, max_size=12)


def f1(scored: list[tuple[float, bool]], wanted: int, threshold: float) -> float:
    kept = [right for score, right in scored if score >= threshold]
    return 2 * sum(kept) / (len(kept) + wanted) if kept else 0.0


@given(SCORED, st.integers(0, 5))
def test_no_other_threshold_has_a_higher_f1(scored: list[tuple[float, bool]], missed: int) -> None:
    scores, right = (np.array(column) for column in zip(*scored, strict=True))
    wanted = int(right.sum()) + missed
    if not wanted:
        return
    found = best_threshold(scores, right, wanted)
    assert f1(scored, wanted, found) == pytest.approx(max(f1(scored, wanted, one) for one in np.arange(0, 1, 0.01)))
    assert found not in scores


@given(SCORED, st.sampled_from([0.3, 0.5, 0.75, 0.9, 1.0]))
def test_from_a_threshold_of_precision_on_so_many_are_right_and_from_no_lower_one(
    scored: list[tuple[float, bool]], precision: float
) -> None:
    scores, right = (np.array(column) for column in zip(*scored, strict=True))
    enough = [one for one in sorted(set(scores)) if right[scores >= one].mean() >= precision]
    assert precision_threshold(scores, right, precision) == (enough[0] if enough else None)
    assert precision_threshold(np.array([]), np.array([], bool), precision) is None


def note(*scored: tuple[int, int, float | None]) -> Document:
    entities = tuple(Entity("A", ((2 * n, 2 * n + 1),), id=str(n)) for n in range(50))
    relations = tuple(Relation("r", str(head), str(tail), score=score) for head, tail, score in scored)
    return Document("n", "x " * 50, entities, relations)


def drawn(slope: float, shift: float, count: int = 3000) -> list[Judged]:
    """What is right as often as these log odds on a line say, with scores that say something else."""
    chance = np.random.default_rng(1)
    odds = chance.normal(0, 3, count)
    right = chance.random(count) < expit(slope * odds + shift)
    return [Judged("r", float(expit(one)), bool(is_right)) for one, is_right in zip(odds, right, strict=True)]


@pytest.mark.parametrize(("slope", "shift"), [(0.4, -0.5), (2.0, 1.0), (1.0, 0.0)])
def test_the_line_of_odds_makes_what_is_right_likeliest(slope: float, shift: float) -> None:
    found = drawn(slope, shift)
    odds, right = logit([one.score for one in found]), np.array([one.right for one in found])

    def loss(line: tuple[float, float]) -> float:
        at = line[0] * odds + line[1]
        return -float(log_expit(np.where(right, at, -at)).sum()) + PRIOR / 2 * ((line[0] - 1) ** 2 + line[1] ** 2)

    assert odds_line(found) == pytest.approx(minimize(loss, (1, 0)).x, abs=1e-3)
    assert odds_line(found) == pytest.approx((slope, shift), abs=0.35)


def test_what_is_always_right_or_the_rarer_the_surer_has_a_line_too() -> None:
    assert odds_line([]) == (1, 0)
    slope, shift = odds_line([Judged("r", 0.5 + n / 100, True) for n in range(40)])
    assert all(score < expit(slope * logit(score) + shift) < 1 for score in (0.5, 0.7, 0.9))
    slope, shift = odds_line([Judged("r", score, score < 0.5) for score in (0.01, 0.99)] * 200)
    assert slope == FLATTEST
    assert expit(shift) == pytest.approx(0.5, abs=0.01)
    slope, shift = odds_line([Judged("r", 0.6 + n / 1000, False) for n in range(300)])
    assert slope >= FLATTEST
    assert expit(slope * logit(0.75) + shift) < 0.1
    assert odds_line([Judged("r", score, score > 0.5) for score in (1.0, 0.0)] * 20)[0] >= 1
    slope, shift = odds_line([Judged("r", 0.9, n % 2 == 0) for n in range(400)])  # one score tells but one thing
    assert expit(slope * logit(0.9) + shift) == pytest.approx(0.5, abs=0.02)
    line = odds_line([Judged("r", 0.9, n < 2) for n in range(3)])
    assert np.abs(np.subtract(line, (1, 0))).max() < 0.3  # of three not much is learned


def test_types_that_are_seldom_share_the_threshold_of_all() -> None:
    gold = note(*((n, n + 1, None) for n in range(FEW)))
    ours = note(*((n, n + 1, 0.3) for n in range(FEW)), (5, 1, 0.2), (6, 1, 0.2))
    assert relation_thresholds([gold], [ours]) == {"": 0.25, "r": 0.25}
    fewer = note(*((n, n + 1, None) for n in range(FEW - 1)))
    assert list(relation_thresholds([fewer], [ours])) == [""]
    assert relation_thresholds([gold], [note()]) == {}
    with pytest.raises(CorpusError, match="relation R1 has no score"):
        relation_thresholds([gold], [gold])


def test_without_direction_a_relation_counts_once_with_its_higher_score() -> None:
    gold = note(*((n, n + 1, None) for n in range(FEW)))
    ours = note(*((n, n + 1, 0.3) for n in range(FEW)), *((n + 1, n, 0.9) for n in range(FEW)))
    assert relation_thresholds([gold], [ours], symmetric=["r"])["r"] == 0.45
    assert relation_thresholds([gold], [ours])["r"] == 0.15


def test_each_type_has_its_own_threshold_of_precision() -> None:
    sure = [Judged("A", 0.9, True)] * 15 + [Judged("A", 0.4, False)] * 5
    wrong = [Judged("B", 0.9, False)] * FEW
    seldom = [Judged("C", 0.9, True)] * (FEW - 1)
    assert precision_thresholds([*wrong, *sure, *seldom], 0.9) == {"": None, "A": 0.9, "B": None}
    assert precision_thresholds([*sure, *seldom], 0.75) == {"": 0.4, "A": 0.4}
    assert precision_thresholds(seldom, 0.9) == {}


def test_each_kind_has_its_own_for_each_precision() -> None:
    found = precise_from({"entities": [Judged("A", 0.8, True)] * FEW, "relations": [Judged("r", 0.3, False)] * FEW})
    assert found.keys() == {"0.8", "0.9", "0.95"}
    assert found["0.9"] == {"entities": {"": 0.8, "A": 0.8}, "relations": {"": None, "r": None}}
