"""What a language model of two directions makes of each token, its layers mixed by shares that are learned.

Peters et al. (2018), "Deep Contextualized Word Representations", sections 3.1 and 3.2.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


class BiLM(nn.Module):
    """Stacks of LSTMs, one from the left and one from the right, that do not see each other.

    vocabulary  rows of the table of tokens, padding and the unknown one among them
    size        width of a token's vector and of one direction's states
    layers      of each stack; each adds to what it reads, from the second on
    """

    def __init__(self, vocabulary: int, size: int, layers: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, size)
        self.forwards = nn.ModuleList(nn.LSTM(size, size, batch_first=True) for _ in range(layers))
        self.backwards = nn.ModuleList(nn.LSTM(size, size, batch_first=True) for _ in range(layers))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, T), (B, T) -> (layers + 1, B, T, 2 * size), the first of them the token's vector, twice"""
        vectors = self.tokens(tokens)
        reverse = (mask.sum(1, keepdim=True) - 1 - torch.arange(mask.shape[1], device=mask.device)).clamp(min=0)
        reverse = reverse.unsqueeze(2).expand(-1, -1, vectors.shape[2])
        right, left = vectors, vectors.gather(1, reverse)
        states = [torch.cat([right, vectors], 2)]
        for layer, (forwards, backwards) in enumerate(zip(self.forwards, self.backwards, strict=True)):
            right = forwards(right)[0] + (right if layer else 0)
            left = backwards(left)[0] + (left if layer else 0)
            states.append(torch.cat([right, left.gather(1, reverse)], 2))
        return torch.stack(states)


class Contextual(nn.Module):
    """scale * sum of softmax(shares) * layers; the language model itself is kept as it is.

    vocabulary, size, layers  those of the language model
    dropout                   on what goes out
    """

    def __init__(self, vocabulary: int, size: int, layers: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.model = BiLM(vocabulary, size, layers).requires_grad_(False)
        self.shares = nn.Parameter(torch.zeros(layers + 1))
        self.scale = nn.Parameter(torch.ones(()))
        self.dropout = nn.Dropout(dropout)
        self.output_size = 2 * size

    def start_from(self, weights: Mapping[str, Any]) -> None:
        """Those of a `BiLM`, by name."""
        self.model.load_state_dict({name: torch.as_tensor(weight) for name, weight in weights.items()})

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """contextual (B, T), mask (B, T) -> (B, T, 2 * size)"""
        layers = self.model(inputs["contextual"], inputs["mask"])
        shares = torch.softmax(self.shares, 0).view(-1, 1, 1, 1)
        return self.dropout(self.scale * (shares * layers).sum(0))

    def flops(self, tokens: int) -> int:
        """The matrices of the LSTMs."""
        lstms = (*self.model.forwards, *self.model.backwards)
        return 2 * tokens * sum(weight.numel() for lstm in lstms for weight in lstm.parameters() if weight.dim() == 2)
