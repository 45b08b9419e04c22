"""Loops over tokens that can be exported.

A trace unrolls a Python loop to the length that it was traced with; TorchScript in a trace becomes an ONNX Loop, exact
at every length. In training the loop stays Python: TorchScript is no faster there, and once it has optimised
itself its gradients differ in the last digits, so that a resumed run would end with other weights.

In such a function tokens are cut off with `split` and put together with `cat`: the exporter loses the rank of what
`unbind` gives, and a token that is taken by its number costs the backward pass a tensor of the whole passage.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def loop(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function, and while it is exported its TorchScript; it takes and gives tensors, by position."""

    def run(*tensors: Tensor) -> Tensor:
        return torch.jit.script(function)(*tensors) if torch.onnx.is_in_onnx_export() else function(*tensors)

    return run
