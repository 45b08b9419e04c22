"""Labels of documents: what a classifier is to learn of each, and its scores read as labels again.

A classifier has one head or several, and each has a class here, which knows its values from the training documents.
`target` and `known` are a row of a document, `columns` how many scores the head gives it, `decode` its way out.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean, pstdev
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import SENTIMENTS, TOPIC, Document, Label, Value
from epicrisis.document.parts import is_number
from epicrisis.errors import CorpusError

SENTIMENT = "sentiment"

Labels = Mapping[str, Label]
Scores = NDArray[np.floating[Any]]


class LabelHead(Protocol):
    """columns: scores of a document; width: numbers that say what there is to learn of it"""

    columns: int
    width: int

    # `fit` is a class method of every head as well. Its keyword-only arguments are settings in a recipe:
    # fit(documents: Sequence[Document], *, ...) -> LabelHead
    #     Raises CorpusError where the documents hold nothing to learn.

    def target(self, labels: Labels) -> list[float] | None:
        """`width` numbers; None where nothing is known of the document."""
        ...

    def decode(self, scores: Scores) -> list[dict[str, Label]]:
        """(D, columns) -> the labels of each document"""
        ...

    def owns(self, name: str) -> bool:
        """Whether labels of this name are its own."""
        ...

    def worth(self, scores: Scores, name: str, label: Label) -> NDArray[np.float64]:
        """(D, columns) -> (D,), how much speaks for a label: its log-odds, or its number"""
        ...

    def to_dict(self) -> dict[str, Any]: ...


class Classes:
    """One of several values, by softmax.

    label        what the label is called
    values       the classes; a score each
    temperature  what scores are divided by, so that probabilities are as large as the share of them that is right
                 (Guo et al. 2017, "On calibration of modern neural networks", section 4.2)
    """

    type = "classes"
    width = 1

    def __init__(self, label: str, values: Sequence[Value], temperature: float = 1.0) -> None:
        self.label, self.values, self.temperature = label, tuple(values), temperature
        self.columns = len(self.values)
        self._number = {value: number for number, value in enumerate(self.values)}

    @classmethod
    def fit(cls, documents: Sequence[Document], *, label: str = SENTIMENT) -> "Classes":
        """The values that occur, in the order of their names."""
        return cls(label, sorted(_values(documents, label), key=lambda value: (str(type(value)), value)))

    def target(self, labels: Labels) -> list[float] | None:
        said = labels.get(self.label)
        return None if said is None or said.value not in self._number else [float(self._number[said.value])]

    def probabilities(self, scores: Scores) -> NDArray[np.float64]:
        """(D, columns) -> (D, columns)"""
        return softmax(np.asarray(scores, np.float64) / self.temperature)

    def decode(self, scores: Scores) -> list[dict[str, Label]]:
        shares = self.probabilities(scores)
        best = shares.argmax(1)
        return [
            {self.label: Label(self.values[n], round(float(row[n]), 4))} for n, row in zip(best, shares, strict=True)
        ]

    def owns(self, name: str) -> bool:
        return name == self.label

    def worth(self, scores: Scores, name: str, label: Label) -> NDArray[np.float64]:
        number = self._number[label.value]
        others = np.delete(np.asarray(scores, np.float64), number, 1)
        return scores[:, number] - np.logaddexp.reduce(others, 1)

    def to_dict(self) -> dict[str, Any]:
        values = {"label": self.label, "values": list(self.values)}
        return {"type": self.type, **values, "temperature": self.temperature}


class Ordinal(Classes):
    """One of several values that have an order: a score is the logarithm of a class's probability."""

    type = "ordinal"

    @classmethod
    def fit(
        cls, documents: Sequence[Document], *, label: str = SENTIMENT, order: tuple[str, ...] = SENTIMENTS
    ) -> "Ordinal":
        """order: the classes from one end to the other; those that do not occur are left out. Numbers have their own"""
        found = _values(documents, label)
        numbers = sorted(value for value in found if is_number(value))
        if len(numbers) == len(found):
            return cls(label, numbers)
        if unknown := sorted(str(value) for value in found if value not in order):
            raise CorpusError(
                f"the training documents have {label} {', '.join(unknown)}, which the order of the classes does not "
                f"hold: name all of them, such as --set 'model.heads.0.order=[{', '.join(unknown)}]'"
            )
        return cls(label, [value for value in order if value in found])


