"""A score for each class; a softmax makes probabilities of them."""

from torch import Tensor
from torch.nn import functional as F

from epicrisis.parts.heads.layer import Layer


class Classes(Layer):
    """columns: how many classes"""

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Cross-entropy, a sum -> (). targets: (D, 1), the classes; weights: (D, 1), 0 where none is known"""
        each = F.cross_entropy(scores.float(), targets[:, 0].long(), reduction="none")
        return (each * weights[:, 0]).sum()
