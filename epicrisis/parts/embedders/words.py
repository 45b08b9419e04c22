"""A vector per word of the vocabulary."""

import torch
from torch import Tensor, nn

PADDING, UNKNOWN = 0, 1
SPREAD = 0.5
"""Standard deviation that pre-trained vectors are scaled to: the size at which other features enter the encoder."""


class Words(nn.Module):
    """Learned from scratch, or what training adds to pre-trained vectors.

    vocabulary  rows of the table, padding and the unknown word among them
    seen        rows, from the first on, that occur in training; the others keep their pre-trained vector. Only those
                have an optimiser's state: a large table of vectors costs training nothing
    size        width of a vector; that of the pre-trained ones where there are any
    trained     False keeps pre-trained vectors as they are; the unknown word is learned in any case
    dropout     share of the tokens that training makes unknown, so that the unknown word gets a meaning
    """

    table: Tensor

    def __init__(
        self,
        vocabulary: int,
        seen: int,
        *,
        size: int = 100,
        trained: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if not 0.0 <= dropout <= 1.0:
            raise ValueError(f"dropout is a share from 0 to 1, not {dropout}")
        self.dropout = dropout
        self.register_buffer("table", torch.zeros(vocabulary, size))
        self.learned = nn.Embedding(seen, size, padding_idx=PADDING)
        with torch.no_grad():
            nn.init.uniform_(self.learned.weight, -0.1, 0.1)[PADDING] = 0
        self.learned.weight.requires_grad_(trained)
        self.unknown = nn.Parameter(torch.zeros(size))
        self.output_size = size
        self.merged = False

    def start_from(self, vectors: Tensor) -> None:
        """Set the rows behind padding and unknown: (vocabulary - 2, size), a row of zeros for a word without vector."""
        with torch.no_grad():
            found = vectors.abs().sum(1) > 0
            self.table[2:] = vectors * (SPREAD / vectors[found].std())
            self.learned.weight[2:][found[: len(self.learned.weight) - 2]] = 0.0

    def merge(self) -> None:
        """Fold what was learned into the table, for good: one look-up instead of two once training is over."""
        with torch.no_grad():
            self.table[: len(self.learned.weight)] += self.learned.weight
            self.table[UNKNOWN] = self.unknown
            self.learned.weight.zero_()
        self.merged = True

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """words (B, T) -> (B, T, size)"""
        words = inputs["words"]
        if self.merged:
            return nn.functional.embedding(words, self.table)
        if self.training and self.dropout:
            hidden = torch.rand(words.shape, device=words.device) < self.dropout
            words = words.masked_fill(hidden & (words != PADDING), UNKNOWN)
        seen = words.masked_fill(words >= len(self.learned.weight), PADDING)
        vectors = nn.functional.embedding(words, self.table) + self.learned(seen)
        return torch.where((words == UNKNOWN).unsqueeze(-1), self.unknown, vectors)
