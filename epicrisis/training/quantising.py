"""An exported graph -> the same with tables and products in 8 bits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_OF_ONNXRUNTIME = "com.microsoft"
"""The domain of operators that onnxruntime has beside the standard's."""
_ENCODERS = ("/embedder/transformer/", "/embedder/questions/")
"""What the names of a pre-trained encoder's operators hold, in a tagger, a joint network or a classifier."""
_LARGEST = 127
"""Of two neighbours of a column in 8 bits, added up. Older processors (AVX2) add the products of two unsigned and two
signed bytes in 16 bits and cut off what does not fit: 255 * 128 does, one for rounding. So all compute the same."""


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
        if weight is None or not any(name in node.name for name in _ENCODERS):
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
