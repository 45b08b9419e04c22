"""The state of the last token, which a network that reads from left to right has read everything before."""

import torch
from torch import Tensor, nn

from epicrisis.parts.pooling.mean import Mean


class Last(nn.Module):
    """Each passage is read by itself: of a text in several passages, the mean of their last tokens' states."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.mean = Mean(input_size)
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        place = torch.arange(mask.shape[2], device=mask.device)
        last = torch.where(mask, place, -1).amax(2, keepdim=True)
        return self.mean(states, mask & (place == last))

    def flops(self, tokens: int) -> int:
        return 0
