"""From which probability on a relation is worth keeping, and from which on it is right as often as one wants; where
classes end on a scale of numbers, and what makes the probabilities of classes as large as they should be."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.evaluation.calibration import Judged
from epicrisis.evaluation.relations import relations, scored_relations
from epicrisis.evaluation.scores import paired

CUTS = 200
TEMPERATURES = 0.25, 20.0
STEPS = 100
FLATTEST = 0.05
PRIOR = 10.0
"""How firmly the line of log odds is held where it is. On halves of MACCROBAT's dev part it costs the scores of 2,456
entities nothing; those of 94 assertions it makes likelier by 0.06 each."""
PRECISE = (0.8, 0.9, 0.95)
"""Precisions that a user may want."""
FEW = 20
"""What a threshold of a type's own takes: so many relations in gold (rarer types share one), or so many predictions."""


def relation_thresholds(
    gold: Sequence[Document], predicted: Sequence[Document], *, symmetric: Collection[str] = ()
) -> dict[str, float]:
    """Type -> the threshold with the highest strict F1 on these documents, and under "" that of all types together.

    predicted: with all relations that are at all likely, each with its score
    Raises CorpusError where documents do not pair up, or a predicted relation has no score.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    found: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    for right, ours in paired(gold, predicted):
        wanted = relations(right, symmetric)
        for type_, _ in wanted:
            counts[type_] += 1
            counts[""] += 1
        for link, score in scored_relations(ours, symmetric).items():
            found[link[0]].append((score, link in wanted))
            found[""].append((score, link in wanted))
    return {
        type_: best_threshold(np.array([s for s, _ in found[type_]]), np.array([r for _, r in found[type_]]), count)
        for type_, count in sorted(counts.items())
        if found[type_] and (type_ == "" or count >= FEW)
    }


def best_threshold(scores: NDArray[np.float64], right: NDArray[np.bool_], wanted: int) -> float:
    """The threshold of the highest F1: halfway to the next lower score, so that it is none's own.

    scores, right: (N,) of all that is predicted; wanted: how many are to be found. Of equals the highest threshold.
    """
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], right[order].cumsum()
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + wanted)
    last = np.append(sorted_scores[:-1] > sorted_scores[1:], True)  # one cannot part equal scores
    best = int(np.where(last, f1, -1.0).argmax())
    below = sorted_scores[best + 1] if best + 1 < len(order) else 0.0
    return round(float(sorted_scores[best] + below) / 2, 6)


def precise_from(judged: Mapping[str, Sequence[Judged]]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Precision, as text -> kind (entities, relations ...) -> type or value -> from which score on it is so precise."""
    return {
        str(share): {kind: precision_thresholds(found, share) for kind, found in judged.items()} for share in PRECISE
    }


def precision_thresholds(found: Iterable[Judged], precision: float) -> dict[str, float | None]:
    """Type or value -> the lowest score from which on so large a share is right; None where there is none.

    Under "" stands that of all together. What was predicted fewer than `FEW` times has none.
    """
    by_what: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in found:
        by_what[one.what].append(one)
        by_what[""].append(one)
    return {
        what: precision_threshold(np.array([j.score for j in ours]), np.array([j.right for j in ours]), precision)
        for what, ours in sorted(by_what.items())
        if len(ours) >= FEW
    }


