"""Each mention beside the one it may be related to, weighed by how much it attends to that one among all.

Guo, Liu and Niu (2023), EMLB, equation 8, as it can be read: U is a matrix, e_i the vector of
mention i, and a_ij = softmax over the candidates j of i of e_i U e_j. The vector of a pair is
[e_i + a_ij e_j ; e_j + a_ji e_i], its scores are linear in it. Ours, where asked for: a layer in between, distances.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.relations.pairs import Independent, Pairs, PairScores, gathered, masked


class BilinearAttention(Independent):
    """mention_size   width of a mention's vector
    relations      how many relations there are
    layer_size    width of a layer before the scores; 0 for none
    distance_size  width of the vectors of distances; 0 for none
    dropout        on the vectors of pairs
    """

    def __init__(
        self,
        mention_size: int,
        states_size: int,
        relations: int,
        *,
        layer_size: int = 0,
        distance_size: int = 0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(mention_size, mention_size))
        nn.init.xavier_uniform_(self.weight)
        self.output = PairScores(2 * mention_size, relations, layer_size, distance_size, dropout)

    def scores(self, mentions: Tensor, states: Tensor, pairs: Pairs) -> Tensor:
        """(M, mention_size), (T, states_size) -> (M, N, relations)"""
        heads, tails = gathered(mentions, pairs)
        ahead, back = self.shares(mentions, pairs)
        vectors = torch.cat([heads + ahead.unsqueeze(2) * tails, tails + back.unsqueeze(2) * heads], -1)
        return masked(self.output(vectors, pairs), pairs, 0)

    def shares(self, mentions: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """(M, N) twice: how much each mention attends to its partners, and they to it"""
        asked = (mentions @ self.weight).unsqueeze(1) @ mentions[pairs["partners"]].transpose(1, 2)
        likeness = asked.squeeze(1).float().masked_fill(~pairs["real"], -torch.inf)
        # a row without partners would be all -inf
        likeness = torch.where(pairs["real"].any(1, keepdim=True), likeness, torch.zeros_like(likeness))
        ahead = torch.softmax(likeness, 1)
        return ahead, ahead[pairs["partners"], pairs["back"]]

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each."""
        size = len(self.weight)
        return mentions * (2 * size * size + partners * (2 * size + self.output.flops()))
