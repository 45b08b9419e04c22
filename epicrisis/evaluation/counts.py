"""True and false positives, false negatives; precision, recall and F1 of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from epicrisis.evaluation.matching import Outcome


@dataclass(frozen=True)
class Counts:
    """tp, fp, fn; halves where a pair is half right. 0/0 is 0, and `undefined` names the numbers that are."""

    tp: float = 0
    fp: float = 0
    fn: float = 0

    @classmethod
    def of(cls, outcome: Outcome) -> "Counts":
        """An incorrect pair is a false positive and a false negative; of a partial one, half is right."""
        half = outcome.partial / 2 if outcome.partial else 0
        return cls(
            tp=outcome.correct + half,
            fp=outcome.incorrect + outcome.spurious + half,
            fn=outcome.incorrect + outcome.missed + half,
        )

    @property
    def precision(self) -> float:
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def undefined(self) -> tuple[str, ...]:
        """Those of precision, recall and f1 that are 0 only because they are 0/0."""
        nothing = {"precision": self.tp + self.fp, "recall": self.tp + self.fn, "f1": self.tp + self.fp + self.fn}
        return tuple(name for name, below in nothing.items() if not below)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


@dataclass(frozen=True)
class Average:
    """Means of precision, of recall and of F1 (not the F1 of the means); 0 over nothing."""

    precision: float = 0.0
    recall: float = 0.0
    f1: float = 0.0


def mean(counts: Sequence[Counts], weights: Sequence[float]) -> Average:
    total = sum(weights)
    if not total:
        return Average()
    return Average(
        precision=sum(w * c.precision for c, w in zip(counts, weights, strict=True)) / total,
        recall=sum(w * c.recall for c, w in zip(counts, weights, strict=True)) / total,
        f1=sum(w * c.f1 for c, w in zip(counts, weights, strict=True)) / total,
    )


def to_dict(scores: Counts | Average) -> dict[str, Any]:
    """precision, recall and f1; of counts tp, fp and fn too, and `undefined` where there is anything 0/0."""
    data: dict[str, Any] = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    if isinstance(scores, Counts):
        data |= {"tp": scores.tp, "fp": scores.fp, "fn": scores.fn}
        if scores.undefined:
            data["undefined"] = list(scores.undefined)
    return data


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0
