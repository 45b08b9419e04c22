"""A trained classifier -> the graph that texts are labelled with without torch. As `export.py` says, it is traced, and
compared with torch at other shapes before it is kept."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from epicrisis.encoding import Indexer, encode_documents
from epicrisis.encoding.documents import opened
from epicrisis.errors import ModelError
from epicrisis.models import Classifier
from epicrisis.parts.embedders import Transformer
from epicrisis.runtime import LabelNetwork
from epicrisis.runtime.model import label_network
from epicrisis.text import Passage
from epicrisis.training.export import BATCH_TOKENS, TOLERANCE

_AXES = {"rows": ("texts", "most_passages"), "there": ("texts", "most_passages")}
_TOKEN_AXES = ("passages", "tokens")
_OUTPUTS = {"scores": ("texts", "columns"), "shares": ("texts", "most_passages", "tokens")}
_PROBES = (((1,),), ((17, 3), (4,), (9,)), ((64, 7, 64), (1, 2), (33,), (64,), (5, 5, 5, 5)))
"""Tokens of the passages of each text at which an export is compared with torch; it is traced at ((5, 3), (4,))."""


class _Graph(nn.Module):
    """A classifier with its inputs in a row, as ONNX has them."""

    def __init__(self, tagger: Classifier, names: Sequence[str]) -> None:
        super().__init__()
        self.tagger = tagger  # by this name `quantise_products` knows the parts of a graph
        self.names = names

    def forward(self, *arrays: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        inputs = dict(zip(self.names, arrays, strict=True))
        return self.tagger.read(inputs) if self.tagger.has_shares else self.tagger(inputs)


def export_labels(
    network: Classifier, indexers: Mapping[str, Indexer], file: Path, texts: Sequence[Sequence[Passage]] = ()
) -> dict[str, Any]:
    """Write the graph and return its description for model.json.

    texts: the passages of real ones, on which the graph is compared with torch, too
    What training kept apart for its own sake is merged into one, for good. Raises ModelError where the exported graph
    does not agree with torch.
    """
    network = network.cpu().eval()
    network.merge()
    inputs = encode_documents(_probe(((5, 3), (4,)), network.opens), indexers.values())
    outputs = list(_OUTPUTS) if network.has_shares else ["scores"]
    own_axes = {name: axes for indexer in indexers.values() for name, axes in indexer.axes.items()} | _AXES
    axes = {name: own_axes.get(name, _TOKEN_AXES) for name in inputs} | {name: _OUTPUTS[name] for name in outputs}
    moving = {n: {k: axis for k, axis in enumerate(names) if axis != "columns"} for n, names in axes.items()}
    encoders = [part for part in network.modules() if isinstance(part, Transformer)]
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        for encoder in encoders:
            stack.enter_context(encoder.plain_attention())
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, and the only one that keeps an LSTM
        torch.onnx.export(
            _Graph(network, list(inputs)).eval(),
            tuple(torch.from_numpy(array) for array in inputs.values()),
            str(file),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=moving,
            opset_version=17,
            dynamo=False,
        )
    names = [node.name for node in onnx.load(str(file)).graph.input]  # what no part reads is not there
    description: dict[str, Any] = {
        "file": file.name,
        "inputs": {name: {"shape": list(axes[name]), "dtype": str(inputs[name].dtype)} for name in names},
        "outputs": {name: {"shape": list(axes[name]), "dtype": "float32"} for name in outputs},
        "precision": "fp32",
        "quantised": [],
    }
    if encoders:
        description["batch_tokens"] = BATCH_TOKENS
    graph = label_network(file, description)
    for chosen in (*(_probe(shape, network.opens) for shape in _PROBES), *([texts] if texts else [])):
        _compare(network, graph, file, encode_documents(chosen, indexers.values()))
    return description


def torch_labels(network: Classifier) -> LabelNetwork:
    """A classifier as the function of arrays that `runtime.NetworkReader` takes."""
    device = next(network.parameters()).device

    def run(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        tensors = {name: torch.from_numpy(array).to(device) for name, array in inputs.items()}
        with torch.inference_mode():
            if not network.has_shares:
                return network(tensors).float().cpu().numpy(), None
            scores, shares = network.read(tensors)
            return scores.float().cpu().numpy(), shares.float().cpu().numpy()

    return run


def _probe(shape: Sequence[Sequence[int]], opens: bool) -> list[list[Passage]]:
    """Made-up words of many lengths."""
    cut = [[Passage.of([f"w{'x' * (n % 9)}{n % 4}" for n in range(count)]) for count in text] for text in shape]
    return [[opened(passage) for passage in text] for text in cut] if opens else cut


def _compare(network: Classifier, graph: Callable[..., Any], file: Path, inputs: dict[str, NDArray[Any]]) -> None:
    for name, ours, found in zip(_OUTPUTS, torch_labels(network)(inputs), graph(inputs), strict=True):
        if ours is None:
            continue
        difference = float((np.abs(ours - found) / np.maximum(1, np.abs(ours))).max())
        if not difference < TOLERANCE:
            raise ModelError(
                f"{file}: at {len(inputs['rows'])} texts of {inputs['mask'].shape[1]} tokens the exported {name} "
                f"differ from torch by {difference:.2g}; a part of this recipe cannot be exported"
            )
