"""How sure a score is: intervals and tests over documents.

Documents, not mentions, are drawn and exchanged: the mentions of a note are not independent of each other. All take
the counts of `Scores.counts`, (documents, types, 3), and look at F1: of the sums if there is one column (micro), the
mean over the types that occur in what was drawn if there are more (macro). The same seed gives the same answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

AT_A_TIME = 4_000_000
"""Numbers in one matrix of draws: it bounds the memory, whatever the count of documents."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A score and the interval that holds the middle `level` of what resampled documents give."""

    value: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Comparison:
    """The difference in F1 of two systems, first less second, and the two-sided p value of it being chance."""

    difference: float
    p: float


def f1(counts: Table) -> Table:
    """(..., types, 3) -> (...), F1 averaged over the types that occur; 0 where none does"""
    tp, errors = counts[..., 0], counts[..., 1] + counts[..., 2]
    below = 2 * tp + errors
    occurs = below > 0
    each = np.divide(2 * tp, below, out=np.zeros_like(below), where=occurs)
    mean: Table = each.sum(-1) / np.maximum(occurs.sum(-1), 1)
    return mean


def bootstrap(counts: ArrayLike, *, samples: int = 10_000, level: float = 0.95, seed: int = 0) -> Interval:
    """Percentile bootstrap: documents drawn with replacement, as many as there are.

    counts: (documents, types, 3)
    """
    table = _table(counts)
    documents = len(table)
    generator = np.random.default_rng(seed)
    values = []
    for size in _chunks(samples, documents):
        drawn = generator.multinomial(documents, np.full(documents, 1 / documents), size=size)
        values.append(f1(np.tensordot(drawn.astype(np.float64), table, axes=1)))
    low, high = np.quantile(np.concatenate(values), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(f1(table.sum(0))), float(low), float(high), level)


def mean_interval(values: ArrayLike, *, samples: int = 10_000, level: float = 0.95, seed: int = 0) -> Interval:
    """Mean of independent scores, such as those of episodes: percentile bootstrap over them."""
    given = np.asarray(values, np.float64)
    if given.ndim != 1 or not len(given):
        raise ValueError(f"a row of scores is expected, not one of shape {given.shape}")
    drawn = np.random.default_rng(seed).choice(given, (samples, len(given))).mean(1)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(given.mean()), float(low), float(high), level)


def approximate_randomisation(
    first: ArrayLike, second: ArrayLike, *, samples: int = 10_000, seed: int = 0
) -> Comparison:
    """Paired test: were the two systems alike, exchanging their answers on a document would change nothing.

    Noreen (1989); Yeh (2000), "More accurate tests for the statistical significance of result differences". p is the
    share of random exchanges with a difference at least as large, the observed one counted among them, so never 0.

    first, second: (documents, types, 3), the same documents in the same order
    """
    ours, theirs = _table(first), _table(second)
    if ours.shape != theirs.shape:
        raise ValueError(
            f"two systems on the same documents and types are compared, not {ours.shape} and {theirs.shape}"
        )
    observed = float(f1(ours.sum(0)) - f1(theirs.sum(0)))
    generator = np.random.default_rng(seed)
    as_large = 0
    for size in _chunks(samples, len(ours)):
        exchanged = generator.integers(0, 2, size=(size, len(ours))).astype(np.float64)
        moved = np.tensordot(exchanged, theirs - ours, axes=1)
        differences = f1(ours.sum(0) + moved) - f1(theirs.sum(0) - moved)
        # sums of halves and integers are exact, their quotients are not
        as_large += int((np.abs(differences) >= abs(observed) - 1e-12).sum())
    return Comparison(observed, (as_large + 1) / (samples + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for how many there are, in the order given. Holm (1979)."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def _table(counts: ArrayLike) -> Table:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 3 or table.shape[-1] != 3 or not len(table):
        raise ValueError(f"counts of one document or more are expected, (documents, types, 3), not {table.shape}")
    return table


def _chunks(samples: int, documents: int) -> Iterator[int]:
    size = max(1, AT_A_TIME // documents)
    for start in range(0, samples, size):
        yield min(size, samples - start)
