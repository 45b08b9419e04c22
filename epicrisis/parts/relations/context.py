"""Head, tail, and what stands between and around them: a pair attends to the words that may say how it is related.

Ours, for comparison. The two mentions ask, the words answer: a_t = softmax over the words t from `around` before the
first of the two to as many behind the last, of q(e_i, e_j) k(h_t); the context is the sum of a_t v(h_t).
"""

import math

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token
from epicrisis.parts.relations.pairs import Independent, Pairs, PairScores, masked


class Context(Independent):
    """mention_size   width of a mention's vector
    states_size    width of a token's state
    relations      how many relations there are
    size           width of questions, keys and answers
    around         tokens on each side that are looked at, too
    layer_size     width of the layer before the scores; 0 for none
    distances      whether the scores know how far apart two mentions stand
    dropout        on the vectors of mentions and on the layer
    """

    def __init__(
        self,
        mention_size: int,
        states_size: int,
        relations: int,
        *,
        size: int = 64,
        around: int = 4,
        layer_size: int = 150,
        distances: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.around = around
        self.asking = nn.Linear(mention_size, 2 * size)
        self.answering = nn.Linear(states_size, 2 * size)
        self.output = PairScores(mention_size, relations, layer_size, distances, dropout)
        self.answered = nn.Linear(size, self.output.width, bias=False)

    def scores(self, mentions: Tensor, states: Tensor, pairs: Pairs) -> Tensor:
        """(M, mention_size), (T, states_size) -> (M, N, relations)"""
        of_head, of_tail = self.asking(mentions).chunk(2, -1)
        keys, answers = self.answering(states).chunk(2, -1)
        asked = of_head.unsqueeze(1) + of_tail[pairs["partners"]]
        likeness = (asked @ keys.T).float() / math.sqrt(keys.shape[1])
        shares = torch.softmax(likeness.masked_fill(~self._near(pairs, states.shape[0]), -torch.inf), -1)
        context = self.answered(shares.to(answers.dtype) @ answers)
        return masked(self.output(mentions, pairs, beside=context), pairs, self.classes_beside)

    def _near(self, pairs: Pairs, tokens: int) -> Tensor:
        """(M, N, T): the words between and around, the mentions among them"""
        partners, first, after = pairs["partners"], pairs["first"], pairs["after"]
        begin = torch.minimum(first.unsqueeze(1), first[partners]) - self.around
        end = torch.maximum(after.unsqueeze(1), after[partners]) + self.around
        place = torch.arange(tokens, device=first.device)
        return (place >= begin.unsqueeze(2)) & (place < end.unsqueeze(2))

    def flops(self, mentions: int, partners: int) -> int:
        """Of so many mentions with so many partners each; they attend to as many words as `around` says."""
        size, words = self.answered.in_features, 2 * self.around
        each = per_token(self.asking) + words * per_token(self.answering)
        of_pair = 4 * words * size + per_token(self.answered)
        return mentions * (each + partners * of_pair) + self.output.flops(mentions, partners)
