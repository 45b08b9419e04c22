"""Iterated dilated convolutions: one block of them, which spread their filters wider and wider, used several times.

Strubell et al. (2017), "Fast and Accurate Entity Recognition with Iterated Dilated Convolutions", section 4.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token


class DilatedCNN(nn.Module):
    """A few layers whose states see far: with the defaults, 13 tokens on either side.

    hidden_size  filters of a layer
    width        tokens that a filter sees, odd
    dilations    of the layers of the block: a filter's neighbouring tokens are so many places apart
    iterations   times that the block is used, on its own output and with the same weights
    dropout      on what comes in and after each use of the block

    Width and dilations are those of the authors' code, whose layers also begin as the identity; they do so here. The
    paper's loss judges every iteration; here the decoder reads the last one alone. Padding is made 0 before every
    layer.
    """

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: int = 300,
        width: int = 3,
        dilations: tuple[int, ...] = (1, 2, 1),
        iterations: int = 3,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        if width % 2 == 0:
            raise ValueError("the width of a dilated CNN is odd, so that a filter has a middle")
        self.input = nn.Conv1d(input_size, hidden_size, width, padding=width // 2)
        self.block = nn.ModuleList(
            nn.Conv1d(hidden_size, hidden_size, width, padding=width // 2 * dilation, dilation=dilation)
            for dilation in dilations
        )
        for weight in self.block.parameters():
            (nn.init.dirac_ if weight.dim() > 1 else nn.init.zeros_)(weight)
        self.iterations = iterations
        self.dropout = nn.Dropout(dropout)
        self.output_size = hidden_size

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        padding = ~mask.unsqueeze(1)
        states = self.dropout(embedded.transpose(1, 2))  # (B, E, T)
        states = self.input(states.masked_fill(padding, 0.0))
        for _ in range(self.iterations):
            for layer in self.block:
                states = torch.relu(layer(states.masked_fill(padding, 0.0)))
            states = self.dropout(states)
        return states.transpose(1, 2)

    def flops(self, tokens: int) -> int:
        return tokens * (per_token(self.input) + self.iterations * per_token(self.block))
