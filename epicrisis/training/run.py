"""A run folder: what was trained on what, how it went, and the model that came of it.

recipe.yaml    the recipe with every default filled in
run.json       corpus, split, versions, what the tags could not express, and how the run ended
split.json     the documents of each part
curves.json    loss, rate and dev score of every epoch
checkpoints/   last.ckpt, to go on from, and best.ckpt
dev.jsonl      what the finished model finds in the dev documents
model/         the finished model: `epicrisis.load` opens the run or this folder
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from epicrisis.errors import CorpusError, ModelError
from epicrisis.training.model_files import write_json
from epicrisis.version import __version__

BEGUN = {"recipe.yaml", "split.json", "run.json"}
"""What a run writes first: a folder with nothing else is one that was stopped at once."""
LIBRARIES = ("torch", "lightning", "numpy", "onnx", "onnxruntime")


@dataclass(frozen=True)
class Run:
    """The places of a run folder."""

    folder: Path

    @property
    def recipe(self) -> Path:
        return self.folder / "recipe.yaml"

    @property
    def about(self) -> Path:
        return self.folder / "run.json"

    @property
    def last(self) -> Path:
        return self.folder / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        return self.folder / "checkpoints" / "best.ckpt"

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def finished(self) -> bool:
        return (self.model / "model.json").is_file()

    def begin(self, recipe: str, about: Mapping[str, Any], split: Mapping[str, Any], *, resume: bool) -> None:
        """Make the folder, or see that the one there is a run of the same recipe on the same data.

        Raises ModelError where the folder holds something else, or a run that was not asked to go on; CorpusError
        where the run there cannot be read.
        """
        if self.about.is_file():
            if not resume:
                raise ModelError(f"{self.folder}: a run lies here. Go on with it by --resume, or give another --out")
            before = self.read()
            if self._recipe() != recipe or before.get("split_hash") != about.get("split_hash"):
                raise ModelError(f"{self.folder}: this run has another recipe, seed or split; give another --out")
            if before.get("started_from") != about.get("started_from"):
                raise ModelError(f"{self.folder}: this run was begun from other weights; give the same --from")
            now = about["documents_hash"]
            if before.get("documents_hash", now) != now:  # runs of earlier versions do not have it
                raise ModelError(
                    f"{self.folder}: this run was begun with other documents: a text or a label of the train or dev "
                    f"part has changed; give another --out"
                )
            return
        strangers = {path.name.removesuffix(".part") for path in self.folder.glob("*")} - BEGUN
        if strangers or (not resume and any(self.folder.glob("*"))):
            raise ModelError(f"{self.folder}: the folder is not empty and holds no run; give another --out")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.recipe.write_text(recipe, "utf-8")
        write_json(self.folder / "split.json", split)
        write_json(self.about, about)

    def add(self, **facts: Any) -> None:
        write_json(self.about, {**self.read(), **facts})

    def read(self) -> dict[str, Any]:
        """Raises CorpusError where the folder holds no run."""
        try:
            about: dict[str, Any] = json.loads(self.about.read_text("utf-8"))
        except (OSError, ValueError):
            about = {}
        if not isinstance(about, dict) or not about:
            raise CorpusError(
                f"{self.folder}: there is no training run here (no readable run.json); give another folder"
            )
        return about

    def _recipe(self) -> str:
        try:
            return self.recipe.read_text("utf-8")
        except (OSError, ValueError):
            raise CorpusError(f"{self.recipe}: the run's recipe cannot be read; give another --out") from None


def versions() -> dict[str, str]:
    return {
        "epicrisis": __version__,
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
