"""A plain recurrent network from left to right.

Elman (1990), "Finding Structure in Time".
"""

from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent
from epicrisis.parts.flops import per_token


class RNN(nn.Module):
    """h' = tanh(W x + U h + b): each token's state knows those before it.

    hidden_size  width of the states
    layers       each reads the states of the one below
    dropout      on what comes in, between layers, and on what goes out
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (layers - 1)
        self.forwards = recurrent.stack(nn.RNN, sizes, hidden_size)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        recurrent.initialise(self.forwards)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        return recurrent.from_the_left(self.forwards, self.dropout, embedded)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.forwards)