def precision_threshold(scores: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float | None:
    """The lowest score from which on at least so large a share is right; None where no threshold gives it."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], right[order].cumsum()
    last = np.append(sorted_scores[:-1] > sorted_scores[1:], True)[: len(order)]
    enough = np.flatnonzero(last & (hits >= precision * np.arange(1, len(order) + 1)))
    return float(sorted_scores[enough[-1]]) if len(enough) else None


def class_thresholds(numbers: NDArray[np.float64], classes: NDArray[np.int64], count: int) -> list[float]:
    """Where each of `count` classes in an order ends on the scale of the numbers: the best macro F1 that there is.

    numbers, classes: (N,). F1 of a class depends on its own two ends alone, so the best ends are found one after the
    other. Of very many numbers, ends are sought at CUTS places.
    """
    different = np.unique(numbers)
    cuts = (different[1:] + different[:-1]) / 2
    if len(cuts) > CUTS:
        cuts = np.unique(np.quantile(cuts, np.linspace(0, 1, CUTS)))
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    held = np.stack([np.searchsorted(np.sort(numbers[classes == k]), ends) for k in range(count)])  # (K, C)
    every = held.sum(0)
    best, chosen = np.where(np.arange(len(ends)) == 0, 0.0, -np.inf), []
    for k in range(count):
        inside = held[k] - held[k][:, None]  # (from, to)
        below = np.maximum(every - every[:, None] + held[k, -1], 1)
        f1 = np.where(np.tri(len(ends), dtype=bool).T, 2 * inside / below, -np.inf)
        total = best[:, None] + f1
        chosen.append(total.argmax(0))
        best = total.max(0)
    found: list[float] = []
    end = len(ends) - 1
    for k in range(count - 1, 0, -1):
        end = int(chosen[k][end])
        found.append(float(ends[end]))
    limits = float(different[0]) - 1, float(different[-1]) + 1  # JSON knows no infinity
    return [min(max(one, limits[0]), limits[1]) for one in reversed(found)]


def odds_line(found: Sequence[Judged]) -> tuple[float, float]:
    """Slope and shift of the log odds of these probabilities under which what is right is likeliest.

    Platt (1999), "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
    methods", but for the prior: ours draws towards (1, 0), which changes nothing, and leaves few examples little say.
    The slope is `FLATTEST` at least: the order stays, though the surer be the more rarely right. By Newton's method.
    """
    likely = np.clip(np.array([one.score for one in found]), 1e-6, 1 - 1e-6)
    right = np.array([one.right for one in found], np.float64)
    odds = np.stack([np.log(likely / (1 - likely)), np.ones(len(found))])  # (2, N)
    line = _likeliest(odds, right, np.array([1.0, 0.0]), free=[0, 1])
    if line[0] < FLATTEST:
        line = _likeliest(odds, right, np.array([FLATTEST, line[1]]), free=[1])
    return float(line[0]), float(line[1])


def _likeliest(
    odds: NDArray[np.float64], right: NDArray[np.float64], line: NDArray[np.float64], free: list[int]
) -> NDArray[np.float64]:
    """The line that it leads to from this one where only these two of its numbers are free."""
    prior = np.array([1.0, 0.0])

    def loss(line: NDArray[np.float64]) -> float:
        at = line @ odds
        return float((np.logaddexp(0, at) - right * at).sum() + PRIOR / 2 * ((line - prior) ** 2).sum())

    for _ in range(STEPS):
        share = 0.5 * (1 + np.tanh(line @ odds / 2))
        slope = odds @ (share - right) + PRIOR * (line - prior)
        curvature = (odds * (share * (1 - share))) @ odds.T + PRIOR * np.eye(2)
        step = np.zeros(2)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        while loss(line - step) > loss(line) and np.abs(step).max() > 1e-9:
            step /= 2
        line = line - step
        if np.abs(step).max() < 1e-6:
            break
    return line


def temperature(scores: NDArray[np.float64], classes: NDArray[np.int64]) -> float:
    """What to divide scores by, so that the classes are likeliest under their softmax.

    scores: (N, K), classes: (N,). Guo et al. (2017), "On calibration of modern neural networks", section 4.2. The
    likelihood has one peak: it is found by golden section.
    """

    def loss(at: float) -> float:
        scaled = scores / math.exp(at)
        raised = scaled - scaled.max(1, keepdims=True)
        return float((np.log(np.exp(raised).sum(1)) - raised[np.arange(len(classes)), classes]).sum())

    low, high = math.log(TEMPERATURES[0]), math.log(TEMPERATURES[1])
    share = (math.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - share * (high - low), low + share * (high - low)
        low, high = (low, right) if loss(left) <= loss(right) else (left, high)
    return round(math.exp((low + high) / 2), 4)
