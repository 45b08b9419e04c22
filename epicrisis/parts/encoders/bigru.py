"""Gated recurrent units, once from the left and once from the right.

Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
section 2.3, but for the place of the reset gate.
"""

from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent
from epicrisis.parts.flops import per_token


class BiGRU(nn.Module):
    """Each token's state is that of both GRUs, side by side.

    hidden_size  width of one direction
    layers       each reads the states of both directions of the one below
    dropout      on what comes in, between layers, and on what goes out

    The reset gate is torch's: it acts after the product with the recurrent matrix,
    n = tanh(W x + b + r * (U h + c)), where Cho et al. let it act before, n = tanh(W x + U (r * h) + b). The update
    gate says what share of the old state is kept, h' = (1 - z) * n + z * h.
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [2 * hidden_size] * (layers - 1)
        self.forwards = recurrent.stack(nn.GRU, sizes, hidden_size)
        self.backwards = recurrent.stack(nn.GRU, sizes, hidden_size)
        self.dropout = LockedDropout(dropout)
        self.output_size = 2 * hidden_size
        recurrent.initialise((*self.forwards, *self.backwards))

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, 2 * hidden_size)"""
        return recurrent.from_both_ends(self.forwards, self.backwards, self.dropout, embedded, mask)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.forwards, self.backwards)
