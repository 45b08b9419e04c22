"""A number."""

from torch import Tensor

from epicrisis.parts.heads.layer import Layer


class Intensity(Layer):
    """columns: 1"""

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Half the squared difference, a sum -> (). targets, weights: (D, 1), the weight 0 where no number is known"""
        return 0.5 * ((scores.float() - targets) ** 2 * weights).sum()
