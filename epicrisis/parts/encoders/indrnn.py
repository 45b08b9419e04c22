"""Recurrent layers whose units see only their own past, left to right.

Li et al. (2018), "Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN".
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.loop import loop


class IndRNN(nn.Module):
    """h_t = relu(W x_t + u * h_(t-1) + b): one recurrent weight a unit. Units meet in the layer above.

    hidden_size  width of a state
    layers       each reads the states of the one below
    length       tokens over which no gradient may more than double: |u| is kept to 2^(1/length)
    dropout      on what comes in, between layers, and on what goes out
    """

    def __init__(
        self, input_size: int, *, hidden_size: int = 200, layers: int = 2, length: int = 128, dropout: float = 0.5
    ) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (layers - 1)
        linears = [nn.Linear(size, hidden_size) for size in sizes]
        self.inputs = nn.ModuleList(linears)
        self.matrices = sum(linear.weight.numel() for linear in linears)
        self.recurrent = nn.Parameter(torch.rand(layers * hidden_size))  # from no memory to one that lasts
        self.bound = 2 ** (1 / length)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size
        for linear, weight in zip(linears, self.recurrent.data.chunk(layers), strict=True):
            nn.init.xavier_uniform_(linear.weight)
            linear.weight.data *= (1 - weight.square()).sqrt().unsqueeze(1)  # ours: long memories begin no larger
            nn.init.zeros_(linear.bias)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        if self.training:  # what the last step moved too far is moved back; beyond the bound there is no gradient
            self.recurrent.data.clamp_(-self.bound, self.bound)
        states = embedded
        weights = self.recurrent.clamp(-self.bound, self.bound).chunk(len(self.inputs))
        for linear, weight in zip(self.inputs, weights, strict=True):
            states = _states(linear(self.dropout(states)), weight)
        return self.dropout(states)

    def flops(self, tokens: int) -> int:
        """The matrices, and the recurrent weights."""
        return 2 * tokens * (self.matrices + self.recurrent.numel())


@loop
def _states(inputs: Tensor, weight: Tensor) -> Tensor:
    """(B, T, E), (E,) -> (B, T, E)"""
    state = torch.zeros_like(inputs[:, :1])
    states: list[Tensor] = []
    for token in torch.split(inputs, 1, 1):
        state = torch.relu(token + weight * state)
        states.append(state)
    return torch.cat(states, 1)
