"""Train a recipe on documents: one loop for every system, Lightning's Trainer."""

import logging
import os
import random
import signal
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, RichProgressBar

from epicrisis.errors import CorpusError
from epicrisis.recipe import Recipe, Training
from epicrisis.training.classifying import Classifying
from epicrisis.training.data import Data, documents_hash
from epicrisis.training.linear import train_linear
from epicrisis.training.model_files import write_json
from epicrisis.training.module import TaggerModule
from epicrisis.training.run import Run, versions
from epicrisis.training.starting import Start
from epicrisis.training.tagging import Tagging
from epicrisis.training.task import Point, Task


def train(
    recipe: Recipe,
    data: Data,
    out: Path,
    *,
    start: Start | None = None,
    resume: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Run:
    """Train a recipe and leave a run folder with its model.

    start     the model whose weights and vocabularies training starts from
    resume    go on with the run that lies in `out`
    progress  show a bar for the epoch on the terminal
    say       takes a line for each epoch

    Killed at any moment and called again with `resume`, it ends with the same weights, bit for bit, as a run that was
    not interrupted (on one machine, on a CPU).

    Raises CorpusError where there is nothing to learn or a checkpoint cannot be written, RecipeError where the recipe
    does not fit the data, ModelError where the folder is in use, KeyboardInterrupt at Ctrl-C.
    """
    if recipe.task == "linear":
        return train_linear(recipe, data, out, start=start, resume=resume, say=say)
    if start is not None:
        data = replace(data, about={**data.about, "licence": start.licences(data.about.get("licence", ""))})
    run = Run(out)
    task: Task = Classifying(recipe, data, start) if recipe.task == "classifier" else Tagging(recipe, data, start)
    _make_repeatable(recipe.training)
    task.build()
    about = {
        **data.about,
        "recipe": recipe.name,
        "seed": recipe.training.seed,
        "documents_hash": documents_hash(data),
        **task.about(),
        "versions": versions(),
        **({"started_from": {"model": start.about["name"], "weights": start.hash}} if start else {}),
        "finished": False,
    }
    run.begin(task.yaml, about, data.split, resume=resume)
    if run.finished:
        say(f"{out}: this run is finished")
        return run
    for line in task.told():
        say(line)
    module = TaggerModule(task, recipe.training)
    if not _exhausted(run, task.score, recipe.training.patience):
        _fit_into_memory(module, task, run, say, progress)
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=True)
    task.network.load_state_dict({n.removeprefix("tagger."): w for n, w in checkpoint["state_dict"].items()})
    task.finish(run, _curves(run), say)
    return run


class _AtomicIO(TorchCheckpointIO):
    """Writes a checkpoint aside and renames it, so that a killed run never leaves half of one.

    Raises CorpusError where it cannot be written.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        target = Path(path)
        aside = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            torch.save(checkpoint, aside)
            os.replace(aside, target)
        except (OSError, RuntimeError) as error:  # a RuntimeError is what torch makes of a full disk, and of Ctrl-C
            aside.unlink(missing_ok=True)
            if isinstance(error.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise CorpusError(
                f"{target}: cannot be written: the disk may be full; free some and go on with --resume"
            ) from error


class _BestCheckpoint(ModelCheckpoint):
    """Keeps the best score when the run's folder was moved, where Lightning would forget it and keep the next epoch."""

    @property
    def state_key(self) -> str:
        """Lightning's own, under which earlier versions kept the score."""
        return super().state_key.replace(type(self).__qualname__, ModelCheckpoint.__qualname__, 1)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        folder = str(self.dirpath)

        def moved(path: str) -> str:
            return os.path.join(folder, os.path.basename(path)) if path else ""

        super().load_state_dict(
            {
                **state_dict,
                "dirpath": folder,
                "best_model_path": moved(state_dict["best_model_path"]),
                "kth_best_model_path": moved(state_dict["kth_best_model_path"]),
                "best_k_models": {moved(path): score for path, score in state_dict["best_k_models"].items()},
            }
        )


