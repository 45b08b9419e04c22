"""A store: a folder of runs, each found again by what it was made of.

STORE/NAME/              a run folder as `epicrisis train` leaves it, without checkpoints once it is done, and in it
    test.jsonl           what the model finds in the test documents
    usage.json           the most memory that training took
    result.json          what came of it; where it is, the run is done
STORE/NAME.error.json    why a run failed the last time
STORE/NAME.log           warnings and tracebacks of its process
STORE/.locks/NAME        locked while a process works on the run

NAME is corpus, recipe and seed, and a hash of what decides the weights: the recipe with every default filled in, the
texts and labels of train and dev, the split, and the weights to start from, if any.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from epicrisis.benchmark.plan import each_string, without_folders
from epicrisis.corpora.files import write_text
from epicrisis.recipe import Recipe

SCHEMA = 1
NOT_OF_THE_WEIGHTS = ("paper", "published")
"""Keys of a recipe that are for people."""


@dataclass(frozen=True, eq=False)
class Job:
    """One run, and all that decides what comes of it.

    documents_hash  of the train and dev documents
    test_hash       of the test documents, which are no part of the name: where they change, the model stays
    split           the fold that is tested on, "" where the corpus has none
    start           the run or model folder to start from, and the hash of its weights; "" for fresh ones
    """

    recipe: Recipe
    corpus: str
    label: str
    documents_hash: str
    split_hash: str
    test_hash: str
    split: str = ""
    start: str = ""
    start_hash: str = ""

    @property
    def seed(self) -> int:
        return self.recipe.training.seed

    @property
    def row(self) -> tuple[str, str, str]:
        """What it shares with the same run of another seed or fold."""
        return self.corpus, self.recipe.name, self.label

    @property
    def title(self) -> str:
        label = f" ({self.label})" if self.label else ""
        on = f"{self.corpus}, {self.split}" if self.split else self.corpus
        return f"{self.recipe.name}{label} on {on}, seed {self.seed}"

    @cached_property
    def name(self) -> str:
        recipe = {key: value for key, value in self.recipe.to_dict().items() if key not in NOT_OF_THE_WEIGHTS}
        content = [recipe, self.corpus, self.documents_hash, self.split_hash]
        content += [self.start_hash] if self.start else []
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()
        parts = (self.corpus, self.split, self.recipe.name, str(self.seed))
        readable = re.sub(r"[^\w.-]+", "-", "-".join(filter(None, parts)))
        return f"{readable}-{digest[:12]}"


@dataclass(frozen=True)
class Store:
    """The places of a store."""

    folder: Path

    def run(self, job: Job) -> Path:
        return self.folder / job.name

    def log(self, job: Job) -> Path:
        return self.folder / f"{job.name}.log"

    def result(self, job: Job) -> dict[str, Any] | None:
        """None where the run is not done, or was tested on other documents."""
        result = _read(self.run(job) / "result.json")
        return result if result and result.get("test_hash") == job.test_hash else None

    def keep(self, job: Job, measured: Mapping[str, Any]) -> None:
        """Write the result of a run, with no path of this machine in it. What only an unfinished run needs goes."""
        settings = {**measured["settings"], "model": each_string(measured["settings"]["model"], without_folders)}
        result = {
            "schema": SCHEMA,
            "recipe": job.recipe.name,
            "label": job.label,
            "corpus": job.corpus,
            **({"split": job.split} if job.split else {}),
            "seed": job.seed,
            **({"started_from": {"weights": job.start_hash}} if job.start else {}),
            "split_hash": job.split_hash,
            "documents_hash": job.documents_hash,
            "test_hash": job.test_hash,
            **measured,
            "settings": settings,
        }
        write_text(self.run(job) / "result.json", _to_json(result))
        shutil.rmtree(self.run(job) / "checkpoints", ignore_errors=True)
        self.forget_failure(job)

    def failure(self, job: Job) -> str | None:
        """Why the run failed the last time, if it did."""
        error = _read(self._error(job))
        return str(error.get("error", "")) if error and self.result(job) is None else None

    def failed_since(self, job: Job, time: float) -> bool:
        try:
            return self._error(job).stat().st_mtime >= time
        except OSError:
            return False

    def note_failure(self, job: Job, error: str) -> None:
        write_text(self._error(job), json.dumps({"error": error}, ensure_ascii=False) + "\n")

    def forget_failure(self, job: Job) -> None:
        self._error(job).unlink(missing_ok=True)

    def curves(self, job: Job) -> list[dict[str, float]]:
        """Of the epochs so far."""
        try:
            curves: list[dict[str, float]] = json.loads((self.run(job) / "curves.json").read_text("utf-8"))
        except (OSError, ValueError):
            return []
        return curves

    def take(self, job: Job) -> int | None:
        """A descriptor that is locked, None where another process has it.

        The lock lives as long as a process that holds the descriptor: it can be handed on to a child, and nothing has
        to be cleared away after one that was killed. The file itself stays: to remove it would give two processes two.
        """
        import fcntl  # which Windows lacks

        file = self._lock(job)
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _error(self, job: Job) -> Path:
        return self.folder / f"{job.name}.error.json"

    def _lock(self, job: Job) -> Path:
        return self.folder / ".locks" / job.name


def publish(job: Job, result: Mapping[str, Any], folder: Path) -> None:
    """Copy a result, under the label that the plan gives it, into a folder of results alone."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / f"{job.name}.json", _to_json({**result, "label": job.label}))


def _to_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _read(file: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
