"""Biaffine spans: a score for every type of every span, from views of its first and of its last token.

Yu, Bohnet and Poesio (2020), "Named Entity Recognition as Dependency Parsing", section 3. Of the paper's table of all
pairs of tokens only the band of spans up to the codec's `longest` is ever computed: it grows with the length of a
passage, not with its square.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.text import SpanCodec


class Biaffine(nn.Module):
    """Flat or nested entities, read off spans.

    input_size   width of the states that come in
    codec        the types, how long a span may be, and how spans may overlap
    hidden_size  width of each of the two views of a token, as first and as last of a span
    dropout      on the views
    """

    def __init__(self, input_size: int, codec: SpanCodec, *, hidden_size: int = 150, dropout: float = 0.2) -> None:
        super().__init__()
        self.longest = codec.longest
        self.views = nn.Linear(input_size, 2 * hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.weight = nn.Parameter(torch.empty(hidden_size + 1, 1 + len(codec.types), hidden_size + 1))
        nn.init.xavier_normal_(self.weight)

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, 2 * hidden_size), each token as first, then as last"""
        return self.dropout(F.relu(self.views(states)))

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, summed over the spans of real tokens -> ()

        targets: (B, T, longest) numbers of types, 0 where there is no entity
        """
        length = scores.shape[1]
        width = min(self.longest, length)
        ahead = F.pad(mask, (0, width - 1)).unfold(1, width, 1)  # a span is possible where its last token is real
        with torch.autocast(scores.device.type, enabled=False):
            table = self._band(scores.float(), width)
            return F.cross_entropy(table[ahead], targets[:, :length, :width][ahead], reduction="sum")

    def _band(self, scores: Tensor, width: int) -> Tensor:
        """(B, T, 2 * hidden_size) -> (B, T, width, 1 + types): at [b, t, n] the span of n + 1 tokens from t"""
        first, last = (F.pad(view, (0, 1), value=1.0) for view in scores.chunk(2, -1))  # the added 1 carries the bias
        asked = (first @ self.weight.flatten(1)).view(*first.shape[:2], *self.weight.shape[1:])
        windows = F.pad(last, (0, 0, 0, width - 1)).unfold(1, width, 1)  # (B, T, hidden + 1, width)
        return (asked @ windows).transpose(2, 3)

    def weights(self) -> dict[str, Tensor]:
        return {"weight": self.weight}

    def flops(self, tokens: int) -> int:
        """Of the views, and of the band, though it is numpy that computes it, from the network's views."""
        views = 2 * tokens * self.views.in_features * self.views.out_features
        hidden, classes, _ = self.weight.shape
        return views + 2 * tokens * hidden * classes * (hidden + min(self.longest, tokens))
