"""What most heads are: one layer on the vector of a text. They differ in how they learn."""

from torch import Tensor, nn

from epicrisis.parts.flops import per_token


class Layer(nn.Module):
    """input_size: of the vector that comes in; columns: how many scores; dropout: on the vector"""

    def __init__(self, input_size: int, columns: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, columns)
        self.dropout = nn.Dropout(dropout)

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, columns)"""
        return self.output(self.dropout(pooled))

    def flops(self) -> int:
        return per_token(self.output)
