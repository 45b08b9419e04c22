"""A part as ONNX, compared with torch at other shapes than it was traced with."""

import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

SHAPES = ((1, 1), (3, 17), (7, 64))


def mask(passages: int, tokens: int) -> Tensor:
    """The first passage is the longest, the others ever shorter."""
    lengths = (tokens - 2 * torch.arange(passages)).clamp(min=1)
    return torch.arange(tokens) < lengths.unsqueeze(1)


def export_and_compare(part: nn.Module, sizes: tuple[int, ...], file: Path) -> None:
    """sizes: widths of what the part reads beside the mask"""

    def arrays(passages: int, tokens: int) -> tuple[Tensor, ...]:
        return (*(torch.randn(passages, tokens, size) for size in sizes), mask(passages, tokens))

    names = [*(f"input{n}" for n in range(len(sizes))), "mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, and TorchScript with it
        torch.onnx.export(
            part.eval(),
            arrays(2, 5),
            str(file),
            input_names=names,
            output_names=["states"],
            dynamic_axes={name: {0: "passages", 1: "tokens"} for name in (*names, "states")},
            opset_version=17,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(file)
    kept = {node.name for node in session.get_inputs()}  # an input that the part does not read is not there
    for shape in SHAPES:
        tensors = dict(zip(names, arrays(*shape), strict=True))
        with torch.inference_mode():
            expected = part(*tensors.values()).numpy()
        (found,) = session.run(None, {name: tensor.numpy() for name, tensor in tensors.items() if name in kept})
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=1e-5)
