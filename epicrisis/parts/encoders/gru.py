"""Gated recurrent units from left to right.

Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
section 2.3, but for the place of the reset gate.
"""

from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent
from epicrisis.parts.flops import per_token


class GRU(nn.Module):
    """Each token's state knows the tokens before it.

    hidden_size  width of the states
    layers       each reads the states of the one below
    dropout      on what comes in, between layers, and on what goes out

    The reset gate is torch's: it acts after the product with the recurrent matrix,
    n = tanh(W x + b + r * (U h + c)), where Cho et al. let it act before, n = tanh(W x + U (r * h) + b). The update
    gate says what share of the old state is kept, h' = (1 - z) * n + z * h.
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (layers - 1)
        self.forwards = recurrent.stack(nn.GRU, sizes, hidden_size)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        recurrent.initialise(self.forwards)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        return recurrent.from_the_left(self.forwards, self.dropout, embedded)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.forwards)
