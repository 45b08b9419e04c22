"""The state of a token that was put before the first one, to stand for the whole.

Devlin et al. (2019), "BERT", section 3: [CLS]. For an encoder with such a piece, it is that one; for others it is a
word of its own, whose vector is learned.
"""

import torch
from torch import Tensor, nn


class Cls(nn.Module):
    """Of a text in several passages, each of which begins with such a token, the mean of their states."""

    opens = True
    """Passages have to begin with a token of no characters: `encoding.opened`."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        there = mask.any(2).unsqueeze(2)
        first = states[:, :, 0].to(torch.promote_types(states.dtype, torch.float32))
        total = first.masked_fill(~there, 0.0).sum(1)
        return total / there.sum(1)

    def flops(self, tokens: int) -> int:
        return 0
