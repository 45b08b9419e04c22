"""Probabilities -> probabilities that are as often right as they say: their log odds on a straight line.

Platt (1999), "Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-6
"""Nothing is surer than this."""


@dataclass(frozen=True)
class Odds:
    """log odds -> slope * log odds + shift"""

    slope: float = 1.0
    shift: float = 0.0

    @classmethod
    def from_dict(cls, settings: Mapping[str, float]) -> "Odds":
        """As they were if there are no settings."""
        return cls(**settings)

    def then(self, other: "Odds") -> "Odds":
        """This line, and the other put behind it."""
        return Odds(self.slope * other.slope, self.shift * other.slope + other.shift)

    def to_dict(self) -> dict[str, float]:
        return {name: round(value, 6) for name, value in asdict(self).items()}

    def __call__(self, likely: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Of any shape; what is impossible stays so."""
        if self == Odds():
            return likely
        least = np.clip(likely, LEAST, 1 - LEAST)
        line = np.log(least / (1 - least)) * likely.dtype.type(self.slope) + likely.dtype.type(self.shift)
        return np.where(likely > 0, sigmoid(line), 0)


def sigmoid(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    least = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1 / (1 + least), least / (1 + least))
