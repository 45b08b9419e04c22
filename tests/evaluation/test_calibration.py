import numpy as np
import pytest

from epicrisis.errors import CorpusError
from epicrisis.evaluation import calibration
from epicrisis.evaluation.calibration import judged_entities, reliability

from .cases import document


def spans(count: int) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    return [("Drug", ((number, number + 1),)) for number in range(count)]


def test_error_and_brier_of_four_entities_counted_by_hand() -> None:
    gold = document(spans(3))
    predicted = document(spans(4), scores=[0.9, 0.8, 0.3, 0.9])  # the last is wrong
    found = calibration([gold], [predicted], bins=2)
    low, high = found.bins
    assert (low.count, low.score, low.accuracy) == (1, 0.3, 1)
    assert (high.count, high.score) == (3, pytest.approx(2.6 / 3))
    assert high.accuracy == pytest.approx(2 / 3)
    assert found.error == pytest.approx((0.7 + abs(2.6 - 2)) / 4)
    assert found.brier == pytest.approx((0.01 + 0.04 + 0.49 + 0.81) / 4)
    assert found.to_dict()["bins"][0]["count"] == 1


def test_scores_that_are_frequencies_are_calibrated() -> None:
    generator = np.random.default_rng(1)
    scores = generator.random(100_000)
    right = (generator.random(100_000) < scores).astype(float)
    found = reliability(scores, right)
    assert found.error < 0.01
    assert found.brier == pytest.approx(1 / 6, abs=0.01)
    assert sum(one.count for one in found.bins) == found.count == 100_000


def test_agrees_with_sums_bin_by_bin() -> None:
    generator = np.random.default_rng(2)
    scores = generator.choice([0, 0.1, 0.25, 0.5, 0.77, 1.0], size=500)
    right = generator.integers(0, 2, size=500).astype(float)
    found = reliability(scores, right, bins=4)
    error = 0.0
    for number, one in enumerate(found.bins):
        inside = (scores > one.low) & (scores <= one.high) | ((number == 0) & (scores == 0))
        assert one.count == inside.sum()
        if one.count:
            error += abs(scores[inside].sum() - right[inside].sum())
    assert found.error == pytest.approx(error / 500)


def test_of_two_equal_predictions_the_surer_one_is_right() -> None:
    found = calibration([document(spans(1))], [document(spans(1) * 2, scores=[0.2, 0.9])])
    assert found.brier == pytest.approx((0.2**2 + 0.1**2) / 2)


def test_nothing_predicted_is_0_throughout() -> None:
    found = calibration([document(spans(2))], [document([])])
    assert (found.error, found.brier, found.count) == (0, 0, 0)


def test_an_entity_without_a_probability_is_named() -> None:
    with pytest.raises(CorpusError, match="document d: entity T1 has"):
        calibration([document([])], [document(spans(1))])


def test_of_a_mention_predicted_too_often_the_likeliest_is_right() -> None:
    gold = document([("Drug", ((0, 1),))])
    predicted = document([("Drug", ((0, 1),)), ("Drug", ((0, 1),)), ("Dose", ((2, 3),))], scores=[0.3, 0.6, 0.9])
    assert sorted(judged_entities([gold], [predicted])) == [
        ("Dose", 0.9, False),
        ("Drug", 0.3, False),
        ("Drug", 0.6, True),
    ]
