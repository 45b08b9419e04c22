"""Trainings that would go wrong: they say so, and lose nothing."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from epicrisis.errors import ModelError
from epicrisis.models import Tagger
from epicrisis.runtime import load
from epicrisis.training import Run, train

from .invented import DATA, NOTES, data, marked, tiny_recipe


def spoilt(monkeypatch: pytest.MonkeyPatch, spoil: Any) -> None:
    """Let `spoil` have the loss and the number of tokens of every batch."""
    loss = Tagger.loss

    def instead(self: Tagger, inputs: dict[str, Tensor], own: Tensor, targets: Tensor) -> Tensor:
        return spoil(loss(self, inputs, own, targets), inputs["mask"].numel())

    monkeypatch.setattr(Tagger, "loss", instead)


def test_a_loss_that_is_no_number_stops_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def spoil(loss: Tensor, tokens: int) -> Tensor:
        nonlocal calls
        calls += 1
        return loss * float("nan") if calls == 10 else loss

    spoilt(monkeypatch, spoil)
    said: list[str] = []
    with pytest.raises(ModelError, match=r"^epoch \d, batch \d: the loss is no number\. .*best\.ckpt.*rate"):
        train(tiny_recipe(batch_tokens=12), DATA, tmp_path, say=said.append)
    run = Run(tmp_path)
    assert run.best.is_file() == any(line.startswith("epoch") for line in said)
    if run.best.is_file():
        weights = torch.load(run.best, weights_only=True)["state_dict"]
        assert all(weight.isfinite().all() for weight in weights.values())


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_where_memory_does_not_suffice_the_batch_is_halved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[RuntimeError]
) -> None:
    seen: list[int] = []

    def spoil(loss: Tensor, tokens: int) -> Tensor:
        seen.append(tokens)
        if tokens > 15:
            raise error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")
        return loss

    spoilt(monkeypatch, spoil)
    said: list[str] = []
    run = train(tiny_recipe(batch_tokens=60, epochs=30), DATA, tmp_path, say=said.append)
    assert [line for line in said if line.startswith("memory")] == [
        "memory did not suffice: going on with batches of 30 tokens, 2 of them a step",
        "memory did not suffice: going on with batches of 15 tokens, 4 of them a step",
    ]
    assert max(seen[-20:]) <= 15
    assert len(list(load(run.folder).pipe(NOTES))) == len(NOTES)


def test_another_error_of_torch_is_not_taken_for_a_lack_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(loss: Tensor, tokens: int) -> Tensor:
        raise RuntimeError("something else")

    spoilt(monkeypatch, spoil)
    with pytest.raises(RuntimeError, match="something else"):
        train(tiny_recipe(), DATA, tmp_path)


def test_types_that_dev_alone_has_are_named(tmp_path: Path) -> None:
    said: list[str] = []
    dev = [*NOTES[:2], marked("d", "Seen by [Person somebody] on [Date Monday] and [Date Tuesday].")]
    train(tiny_recipe(epochs=1), data(NOTES, dev), tmp_path, say=said.append)
    (warning,) = (line for line in said if line.startswith("warning"))
    assert "3 entities of types that no training document has (Date, Person)" in warning


def test_vectors_that_cover_little_are_named_with_their_share(tmp_path: Path) -> None:
    import numpy as np

    from epicrisis.encoding.vectors import Vectors, write_vectors
    from epicrisis.models import parts_and_settings
    from epicrisis.recipe import check_recipe

    from .invented import RECIPE

    write_vectors(Vectors(("warfarin", "fever"), np.eye(2, 8, dtype=np.float32)), tmp_path / "vectors")
    model = {**RECIPE["model"], "embedder": [{"type": "words", "vectors": str(tmp_path / "vectors")}]}
    recipe = check_recipe(
        {**RECIPE, "model": model, "training": {**RECIPE["training"], "epochs": 1}}, parts_and_settings(), "x"
    )
    said: list[str] = []
    train(recipe, data(), tmp_path / "run", say=said.append)
    words = [word for note in NOTES for word in note.text.replace(".", " . ").replace(",", " , ").split()]
    assert len(words) > 20
    (warning,) = (line for line in said if line.startswith("warning"))
    assert "the vocabulary of words covers 3% of the training tokens" in warning
