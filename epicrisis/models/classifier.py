"""Classifier: embedder -> encoder -> attention -> pooling -> heads, over whole texts.

The passages of a text are read one by one, as a tagger reads them; then the states of all tokens of the text, in all
its passages, are pooled into one vector, from which every head takes its scores.
"""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from epicrisis.models.tagger import Tagger
from epicrisis.parts.contracts import Attention, Embedder, Encoder, Head, Pooling


class Classifier(Tagger):
    """Scores for the labels of every text.

    columns, widths: of each head, how many scores it gives, and how many numbers say what there is to learn of a text
    """

    def __init__(
        self,
        embedder: nn.Module,
        encoder: nn.Module,
        attention: nn.Module,
        pooling: nn.Module,
        heads: Sequence[nn.Module],
        columns: Sequence[int],
        widths: Sequence[int],
    ) -> None:
        super().__init__(embedder, encoder, attention, nn.ModuleList(heads))
        self.pooling = pooling
        self.columns, self.widths = list(columns), list(widths)

    @property
    def opens(self) -> bool:
        """Whether every passage has to begin with a token that stands for the whole."""
        return bool(getattr(self.pooling, "opens", False))

    @property
    def has_shares(self) -> bool:
        """Whether it can say how much of its attention each token has."""
        return hasattr(self.pooling, "read")

    @property
    def heads(self) -> list[Head]:
        return [cast(Head, head) for head in cast(nn.ModuleList, self.decoder)]

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """The arrays of `encode_documents` -> (D, columns of all heads)"""
        return self._scores(cast(Pooling, self.pooling)(*self._gathered(inputs)))

    def read(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """As `forward`, and the shares of the tokens (D, P, T); of a pooling that has them alone"""
        pooled, shares = cast(Any, self.pooling).read(*self._gathered(inputs))
        return self._scores(pooled), shares

    def label_loss(self, inputs: dict[str, Tensor], targets: Tensor, weights: Tensor) -> Tensor:
        """What there is to learn from D texts -> (), a sum. targets, weights: (D, widths of all heads)"""
        return self.loss_of_scores(self(inputs), targets, weights)

    def loss_of_scores(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """As `label_loss`, from the scores: (D, columns of all heads) and twice (D, widths of all heads) -> ()"""
        tables = (scores, self.columns), (targets, self.widths), (weights, self.widths)
        rows = zip(*(torch.split(table, sizes, 1) for table, sizes in tables), strict=True)
        return torch.stack([head.loss(*row) for head, row in zip(self.heads, rows, strict=True)]).sum()

    def flops(self, tokens: int) -> int:
        """Of a text of one passage."""
        parts = (cast(Embedder, self.embedder), cast(Encoder, self.encoder), cast(Attention, self.attention))
        reading = sum(part.flops(tokens) for part in (*parts, cast(Pooling, self.pooling)))
        return reading + sum(head.flops() for head in self.heads)

    def _gathered(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The states of each text (D, P, T, H), and which of them are its own tokens' (D, P, T)."""
        rows = inputs["rows"]
        return self.states(inputs)[rows], inputs["own"][rows] & inputs["there"].unsqueeze(2)

    def _scores(self, pooled: Tensor) -> Tensor:
        return torch.cat([head.scores(pooled) for head in self.heads], 1)
