"""The mean state of the tokens of a text."""

import torch
from torch import Tensor, nn


class Mean(nn.Module):
    """Of a text in several passages, over the tokens of all of them."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        full = states.to(torch.promote_types(states.dtype, torch.float32))
        total = full.masked_fill(~mask.unsqueeze(3), 0.0).flatten(1, 2).sum(1)
        return total / mask.flatten(1).sum(1, keepdim=True)

    def flops(self, tokens: int) -> int:
        return 0
