"""A vector for how a word is written: lower case, capitals, digits."""

from torch import Tensor, nn


class Casing(nn.Module):
    """Collobert et al. (2011), "Natural Language Processing (Almost) from Scratch", section 5: the caps feature.

    kinds: how many kinds of writing there are; size: width of the vector
    """

    def __init__(self, kinds: int, *, size: int = 8) -> None:
        super().__init__()
        self.kinds = nn.Embedding(kinds, size)
        self.output_size = size

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """casing (B, T) -> (B, T, size)"""
        return self.kinds(inputs["casing"])

    def flops(self, tokens: int) -> int:
        return 0
