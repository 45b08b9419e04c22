"""A trained tagger -> a model folder that is annotated with without torch.

The graph is written by tracing: a traced LSTM stays one operator, where the newer exporter specialises it to the
traced length. So every export is compared with torch on other batch sizes and lengths before it is kept.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save
from torch import Tensor, nn

from epicrisis.encoding import Indexer, encode, encode_pairs
from epicrisis.errors import ModelError
from epicrisis.models import Joint, Tagger
from epicrisis.parts.embedders import Transformer
from epicrisis.runtime.model import DESCRIPTION, SCHEMA, file_hash, onnx_network, pairs_network
from epicrisis.text import Passage
from epicrisis.version import __version__

STATES = "states.onnx"
_OF_ONNXRUNTIME = "com.microsoft"
"""The domain of operators that onnxruntime has beside the standard's."""
TOLERANCE = 1e-4
"""Largest difference between a score of torch and one of the exported graph; its share, of a score above 1."""
_PAIRS = ("first", "after", "types", "ruled", "partners", "real", "back")
"""The arrays of `encode_pairs`, in its order."""
_TOKEN_AXES = ("passages", "tokens")
_PROBES = ((1, 1), (3, 17), (7, 64))
"""Batch sizes and lengths at which an export is compared with torch; it is traced at (2, 5)."""
BATCH_TOKENS = 256
"""Tokens at once for a pre-trained encoder: what its layers pass on then stays in a processor's cache."""
_ENCODERS = ("/tagger/embedder/transformer/", "/tagger/embedder/questions/", "/tagger/reader/embedder/transformer/")
"""How the names of a pre-trained encoder's operators begin."""
_LARGEST = 127
"""Of two neighbours of a column in 8 bits, added up. Older processors (AVX2) add the products of two unsigned and two
signed bytes in 16 bits and cut off what does not fit: 255 * 128 does, one for rounding. So all compute the same."""


class Reading(nn.Module):
    """Of a joint network what reads marked text: arrays -> (B, T, H) states"""

    def __init__(self, joint: Joint) -> None:
        super().__init__()
        assert joint.reader is not None
        self.reader = joint.reader

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.reader.states(inputs)

    def merge(self) -> None:
        self.reader.merge()


class _Graph(nn.Module):
    """A tagger with its inputs in a row, as ONNX has them."""

    def __init__(self, tagger: Tagger | Reading, names: Sequence[str]) -> None:
        super().__init__()
        self.tagger = tagger
        self.names = names

    def forward(self, *arrays: Tensor) -> Tensor:
        return self.tagger(dict(zip(self.names, arrays, strict=True)))


def export_states(
    tagger: Tagger | Reading, indexers: Mapping[str, Indexer], file: Path, passages: Sequence[Passage] = ()
) -> dict[str, Any]:
    """Write the graph and return its description for model.json.

    passages: real ones, on which the graph is compared with torch, too. Words made up stand in no lexicon.
    What training kept apart for its own sake is merged into one, for good: train on from a copy.
    Raises ModelError where the exported graph does not agree with torch.
    """
    tagger = tagger.cpu().eval()
    tagger.merge()
    inputs = encode(_probe(2, 5), indexers.values())
    names = list(inputs)
    own_axes = {name: axes for indexer in indexers.values() for name, axes in indexer.axes.items()}
    axes = {name: dict(enumerate(own_axes.get(name, _TOKEN_AXES))) for name in (*names, "scores")}
    encoders = [part for part in tagger.modules() if isinstance(part, Transformer)]
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        for encoder in encoders:
            stack.enter_context(encoder.plain_attention())
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
    description: dict[str, Any] = {
        "file": file.name,
        "inputs": {name: {"shape": list(axes[name].values()), "dtype": str(inputs[name].dtype)} for name in names},
        "outputs": {"scores": {"shape": [*_TOKEN_AXES, "tags"], "dtype": "float32"}},
        "precision": "fp32",
        "quantised": [],
    }
    if encoders:
        description["batch_tokens"] = BATCH_TOKENS
    _compare(tagger, indexers, file, description, passages)
    return description


class _Pairs(nn.Module):
    """The second graph of a joint network, its inputs in a row."""

    def __init__(self, joint: Joint) -> None:
        super().__init__()
        self.joint = joint

    def forward(self, states: Tensor, *arrays: Tensor) -> tuple[Tensor, Tensor]:
        return self.joint.pairs(states, dict(zip(_PAIRS, arrays, strict=True)))


