"""Gold and predicted labels of documents -> scores.

Documents are paired by id. Of a label, those documents count that gold gives one; where the model gave none, it is
wrong. Macro F1 is the mean over the classes that gold or the model gives.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import SENTIMENTS, TOPIC, Document, Label, Value
from epicrisis.document.parts import is_number
from epicrisis.evaluation.calibration import Calibration, reliability
from epicrisis.evaluation.counts import Average, Counts, mean, to_dict
from epicrisis.evaluation.scores import paired

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """How far the numbers of a label (its intensity) are from those of gold, on the mean; count: of documents.

    Where the model gave none at all they are infinitely far.
    """

    absolute_error: float
    count: int


class _Counted:
    """Averages over classes or topics. counts: (documents, values, 3), tp, fp and fn"""

    counts: Table

    @property
    def micro(self) -> Counts:
        return sum(_columns(self.counts), Counts())

    @property
    def macro(self) -> Average:
        return _macro(_columns(self.counts))

    @property
    def weighted(self) -> Average:
        """By how many documents gold gives each."""
        each = _columns(self.counts)
        return mean(each, [one.tp + one.fn for one in each])


@dataclass(frozen=True)
class ClassScores(_Counted):
    """The scores of one label.

    values       the classes, in their order where they have one
    confusion    (classes, classes + 1) documents by gold and predicted class; the last column is of no label
    counts       (documents, classes, 3): tp, fp and fn, for `significance`
    kappa        quadratic-weighted (Cohen 1968), of the documents with a predicted label; None without an order
    calibration  of the predicted classes' probabilities; None where there are none
    """

    values: tuple[Value, ...]
    confusion: NDArray[np.int64]
    counts: Table
    kappa: float | None
    calibration: Calibration | None
    numbers: Numbers | None

    @property
    def accuracy(self) -> float:
        return float(self.confusion.trace() / max(self.confusion.sum(), 1))

    def counts_of(self, values: Sequence[Value]) -> Table:
        """(documents, values, 3): with a column for each of these, so that those of two models can be compared"""
        table = np.zeros((len(self.counts), len(values), 3))
        table[:, [values.index(value) for value in self.values]] = self.counts
        return table

    @property
    def per_class(self) -> dict[Value, Counts]:
        return dict(zip(self.values, _columns(self.counts), strict=True))

    def to_dict(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "documents": len(self.counts),
            "accuracy": self.accuracy,
            **{name: to_dict(getattr(self, name)) for name in ("macro", "weighted", "micro")},
            "per_class": {str(value): to_dict(counts) for value, counts in self.per_class.items()},
            "confusion": {"values": list(self.values), "rows": self.confusion.tolist()},
        }
        if self.kappa is not None:
            data["quadratic_weighted_kappa"] = self.kappa
        if self.calibration is not None:
            data |= {"calibration_error": self.calibration.error, "brier": self.calibration.brier}
        if self.numbers is not None:
            data["mean_absolute_error"] = self.numbers.absolute_error
        return data


@dataclass(frozen=True)
class TopicScores(_Counted):
    """Scores of topics, of which a document may have several. counts: (documents, topics, 3)"""

    values: tuple[str, ...]
    counts: Table
    calibration: Calibration | None

    @property
    def per_topic(self) -> dict[str, Counts]:
        return dict(zip(self.values, _columns(self.counts), strict=True))

    @property
    def exact(self) -> float:
        """The share of the documents whose topics are all right."""
        return float((self.counts[:, :, 1:].sum((1, 2)) == 0).mean())

    def to_dict(self) -> dict[str, Any]:
        return {
            "documents": len(self.counts),
            "exact": self.exact,
            **{name: to_dict(getattr(self, name)) for name in ("macro", "weighted", "micro")},
            "per_topic": {name: to_dict(counts) for name, counts in self.per_topic.items()},
            **({"calibration_error": self.calibration.error} if self.calibration else {}),
        }


@dataclass(frozen=True)
class LabelScores:
    """labels: by name, those whose values are classes; numbers: of those that are numbers alone

    Numbers are classes, too, where the model says how probable they are.
    """

    labels: Mapping[str, ClassScores]
    numbers: Mapping[str, Numbers]
    topics: TopicScores | None

    @property
    def macro_f1(self) -> float | None:
        """The mean over labels and topics; None where all labels are numbers."""
        every = [scores.macro.f1 for scores in self.labels.values()]
        every += [self.topics.macro.f1] if self.topics else []
        return sum(every) / len(every) if every else None

    @property
    def absolute_error(self) -> float:
        """The mean over the labels that are numbers alone."""
        return sum(one.absolute_error for one in self.numbers.values()) / max(1, len(self.numbers))

    def to_dict(self) -> dict[str, Any]:
        return {
            "labels": {
                **{name: scores.to_dict() for name, scores in self.labels.items()},
                **{
                    name: {"documents": one.count, "mean_absolute_error": one.absolute_error if one.count else None}
                    for name, one in self.numbers.items()
                },
            },
            **({"topics": self.topics.to_dict()} if self.topics else {}),
        }


def evaluate_labels(
    gold: Sequence[Document], predicted: Sequence[Document], *, names: Sequence[str] | None = None, topics: bool = True
) -> LabelScores:
    """All labels that gold has, or those of the names. Raises CorpusError where documents do not pair up.

    topics: score those, too, if there are any
    """
    pairs = list(paired(gold, predicted))
    there = {name for document in gold for name in document.labels if not name.startswith(TOPIC)}
    classes: dict[str, ClassScores] = {}
    numbers: dict[str, Numbers] = {}
    for name in sorted(there if names is None else there & set(names)):
        said = [(g.labels[name], p.labels.get(name)) for g, p in pairs if name in g.labels]
        measured = all(is_number(right.value) and right.intensity in (None, right.value) for right, _ in said)
        if measured and not any(ours is not None and ours.score is not None for _, ours in said):
            numbers[name] = _numbers(said) or Numbers(math.inf, 0)
        else:
            classes[name] = class_scores(said)
    some = topics and any(name.startswith(TOPIC) for document in gold for name in document.labels)
    return LabelScores(classes, numbers, topic_scores(pairs) if some else None)


def class_scores(said: Sequence[tuple[Label, Label | None]]) -> ClassScores:
    """Of each document the label of gold and the predicted one."""
    values = _ordered({label.value for pair in said for label in pair if label is not None})
    number: dict[Value | None, int] = {value: n for n, value in enumerate(values)}
    right = np.array([number[one.value] for one, _ in said], np.int64)
    ours = np.array([len(values) if two is None else number[two.value] for _, two in said], np.int64)
    confusion = np.zeros((len(values), len(values) + 1), np.int64)
    np.add.at(confusion, (right, ours), 1)
    is_right, is_ours = (np.arange(len(values)) == of[:, None] for of in (right, ours))
    counts = np.stack([is_right & is_ours, ~is_right & is_ours, is_right & ~is_ours], 2).astype(np.float64)
    sure = [(two.score, one.value == two.value) for one, two in said if two is not None and two.score is not None]
    kappa = _kappa(confusion[:, :-1], values) if _has_order(values) else None
    return ClassScores(values, confusion, counts, kappa, _calibration(sure), _numbers(said))


def topic_scores(pairs: Sequence[tuple[Document, Document]]) -> TopicScores:
    """Over the topics that gold or the model gives."""
    given = [
        [{n: one for n, one in d.labels.items() if n.startswith(TOPIC) and one.value} for d in pair] for pair in pairs
    ]
    names = sorted({name for pair in given for labels in pair for name in labels})
    counts = np.zeros((len(given), len(names), 3))
    for row, (right, ours) in zip(counts, given, strict=True):
        for n, name in enumerate(names):
            row[n] = (
                name in right and name in ours,
                name not in right and name in ours,
                name in right and name not in ours,
            )
    sure = [(one.score, n in right) for right, ours in given for n, one in ours.items() if one.score is not None]
    return TopicScores(tuple(name.removeprefix(TOPIC) for name in names), counts, _calibration(sure))


def _columns(counts: Table) -> list[Counts]:
    return [Counts(*row) for row in counts.sum(0).tolist()]


def _macro(counts: Sequence[Counts]) -> Average:
    return mean(counts, [1.0] * len(counts))


def _kappa(confusion: NDArray[np.int64], values: Sequence[Value]) -> float | None:
    """1 - observed disagreement / that of chance, a disagreement weighing as the square of the distance.

    values: classes in their order; the distance is that of the numbers where they are numbers, else of their places
    """
    total = confusion.sum()
    place = np.array(values, np.float64) if all(map(is_number, values)) else np.arange(len(values))
    weights = (place - place[:, None]) ** 2
    chance = np.outer(confusion.sum(1), confusion.sum(0)) / max(total, 1)
    expected = (weights * chance).sum()
    return float(1 - (weights * confusion).sum() / expected) if expected else None


def _calibration(sure: Sequence[tuple[float, bool]]) -> Calibration | None:
    table = np.array(sure, np.float64).reshape(-1, 2)
    return reliability(table[:, 0], table[:, 1]) if len(table) else None


def _numbers(said: Sequence[tuple[Label, Label | None]]) -> Numbers | None:
    both = [(one.number, two.number) for one, two in said if two is not None]
    apart = [abs(right - ours) for right, ours in both if right is not None and ours is not None]
    return Numbers(float(np.mean(apart)), len(apart)) if apart else None


def _has_order(values: Sequence[Value]) -> bool:
    return set(values) <= set(SENTIMENTS) or all(map(is_number, values))


def _ordered(values: set[Value]) -> tuple[Value, ...]:
    if values <= set(SENTIMENTS):
        return tuple(value for value in SENTIMENTS if value in values)
    return tuple(sorted(values, key=lambda value: (str(type(value)), value)))
