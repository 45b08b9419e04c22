"""Documents with labels -> what a classifier learns from, and how its probabilities and thresholds are set on dev."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import LabelHead
from epicrisis.decoding.labels import Classes, Intensity, Topics, split_columns
from epicrisis.document import Document
from epicrisis.encoding import Indexer, chapters
from epicrisis.evaluation.thresholds import FEW, best_threshold, class_thresholds, temperature
from epicrisis.text import PassageRule
from epicrisis.training.batches import Case, Example

NOTHING = np.zeros(0, np.int64)

Rows = NDArray[np.float32]


def targets_and_weights(documents: Sequence[Document], heads: Sequence[LabelHead]) -> tuple[Rows, Rows]:
    """Twice (D, numbers of all heads); the weight of what is not known of a document is 0, else 1"""
    targets, weights = [], []
    for document in documents:
        rows = [(head.target(document.labels), head.width) for head in heads]
        targets.append([number for row, width in rows for number in (row or [0.0] * width)])
        weights.append([float(row is not None) for row, width in rows for _ in range(width)])
    shape = (len(documents), sum(head.width for head in heads))
    return np.array(targets, np.float32).reshape(shape), np.array(weights, np.float32).reshape(shape)


class Balance:
    """What the classes weigh, from how common they are in training.

    how: none, balanced (every class weighs as much as every other) or root (the square root of that)

    Over the training documents the mean weight is 1, but for topics: there those that hold weigh as much as those that
    do not, whose weight stays.
    """

    def __init__(self, heads: Sequence[LabelHead], targets: Rows, known: Rows, how: str) -> None:
        self.heads, self.power = heads, {"none": 0.0, "root": 0.5, "balanced": 1.0}[how]
        self.tables: list[NDArray[np.float64]] = []
        for head, at in _places(heads):
            there = known[:, at.start] > 0
            if isinstance(head, Topics):
                held = np.maximum(targets[there, at].sum(0), 1)
                self.tables.append((np.maximum(there.sum() - held, 1) / held) ** self.power)
            elif isinstance(head, Classes):
                counts = np.bincount(targets[there, at.start].astype(int), minlength=head.columns)
                table = (1 / np.maximum(counts, 1)) ** self.power
                self.tables.append(table * counts.sum() / max((table * counts).sum(), 1e-12))
            else:
                self.tables.append(np.ones(1))

    def __call__(self, targets: Rows, known: Rows) -> Rows:
        """-> the weights of the targets, those of what is not known 0"""
        weights = known.copy()
        for (head, at), table in zip(_places(self.heads), self.tables, strict=True):
            if isinstance(head, Topics):
                weights[:, at] *= np.where(targets[:, at] > 0, table, 1.0)
            elif isinstance(head, Classes):
                weights[:, at.start] *= table[targets[:, at.start].astype(int)]
        return weights


def cases(
    documents: Sequence[Document],
    targets: Rows,
    weights: Rows,
    rule: PassageRule,
    indexers: Iterable[Indexer],
    *,
    opens: bool,
) -> list[Case]:
    """A case for each chapter, which weighs its share of the document's tokens."""
    found: list[Case] = []
    for document, target, weight in zip(documents, targets, weights, strict=True):
        cut = list(chapters(document.text, rule, indexers, opens=opens)) if weight.any() else []
        tokens = [sum(passage.own[1] - passage.own[0] for passage in chapter) for chapter in cut]
        for chapter, count in zip(cut, tokens, strict=True):
            share = np.float32(count / sum(tokens))
            found.append(Case([Example(passage, NOTHING) for passage in chapter], target, weight * share))
    return found


def calibrated(
    heads: Sequence[LabelHead], scores: NDArray[np.float64], documents: Sequence[Document]
) -> list[LabelHead]:
    """The heads with the temperature, or the thresholds, that are best on these documents.

    scores: (D, columns of all heads)
    """
    return [
        _calibrated(head, columns, documents) for head, columns in zip(heads, split_columns(heads, scores), strict=True)
    ]


def _calibrated(head: LabelHead, scores: NDArray[np.floating[Any]], documents: Sequence[Document]) -> LabelHead:
    rows = [(n, target) for n, d in enumerate(documents) if (target := head.target(d.labels)) is not None]
    if not rows:
        return head
    chosen, targets = scores[[n for n, _ in rows]], np.array([target for _, target in rows])
    if isinstance(head, Classes):
        return type(head)(
            head.label, head.values, temperature(np.asarray(chosen, np.float64), targets[:, 0].astype(int))
        )
    if isinstance(head, Topics):
        shares = head.probabilities(chosen)
        held = targets.sum(0)
        common = best_threshold(shares.ravel(), targets.ravel() > 0, int(held.sum())) if held.any() else 0.5
        own = [
            best_threshold(shares[:, n], targets[:, n] > 0, int(count)) if count >= FEW else common
            for n, count in enumerate(held)
        ]
        return Topics(head.values, own)
    if isinstance(head, Intensity) and head.values:
        numbers = head.numbers(scores)
        places = [
            (number, head.values.index(label.value))
            for number, document in zip(numbers, documents, strict=True)
            if (label := document.labels.get(head.label)) is not None and label.value in head.values
        ]
        table = np.array(places, np.float64).reshape(-1, 2)
        if len(table):
            ends = class_thresholds(table[:, 0], table[:, 1].astype(int), len(head.values))
            return Intensity(head.label, head.values, head.mean, head.spread, ends, head.limits)
    return head


def _places(heads: Sequence[LabelHead]) -> list[tuple[LabelHead, slice]]:
    """Each head with the columns of its targets."""
    ends = np.cumsum([0, *(head.width for head in heads)]).tolist()
    return [(head, slice(start, end)) for head, start, end in zip(heads, ends, ends[1:], strict=False)]
