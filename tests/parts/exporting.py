"""Exporting one part alone, as training exports a whole network."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

SHAPES = ((1, 1), (3, 17), (7, 64))
"""Passages and tokens at which a graph that was traced at (2, 5) is compared with torch."""


def arrays(passages: int, tokens: int, sizes: Sequence[int]) -> tuple[Tensor, ...]:
    """Vectors of each size, and a mask of lengths that differ; the first passage is the longest."""
    lengths = torch.randint(1, tokens + 1, (passages,))
    lengths[0] = tokens
    mask = torch.arange(tokens) < lengths.unsqueeze(1)
    return *(torch.randn(passages, tokens, size) for size in sizes), mask


def largest_difference(part: nn.Module, sizes: Sequence[int], folder: Path) -> float:
    """Between torch and the exported graph of `part`, over the real tokens of all SHAPES."""
    torch.manual_seed(0)
    for weight in part.eval().parameters():
        nn.init.normal_(weight, 0, 0.5)  # none is 0, as biases are before training
    names = [*(f"vectors{n}" for n in range(len(sizes))), "mask"]
    file = folder / "part.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated
        torch.onnx.export(
            part,
            arrays(2, 5, sizes),
            str(file),
            input_names=names,
            output_names=["states"],
            dynamic_axes={name: {0: "passages", 1: "tokens"} for name in (*names, "states")},
            opset_version=17,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    read = {node.name for node in session.get_inputs()}  # what the part does not read is not there
    differences = []
    for shape in SHAPES:
        inputs = arrays(*shape, sizes)
        with torch.inference_mode():
            expected = part(*inputs).numpy()
        given = {name: array.numpy() for name, array in zip(names, inputs, strict=True) if name in read}
        (found,) = session.run(None, given)
        assert found.shape == expected.shape
        differences.append(np.abs(found - expected)[inputs[-1].numpy()].max())
    return float(max(differences))
