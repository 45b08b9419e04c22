"""Two LSTMs, one from the left and one from the right.

Hochreiter and Schmidhuber (1997); Graves and Schmidhuber (2005), "Framewise Phoneme Classification with
Bidirectional LSTM".
"""

from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import recurrent
from epicrisis.parts.flops import per_token


class BiLSTM(nn.Module):
    """Each token's state is that of both LSTMs, side by side.

    hidden_size  width of one direction
    layers       each reads the states of both directions of the one below
    dropout      on what comes in, between layers, and on what goes out
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [2 * hidden_size] * (layers - 1)
        self.forwards = recurrent.stack(nn.LSTM, sizes, hidden_size)
        self.backwards = recurrent.stack(nn.LSTM, sizes, hidden_size)
        self.dropout = LockedDropout(dropout)
        self.output_size = 2 * hidden_size
        recurrent.initialise((*self.forwards, *self.backwards))

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, 2 * hidden_size)"""
        return recurrent.from_both_ends(self.forwards, self.backwards, self.dropout, embedded, mask)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.forwards, self.backwards)
