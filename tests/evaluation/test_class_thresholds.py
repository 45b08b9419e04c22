"""Where classes end on a scale, against brute force; the temperature of probabilities, against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from epicrisis.evaluation.thresholds import class_thresholds, temperature


def macro_f1(classes: np.ndarray, found: np.ndarray, count: int) -> float:
    each = []
    for k in range(count):
        hits = ((classes == k) & (found == k)).sum()
        below = (classes == k).sum() + (found == k).sum()
        each.append(2 * hits / max(below, 1))
    return float(np.mean(each))


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=2, max_size=12).filter(
        lambda rows: len({number for number, _ in rows}) > 1
    )
)
def test_the_ends_of_classes_are_the_best_that_there_are(rows: list[tuple[int, int]]) -> None:
    numbers, classes = np.array([float(n) for n, _ in rows]), np.array([k for _, k in rows])
    ends = class_thresholds(numbers, classes, 3)
    assert ends == sorted(ends)
    found = macro_f1(classes, np.searchsorted(ends, numbers, side="right"), 3)
    places = np.arange(-0.5, 10)
    every = [
        macro_f1(classes, np.searchsorted([a, b], numbers, side="right"), 3) for a in places for b in places if a <= b
    ]
    assert found == pytest.approx(max(every))


def test_many_numbers_have_ends_near_the_best() -> None:
    chance = np.random.default_rng(1)
    classes = chance.integers(0, 3, 3000)
    ends = class_thresholds(classes * 2.0 + chance.normal(0, 0.3, 3000), classes, 3)
    assert ends == pytest.approx([1, 3], abs=0.3)


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_the_temperature_is_the_one_of_the_highest_likelihood(true: float) -> None:
    chance = np.random.default_rng(2)
    scores = chance.normal(0, 3, (4000, 3))
    shares = np.exp(scores / true)
    shares /= shares.sum(1, keepdims=True)
    classes = np.array([chance.choice(3, p=row) for row in shares])

    def loss(at: float) -> float:
        return float(-log_softmax(scores / at, axis=1)[np.arange(4000), classes].sum())

    expected = minimize_scalar(loss, bounds=(0.25, 20), method="bounded").x
    assert temperature(scores, classes) == pytest.approx(expected, rel=1e-3)
    assert temperature(scores, classes) == pytest.approx(true, rel=0.1)


def test_a_model_that_is_always_right_does_not_become_as_sure_as_can_be() -> None:
    assert temperature(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])) == pytest.approx(0.25, rel=1e-3)
