"""Each mention beside the one it may be related to, weighed by how much it attends to that one among all.

Guo, Liu and Niu (2023), EMLB, equation 8, as it can be read: U is a matrix, e_i the vector of
mention i, and a_ij = softmax over the candidates j of i of e_i U e_j. The vector of a pair is
[e_i + a_ij e_j ; e_j + a_ji e_i], its scores are linear in it. Ours, where asked for: a layer in between, distances.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.relations.pairs import Independent, Pairs, PairScores, masked


class BilinearAttention(Independent):
    """mention_size  width of a mention's vector
    relations     how many relations there are
    layer_size    width of a layer before the scores; 0 for none
    distances     whether the scores know how far apart two mentions stand
    dropout       on the vectors of mentions and on the layer
    """

    def __init__(
        self,
        mention_size: int,
        states_size: int,
        relations: int,
        *,
        layer_size: int = 0,
        distances: bool = False,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(mention_size, mention_size))
        nn.init.xavier_uniform_(self.weight)
        self.output = PairScores(mention_size, relations, layer_size, distances, dropout)

    def scores(self, mentions: Tensor, states: Tensor, pairs: Pairs) -> Tensor:
        """(M, mention_size), (T, states_size) -> (M, N, relations)"""
        return masked(self.output(mentions, pairs, self.shares(mentions, pairs)), pairs, self.classes_beside)

    def shares(self, mentions: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """(M, N) twice: how much each mention attends to its partners, and they to it"""
        partners, real = pairs["partners"], pairs["real"]
        likeness = ((mentions @ self.weight) @ mentions.T).gather(1, partners).float()
        alone = ~real.any(1, keepdim=True)  # a row of padding must not be all -inf
        ahead = torch.softmax(likeness.masked_fill(~(real | alone), -torch.inf), 1)
        return ahead, ahead[partners, pairs["back"]]

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each."""
        size = len(self.weight)
        return 2 * mentions * size * (size + mentions) + self.output.flops(mentions, partners)
