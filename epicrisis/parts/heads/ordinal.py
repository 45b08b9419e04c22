"""Classes in an order: one number, and where on it each class ends.

McCullagh (1980), "Regression Models for Ordinal Data": the proportional odds model, P(class <= k) = s(b_k - w x) with
the logistic function s and rising thresholds b_k.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.parts.flops import per_token


class Ordinal(nn.Module):
    """input_size: of the vector that comes in; columns: how many classes; dropout: on the vector"""

    def __init__(self, input_size: int, columns: int, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, 1, bias=False)  # the thresholds are its biases
        self.first = nn.Parameter(torch.full((1,), -0.5 * (columns - 2)))
        self.steps = nn.Parameter(torch.full((columns - 2,), 0.5413))  # whose softplus is 1
        self.dropout = nn.Dropout(dropout)

    def thresholds(self) -> Tensor:
        """(columns - 1,), rising"""
        return torch.cat([self.first, self.first + F.softplus(self.steps).cumsum(0)])

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, columns), logarithms of probabilities: log(s(u) - s(l)) between two thresholds, where
        s(u) - s(l) = s(u) s(-l) (1 - exp(l - u)), which keeps its precision far from them; u - l is the softplus of a
        step, so that 1 - exp(l - u) is s(step)
        """
        place = self.output(self.dropout(pooled))
        above = (self.thresholds() - place).float()  # (D, columns - 1)
        below_upper = F.pad(F.logsigmoid(above), (0, 1))
        above_lower = F.pad(F.logsigmoid(-above), (1, 0))
        return below_upper + above_lower + F.pad(F.logsigmoid(self.steps), (1, 1))

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Negative log-likelihood, a sum -> (). targets: (D, 1), the classes; weights: (D, 1), 0 where none is known"""
        each = -scores.gather(1, targets.long())
        return (each * weights).sum()

    def flops(self) -> int:
        return per_token(self.output)
