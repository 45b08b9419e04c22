"""What the decoders of relations share: the scores of pairs, and what there is to learn."""

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


class PairScores(nn.Module):
    """Scores of pairs: linear in the vectors of head and tail, or with a layer in between.

    What is linear in a mention is computed once for it, and only added up for its pairs.

    layer_size  width of the layer in between, with a GELU; 0 for none
    distances   whether it is known how far apart the two stand, in tokens and in mentions
    dropout     on the vectors of mentions and on the layer
    """

    def __init__(self, mention_size: int, classes: int, layer_size: int, distances: bool, dropout: float) -> None:
        super().__init__()
        self.width = layer_size or classes
        self.head = nn.Linear(mention_size, self.width)
        self.tail = nn.Linear(mention_size, self.width, bias=False)
        self.distances = nn.ModuleList(nn.Embedding(len(_EDGES) + 1, self.width) for _ in (0, 1) if distances)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(layer_size, classes) if layer_size else None

    def forward(
        self, mentions: Tensor, pairs: Pairs, shares: tuple[Tensor, Tensor] | None = None, beside: Tensor | None = None
    ) -> Tensor:
        """(M, mention_size) -> (M, N, classes)

        shares  (M, N) twice: of the partner that is added to the mention, and of the mention added to the partner
        beside  (M, N, width) what else is added
        """
        mentions = self.dropout(mentions)
        partners, heads, tails = pairs["partners"], self.head(mentions), self.tail(mentions)
        vectors = heads.unsqueeze(1) + tails[partners]
        if shares is not None:
            ahead, back = (share.unsqueeze(2).to(vectors.dtype) for share in shares)
            vectors = vectors + ahead * (heads - self.head.bias)[partners] + back * tails.unsqueeze(1)
        if self.distances:
            vectors = vectors + self._distances(pairs)
        if beside is not None:
            vectors = vectors + beside
        if self.output is None:
            return vectors
        scores: Tensor = self.output(self.dropout(F.gelu(vectors)))
        return scores

    def _distances(self, pairs: Pairs) -> Tensor:
        """(M, N, width)"""
        partners = pairs["partners"]
        ahead = pairs["first"][partners] - pairs["after"].unsqueeze(1)
        behind = pairs["first"].unsqueeze(1) - pairs["after"][partners]
        tokens = torch.where(ahead >= 0, ahead + 1, torch.where(behind >= 0, -behind - 1, torch.zeros_like(ahead)))
        mentions = partners - torch.arange(partners.shape[0], device=partners.device).unsqueeze(1)
        found = [table(_classes(far)) for table, far in zip(self.distances, (tokens, mentions), strict=True)]
        return found[0] + found[1]

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each."""
        of_pair = 0 if self.output is None else per_token(self.output)
        return mentions * (per_token(self.head, self.tail) + partners * of_pair)


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
