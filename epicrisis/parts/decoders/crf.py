"""A linear-chain conditional random field: the score of a tag depends on the tag before it.

Lafferty, McCallum and Pereira (2001); on network states as in Lample et al. (2016), section 2.2.
"""

from typing import Any

import torch
from torch import Tensor, nn

from epicrisis.parts.flops import per_token
from epicrisis.text import TagCodec

IMPOSSIBLE = -1e4
"""Score of a transition that the tagging scheme forbids."""


class CRF(nn.Module):
    """Learns the whole sequence of tags at once.

    input_size  width of the states that come in
    codec       the tags; transitions that break its scheme are excluded from the first step of training

    How a sequence may begin and end is learned, not enforced: the tokens that a window answers for may begin in the
    middle of a mention. Decoding (numpy) enforces both.
    """

    forbidden: Tensor

    def __init__(self, input_size: int, codec: TagCodec) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, len(codec))
        self.transitions = nn.Parameter(torch.zeros(len(codec), len(codec)))
        self.start = nn.Parameter(torch.zeros(len(codec)))
        self.end = nn.Parameter(torch.zeros(len(codec)))
        self.register_buffer("forbidden", ~torch.from_numpy(codec.allowed()[0]), persistent=False)

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, K)"""
        return self.output(states)

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood of the targets, summed over the sequences -> ()

        mask: the real tokens come first in each row, and every row has one
        """
        transitions = self.transitions.masked_fill(self.forbidden, IMPOSSIBLE)
        with torch.autocast(scores.device.type, enabled=False):
            scores = scores.float()
            total = log_partition(scores, mask, transitions, self.start, self.end)
            gold = path_score(scores, mask, targets, transitions, self.start, self.end)
            return (total - gold).sum()

    def weights(self) -> dict[str, Tensor]:
        return {"transitions": self.transitions, "start": self.start, "end": self.end}

    def flops(self, tokens: int) -> int:
        return tokens * per_token(self.output)


def path_score(scores: Tensor, mask: Tensor, tags: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Score of one path per sequence: (..., B, T, K), (B, T), (..., B, T), (..., K, K), (..., K), (..., K) -> (..., B)

    `...`: as many chains as there are, each with transitions of its own; none for a single one
    """
    emitted = scores.gather(-1, tags.unsqueeze(-1)).squeeze(-1) * mask
    pairs = tags[..., :-1] * transitions.shape[-1] + tags[..., 1:]
    moved = transitions.flatten(-2).gather(-1, pairs.flatten(-2)).view_as(pairs) * mask[:, 1:]
    ends = (mask.sum(1, keepdim=True) - 1).expand(*tags.shape[:-1], 1)
    last = tags.gather(-1, ends).squeeze(-1)
    return emitted.sum(-1) + moved.sum(-1) + start.gather(-1, tags[..., 0]) + end.gather(-1, last)


def log_partition(scores: Tensor, mask: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Logarithm of the sum over all paths: (..., B, T, K), (B, T), (..., K, K), (..., K), (..., K) -> (..., B)

    `...`: as in `path_score`
    Exact. Computed on probabilities that are scaled at every token, in float64: a step is then one product of
    matrices, where log-sum-exp would need a (B, K, K) table. The gradient is the marginals, by the backward pass.
    """
    result: Tensor = _LogPartition.apply(scores, mask, transitions, start, end)  # type: ignore[no-untyped-call]
    return result


class _LogPartition(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores: Tensor, mask: Tensor, transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
        by_token = scores.detach().movedim(-2, 0).double()  # (T, ..., B, K)
        best = by_token.amax(-1, keepdim=True)
        emitted = (by_token - best).exp_()
        step, first, last = (weight.double().exp() for weight in (transitions, start.unsqueeze(-2), end.unsqueeze(-2)))
        running = mask.t().unsqueeze(2)  # (T, B, 1)
        alpha = torch.empty_like(emitted)  # scaled to sum to 1; behind a sequence's end it stays as it was
        norm = torch.ones_like(best)
        now = emitted[0] * first
        norm[0] = now.sum(-1, keepdim=True)
        alpha[0] = now / norm[0]
        for t in range(1, len(emitted)):
            now = torch.matmul(alpha[t - 1], step).mul_(emitted[t])
            total = now.sum(-1, keepdim=True)
            norm[t] = torch.where(running[t], total, norm[t])
            alpha[t] = torch.where(running[t], now.div_(total), alpha[t - 1])
        closing = (alpha[-1] * last).sum(-1, keepdim=True)
        ctx.save_for_backward(emitted, running, step, last, alpha, norm, closing)
        ctx.dtype = scores.dtype
        scaled = ((norm.log() + best).movedim(0, -2) * mask.unsqueeze(2)).sum(-2)
        return (scaled + closing.log()).squeeze(-1).to(scores.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        emitted, running, step, last, alpha, norm, closing = ctx.saved_tensors
        weight = grad.double().unsqueeze(-1)  # (..., B, 1)
        back = step.transpose(-1, -2).contiguous()
        beta = torch.empty_like(alpha)  # alpha * beta = probability of a tag
        beta[-1] = last / closing
        arriving = torch.zeros_like(alpha)  # what each tag promises to the token before it
        for t in range(len(alpha) - 1, 0, -1):
            torch.mul(emitted[t], beta[t], out=arriving[t]).div_(norm[t])
            beta[t - 1] = torch.where(running[t], torch.matmul(arriving[t], back), beta[t])
        running = running.view(len(alpha), *[1] * (alpha.ndim - 3), -1, 1)
        marginals = alpha * beta * running * weight
        moved = arriving[1:] * running[1:] * weight
        expected = torch.einsum("t...bi,t...bj->...ij", alpha[:-1], moved) * step
        ended = alpha[-1] * last * (weight / closing)
        dtype = ctx.dtype
        return (
            marginals.movedim(0, -2).to(dtype),
            None,
            expected.to(dtype),
            marginals[0].sum(-2).to(dtype),
            ended.sum(-2).to(dtype),
        )
