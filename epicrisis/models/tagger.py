"""Tagger: the sentence embedder -> encoder -> attention -> decoder."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from epicrisis.parts.contracts import Attention, Decoder, Embedder, Encoder
from epicrisis.parts.embedders import Words


class Tagger(nn.Module):
    """Scores for the tags of every token."""

    def __init__(self, embedder: nn.Module, encoder: nn.Module, attention: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.embedder, self.encoder, self.attention, self.decoder = embedder, encoder, attention, decoder

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """The indexers' arrays and mask (B, T) -> (B, T, K)"""
        return cast(Decoder, self.decoder).scores(self.states(inputs))

    def states(self, inputs: dict[str, Tensor]) -> Tensor:
        """What the decoder reads, (B, T, output_size of the attention)"""
        mask = inputs["mask"]
        embedded = cast(Embedder, self.embedder)(inputs)
        states = cast(Encoder, self.encoder)(embedded, mask)
        return cast(Attention, self.attention)(states, embedded, mask)

    def loss(self, inputs: dict[str, Tensor], own: Tensor, targets: Tensor) -> Tensor:
        """What there is to learn from the tokens that the passages answer for -> (), a sum

        own: (B, T), those tokens; targets: (B, the most of them, ...), those of the codec
        """
        return cast(Decoder, self.decoder).loss(*self.own_scores(inputs, own, targets.shape[1]), targets)

    def own_scores(self, inputs: dict[str, Tensor], own: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """The scores of the tokens that the passages answer for, (B, most, K), first in their row, and their mask."""
        scores = self(inputs)
        return (scores, own) if torch.equal(own, inputs["mask"]) else own_first(scores, own, most)

    def merge(self) -> None:
        """Fold together what parts keep apart for training's sake, for good."""
        for module in self.modules():
            if isinstance(module, Words):
                module.merge()

    def flops(self, tokens: int) -> int:
        """Floating-point operations of a forward pass over one passage of so many tokens."""
        return sum(cast(Embedder, part).flops(tokens) for part in self.children())

    def decoder_weights(self) -> Mapping[str, Tensor]:
        return cast(Decoder, self.decoder).weights()


def own_first(scores: Tensor, own: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Shift each row so that its own tokens come first: decoders know only padding behind them."""
    position = torch.arange(most, device=own.device)
    source = (own.int().argmax(1, keepdim=True) + position).clamp(max=own.shape[1] - 1)
    return scores.take_along_dim(source.unsqueeze(2), 1), position < own.sum(1, keepdim=True)
