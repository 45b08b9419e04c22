"""A Transformer over the tokens, from scratch.

Vaswani et al. (2017), "Attention Is All You Need", section 3.1 (the encoder), 3.2, 3.3 and 3.5; relative positions:
Shaw, Uszkoreit and Vaswani (2018), "Self-Attention with Relative Position Representations", section 3.
"""

import math
from typing import cast

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token


class TransformerEncoder(nn.Module):
    """Each token's state has looked at every other one, in each layer.

    hidden_size   width of the states, to which what comes in is projected
    heads         of the attention; they share the width, so it is a multiple of them
    layers        of attention and feed-forward network
    feed_forward  width of the hidden layer of that network
    dropout       on the projected input and on what attention and network add to the states
    positions     absolute: sines and cosines of a token's place; relative: a learned vector for the distance of two
                  tokens, added to the key (the paper's term on the values adds nothing in its section 4.3)
    distance      from which on distances count as equal; for relative positions

    Any length works in both kinds: neither has a table that ends.
    """

    def __init__(
        self,
        input_size: int,
        *,
        hidden_size: int = 256,
        heads: int = 8,
        layers: int = 2,
        feed_forward: int = 1024,
        dropout: float = 0.1,
        positions: str = "absolute",
        distance: int = 16,
    ) -> None:
        super().__init__()
        if hidden_size % heads:
            raise ValueError(f"hidden_size {hidden_size} cannot be shared by {heads} heads")
        if positions not in ("absolute", "relative"):
            raise ValueError(f"positions are absolute or relative, not {positions!r}")
        self.absolute = positions == "absolute"
        self.input = nn.Linear(input_size, hidden_size)
        self.layers = nn.ModuleList(
            _Layer(hidden_size, heads, feed_forward, dropout, 0 if self.absolute else distance) for _ in range(layers)
        )
        self.dropout = nn.Dropout(dropout)
        self.output_size = hidden_size

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, hidden_size)"""
        states = self.input(embedded.masked_fill(~mask.unsqueeze(2), 0.0))
        if self.absolute:
            states = states + sinusoids(states)
        states = self.dropout(states)
        for layer in self.layers:
            states = layer(states, mask)
        return states

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.input) + sum(cast(_Layer, layer).flops(tokens) for layer in self.layers)


class _Layer(nn.Module):
    """Attention and a feed-forward network, each added to what it read and then normalised."""

    def __init__(self, size: int, heads: int, feed_forward: int, dropout: float, distance: int) -> None:
        super().__init__()
        self.attention = _SelfAttention(size, heads, distance)
        self.attention_norm = nn.LayerNorm(size)
        self.network = nn.Sequential(nn.Linear(size, feed_forward), nn.ReLU(), nn.Linear(feed_forward, size))
        self.network_norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(B, T, size), (B, T) -> (B, T, size)"""
        states = self.attention_norm(states + self.dropout(self.attention(states, mask)))
        return self.network_norm(states + self.dropout(self.network(states)))

    def flops(self, tokens: int) -> int:
        return self.attention.flops(tokens) + tokens * per_token(self.network)


class _SelfAttention(nn.Module):
    """distance: the largest that has a vector of its own, which all heads share; 0 for attention blind to distance"""

    def __init__(self, size: int, heads: int, distance: int) -> None:
        super().__init__()
        self.heads, self.distance = heads, distance
        self.projected = nn.Linear(size, 3 * size)  # queries, keys, values
        self.output = nn.Linear(size, size)
        for layer in (self.projected, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        if distance:
            self.distances = nn.Parameter(torch.empty(2 * distance + 1, size // heads))
            nn.init.xavier_uniform_(self.distances)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(B, T, size), (B, T) -> (B, T, size)"""
        batch, longest, _ = states.shape
        split = self.projected(states).view(batch, longest, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        queries, keys, values = split[0], split[1], split[2]  # (B, heads, T, size of a head)
        queries = queries / math.sqrt(queries.shape[-1])
        scores = queries @ keys.transpose(2, 3)  # (B, heads, T, T)
        if self.distance:
            place = torch.arange(longest, device=states.device)
            apart = (place - place.unsqueeze(1)).clamp(-self.distance, self.distance) + self.distance
            scores = scores + (queries @ self.distances.t()).gather(3, apart.expand_as(scores))
        attended = scores.masked_fill(~mask[:, None, None], -torch.inf).softmax(3) @ values
        return self.output(attended.transpose(1, 2).reshape(batch, longest, -1))

    def flops(self, tokens: int) -> int:
        size = self.output.in_features
        met = 2 * tokens + (2 * self.distance + 1 if self.distance else 0)  # keys and values, and distances
        return tokens * (per_token(self.projected, self.output) + 2 * met * size)


def sinusoids(states: Tensor) -> Tensor:
    """(B, T, E) -> (T, E): sines in the even columns and cosines in the odd ones, section 3.5 of Vaswani et al."""
    longest, size = states.shape[1:]
    place = torch.arange(longest, device=states.device).unsqueeze(1)
    rate = torch.exp(torch.arange(0, size, 2, device=states.device) * (-math.log(10_000.0) / size))
    angle = place * rate
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)[:, :size].to(states.dtype)
