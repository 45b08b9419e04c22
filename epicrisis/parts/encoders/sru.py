"""Simple recurrent units, left to right.

Lei et al. (2018), "Simple Recurrent Units for Highly Parallelizable Recurrence", equations 1-4.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.loop import loop

SCALE = 3**0.5
"""Of the highway's input: sqrt(1 + 2 exp(b)), b = 0 being the bias that the reset gate begins with."""


class SRU(nn.Module):
    """Every matrix product is made before the loop over tokens, and the reset gate and highway after it.

    hidden_size  width of a state
    layers       each reads the states of the one below
    dropout      on what comes in, between layers, and on what goes out
    """

    def __init__(self, input_size: int, *, hidden_size: int = 200, layers: int = 2, dropout: float = 0.5) -> None:
        super().__init__()
        sizes = [input_size] + [hidden_size] * (layers - 1)
        stack = [_Layer(size, hidden_size) for size in sizes]
        self.layers = nn.ModuleList(stack)
        self.matrices = sum(layer.input.weight.numel() for layer in stack)
        self.dropout = LockedDropout(dropout)
        self.output_size = hidden_size

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        states = embedded
        for layer in self.layers:
            states = layer(self.dropout(states))
        return self.dropout(states)

    def flops(self, tokens: int) -> int:
        """The matrices, and the six element-wise products of equations 1-4."""
        return 2 * tokens * (self.matrices + 6 * len(self.layers) * self.output_size)


class _Layer(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.projects = input_size != hidden_size  # then the highway's input needs a matrix, too
        self.input = nn.Linear(input_size, hidden_size * (4 if self.projects else 3), bias=False)
        self.forget, self.reset = (nn.Parameter(torch.empty(hidden_size)) for _ in range(2))
        self.forget_bias, self.reset_bias = (nn.Parameter(torch.zeros(hidden_size)) for _ in range(2))
        bound = (3 / input_size) ** 0.5  # variance 1 / input_size
        nn.init.uniform_(self.input.weight, -bound, bound)
        with torch.no_grad():  # a gate is the sum of two terms of variance 1/2
            for vector in (self.forget, self.reset):
                nn.init.uniform_(vector, -(1.5**0.5), 1.5**0.5)
            self.input.weight[hidden_size : 3 * hidden_size] *= 0.5**0.5

    def forward(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, hidden_size)"""
        products = self.input(states).chunk(4 if self.projects else 3, -1)
        candidates, forget, reset = products[:3]
        highway = SCALE * (products[3] if self.projects else states)
        cells = _cells(candidates, forget + self.forget_bias, self.forget)
        before = torch.cat([torch.zeros_like(cells[:, :1]), cells[:, :-1]], 1)
        reset = torch.sigmoid(reset + self.reset_bias + self.reset * before)
        return highway + reset * (cells - highway)


@loop
def _cells(candidates: Tensor, forget: Tensor, weight: Tensor) -> Tensor:
    """(B, T, E), (B, T, E), (E,) -> (B, T, E)"""
    candidate, gate = torch.split(candidates, 1, 1), torch.split(forget, 1, 1)
    cell = torch.zeros_like(candidates[:, :1])
    cells: list[Tensor] = []
    for token in range(len(candidate)):
        kept = torch.sigmoid(gate[token] + weight * cell)
        cell = candidate[token] + kept * (cell - candidate[token])
        cells.append(cell)
    return torch.cat(cells, 1)
