"""Tokens of one tag are pulled together and all others pushed apart; at test time the nearest known token decides.

Das, Katiyar, Passonneau and Zhang (2022), "CONTaiNER: Few-Shot Named Entity Recognition via Contrastive Learning",
ACL, section 4. A token is a Gaussian, by projections of its state that only training uses: decoding compares the
states themselves, so that types which training has never seen can be found by a few examples.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.text import TagCodec

TOGETHER = 2048
"""Tokens of a batch that are compared with one another, every one with every other: it bounds the memory. Of a larger
batch so many are drawn at random."""
LEAST_VARIANCE = 1e-6
"""Added to a variance; beside 1 a smaller number is nothing in 32 bits."""


class NearestNeighbour(nn.Module):
    """Learns states that lie near each other where tokens have one tag.

    input_size  width of the states that come in
    codec       the tags; the paper's scheme is io
    size        dimensions of the Gaussians
    support     how many tokens, about, the finished model remembers; training draws them by its seed
    """

    def __init__(self, input_size: int, codec: TagCodec, *, size: int = 128, support: int = 10_000) -> None:
        super().__init__()
        self.mean = nn.Linear(input_size, size)
        self.variance = nn.Linear(input_size, size)
        self.support = support
        self._known: dict[str, Tensor] = {}

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> the same: what decoding compares"""
        return states

    def gaussians(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """(N, input_size) -> means and variances, (N, size) each"""
        active = F.relu(states)
        return self.mean(active), F.elu(self.variance(active)) + 1 + LEAST_VARIANCE

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """The contrast of the batch's tokens, whichever passage they stand in, summed over them -> ()

        targets: (B, T) tag numbers; O is a tag like any other
        """
        with torch.autocast(scores.device.type, enabled=False):
            states, tags = scores[mask].to(self.mean.weight.dtype), targets[mask]
            count = len(tags)
            if count > TOGETHER:
                drawn = torch.randperm(count, device=tags.device)[:TOGETHER]
                states, tags = states[drawn], tags[drawn]
            return contrast(*self.gaussians(states), tags).sum() * (count / len(tags))

    def remember(self, states: Tensor, tags: Tensor) -> None:
        """Keep the tokens that decoding is to compare with: (N, input_size) states and their (N,) tag numbers."""
        self._known = {"support": states.detach().float().cpu(), "tags": tags.detach().float().cpu()}

    def weights(self) -> dict[str, Tensor]:
        """Those tokens, once there are any. They are no weights of the network: it makes them anew."""
        return dict(self._known)

    def flops(self, tokens: int) -> int:
        """None: states go out as they come in, and the comparison is not the network's."""
        return 0


def contrast(mean: Tensor, variance: Tensor, tags: Tensor) -> Tensor:
    """-log of the mean likeness of a token to the others of its tag, against its likeness to all others together.

    The likeness of two is exp(-distance). (N, D), (N, D), (N,) -> (M,): of the M tokens that share their tag with one
    """
    same = tags.unsqueeze(1) == tags
    itself = torch.eye(len(tags), dtype=torch.bool, device=tags.device)
    same &= ~itself
    learned = same.any(1)
    likeness = (-symmetric_kl(mean, variance)).masked_fill(itself, -torch.inf)[learned]
    same = same[learned]
    to_own = likeness.masked_fill(~same, -torch.inf).logsumexp(1) - same.sum(1).log()
    return likeness.logsumexp(1) - to_own


def symmetric_kl(mean: Tensor, variance: Tensor) -> Tensor:
    """Mean of both Kullback-Leibler divergences of every two diagonal Gaussians: (N, D), (N, D) -> (N, N)

    The logarithms of the variances cancel, and what is left is products of matrices: no (N, N, D) table is made.
    """
    precision = 1 / variance
    weighted = mean * precision
    one_way = (variance + mean.square()) @ precision.T - 2 * mean @ weighted.T + (mean * weighted).sum(1)
    return (one_way + one_way.T) / 4 - mean.shape[1] / 2
