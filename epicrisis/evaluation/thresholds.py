"""From which probability on a relation is worth keeping, and from which on it is right as often as one wants."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.evaluation.calibration import Judged
from epicrisis.evaluation.relations import relations, scored_relations
from epicrisis.evaluation.scores import paired

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
    return round(float(sorted_scores[best] + below) / 2, 4)


def precision_thresholds(found: Iterable[Judged], precision: float) -> dict[str, float | None]:
    """Type or value -> the lowest score from which on so large a share is right; None where there is none.

    What was predicted fewer than `FEW` times is left out: nothing can be said of it.
    """
    by_what: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in found:
        by_what[one.what].append(one)
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
