"""An LSTM from left to right.

Hochreiter and Schmidhuber (1997), "Long Short-Term Memory"; with the forget gate of Gers et al. (2000).
"""

from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent
from epicrisis.parts.flops import per_token


class LSTM(nn.Module):
    """Each token's state knows the tokens before it.

    hidden_size  width of the states
    layers       each reads the states of the one below
    dropout      on what comes in, between layers, and on what goes out
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (layers - 1)
        self.forwards = recurrent.stack(nn.LSTM, sizes, hidden_size)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        recurrent.initialise(self.forwards)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        return recurrent.from_the_left(self.forwards, self.dropout, embedded)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.forwards)
