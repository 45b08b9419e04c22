"""A score for each topic; the logistic function makes a probability of each by itself."""

from torch import Tensor
from torch.nn import functional as F

from epicrisis.parts.heads.layer import Layer


class Topics(Layer):
    """columns: how many topics"""

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Cross-entropies of all topics, a sum -> (). targets: (D, columns), 1 where one holds; weights: as many"""
        return F.binary_cross_entropy_with_logits(scores.float(), targets, weights, reduction="sum")
