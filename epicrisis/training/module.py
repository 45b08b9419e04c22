"""What Lightning's Trainer has to know of a network: the steps of a run, and how the dev score comes about."""

import math
import time
from collections.abc import Callable
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from epicrisis.errors import ModelError
from epicrisis.models import Joint, Tagger
from epicrisis.parts.embedders import Transformer
from epicrisis.recipe import Schedule, Training
from epicrisis.runtime import PairNetwork
from epicrisis.training.batches import Batch, LabelBatch, longest_passage, mixed_batches
from epicrisis.training.task import AnyBatch, Point, Task

LEAST_RATE = 0.02
"""What a cosine or linear schedule ends at, as a share of the height."""


class TaggerModule(lightning.LightningModule):
    """One run of one task, whose dev scores are asked for in evaluation mode, of averaged weights if there are any.

    tagger: the task's network, of whatever kind; checkpoints know it by this name
    """

    def __init__(self, task: Task, settings: Training) -> None:
        super().__init__()
        self.tagger = task.network
        self.settings = settings
        self.score = task.score
        found = task.items
        self.batch_tokens = settings.batch_tokens
        self.longest = max(map(longest_passage, found))
        self.learning = False

        def batches(seed: int) -> list[AnyBatch]:
            return [task.batch(items) for items in mixed_batches(found, self.batch_tokens, seed)]

        def dev_scores(network: Tagger) -> Point:
            return task.dev_scores(network)

        def loss(network: Tagger, batch: AnyBatch, progress: float) -> Tensor:
            return task.loss(network, batch, progress)

        # Functions, not the task itself with its documents: averaging the weights copies every attribute of a module.
        self.batches, self.dev_scores, self.task_loss = batches, dev_scores, loss
        self.steps = settings.epochs * sum(1 for _ in mixed_batches(found, settings.batch_tokens, 0))
        self.curves: list[Point] = []
        self._loss = torch.zeros(())
        self._count = 0
        self._started, self._cpu_started = time.perf_counter(), time.process_time()

    def train_dataloader(self) -> DataLoader[AnyBatch]:
        """This epoch's batches. Asked anew every epoch, so that a resumed run sees what an uninterrupted one sees."""
        generator = torch.Generator()  # a loader draws a number; not from what dropout draws from
        return DataLoader(self.batches(self._epoch_seed()), batch_size=None, generator=generator)  # type: ignore[arg-type]

    def val_dataloader(self) -> DataLoader[int]:
        return DataLoader([0], batch_size=None)  # type: ignore[arg-type]

    def on_train_epoch_start(self) -> None:
        torch.manual_seed(self._epoch_seed())  # no state of the generators needs to be saved
        if self.settings.unfreeze:
            unfreeze(self.tagger, self.current_epoch, self.settings.unfreeze)
        self._loss, self._count, self._started = torch.zeros((), device=self.device), 0, time.perf_counter()
        self._cpu_started = time.process_time()

    def training_step(self, batch: AnyBatch, number: int) -> Tensor:
        """The loss per token, or text. Raises ModelError where it is no number."""
        self.learning = True
        loss = self.task_loss(self.tagger, batch, self.trainer.global_step / self.steps)
        count = batch.count
        if not torch.isfinite(loss):
            raise ModelError(
                f"epoch {self.current_epoch + 1}, batch {number + 1}: the loss is no number. Training stops here; what "
                f"was best at the end of an epoch is kept in checkpoints/best.ckpt. Begin again with a lower "
                f"training.optimizer.rate or clip, or with training.precision=fp32"
            )
        self._loss += loss.detach()
        self._count += count
        return loss / count

    def transfer_batch_to_device(self, batch: Any, device: torch.device, number: int) -> Any:
        return batch.to(device) if isinstance(batch, Batch | LabelBatch) else batch

    def validation_step(self, batch: int, number: int) -> None:
        self.learning = False
        scores = self.dev_scores(self.tagger)
        self.log(self.score, scores[self.score], batch_size=1)
        self.curves.append(
            {
                "epoch": self.current_epoch + 1,
                "loss": float(self._loss) / max(self._count, 1),
                "rate": float(self.optimizers().param_groups[0]["lr"]),  # type: ignore[union-attr]
                **scores,
                "seconds": round(time.perf_counter() - self._started, 2),
                "cpu_seconds": round(time.process_time() - self._cpu_started, 2),
            }
        )

    def on_before_optimizer_step(self, optimizer: Optimizer) -> None:
        """Clip gradients. The trainer itself would not for a fused optimiser."""
        if self.settings.optimizer.clip:
            torch.nn.utils.clip_grad_norm_(self.tagger.parameters(), self.settings.optimizer.clip)

    def configure_optimizers(self) -> Any:
        optimizer = make_optimizer(self.tagger, self.settings)
        share = rate_share(self.settings.schedule, self.steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": LambdaLR(optimizer, share), "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["curves"] = self.curves

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.curves = checkpoint["curves"]

    def _epoch_seed(self) -> int:
        return self.settings.seed * 10_007 + self.current_epoch


def make_optimizer(tagger: Tagger, settings: Training) -> Optimizer:
    """Weight decay for matrices alone: not for tables of vectors, biases and the CRF's scores.

    The layers of a pre-trained encoder have rates of their own, as the recipe says.
    """
    chosen = settings.optimizer
    tables = {id(m.weight) for m in tagger.modules() if isinstance(m, torch.nn.Embedding)}
    rate_of: dict[int, float] = {}
    for layers in pretrained_layers(tagger):
        for depth, layer in enumerate(reversed(layers)):
            for weight in layer:
                weight.requires_grad_(True)  # also where an attempt before this one has begun to unfreeze
            rate = (chosen.pretrained_rate or chosen.rate) * chosen.layer_decay**depth
            rate_of.update((id(weight), rate) for weight in layer)
    groups: dict[tuple[float, bool], list[torch.nn.Parameter]] = {}
    for name, weight in tagger.named_parameters():
        if weight.requires_grad:
            decayed = weight.ndim > 1 and id(weight) not in tables and "transitions" not in name
            groups.setdefault((rate_of.get(id(weight), chosen.rate), not decayed), []).append(weight)
    given = [
        {"params": weights, "lr": rate, "weight_decay": 0.0 if kept else chosen.decay}
        for (rate, kept), weights in sorted(groups.items(), key=lambda item: item[0])
    ]
    if chosen.type == "sgd":
        return SGD(given, lr=chosen.rate, momentum=chosen.momentum)
    # The fused one rounds otherwise: only where it pays, so that runs of small networks come out as they always did.
    return AdamW(given, lr=chosen.rate, betas=(chosen.momentum, 0.99), fused=bool(rate_of))


def pretrained_layers(tagger: Tagger) -> list[list[list[torch.nn.Parameter]]]:
    """Of each pre-trained encoder among the parts the weights that are learned, layer by layer from the lowest."""
    return [part.pretrained_layers()[part.frozen :] for part in tagger.modules() if isinstance(part, Transformer)]


def unfreeze(tagger: Tagger, epoch: int, every: int) -> None:
    """Let the layers of pre-trained encoders learn that may at this epoch (from 0): the top one first."""
    for layers in pretrained_layers(tagger):
        for depth, layer in enumerate(reversed(layers)):
            for weight in layer:
                weight.requires_grad_(epoch >= (depth + 1) * every)


def rate_share(schedule: Schedule, steps: int) -> Callable[[int], float]:
    """Step -> the share of the full rate that it takes."""
    rise = max(1, round(schedule.warm_up * steps))

    def share(step: int) -> float:
        done = min(1.0, step / max(1, steps))
        fall = {"constant": 1.0, "linear": 1 - done, "cosine": 0.5 * (1 + math.cos(math.pi * done))}[schedule.type]
        return min(1.0, (step + 1) / rise) * (LEAST_RATE + (1 - LEAST_RATE) * fall)

    return share


def torch_network(tagger: torch.nn.Module) -> Callable[[dict[str, NDArray[Any]]], NDArray[np.float32]]:
    """A tagger as the function of arrays that `runtime.Annotator` takes."""
    device = next(tagger.parameters()).device

    def network(inputs: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
        with torch.inference_mode():
            scores: Tensor = tagger({name: torch.from_numpy(array).to(device) for name, array in inputs.items()})
            return scores.float().cpu().numpy()

    return network


def torch_pairs(joint: Joint) -> PairNetwork:
    """The second graph of a joint network as the function of arrays that `runtime.Relater` takes."""
    device = next(joint.parameters()).device

    def network(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        with torch.inference_mode():
            tensors = {name: torch.from_numpy(array).to(device) for name, array in inputs.items()}
            related, said = joint.pairs(tensors.pop("states"), tensors)
            return related.float().cpu().numpy(), said.float().cpu().numpy()

    return network