def export_pairs(joint: Joint, file: Path) -> dict[str, Any]:
    """Write the graph that mentions are asked about with, and return its description for model.json.

    Raises ModelError where the exported graph does not agree with torch.
    """
    network = _Pairs(joint.cpu()).eval()
    arrays = _probe_pairs(joint, 6, 40)
    shapes = {"states": ["all_tokens", "width"], **{key: ["mentions"] for key in ("first", "after", "types", "ruled")}}
    shapes |= {key: ["mentions", "candidates"] for key in ("partners", "real", "back")}
    outputs = {"relations": ["mentions", "candidates", "scores"], "attributes": ["mentions", "values"]}
    moving = {"all_tokens", "mentions", "candidates"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(torch.from_numpy(array) for array in arrays.values()),
            str(file),
            input_names=list(arrays),
            output_names=list(outputs),
            dynamic_axes={
                name: {n: axis for n, axis in enumerate(axes) if axis in moving}
                for name, axes in (shapes | outputs).items()
            },
            opset_version=17,
            dynamo=False,
        )
    names = [node.name for node in onnx.load(str(file)).graph.input]  # what a decoder does not look at is not there
    description = {
        "file": file.name,
        "inputs": {name: {"shape": shapes[name], "dtype": str(arrays[name].dtype)} for name in names},
        "outputs": {name: {"shape": axes, "dtype": "float32"} for name, axes in outputs.items()},
        "precision": "fp32",
    }
    graph = pairs_network(file, description)
    for mentions, tokens in ((1, 1), (3, 9), (40, 300)):
        arrays = _probe_pairs(joint, mentions, tokens)
        with torch.inference_mode():
            expected = network(*(torch.from_numpy(array) for array in arrays.values()))
        for name, ours, found in zip(outputs, expected, graph(arrays), strict=True):
            difference = float((np.abs(ours.numpy() - found) / np.maximum(1, np.abs(ours.numpy()))).max(initial=0))
            if not difference < TOLERANCE:
                raise ModelError(
                    f"{file}: at {mentions} mentions the exported {name} differ from torch by {difference:.2g}; this "
                    f"decoder of relations cannot be exported"
                )
    return description


def _probe_pairs(joint: Joint, mentions: int, tokens: int) -> dict[str, NDArray[Any]]:
    """Mentions made up, of one or two tokens."""
    chance = np.random.default_rng(mentions)
    codec = joint.relation_codec
    first = np.sort(chance.integers(0, tokens, mentions))
    spans = np.stack([first, np.minimum(first + chance.integers(1, 3, mentions), tokens)], 1)
    states = chance.standard_normal((tokens, joint.states_size)).astype(np.float32)
    types, ruled = (chance.integers(0, most, mentions) for most in (len(codec.types), 1 + len(codec.ruled)))
    return {"states": states, **encode_pairs(codec, spans, types, ruled)}


def quantise_tables(file: Path, to: Path) -> list[str]:
    """Store every table of vectors in 8 bits, with a scale for each row; returns the tables' names.

    Only look-ups shrink. LSTM and CRF stay in fp32 in every precision: they are small, and sensitive.
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
        if name not in names:  # a table that is looked up in two places is stored once
            values = numpy_helper.to_array(table)
            scale = np.maximum(np.abs(values).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
            small = np.rint(values / scale).astype(np.int8)
            graph.initializer.append(numpy_helper.from_array(small, f"{name}.int8"))
            graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
            names.append(name)
        nodes += [
            helper.make_node("Gather", [f"{name}.int8", rows], [f"{out}.int8"], axis=0),
            helper.make_node("Gather", [f"{name}.scale", rows], [f"{out}.scale"], axis=0),
            helper.make_node("Cast", [f"{out}.int8"], [f"{out}.float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}.float", f"{out}.scale"], [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    read = {name for node in nodes for name in node.input}
    for name in names:
        if name not in read:
            graph.initializer.remove(tables[name])
    onnx.checker.check_model(model)
    onnx.save(model, str(to))
    return names


def quantise_products(file: Path, to: Path) -> list[str]:
    """Multiply with the weights of a pre-trained encoder in 8 bits; returns the products' names.

    A weight has a scale for each column. What it is multiplied with is scaled row by row while the graph runs: a
    token's own largest value decides. So nothing has to be calibrated on texts, no text can be out of range, and a
    note's result does not depend on what else is in its batch, as it would with one scale for all rows. Attention's
    own products, of states with states, stay in fp32.
    """
    model = onnx.load(str(file))
    graph = model.graph
    weights = {t.name: t for t in graph.initializer if t.data_type == TensorProto.FLOAT and len(t.dims) == 2}
    added = {
        "int8.one": np.float32(1),
        "int8.zero": np.uint8(128),
        "int8.step": np.float32(1 / 127),
        "int8.least": np.float32(1e-12),
    }
    names: list[str] = []
    nodes: list[onnx.NodeProto] = []
    scaled: set[str] = set()
    for node in graph.node:
        weight = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or not node.name.startswith(_ENCODERS):
            nodes.append(node)
            continue
        rows, name, out = node.input[0], weight.name, node.output[0]
        if rows not in scaled:
            nodes += _scaled_by_row(rows)
            scaled.add(rows)
        if f"{name}.int8" not in added:
            values = numpy_helper.to_array(weight)
            neighbours = np.add.reduceat(np.abs(values), np.arange(0, len(values), 2))
            scale = np.maximum(neighbours.max(0) / _LARGEST, 1e-12).astype(np.float32)
            added[f"{name}.scale"], added[f"{name}.int8"] = scale, np.rint(values / scale).astype(np.int8)
            graph.initializer.remove(weight)
        product = [f"{rows}.uint8", f"{name}.int8", "int8.one", f"{name}.scale", "int8.zero"]
        nodes += [
            helper.make_node("MatMulIntegerToFloat", product, [f"{out}.unscaled"], node.name, domain=_OF_ONNXRUNTIME),
            helper.make_node("Mul", [f"{out}.unscaled", f"{rows}.scale"], [out]),
        ]
        names.append(node.name)
    if names:
        graph.initializer.extend(numpy_helper.from_array(np.asarray(values), name) for name, values in added.items())
        model.opset_import.append(helper.make_opsetid(_OF_ONNXRUNTIME, 1))
        del graph.node[:]
        graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(to))
    return names


def _scaled_by_row(rows: str) -> list[onnx.NodeProto]:
    """Each row as bytes around 128, its largest value 127 steps away from it."""
    return [
        helper.make_node("Abs", [rows], [f"{rows}.abs"]),
        helper.make_node("ReduceMax", [f"{rows}.abs"], [f"{rows}.largest"], axes=[-1], keepdims=1),
        helper.make_node("Mul", [f"{rows}.largest", "int8.step"], [f"{rows}.step"]),
        helper.make_node("Max", [f"{rows}.step", "int8.least"], [f"{rows}.scale"]),
        helper.make_node("Reciprocal", [f"{rows}.scale"], [f"{rows}.steps"]),
        helper.make_node("Mul", [rows, f"{rows}.steps"], [f"{rows}.scaled"]),
        helper.make_node("QuantizeLinear", [f"{rows}.scaled", "int8.one", "int8.zero"], [f"{rows}.uint8"]),
    ]


def quantise(folder: Path, states: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Write the graph's smaller forms beside it; returns the description of each, the graph's own first.

    fp32           as it is
    int8           tables in 8 bits
    int8+products  and the products of a pre-trained encoder
    Forms that would save nothing are left out.
    """
    forms = {"fp32": dict(states)}
    file = folder / states["file"]
    quantised: list[str] = []
    for name, shrink in (("int8", quantise_tables), ("int8+products", quantise_products)):
        smaller = folder / f"{Path(states['file']).stem}.{name}.onnx"
        if found := shrink(file, smaller):
            file, quantised = smaller, [*quantised, *found]
            forms[name] = {**states, "file": file.name, "precision": name, "quantised": quantised}
        else:
            smaller.unlink()
    return forms


