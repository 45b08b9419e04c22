"""A trained tagger -> a model folder that is annotated with without torch.

The graph is written by tracing: a traced LSTM stays one operator, where the newer exporter specialises it to the
traced length. So every export is compared with torch on other batch sizes and lengths before it is kept.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save
from torch import Tensor, nn

from epicrisis.encoding import Indexer, encode
from epicrisis.errors import ModelError
from epicrisis.models import Tagger
from epicrisis.runtime.model import DESCRIPTION, SCHEMA, file_hash, onnx_network
from epicrisis.text import Passage
from epicrisis.version import __version__

STATES = "states.onnx"
TOLERANCE = 1e-4
"""Largest difference between a score of torch and one of the exported graph; its share, of a score above 1."""
_TOKEN_AXES = ("passages", "tokens")
_PROBES = ((1, 1), (3, 17), (7, 64))
"""Batch sizes and lengths at which an export is compared with torch; it is traced at (2, 5)."""


class _Graph(nn.Module):
    """A tagger with its inputs in a row, as ONNX has them."""

    def __init__(self, tagger: Tagger, names: Sequence[str]) -> None:
        super().__init__()
        self.tagger = tagger
        self.names = names

    def forward(self, *arrays: Tensor) -> Tensor:
        return self.tagger(dict(zip(self.names, arrays, strict=True)))


def export_states(tagger: Tagger, indexers: Mapping[str, Indexer], file: Path) -> dict[str, Any]:
    """Write the graph and return its description for model.json.

    What training kept apart for its own sake is merged into one, for good: train on from a copy.
    Raises ModelError where the exported graph does not agree with torch.
    """
    tagger = tagger.cpu().eval()
    tagger.merge()
    inputs = encode(_probe(2, 5), indexers.values())
    names = list(inputs)
    own_axes = {name: axes for indexer in indexers.values() for name, axes in indexer.axes.items()}
    axes = {name: dict(enumerate(own_axes.get(name, _TOKEN_AXES))) for name in (*names, "scores")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter is deprecated, and the only one that keeps an LSTM
        torch.onnx.export(
            _Graph(tagger, names).eval(),
            tuple(torch.from_numpy(array) for array in inputs.values()),
            str(file),
            input_names=names,
            output_names=["scores"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    names = [node.name for node in onnx.load(str(file)).graph.input]  # what no part reads is not there
    description = {
        "file": file.name,
        "inputs": {name: {"shape": list(axes[name].values()), "dtype": str(inputs[name].dtype)} for name in names},
        "outputs": {"scores": {"shape": [*_TOKEN_AXES, "tags"], "dtype": "float32"}},
        "precision": "fp32",
        "quantised": [],
    }
    _compare(tagger, indexers, file, description)
    return description


def quantise_tables(file: Path, to: Path) -> list[str]:
    """Store every table of vectors in 8 bits, with a scale for each row; returns the tables' names.

    Only look-ups shrink. LSTM and CRF stay in fp32: they are small, and sensitive.
    """
    model = onnx.load(str(file))
    graph = model.graph
    tables = {t.name: t for t in graph.initializer if t.data_type == TensorProto.FLOAT and len(t.dims) == 2}
    names: list[str] = []
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.dims[0] < 1024:
            nodes.append(node)
            continue
        name, rows, out = table.name, node.input[1], node.output[0]
        values = numpy_helper.to_array(table)
        scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        small = np.rint(values / scale).astype(np.int8)
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(small, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
        nodes += [
            helper.make_node("Gather", [f"{name}.int8", rows], [f"{out}.int8"], axis=0),
            helper.make_node("Gather", [f"{name}.scale", rows], [f"{out}.scale"], axis=0),
            helper.make_node("Cast", [f"{out}.int8"], [f"{out}.float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}.float", f"{out}.scale"], [out]),
        ]
        names.append(name)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(to))
    return names


def write_model(
    folder: Path,
    *,
    about: Mapping[str, Any],
    states: Mapping[str, Any],
    indexers: Mapping[str, Indexer],
    decoder_weights: Mapping[str, Tensor],
) -> None:
    """Everything beside the graph (already in the folder) that a model folder needs; model.json last."""
    weights = {name: weight.detach().float().cpu().numpy() for name, weight in decoder_weights.items()}
    (folder / "decoder.safetensors").write_bytes(save(weights))
    files = {}
    for name, indexer in indexers.items():
        files[name] = f"{name}.json"
        text = json.dumps(indexer.to_dict(), ensure_ascii=False, separators=(",", ":"))
        (folder / files[name]).write_text(text, "utf-8")
    kept = [states["file"], "decoder.safetensors", *files.values()]
    description = {
        "schema": SCHEMA,
        "epicrisis": __version__,
        **about,
        "indexers": files,
        "graphs": {"states": dict(states)},
        "files": {name: file_hash(folder / name) for name in kept},
    }
    write_json(folder / DESCRIPTION, description)


def write_json(file: Path, data: Any) -> None:
    aside = file.with_name(file.name + ".part")
    aside.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    aside.replace(file)


def _probe(passages: int, tokens: int) -> list[Passage]:
    """Made-up words of many lengths; the first passage is the longest."""
    return [Passage.of([f"w{'x' * (n % 9)}{row}" for n in range(max(1, tokens - row))]) for row in range(passages)]


def _compare(tagger: Tagger, indexers: Mapping[str, Indexer], file: Path, description: Mapping[str, Any]) -> None:
    network = onnx_network(file, description)
    for shape in _PROBES:
        inputs = encode(_probe(*shape), indexers.values())
        with torch.inference_mode():
            expected: NDArray[np.float32] = tagger({n: torch.from_numpy(a) for n, a in inputs.items()}).numpy()
        differences = np.abs(expected - network(inputs)) / np.maximum(1, np.abs(expected))
        difference = float(differences[inputs["mask"]].max())
        if not difference < TOLERANCE:
            raise ModelError(
                f"{file}: at {shape[0]} passages of {shape[1]} tokens the exported graph differs from torch by "
                f"{difference:.2g}; a part of this recipe cannot be exported"
            )