class Intensity:
    """A number, and the class that it falls into.

    label, values  as of `Classes`; the classes from the lowest numbers to the highest, none where a label is a number
    mean, spread   of the numbers in training: the network learns how many spreads a number is from the mean
    thresholds     between each class and the next
    limits         the lowest and the highest number in training: no answer lies outside
    """

    type = "intensity"
    columns = width = 1

    def __init__(
        self,
        label: str,
        values: Sequence[Value],
        mean: float,
        spread: float,
        thresholds: Sequence[float],
        limits: Sequence[float] = (-math.inf, math.inf),
    ) -> None:
        self.label, self.values, self.mean, self.spread = label, tuple(values), mean, spread
        self.thresholds = tuple(thresholds)
        self.limits = limits[0], limits[1]

    @classmethod
    def fit(cls, documents: Sequence[Document], *, label: str = SENTIMENT) -> "Intensity":
        """Classes in the order of their mean numbers, a threshold halfway between each two."""
        said = [document.labels[label] for document in documents if label in document.labels]
        numbers = [one.number for one in said if one.number is not None]
        if not numbers:
            raise CorpusError(f"no training document has a number with its {label} (intensity): take a head of classes")
        each: dict[Value, list[float]] = defaultdict(list)
        for one in said:
            if isinstance(one.value, str) and one.intensity is not None:
                each[one.value].append(one.intensity)
        ranked = sorted((mean(found), str(value), value) for value, found in each.items())
        between = [(one[0] + other[0]) / 2 for one, other in pairwise(ranked)]
        values, limits = [value for _, _, value in ranked], (min(numbers), max(numbers))
        return cls(label, values, mean(numbers), pstdev(numbers) or 1.0, between, limits)

    def target(self, labels: Labels) -> list[float] | None:
        said = labels.get(self.label)
        number = None if said is None else said.number
        return None if number is None else [(number - self.mean) / self.spread]

    def numbers(self, scores: Scores) -> NDArray[np.float64]:
        """(D, 1) -> (D,)"""
        return np.asarray(scores, np.float64)[:, 0] * self.spread + self.mean

    def decode(self, scores: Scores) -> list[dict[str, Label]]:
        found = []
        for number in np.clip(self.numbers(scores), *self.limits).round(4).tolist():
            place = int(np.searchsorted(self.thresholds, number, side="right"))
            found.append({self.label: Label(self.values[place] if self.values else number, intensity=number)})
        return found

    def owns(self, name: str) -> bool:
        return name == self.label

    def worth(self, scores: Scores, name: str, label: Label) -> NDArray[np.float64]:
        return self.numbers(scores)

    def to_dict(self) -> dict[str, Any]:
        numbers = {"mean": self.mean, "spread": self.spread, "thresholds": list(self.thresholds)}
        limits = {"limits": list(self.limits)} if all(map(math.isfinite, self.limits)) else {}
        return {"type": self.type, "label": self.label, "values": list(self.values), **numbers, **limits}


class Topics:
    """Any of several labels, each by itself.

    values      the topics, without what their labels' names begin with
    thresholds  the probability from which on a topic is given
    """

    type = "topics"

    def __init__(self, values: Sequence[str], thresholds: Sequence[float] = ()) -> None:
        self.values = tuple(values)
        self.thresholds = tuple(thresholds) or (0.5,) * len(self.values)
        self.columns = self.width = len(self.values)

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> "Topics":
        names = {n for d in documents for n, label in d.labels.items() if n.startswith(TOPIC) and label.value}
        if not names:
            raise CorpusError(f"no training document has a topic (a label {TOPIC}NAME): take another head")
        return cls(sorted(name.removeprefix(TOPIC) for name in names))

    def target(self, labels: Labels) -> list[float] | None:
        """Of a document without any topic none holds."""
        return [float(bool(said and said.value)) for said in (labels.get(TOPIC + value) for value in self.values)]

    def probabilities(self, scores: Scores) -> NDArray[np.float64]:
        return 0.5 * (1 + np.tanh(0.5 * np.asarray(scores, np.float64)))

    def decode(self, scores: Scores) -> list[dict[str, Label]]:
        return [
            {
                TOPIC + value: Label(True, round(share, 4))
                for value, share, least in zip(self.values, row, self.thresholds, strict=True)
                if share >= least
            }
            for row in self.probabilities(scores).tolist()
        ]

    def owns(self, name: str) -> bool:
        return name.startswith(TOPIC)

    def worth(self, scores: Scores, name: str, label: Label) -> NDArray[np.float64]:
        return np.asarray(scores, np.float64)[:, self.values.index(name.removeprefix(TOPIC))]

    def to_dict(self) -> dict[str, Any]:
        return {"type": self.type, "values": list(self.values), "thresholds": list(self.thresholds)}


LABEL_HEADS: dict[str, type[LabelHead]] = {
    "classes": Classes,
    "ordinal": Ordinal,
    "intensity": Intensity,
    "topics": Topics,
}


def heads_from(data: Iterable[Mapping[str, Any]]) -> list[LabelHead]:
    """The heads of model.json, each as its `to_dict` gave it."""
    return [LABEL_HEADS[one["type"]](**{key: value for key, value in one.items() if key != "type"}) for one in data]


def split_columns(heads: Sequence[LabelHead], scores: Scores) -> list[Scores]:
    """(D, columns of all) -> those of each head"""
    return np.split(scores, np.cumsum([head.columns for head in heads])[:-1], 1)


def decode_labels(heads: Sequence[LabelHead], scores: Scores) -> list[dict[str, Label]]:
    """(D, columns of all heads) -> the labels of each document

    Where two heads say one label, the first one gives its value, and what that lacks, such as the number, the second.
    """
    found: list[dict[str, Label]] = [{} for _ in scores]
    for head, columns in zip(heads, split_columns(heads, scores), strict=True):
        for labels, said in zip(found, head.decode(columns), strict=True):
            for name, label in said.items():
                first = labels.setdefault(name, label)
                if first.intensity is None:
                    labels[name] = replace(first, intensity=label.intensity)
    return found


def softmax(scores: Scores) -> NDArray[np.float64]:
    """(D, K) -> (D, K), rows that sum to 1"""
    raised = np.exp(scores - scores.max(1, keepdims=True))
    shares: NDArray[np.float64] = raised / raised.sum(1, keepdims=True)
    return shares


def _values(documents: Sequence[Document], label: str) -> set[Value]:
    found = {document.labels[label].value for document in documents if label in document.labels}
    if len(found) < 2:
        raise CorpusError(
            f"the training documents have {len(found)} different values of the label {label}: there is nothing to "
            f"learn; is it the right corpus, and the right label (--set model.heads.0.label=NAME)?"
        )
    return found
