"""What the rules of shared tasks have in common: named measures of every document, summed over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.evaluation.scores import DocumentScores, MeasureScores, count_table, listed, summed


@dataclass(frozen=True)
class SchemeScores:
    """measures: their names; accuracy: shares of a task that counts no false positives, by name"""

    measures: tuple[str, ...]
    documents: tuple[DocumentScores, ...]
    accuracy: Mapping[str, float] = field(default_factory=dict)

    def measure(self, name: str) -> MeasureScores:
        """Micro, macro over types and per type, over all documents."""
        return summed(document.measures[name] for document in self.documents)

    def counts(self, measure: str, *, types: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, types, 3): tp, fp and fn of every document, for `significance`, as `Scores.counts`"""
        return count_table(self.documents, measure, types)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        data: dict[str, Any] = {name: self.measure(name).to_dict() for name in self.measures}
        if self.accuracy:
            data["accuracy"] = dict(self.accuracy)
        if per_document:
            data["per_document"] = listed(self.documents)
        return data
