"""A score for each class; a softmax makes probabilities of them."""

from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token


class Classes(nn.Module):
    """input_size: of the vector that comes in; columns: how many classes; dropout: on the vector"""

    def __init__(self, input_size: int, columns: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, columns)
        self.dropout = nn.Dropout(dropout)

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, columns)"""
        return self.output(self.dropout(pooled))

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Cross-entropy, a sum -> (). targets: (D, 1), the classes; weights: (D, 1), 0 where none is known"""
        each = F.cross_entropy(scores.float(), targets[:, 0].long(), reduction="none")
        return (each * weights[:, 0]).sum()

    def flops(self) -> int:
        return per_token(self.output)
