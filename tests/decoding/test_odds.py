import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from epicrisis.decoding.odds import Odds, sigmoid

LINES = st.builds(Odds, st.floats(0.1, 1.5), st.floats(-2, 2))
SHARES = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9).map(np.array)


@given(LINES, SHARES)
def test_log_odds_are_put_on_the_line(odds: Odds, shares: np.ndarray) -> None:
    np.testing.assert_allclose(odds(shares), expit(odds.slope * logit(shares) + odds.shift), rtol=1e-6)


@given(LINES, LINES, SHARES)
def test_two_lines_are_one(first: Odds, second: Odds, shares: np.ndarray) -> None:
    together = Odds.from_dict(first.then(second).to_dict())
    np.testing.assert_allclose(together(shares), second(first(shares)), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_what_is_impossible_stays_so_and_nothing_overflows(kind: type) -> None:
    ends = np.array([0, 1e-30, 1], kind)
    for odds in (Odds(), Odds(0.1, 2.0), Odds(9.0, -40.0), Odds(9.0, 40.0)):
        found = odds(ends)
        assert found[0] == 0
        assert found.dtype == kind
        assert np.all((found >= 0) & (found <= 1))
    np.testing.assert_allclose(sigmoid(np.array([-800.0, 0.0, 800.0])), [0, 0.5, 1])
