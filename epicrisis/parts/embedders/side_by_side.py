"""Several embedders at once: their vectors stand side by side."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from epicrisis.parts.contracts import Embedder


class SideBySide(nn.Module):
    """embedders: by name, in the order of their vectors"""

    def __init__(self, embedders: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.embedders = nn.ModuleDict(embedders)
        self.output_size = sum(cast(Embedder, embedder).output_size for embedder in embedders.values())

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """-> (B, T, the sum of the output sizes)"""
        return torch.cat([embedder(inputs) for embedder in self.embedders.values()], -1)

    def flops(self, tokens: int) -> int:
        return sum(cast(Embedder, embedder).flops(tokens) for embedder in self.embedders.values())
