"""A trained tagger -> a model folder that is annotated with without torch.

The graph is written by tracing: a traced LSTM stays one operator, where the newer exporter specialises it to the
traced length. So every export is compared with torch on other batch sizes and lengths before it is kept.
"""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from epicrisis.encoding import Indexer, encode, encode_pairs
from epicrisis.errors import ModelError
from epicrisis.models import Joint, Tagger
from epicrisis.parts.embedders import Transformer
from epicrisis.runtime.model import onnx_network, pairs_network
from epicrisis.text import Passage

STATES = "states.onnx"
TOLERANCE = 1e-4
"""Largest difference between a score of torch and one of the exported graph; its share, of a score above 1."""
_PAIRS = ("first", "after", "types", "ruled", "partners", "real", "back")
"""The arrays of `encode_pairs`, in its order."""
_TOKEN_AXES = ("passages", "tokens")
_PROBES = ((1, 1), (3, 17), (7, 64))
"""Batch sizes and lengths at which an export is compared with torch; it is traced at (2, 5)."""
BATCH_TOKENS = 256
"""Tokens at once for a pre-trained encoder: what its layers pass on then stays in a processor's cache."""


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
