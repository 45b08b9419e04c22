"""Softmax over the real tokens."""

import torch
from torch import Tensor


def masked_softmax(scores: Tensor, mask: Tensor, dim: int) -> Tensor:
    """scores, and what of them is real in a shape that fits -> shares that sum to 1 along dim, padding's being 0

    They are computed and given in fp32 at least, also of scores in bf16.
    """
    dtype = torch.promote_types(scores.dtype, torch.float32)
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min).softmax(dim, dtype)
