import itertools

import numpy as np
import pytest
from scipy import stats

from epicrisis.evaluation import approximate_randomisation, bootstrap, holm
from epicrisis.evaluation.significance import f1


def drawn(seed: int, documents: int, types: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 6, size=(documents, types, 3)).astype(float)


def test_f1_is_the_mean_over_types_that_occur() -> None:
    assert f1(np.array([[2.0, 0, 0], [0, 0, 0], [1, 1, 1]])) == (1 + 0.5) / 2
    assert f1(np.zeros((3, 3))) == 0


def test_interval_of_three_documents_is_that_of_all_27_draws() -> None:
    counts = np.array([[[9.0, 1, 0]], [[1, 9, 9]], [[5, 2, 2]]])
    values = [float(f1(counts[list(draw)].sum(0))) for draw in itertools.product(range(3), repeat=3)]
    interval = bootstrap(counts, samples=40_000, level=0.6, seed=1)
    low, high = np.quantile(np.repeat(values, 1000), [0.2, 0.8])
    assert (interval.low, interval.high) == pytest.approx((low, high))
    assert interval.value == pytest.approx(float(f1(counts.sum(0))))


@pytest.mark.parametrize("types", [1, 3])
def test_interval_agrees_with_scipy(types: int) -> None:
    counts = drawn(3, 40, types)
    theirs = stats.bootstrap(
        (np.arange(40),),
        lambda index, axis: f1(counts[index].sum(-3)),
        n_resamples=20_000,
        method="percentile",
        batch=2000,
        rng=np.random.default_rng(5),
    ).confidence_interval
    ours = bootstrap(counts, samples=20_000, seed=5)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)


@pytest.mark.parametrize("types", [1, 2])
def test_p_value_agrees_with_all_exchanges_of_eight_documents(types: int) -> None:
    first, second = drawn(7, 8, types), drawn(8, 8, types)
    first[..., 0] += 3
    observed = abs(f1(first.sum(0)) - f1(second.sum(0)))
    as_large = 0
    for exchange in itertools.product((False, True), repeat=8):
        chosen = np.array(exchange)[:, None, None]
        difference = f1(np.where(chosen, second, first).sum(0)) - f1(np.where(chosen, first, second).sum(0))
        as_large += abs(difference) >= observed - 1e-12
    found = approximate_randomisation(first, second, samples=40_000, seed=2)
    assert found.p == pytest.approx(as_large / 256, abs=0.01)
    assert found.difference == pytest.approx(float(f1(first.sum(0)) - f1(second.sum(0))))


def test_p_value_agrees_with_scipy() -> None:
    first, second = drawn(11, 10), drawn(12, 10)
    both = np.concatenate([first, second])
    theirs = stats.permutation_test(
        (np.arange(10), np.arange(10, 20)),
        lambda one, other, axis: f1(both[one].sum(-3)) - f1(both[other].sum(-3)),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
    )
    assert approximate_randomisation(first, second, samples=40_000).p == pytest.approx(theirs.pvalue, abs=0.01)


def test_equal_systems_do_not_differ_and_p_is_never_0() -> None:
    counts = drawn(1, 20)
    assert approximate_randomisation(counts, counts, samples=500).p == 1
    worse = counts.copy()
    worse[..., 2] += 200
    assert approximate_randomisation(counts + 50, worse, samples=99).p == pytest.approx(0.01)


def test_the_same_seed_gives_the_same_answer_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = drawn(1, 30), drawn(2, 30)
    before = bootstrap(first, samples=1000, seed=4), approximate_randomisation(first, second, samples=1000, seed=4)
    assert before == (
        bootstrap(first, samples=1000, seed=4),
        approximate_randomisation(first, second, samples=1000, seed=4),
    )
    monkeypatch.setattr("epicrisis.evaluation.significance.AT_A_TIME", 700)
    assert bootstrap(first, samples=1000, seed=4) == before[0]
    assert bootstrap(first, samples=1000, seed=5) != before[0]


def test_holm_multiplies_the_smallest_by_how_many_there_are_and_never_falls() -> None:
    assert holm([0.04, 0.01, 0.03, 0.005]) == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize("shape", [(0, 1, 3), (4, 3), (4, 1, 2)])
def test_tables_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="documents, types, 3"):
        bootstrap(np.zeros(shape))


def test_systems_on_other_documents_are_not_compared() -> None:
    with pytest.raises(ValueError, match="the same documents"):
        approximate_randomisation(drawn(1, 4), drawn(1, 5))
