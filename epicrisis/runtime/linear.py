"""A linear classifier on n-grams, in numpy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding import NgramIndexer
from epicrisis.runtime.classifier import Reading


@dataclass(frozen=True)
class LinearReader:
    """weights: (n-grams, K); bias: (K,)"""

    ngrams: NgramIndexer
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    has_attention: bool = False

    def read(self, texts: Sequence[str]) -> list[Reading | None]:
        return [Reading(self._scores(text)) if text.strip() else None for text in texts]

    def _scores(self, text: str) -> NDArray[np.float64]:
        numbers, weights = self.ngrams.row(text)
        return weights @ self.weights[numbers].astype(np.float64) + self.bias
