"""A score for each topic; the logistic function makes a probability of each by itself."""

from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token


class Topics(nn.Module):
    """input_size: of the vector that comes in; columns: how many topics; dropout: on the vector"""

    def __init__(self, input_size: int, columns: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, columns)
        self.dropout = nn.Dropout(dropout)

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, columns)"""
        return self.output(self.dropout(pooled))

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Cross-entropies of all topics, a sum -> (). targets: (D, columns), 1 where one holds; weights: as many"""
        return F.binary_cross_entropy_with_logits(scores.float(), targets, weights, reduction="sum")

    def flops(self) -> int:
        return per_token(self.output)
