"""Thresholds against brute force over all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation.thresholds import FEW, best_threshold, precision_threshold, relation_thresholds

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
