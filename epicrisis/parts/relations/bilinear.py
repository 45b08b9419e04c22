"""A bilinear form for each relation, over a view of the mention as head and one as tail.

Dozat and Manning (2017), "Deep Biaffine Attention for Neural Dependency Parsing", section 2.2: biaffine
labels. Distances ours.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token
from epicrisis.parts.relations.pairs import Independent, Pairs, PairScores, masked


class Bilinear(Independent):
    """mention_size   width of a mention's vector
    relations      how many relations there are
    hidden_size    width of each view
    distances      whether the scores know how far apart two mentions stand
    dropout        on the views
    """

    def __init__(
        self,
        mention_size: int,
        states_size: int,
        relations: int,
        *,
        hidden_size: int = 150,
        distances: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.views = nn.Linear(mention_size, 2 * hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.weight = nn.Parameter(torch.empty(relations, hidden_size, hidden_size))
        nn.init.xavier_uniform_(self.weight)
        self.output = PairScores(mention_size, relations, 0, distances, dropout)

    def scores(self, mentions: Tensor, states: Tensor, pairs: Pairs) -> Tensor:
        """(M, mention_size), (T, states_size) -> (M, N, relations)"""
        heads, tails = self.dropout(F.gelu(self.views(mentions))).chunk(2, -1)
        asked = torch.einsum("mh,rhk->mrk", heads, self.weight)
        partners = tails[pairs["partners"]]
        form = (asked @ partners.transpose(1, 2)).transpose(1, 2)
        return masked(self.output(mentions, pairs, beside=form), pairs, self.classes_beside)

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each."""
        relations, size, _ = self.weight.shape
        forms = 2 * relations * size * (size + partners)
        return mentions * (per_token(self.views) + forms) + self.output.flops(mentions, partners)
