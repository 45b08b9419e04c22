"""States and embedded vectors attend to each other.

Lu et al. (2023), "Application of Entity-BERT model based on neuroscience and brain-like cognition in electronic medical
record entity recognition", equations 9-11. They are written for an image and a text, and as printed the attention
cancels: what stands below is our reading for one text.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.attention.masking import masked_softmax


class Cross(nn.Module):
    """With states H, embedded C and S = H W C': [H_t ; C_t ; v_t ; u_t] for each token t, where

    v_i  the sum of the C_p, weighted by the softmax of S_ip over p
    u_p  the sum of the H_i, weighted by the softmax of S_ip over i
    """

    def __init__(self, input_size: int, embedded_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(input_size, embedded_size))
        nn.init.normal_(self.weight, std=(input_size * embedded_size) ** -0.5)  # S begins as wide as H and C
        self.output_size = 2 * (input_size + embedded_size)

    def forward(self, states: Tensor, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T, embedded_size), (B, T) -> (B, T, 2 * (input_size + embedded_size))"""
        return torch.cat([states, embedded, *self.attended(states, embedded, mask)], -1)

    def attended(self, states: Tensor, embedded: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """v and u: (B, T, embedded_size) and (B, T, input_size)"""
        scores = states @ self.weight @ embedded.transpose(1, 2)
        by_state = masked_softmax(scores, mask.unsqueeze(1), 2)
        by_embedded = masked_softmax(scores, mask.unsqueeze(2), 1)
        return by_state @ embedded, by_embedded.transpose(1, 2) @ states

    def flops(self, tokens: int) -> int:
        states, embedded = self.weight.shape
        return 2 * tokens * states * embedded + 2 * tokens**2 * (2 * embedded + states)
