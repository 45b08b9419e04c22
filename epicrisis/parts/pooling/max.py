"""The largest value of each feature, over all tokens of a text.

Collobert et al. (2011), "Natural Language Processing (Almost) from Scratch", section 3.3.2.
"""

import torch
from torch import Tensor, nn


class Max(nn.Module):
    """Of a text in several passages, over all of them."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        least = torch.finfo(states.dtype).min
        return states.masked_fill(~mask.unsqueeze(3), least).flatten(1, 2).amax(1)

    def flops(self, tokens: int) -> int:
        return 0
