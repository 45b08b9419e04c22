"""What the decoders of relations share: a pair's vector in, the scores of each relation out, and what to learn."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token

IMPOSSIBLE = -1e4
"""Score of a relation that the types of a pair do not allow, and of every relation of padding."""
_EDGES = (-64, -32, -16, -8, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 16, 32, 64)
"""Where the classes of a distance begin; the first reaches down without end."""

Pairs = dict[str, Tensor]
"""The arrays of `encode_pairs`, and allowed (M, N, R): relations that the types of head and partner allow."""


def gathered(mentions: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
    """(M, E) -> (M, N, E) twice: the heads, and the partners they are asked about"""
    partners = mentions[pairs["partners"]]
    return mentions.unsqueeze(1).expand_as(partners), partners


class PairScores(nn.Module):
    """Pair vectors -> scores, with what is known of every pair: how far apart in tokens, and in mentions.

    layer_size    width of a layer in between; 0 for none
    distance_size  width of the vectors of distances; 0: distances are not looked at
    """

    def __init__(self, input_size: int, classes: int, layer_size: int, distance_size: int, dropout: float) -> None:
        super().__init__()
        self.distances = nn.ModuleList(nn.Embedding(len(_EDGES) + 1, distance_size) for _ in (0, 1) if distance_size)
        self.dropout = nn.Dropout(dropout)
        width = input_size + distance_size
        self.hidden = nn.Linear(width, layer_size) if layer_size else None
        self.output = nn.Linear(layer_size or width, classes)

    def forward(self, vectors: Tensor, pairs: Pairs) -> Tensor:
        """(M, N, input_size) -> (M, N, classes)"""
        if self.distances:
            vectors = torch.cat([vectors, self._distances(pairs)], -1)
        vectors = self.dropout(vectors)
        if self.hidden is not None:
            vectors = self.dropout(F.gelu(self.hidden(vectors)))
        scores: Tensor = self.output(vectors)
        return scores

    def _distances(self, pairs: Pairs) -> Tensor:
        """(M, N, distance_size)"""
        partners = pairs["partners"]
        ahead = pairs["first"][partners] - pairs["after"].unsqueeze(1)
        behind = pairs["first"].unsqueeze(1) - pairs["after"][partners]
        tokens = torch.where(ahead >= 0, ahead + 1, torch.where(behind >= 0, -behind - 1, torch.zeros_like(ahead)))
        mentions = partners - torch.arange(partners.shape[0], device=partners.device).unsqueeze(1)
        found = [table(_classes(far)) for table, far in zip(self.distances, (tokens, mentions), strict=True)]
        return found[0] + found[1]

    def flops(self) -> int:
        """Of one pair."""
        return per_token(self.output, *([self.hidden] if self.hidden is not None else []))


def _classes(far: Tensor) -> Tensor:
    return (far.unsqueeze(-1) >= torch.tensor(_EDGES, device=far.device)).sum(-1)


class Independent(nn.Module):
    """Relations that hold or not, each by itself: a pair may have several."""

    classes_beside = 0

    def loss(self, scores: Tensor, pairs: Pairs, targets: Tensor) -> Tensor:
        """Binary cross-entropy, summed over what candidates allow -> ()

        scores, targets: (M, N, R)
        """
        asked = pairs["allowed"] & pairs["real"].unsqueeze(2)
        with torch.autocast(scores.device.type, enabled=False):
            return F.binary_cross_entropy_with_logits(scores.float()[asked], targets[asked].float(), reduction="sum")


class Exclusive(nn.Module):
    """One relation of a pair at the most: the first of the scores is that of none."""

    classes_beside = 1

    def loss(self, scores: Tensor, pairs: Pairs, targets: Tensor) -> Tensor:
        """Cross-entropy, summed over the candidates -> ()

        scores: (M, N, 1 + R); targets: (M, N, R), the first counts where there are several
        """
        asked = pairs["real"]
        gold = torch.where(targets.any(2), targets.int().argmax(2) + 1, 0)[asked]
        with torch.autocast(scores.device.type, enabled=False):
            return F.cross_entropy(scores.float()[asked], gold, reduction="sum")


def masked(scores: Tensor, pairs: Pairs, beside: int) -> Tensor:
    """Scores of what the types do not allow are lowered; those of none, `beside` of them, stay."""
    allowed = pairs["allowed"] & pairs["real"].unsqueeze(2)
    if beside:
        allowed = torch.cat([torch.ones_like(allowed[..., :beside]), allowed], 2)
    return scores.masked_fill(~allowed, IMPOSSIBLE)
