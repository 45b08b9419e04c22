"""A number."""

from torch import Tensor, nn

from epicrisis.parts.flops import per_token


class Intensity(nn.Module):
    """input_size: of the vector that comes in; columns: 1; dropout: on the vector"""

    def __init__(self, input_size: int, columns: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, columns)
        self.dropout = nn.Dropout(dropout)

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, 1)"""
        return self.output(self.dropout(pooled))

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Half the squared difference, a sum -> (). targets, weights: (D, 1), the weight 0 where no number is known"""
        return 0.5 * ((scores.float() - targets) ** 2 * weights).sum()

    def flops(self) -> int:
        return per_token(self.output)
