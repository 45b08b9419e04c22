"""No encoder: what comes in goes out."""

from torch import Tensor, nn


class Nothing(nn.Module):
    """The embedder's vectors are the states."""

    def __init__(self, input_size: int) -> None:
        super().__init__()
        self.output_size = input_size

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, input_size)"""
        return embedded

    def flops(self, tokens: int) -> int:
        return 0
