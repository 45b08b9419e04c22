"""Convolutions over the tokens, one on top of the other.

Collobert et al. (2011), "Natural Language Processing (Almost) from Scratch", the convolutional layer, here several of
them with rectifiers; widths side by side as in Kim (2014), "Convolutional Neural Networks for Sentence Classification".
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token


class CNN(nn.Module):
    """Each token's state knows its neighbours: with each layer, half a width more on either side.

    hidden_size  filters of each width
    layers       each reads the states of all widths of the one below
    widths       tokens that a filter sees, odd
    dropout      on what comes in, between layers, and on what goes out

    Padding is made 0 before every layer: the end of a passage looks the same with and without it.
    """

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: int = 200,
        layers: int = 2,
        widths: tuple[int, ...] = (3,),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if any(width % 2 == 0 for width in widths):
            raise ValueError("the widths of a CNN are odd, so that a filter has a middle")
        self.output_size = hidden_size * len(widths)
        self.layers = nn.ModuleList(
            _SideBySide(nn.Conv1d(size, hidden_size, width, padding=width // 2) for width in widths)
            for size in [input_size] + [self.output_size] * (layers - 1)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size of all widths)"""
        padding = ~mask.unsqueeze(1)
        states = self.dropout(embedded.transpose(1, 2))  # (B, E, T)
        for layer in self.layers:
            states = self.dropout(torch.relu(layer(states.masked_fill(padding, 0.0))))
        return states.transpose(1, 2)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.layers)


class _SideBySide(nn.ModuleList):
    """(B, E, T) -> (B, filters of all, T)"""

    def forward(self, states: Tensor) -> Tensor:
        return torch.cat([filters(states) for filters in self], 1)
