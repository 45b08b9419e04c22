"""A model folder -> an Annotator or a Classifier, without torch.

A folder holds model.json (what the model is and how its texts are cut), states.onnx, decoder.safetensors, one JSON
file of vocabulary per indexer, scores.json, card.md, and, to train on from, network.safetensors and recipe.yaml. That
of a linear classifier has ngrams.json and linear.safetensors instead of graph and indexers.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from epicrisis.decoding import DECODERS, heads_from, make_codec
from epicrisis.decoding.relations import Relations
from epicrisis.encoding import INDEXERS, Indexer, NgramIndexer
from epicrisis.errors import ModelError, suggestion
from epicrisis.runtime.annotator import Annotator, Network
from epicrisis.runtime.classifier import BATCH_TOKENS, Classifier, LabelNetwork, NetworkReader, Reader
from epicrisis.runtime.linear import LinearReader
from epicrisis.runtime.relater import PairNetwork, Relater
from epicrisis.text import PassageRule, RelationCodec
from epicrisis.text.clean import Preparation

SCHEMA = 1
DESCRIPTION = "model.json"


def shipped_models() -> dict[str, Path]:
    """Name -> folder of the models that came with the package."""
    weights = Path(str(resources.files("epicrisis").joinpath("weights")))
    return {path.parent.name: path.parent for path in sorted(weights.glob(f"*/{DESCRIPTION}"))}


def model_folder(name: str | Path) -> Path:
    """The folder of a model: a shipped one by name, a model folder, or a training run that holds one.

    Raises ModelError where there is none.
    """
    shipped = shipped_models()
    if str(name) in shipped:
        return shipped[str(name)]
    for folder in (Path(name), Path(name, "model")):
        if (folder / DESCRIPTION).is_file():
            return folder
    if Path(name).is_dir():
        raise ModelError(f"{name}: there is no {DESCRIPTION} in this folder; was training finished?")
    raise ModelError(f"no model {str(name)!r}.{suggestion(str(name), shipped)} Or give a model's folder")


def load(name: str | Path = "en") -> Annotator | Classifier:
    """A model ready for texts; see `model_folder` for what the name may be.

    Raises ModelError where the model is unknown, damaged, or made by a newer version of epicrisis.
    """
    folder = model_folder(name)
    about = read_description(folder)
    try:
        _check_files(folder, about)
        return _classifier(folder, about) if is_classifier(about) else _annotator(folder, about)
    except (AttributeError, KeyError, OSError, TypeError, ValueError, SafetensorError) as error:
        raise ModelError(
            f"{folder}: the model is damaged ({type(error).__name__}); install or train it again"
        ) from None


def load_annotator(name: str | Path) -> Annotator:
    """As `load`, of a model that finds entities. Raises ModelError where it does not."""
    found = load(name)
    if isinstance(found, Annotator):
        return found
    raise ModelError(f"{name}: this model labels whole texts and finds no entities; `extract --sentiment` takes it")


def load_classifier(name: str | Path) -> Classifier:
    """As `load`, of a model that labels whole texts. Raises ModelError where it does not."""
    found = load(name)
    if isinstance(found, Classifier):
        return found
    raise ModelError(f"{name}: this model finds entities and does not label texts; train a recipe of sentiment")


def is_classifier(about: Mapping[str, Any]) -> bool:
    """about: the content of model.json"""
    return "labels" in about


def _annotator(folder: Path, about: Mapping[str, Any]) -> Annotator:
    codec = make_codec(about["decoder"], about["types"])
    decoder = DECODERS[about["decoder"]["type"]](codec, load_file(folder / "decoder.safetensors"))
    states = about["graphs"]["states"]
    network = onnx_network(folder / states["file"], states)
    relater = _relater(folder, about) if "relations" in about else None
    marked = about["graphs"].get("marked")
    reading = onnx_network(folder / marked["file"], marked) if marked else None
    indexers, rule, size = _indexers(folder, about), PassageRule(**about["passages"]), states.get("batch_tokens")
    return Annotator(str(about["name"]), network, indexers, decoder, rule, about, size, relater, reading)


def _classifier(folder: Path, about: Mapping[str, Any]) -> Classifier:
    reader: Reader
    if "ngrams" in about:
        weights = load_file(folder / about["ngrams"]["weights"])
        ngrams = NgramIndexer.from_dict(_json(folder / about["ngrams"]["file"]), weights["rarity"])
        reader = LinearReader(ngrams, weights["weights"], weights["bias"])
    else:
        states = about["graphs"]["states"]
        size = int(states.get("batch_tokens", BATCH_TOKENS))
        network, attention = label_network(folder / states["file"], states), "shares" in states["outputs"]
        indexers, rule = _indexers(folder, about), PassageRule(**about["passages"])
        reader = NetworkReader(network, indexers, rule, bool(about["opens"]), attention, size)
    preparation = Preparation.from_dict(about.get("preparation", {}))
    return Classifier(str(about["name"]), reader, heads_from(about["labels"]), about, preparation)


def _indexers(folder: Path, about: Mapping[str, Any]) -> list[Indexer]:
    return [INDEXERS[key].from_dict(_json(folder / file)) for key, file in about["indexers"].items()]


def _json(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def read_description(folder: Path) -> dict[str, Any]:
    """The content of model.json. Raises ModelError where it is no description, or one of a newer schema."""
    try:
        about = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        schema = about["schema"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder / DESCRIPTION}: it cannot be read ({type(error).__name__}); the model is damaged"
        ) from None
    if not isinstance(schema, int) or schema > SCHEMA:
        raise ModelError(
            f"{folder}: a model of schema {schema}, but this version reads up to {SCHEMA}: update epicrisis"
        )
    return about


def _relater(folder: Path, about: Mapping[str, Any]) -> Relater:
    graph, relations = about["graphs"]["pairs"], about["relations"]
    codec = RelationCodec.from_dict(relations, about["types"])
    decoder = Relations(codec, relations["decoder"])
    return Relater(pairs_network(folder / graph["file"], graph), codec, decoder, int(relations["states_size"]))


def onnx_network(file: Path, graph: Mapping[str, Any]) -> Network:
    """An ONNX file as a function of arrays. One thread a call: `Annotator.pipe` calls it from several."""
    run = _onnx(file, graph)

    def network(inputs: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        return run(inputs)[0]

    return network


def label_network(file: Path, graph: Mapping[str, Any]) -> LabelNetwork:
    """As `onnx_network`, of a classifier."""
    run = _onnx(file, graph)

    def network(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        scores, *shares = run(inputs)
        return scores, shares[0] if shares else None

    return network


def pairs_network(file: Path, graph: Mapping[str, Any]) -> PairNetwork:
    """As `onnx_network`, of the graph `pairs`."""
    run = _onnx(file, graph)

    def network(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        related, said = run(inputs)
        return related, said

    return network


def _onnx(file: Path, graph: Mapping[str, Any]) -> Callable[[dict[str, NDArray[Any]]], list[NDArray[np.float32]]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep the largest batch's memory for good
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common base but this
        raise ModelError(f"{file}: it cannot be opened ({type(error).__name__}); install or train it again") from None
    names, outputs = list(graph["inputs"]), list(graph["outputs"])
    there = [i.name for i in session.get_inputs()], [o.name for o in session.get_outputs()]
    if sorted(names) != sorted(there[0]) or outputs != there[1]:
        raise ModelError(f"{file}: its inputs and outputs are not those of model.json; install or train it again")

    def run(inputs: dict[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        found: list[NDArray[np.float32]] = session.run(outputs, {name: inputs[name] for name in names})
        return found

    return run


def file_hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _check_files(folder: Path, about: Mapping[str, Any]) -> None:
    for name, expected in about.get("files", {}).items():
        file = folder / name
        if not file.is_file():
            raise ModelError(f"{file}: this file of the model is missing; install or train it again")
        if file_hash(file) != expected:
            raise ModelError(f"{file}: not the file that the model was saved with; install or train it again")
