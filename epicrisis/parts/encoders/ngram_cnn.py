"""Filters over n-grams: what stands in the words up to each token.

Kim (2014), "Convolutional Neural Networks for Sentence Classification", section 2: one layer of filters of several
widths side by side, of which max pooling then takes the strongest answer of each.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token


class NgramCNN(nn.Module):
    """Each token's state is what the filters make of it and the tokens right before it.

    hidden_size  filters of each kind
    regions      how many tokens each kind sees; before the first token there is nothing, as zeros
    dropout      on what comes in
    """

    def __init__(
        self, input_size: int, *, hidden_size: int = 100, regions: tuple[int, ...] = (3, 4, 5), dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.filters = nn.ModuleList(nn.Conv1d(input_size, hidden_size, region) for region in regions)
        self.regions = regions
        self.dropout = nn.Dropout(dropout)
        self.output_size = hidden_size * len(regions)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size of all kinds)"""
        columns = self.dropout(embedded).transpose(1, 2)  # padding comes last: no token sees it
        found = [
            torch.relu(filters(F.pad(columns, (region - 1, 0))))
            for filters, region in zip(self.filters, self.regions, strict=True)
        ]
        return torch.cat(found, 1).transpose(1, 2)

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.filters)
