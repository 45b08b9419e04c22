"""Counting floating-point operations; `contracts` says what counts."""

from torch import nn


def per_token(*layers: nn.Module) -> int:
    """Of linear, convolutional and recurrent layers: a token meets every number of their matrices and filters once."""
    return sum(2 * weight.numel() for layer in layers for weight in layer.parameters() if weight.dim() > 1)
