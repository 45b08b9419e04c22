"""A mean of the states in learned shares, which say what words carried the decision.

Additive attention, Bahdanau, Cho and Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and
Translate", appendix A.1.2, with one learned question instead of a decoder's state, as in Yang et al. (2016),
"Hierarchical Attention Networks for Document Classification", equations 5-7.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.attention.masking import masked_softmax
from epicrisis.parts.flops import per_token


class Attention(nn.Module):
    """u_t = tanh(W h_t + b); a = softmax of v u_t over all tokens of the text, in all its passages; sum of a_t h_t.

    size: width of u
    """

    def __init__(self, input_size: int, *, size: int = 100) -> None:
        super().__init__()
        self.key = nn.Linear(input_size, size)
        self.question = nn.Linear(size, 1, bias=False)  # a bias would cancel in the softmax
        self.output_size = input_size

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, input_size)"""
        return self.read(states, mask)[0]

    def read(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """-> (D, input_size), and the shares of the tokens, (D, P, T), that sum to 1"""
        scores = self.question(torch.tanh(self.key(states))).squeeze(3)
        shares = masked_softmax(scores.flatten(1), mask.flatten(1), 1)
        pooled = shares.unsqueeze(1) @ states.flatten(1, 2).to(shares.dtype)
        return pooled.squeeze(1), shares.view_as(scores)

    def flops(self, tokens: int) -> int:
        return tokens * (per_token(self.key, self.question) + 2 * self.output_size)