def write_model(
    folder: Path,
    *,
    about: Mapping[str, Any],
    graphs: Mapping[str, Mapping[str, Any]],
    indexers: Mapping[str, Indexer],
    decoder_weights: Mapping[str, Tensor] | None = None,
) -> None:
    """Everything beside the graphs (already in the folder) that a model folder needs; model.json last."""
    kept = [graph["file"] for graph in graphs.values()]
    if decoder_weights is not None:
        weights = {name: weight.detach().float().cpu().numpy() for name, weight in decoder_weights.items()}
        kept.append("decoder.safetensors")
        (folder / kept[-1]).write_bytes(save(weights))
    files = {}
    for name, indexer in indexers.items():
        files[name] = f"{name}.json"
        text = json.dumps(indexer.to_dict(), ensure_ascii=False, separators=(",", ":"))
        (folder / files[name]).write_text(text, "utf-8")
    about = {**about, "indexers": files, "graphs": {name: dict(graph) for name, graph in graphs.items()}}
    write_description(folder, about, [*kept, *files.values()])


def write_description(folder: Path, about: Mapping[str, Any], files: Sequence[str]) -> None:
    """model.json; files: those that the model is loaded from."""
    hashes = {name: file_hash(folder / name) for name in files}
    write_json(folder / DESCRIPTION, {"schema": SCHEMA, "epicrisis": __version__, **about, "files": hashes})


def write_json(file: Path, data: Any) -> None:
    aside = file.with_name(file.name + ".part")
    aside.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    aside.replace(file)


def _probe(passages: int, tokens: int) -> list[Passage]:
    """Made-up words of many lengths; the first passage is the longest."""
    return [Passage.of([f"w{'x' * (n % 9)}{row}" for n in range(max(1, tokens - row))]) for row in range(passages)]


def _compare(
    tagger: Tagger | Reading,
    indexers: Mapping[str, Indexer],
    file: Path,
    description: Mapping[str, Any],
    passages: Sequence[Passage],
) -> None:
    network = onnx_network(file, description)
    for cut in (*(_probe(*shape) for shape in _PROBES), *([passages] if passages else [])):
        inputs = encode(cut, indexers.values())
        with torch.inference_mode():
            expected: NDArray[np.float32] = tagger({n: torch.from_numpy(a) for n, a in inputs.items()}).numpy()
        differences = np.abs(expected - network(inputs)) / np.maximum(1, np.abs(expected))
        difference = float(differences[inputs["mask"]].max())
        if not difference < TOLERANCE:
            raise ModelError(
                f"{file}: at {len(cut)} passages of {inputs['mask'].shape[1]} tokens the exported graph differs from "
                f"torch by {difference:.2g}; a part of this recipe cannot be exported"
            )
