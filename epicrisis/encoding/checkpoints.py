"""Where a pre-trained encoder lies: a folder, a folder of folders, or the Hugging Face hub."""

import json
import os
from pathlib import Path
from typing import Any

from epicrisis.errors import ModelError, RecipeError

CHECKPOINTS = "EPICRISIS_CHECKPOINTS"
"""Environment variable: a folder that holds a folder for each checkpoint, for machines without a network."""
_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "*.safetensors", "pytorch_model.bin")


def find_checkpoint(name: str) -> Path:
    """The folder of a checkpoint: a path, the last part of a hub id in $EPICRISIS_CHECKPOINTS, or one from the hub.

    Raises RecipeError where it is nowhere.
    """
    places = [
        Path(name),
        *([Path(os.environ[CHECKPOINTS], name.split("/")[-1])] if os.environ.get(CHECKPOINTS) else []),
    ]
    for folder in places:
        if name and folder.is_dir():
            return folder
    if not name or name.startswith((".", "/")) or name.count("/") > 1:
        raise RecipeError(f"model.embedder, checkpoint: {name!r} is no folder; give a folder, or an id of the hub")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except Exception as error:  # the client has dozens of kinds
        raise RecipeError(
            f"model.embedder, checkpoint: {name!r} is no folder here or in ${CHECKPOINTS}, and the hub gives no such "
            f"model ({type(error).__name__}). Give a folder with --set model.embedder.0.checkpoint=FOLDER"
        ) from None


def read_config(folder: Path) -> dict[str, Any]:
    """Raises ModelError where the folder holds no configuration of an encoder."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        config["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{folder}: no checkpoint: its config.json cannot be read or names no model_type ({type(error).__name__})"
        ) from None
    return dict(config)
