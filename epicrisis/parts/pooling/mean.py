"""The mean state of the tokens of a text."""

from torch import Tensor, nn


class Mean(nn.Module):
    """Of a text in several passages, over the tokens of all of them."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        total = states.masked_fill(~mask.unsqueeze(3), 0.0).float().flatten(1, 2).sum(1)
        return total / mask.flatten(1).sum(1, keepdim=True)

    def flops(self, tokens: int) -> int:
        return 0
