"""What the recurrent encoders share: how layers are stacked, read from both ends, and begun.

From the right, tokens are read in reversed order, padding left where it is: unlike torch's own bidirectional layers,
which depend on padding unless their input is packed, this can be exported and is exact.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def stack(kind: type[nn.RNN | nn.LSTM | nn.GRU], sizes: Iterable[int], hidden_size: int) -> nn.ModuleList:
    """A layer for each size of what comes in."""
    return nn.ModuleList(kind(size, hidden_size, batch_first=True) for size in sizes)


def from_the_left(layers: nn.ModuleList, dropout: nn.Module, states: Tensor) -> Tensor:
    """(B, T, E) -> (B, T, hidden_size); padding comes last, so no token reads it"""
    for layer in layers:
        states = layer(dropout(states))[0]
    return dropout(states)


def from_both_ends(
    forwards: nn.ModuleList, backwards: nn.ModuleList, dropout: nn.Module, states: Tensor, mask: Tensor
) -> Tensor:
    """(B, T, E), (B, T) -> (B, T, 2 * hidden_size); each layer reads both directions of the one below"""
    reverse = _reversal(mask)
    for forward, backward in zip(forwards, backwards, strict=True):
        states = dropout(states)
        right = _reordered(backward(_reordered(states, reverse))[0], reverse)
        states = torch.cat([forward(states)[0], right], -1)
    return dropout(states)


def initialise(layers: Iterable[nn.Module]) -> None:
    """Orthogonal recurrent and Xavier input weights; an LSTM's forget gates open (Jozefowicz et al. 2015)."""
    for layer in layers:
        for name, weight in layer.named_parameters():
            if "weight_hh" in name:
                for gate in weight.data.chunk(len(weight) // weight.shape[1]):
                    nn.init.orthogonal_(gate)
            elif "weight_ih" in name:
                nn.init.xavier_uniform_(weight)
            else:
                nn.init.zeros_(weight)
                if isinstance(layer, nn.LSTM) and "bias_ih" in name:
                    weight.data[layer.hidden_size : 2 * layer.hidden_size] = 1.0


def _reversal(mask: Tensor) -> Tensor:
    """(B, T) -> (B * T,), where in the flattened batch each token's mirror image stands; padding is its own"""
    batch, longest = mask.shape
    position = torch.arange(longest, device=mask.device)
    mirrored = torch.where(mask, mask.sum(1, keepdim=True) - 1 - position, position)
    first = torch.arange(batch, device=mask.device).unsqueeze(1) * longest
    return (first + mirrored).flatten()


def _reordered(states: Tensor, order: Tensor) -> Tensor:
    """(B, T, E), (B * T,) -> (B, T, E)"""
    return states.flatten(0, 1).index_select(0, order).view_as(states)
