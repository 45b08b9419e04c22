"""One summary of the passage beside every state.

Yang, Wang and Yang (2024), "Named Entity Recognition in Electronic Medical Records Incorporating Pre-trained and
Multi-Head Attention", equations 9-11.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.attention.masking import masked_softmax


class Additive(nn.Module):
    """u_t = tanh(W h_t + b); a = softmax of u over the tokens, feature by feature; s = sum of a_t * h_t.

    The paper has one s for a passage and does not say how it scores single tokens. Ours: [h_t ; s].
    """

    def __init__(self, input_size: int, embedded_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(input_size, input_size)
        self.output_size = 2 * input_size

    def forward(self, states: Tensor, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T, embedded_size), (B, T) -> (B, T, 2 * input_size)"""
        shares = masked_softmax(torch.tanh(self.linear(states)), mask.unsqueeze(2), 1)
        summary = (shares * states).sum(1, keepdim=True)
        return torch.cat([states, summary.expand_as(states)], -1)

    def flops(self, tokens: int) -> int:
        return 2 * tokens * (self.linear.weight.numel() + self.output_size // 2)