class _Curves(Callback):
    """Keeps curves.json up to date and says how each epoch went."""

    def __init__(self, run: Run, task: Task, say: Callable[[str], None]) -> None:
        self.run, self.task, self.say = run, task, say

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        curves: list[Point] = module.curves  # type: ignore[assignment]
        write_json(self.run.folder / "curves.json", curves)
        now = curves[-1]
        best = max(point[self.task.score] for point in curves)
        self.say(
            f"epoch {now['epoch']:.0f}  loss {now['loss']:.4f}  {self.task.line(now)}  (best {best:.4f})  "
            f"{now['seconds']:.1f} s"
        )


def _curves(run: Run) -> list[Point]:
    """Those of the last checkpoint, which curves.json may be ahead of."""
    if not run.last.is_file():
        return []
    curves: list[Point] = torch.load(run.last, map_location="cpu", weights_only=True)["curves"]
    return curves


def _exhausted(run: Run, score: str, patience: int) -> bool:
    """Whether a run was stopped after its patience had ended: early stopping itself forgets that it has stopped."""
    scores = [point[score] for point in _curves(run)]
    return bool(scores) and len(scores) - 1 - scores.index(max(scores)) >= patience


def _fit_into_memory(module: TaggerModule, task: Task, run: Run, say: Callable[[str], None], progress: bool) -> None:
    """Fit; where memory does not suffice, go on from the last epoch with half the batch, and two of them a step."""
    parts = 1
    while True:
        try:
            return _fit(module, task, run, say, progress, parts)
        except RuntimeError as error:  # torch.OutOfMemoryError is one, too
            if not (module.learning and _is_out_of_memory(error) and module.batch_tokens > module.longest):
                raise
        parts *= 2
        module.batch_tokens = max(1, module.settings.batch_tokens // parts)
        say(f"memory did not suffice: going on with batches of {module.batch_tokens} tokens, {parts} of them a step")


def _is_out_of_memory(error: RuntimeError) -> bool:
    told = str(error)
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in told or "not enough memory" in told


def _fit(module: TaggerModule, task: Task, run: Run, say: Callable[[str], None], progress: bool, parts: int) -> None:
    """parts: batches whose gradients are added up for one step"""
    settings = module.settings
    callbacks: list[Callback] = [
        _Curves(run, task, say),
        EarlyStopping(task.score, mode="max", patience=settings.patience, check_on_train_epoch_end=True),
        _BestCheckpoint(
            run.best.parent,
            filename="best",
            monitor=task.score,
            mode="max",
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        ),
        ModelCheckpoint(run.last.parent, filename="last", enable_version_counter=False, save_on_train_epoch_end=True),
    ]
    if progress:
        callbacks.append(RichProgressBar(leave=False))
    if settings.average:
        callbacks.insert(0, EMAWeightAveraging(decay=settings.average, use_buffers=False))
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice of Lightning's on workers and loggers that is not meant for this loop
        trainer = lightning.Trainer(
            accelerator="auto",
            devices=1,
            max_epochs=settings.epochs,
            precision="bf16-mixed" if settings.precision == "bf16" else "32-true",
            accumulate_grad_batches=parts,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            logger=False,
            enable_progress_bar=progress,
            enable_model_summary=False,
            callbacks=callbacks,
            plugins=[_AtomicIO()],
            default_root_dir=str(run.folder),
        )
        at_interrupt = signal.getsignal(signal.SIGINT)
        try:
            trainer.fit(module, ckpt_path=str(run.last) if run.last.is_file() else None, weights_only=True)
        except SystemExit as error:  # what Lightning makes of Ctrl-C, which it then turns off
            if not isinstance(error.__context__, KeyboardInterrupt):
                raise
            signal.signal(signal.SIGINT, at_interrupt)
            raise KeyboardInterrupt from None


def _make_repeatable(settings: Training) -> None:
    """Everything that decides which weights come out, but for the processor."""
    random.seed(settings.seed)
    np.random.seed(settings.seed)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
