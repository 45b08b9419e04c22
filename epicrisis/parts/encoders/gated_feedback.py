"""Stacked LSTMs in which every layer hears all layers of the token before, left to right.

Chung et al. (2015), "Gated Feedback Recurrent Neural Networks", section 3, with LSTM units.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.loop import loop


class GatedFeedback(nn.Module):
    """The new memory of layer j is tanh(W x + sum over i of g(i, j) U(i, j) h_i), h_i being layer i's last state.

    The global reset gate g(i, j), one number, is the sigmoid of what comes from below and of all last states. The
    units' own gates hear their own layer alone, as in an LSTM. The states that go out are those of the highest layer.

    hidden_size  width of a layer
    layers       with one, an LSTM whose own past is gated
    dropout      on what comes in and on what goes out
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 2, dropout: float = 0.5) -> None:
        super().__init__()
        # Of what comes from below: input, forget and output gate, new memory; then the global gates that lead here.
        self.input = nn.Linear(input_size, 4 * hidden_size + layers, bias=False)
        self.upwards = nn.Parameter(torch.empty(layers - 1, hidden_size, 4 * hidden_size + layers))
        self.biases = nn.Parameter(torch.zeros(layers * (4 * hidden_size + layers)))  # no matrix: no weight decay
        # Of a layer's last state: its own three gates; new memory and global gates of all layers.
        self.recurrent = nn.Parameter(torch.empty(layers, hidden_size, (3 + layers) * hidden_size + layers**2))
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        nn.init.xavier_uniform_(self.input.weight)
        for matrix in self.upwards:
            nn.init.xavier_uniform_(matrix)
        for layer in self.recurrent.data:
            for block in layer[:, : (3 + layers) * hidden_size].chunk(3 + layers, 1):
                nn.init.orthogonal_(block)
            nn.init.xavier_uniform_(layer[:, (3 + layers) * hidden_size :])
        for bias in self.biases.data.chunk(layers):
            bias[hidden_size : 2 * hidden_size] = 1.0  # forget gates begin open

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        biases = self.biases.view(len(self.recurrent), -1)
        inputs = self.input(self.dropout(embedded)) + biases[0]
        return self.dropout(_states(inputs, self.upwards, biases, self.recurrent))

    def flops(self, tokens: int) -> int:
        return 2 * tokens * (self.input.weight.numel() + self.upwards.numel() + self.recurrent.numel())


@loop
def _states(inputs: Tensor, upwards: Tensor, biases: Tensor, recurrent: Tensor) -> Tensor:
    """(B, T, 4E + L), (L - 1, E, 4E + L), (L, 4E + L), (L, E, (3 + L)E + L * L) -> (B, T, E)"""
    layers, size = recurrent.size(0), recurrent.size(1)
    hidden = cells = recurrent.new_zeros(layers, inputs.size(0), size)  # cells stay in fp32 under autocast
    states: list[Tensor] = []
    for token in torch.split(inputs, 1, 1):
        heard = torch.bmm(hidden, recurrent)
        below, cell = _layer(token.select(1, 0), heard, cells[0], 0, layers, size)
        now, kept = below.unsqueeze(0), cell.unsqueeze(0)
        for layer in range(1, layers):
            from_below = torch.addmm(biases[layer], below, upwards[layer - 1])
            below, cell = _layer(from_below, heard, cells[layer], layer, layers, size)
            now, kept = torch.cat([now, below.unsqueeze(0)]), torch.cat([kept, cell.unsqueeze(0)])
        hidden, cells = now, kept
        states.append(below.unsqueeze(1))
    return torch.cat(states, 1)


def _layer(
    from_below: Tensor, heard: Tensor, cell: Tensor, layer: int, layers: int, size: int
) -> tuple[Tensor, Tensor]:
    """(B, 4E + L), (L, B, (3 + L)E + L * L), (B, E) -> the layer's new hidden state and cell, both (B, E)"""
    first = (3 + layers) * size + layer * layers
    # narrow, not [:, a:b]: onnxruntime warns of the slice that the bare colon becomes
    reset = torch.sigmoid(from_below.narrow(1, 4 * size, layers) + heard.narrow(2, first, layers).sum(0))  # (B, L)
    memories = heard.narrow(2, (3 + layer) * size, size) * reset.transpose(0, 1).unsqueeze(2)  # (L, B, E)
    new = torch.tanh(from_below.narrow(1, 3 * size, size) + memories.sum(0))
    gates = torch.sigmoid(from_below.narrow(1, 0, 3 * size) + heard[layer].narrow(1, 0, 3 * size))
    enter, forget, out = gates.narrow(1, 0, size), gates.narrow(1, size, size), gates.narrow(1, 2 * size, size)
    cell = enter * new + forget * cell
    return out * torch.tanh(cell), cell
