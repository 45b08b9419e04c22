"""A vector per token, the sum of those of its features: a log-linear tagger, with a decoder right behind it.

Lafferty, McCallum and Pereira (2001), "Conditional Random Fields".
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PADDING = 0


class HandFeatures(nn.Module):
    """A weight row for each feature of `HandFeatureIndexer`, that every token has a one for or a zero.

    vocabulary  rows of the table, "none" among them
    size        width of a row

    Followed by encoder `nothing` and decoder `crf`, the score of a tag is linear in the features: the decoder's matrix
    W (tags, size) and a row e (size) give feature and tag the weight W e. Where `size` is at least the number of
    tags those weights can be any, and the whole is the linear-chain CRF of the source, its matrix of weights
    written as a product; a smaller `size` lets features share what they say of tags.
    """

    def __init__(self, vocabulary: int, *, size: int = 100) -> None:
        super().__init__()
        self.features = nn.Embedding(vocabulary, size, padding_idx=PADDING)
        with torch.no_grad():  # near the zeros that a log-linear model starts from, where nothing could be learned
            nn.init.normal_(self.features.weight, 0.0, 0.01)[PADDING] = 0.0
        self.output_size = size

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """hand_features (B, T, F) -> (B, T, size)"""
        numbers = inputs["hand_features"]
        if torch.onnx.is_in_onnx_export():  # a bag of rows becomes a loop over tokens in ONNX
            return self.features(numbers).sum(2)
        bags = F.embedding_bag(numbers.flatten(0, 1), self.features.weight, mode="sum", padding_idx=PADDING)
        return bags.view(*numbers.shape[:2], -1)

    def flops(self, tokens: int) -> int:
        """Sums of looked-up rows are no products of matrices."""
        return 0
