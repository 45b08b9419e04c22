"""Head and tail side by side, one layer, and a softmax over the relations and none.

Guo, Liu and Niu (2023), EMLB, equation 10: fully connected, activation, softmax. Distances ours.
"""

from torch import Tensor

from epicrisis.parts.relations.pairs import Exclusive, Pairs, PairScores, masked


class Concat(Exclusive):
    """mention_size  width of a mention's vector
    relations     how many relations there are
    layer_size    width of the layer; 0 for none
    distances     whether the scores know how far apart two mentions stand
    dropout       on the vectors of mentions and on the layer
    """

    def __init__(
        self,
        mention_size: int,
        states_size: int,
        relations: int,
        *,
        layer_size: int = 150,
        distances: bool = False,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.output = PairScores(mention_size, self.classes_beside + relations, layer_size, distances, dropout)

    def scores(self, mentions: Tensor, states: Tensor, pairs: Pairs) -> Tensor:
        """(M, mention_size), (T, states_size) -> (M, N, 1 + relations), none first"""
        return masked(self.output(mentions, pairs), pairs, self.classes_beside)

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each."""
        return self.output.flops(mentions, partners)
