"""The files of a model folder beside its graphs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.numpy import save
from torch import Tensor

from epicrisis.encoding import Indexer
from epicrisis.runtime.model import DESCRIPTION, SCHEMA, file_hash
from epicrisis.version import __version__


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
