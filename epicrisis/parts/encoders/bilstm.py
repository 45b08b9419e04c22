"""Two LSTMs, one from the left and one from the right.

Hochreiter and Schmidhuber (1997); Graves and Schmidhuber (2005), "Framewise Phoneme Classification with
Bidirectional LSTM".
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout


class BiLSTM(nn.Module):
    """Each token's state is that of both LSTMs, side by side.

    hidden_size  width of one direction
    layers       each reads the states of both directions of the one below
    dropout      on what comes in, between layers, and on what goes out

    The second LSTM reads the tokens in reversed order, padding left where it is: unlike torch's own bidirectional
    LSTM, which depends on padding unless its input is packed, this can be exported and is exact.
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [2 * hidden_size] * (layers - 1)
        self.forwards = nn.ModuleList(nn.LSTM(size, hidden_size, batch_first=True) for size in sizes)
        self.backwards = nn.ModuleList(nn.LSTM(size, hidden_size, batch_first=True) for size in sizes)
        self.dropout = LockedDropout(dropout)
        self.output_size = 2 * hidden_size
        for module in (*self.forwards, *self.backwards):
            _initialise(module, hidden_size)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, 2 * hidden_size)"""
        reverse = _reversal(mask)
        states = embedded
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            states = self.dropout(states)
            right = _reordered(backwards(_reordered(states, reverse))[0], reverse)
            states = torch.cat([forwards(states)[0], right], -1)
        return self.dropout(states)


def _reversal(mask: Tensor) -> Tensor:
    """(B, T) -> (B * T,), where in the flattened batch each token's mirror image stands; padding is its own"""
    batch, longest = mask.shape
    position = torch.arange(longest, device=mask.device)
    mirrored = torch.where(mask, mask.sum(1, keepdim=True) - 1 - position, position)
    first = torch.arange(batch, device=mask.device).unsqueeze(1) * longest
    return (first + mirrored).flatten()


def _reordered(states: Tensor, order: Tensor) -> Tensor:
    """(B, T, E), (B * T,) -> (B, T, E)"""
    return states.flatten(0, 1).index_select(0, order).view_as(states)


def _initialise(lstm: nn.Module, hidden_size: int) -> None:
    """Orthogonal recurrent and Xavier input weights; the forget gates open (Jozefowicz et al. 2015)."""
    for name, weight in lstm.named_parameters():
        if "weight_hh" in name:
            for gate in weight.data.chunk(4):
                nn.init.orthogonal_(gate)
        elif "weight_ih" in name:
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.zeros_(weight)
            if "bias_ih" in name:
                weight.data[hidden_size : 2 * hidden_size] = 1.0
