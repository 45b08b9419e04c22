"""Dropout that hides the same features of all tokens of a passage.

Gal and Ghahramani (2016), "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", section 4.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class LockedDropout(nn.Module):
    """rate: share of the features that are hidden in a passage, in training only"""

    def __init__(self, rate: float) -> None:
        super().__init__()
        if not 0.0 <= rate <= 1.0:
            raise ValueError(f"dropout is a share from 0 to 1, not {rate}")
        self.rate = rate

    def forward(self, states: Tensor) -> Tensor:
        """(B, T, E) -> (B, T, E)"""
        if not self.training or not self.rate:
            return states
        return states * F.dropout(states.new_ones(len(states), 1, states.shape[-1]), self.rate)
