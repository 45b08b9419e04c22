"""Runs that are stopped go on, and end as if nothing had happened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import epicrisis.training.finishing
import epicrisis.training.loop
import epicrisis.training.run
import epicrisis.training.tagging
from epicrisis.recipe import Recipe
from epicrisis.training import Run, train
from epicrisis.training.module import TaggerModule

from .invented import DATA, SHORT, TWO_NOTES, curves, tiny_recipe, weights


class Stopped(Exception):
    """As if the power had gone."""


def last_weights(run: Run) -> dict[str, torch.Tensor]:
    """Of the last epoch, which need not be the best."""
    state: dict[str, torch.Tensor] = torch.load(run.last, weights_only=True)["state_dict"]
    return state


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    first, second, other = (
        train(tiny_recipe(**SHORT, seed=seed), TWO_NOTES, tmp_path / name / "run")
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert weights(first) == weights(second) != weights(other)
    assert (first.folder / "dev.jsonl").read_bytes() == (second.folder / "dev.jsonl").read_bytes()
    assert (first.model / "states.onnx").read_bytes() == (second.model / "states.onnx").read_bytes()
    assert curves(first) == curves(second) != curves(other)


def when_an_epoch_ends(number: int) -> Callable[[pytest.MonkeyPatch], Callable[[str], None]]:
    def prepare(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def say(line: str) -> None:
            if line.startswith(f"epoch {number} "):
                raise Stopped

        return say

    return prepare


def at_a_step(number: int) -> Callable[[pytest.MonkeyPatch], Callable[[str], None]]:
    def prepare(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        done = 0
        step = TaggerModule.training_step

        def counted(self: TaggerModule, *arguments: Any) -> Any:
            nonlocal done
            done += 1
            if done > number:
                raise Stopped
            return step(self, *arguments)

        monkeypatch.setattr(TaggerModule, "training_step", counted)
        return lambda line: None

    return prepare


def when_writing(name: str) -> Callable[[pytest.MonkeyPatch], Callable[[str], None]]:
    def prepare(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def stop(*arguments: Any, **settings: Any) -> None:
            raise Stopped

        monkeypatch.setattr(epicrisis.training.finishing, name, stop)
        return lambda line: None

    return prepare


def between_checkpoints(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """best.ckpt of the third epoch is there, last.ckpt still that of the second."""
    save = epicrisis.training.loop._AtomicIO.save_checkpoint

    def stopping(self: Any, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        if str(path).endswith("last.ckpt") and checkpoint["epoch"] == 2:
            raise Stopped
        save(self, checkpoint, path, storage_options)

    monkeypatch.setattr(epicrisis.training.loop._AtomicIO, "save_checkpoint", stopping)
    return lambda line: None


MOMENTS = {
    "before the first step": at_a_step(0),
    "in the first epoch": at_a_step(2),
    "in the third epoch": at_a_step(30),
    "when the first epoch ends": when_an_epoch_ends(1),
    "when the fourth epoch ends": when_an_epoch_ends(4),
    "between two checkpoints": between_checkpoints,
    "when the graph is exported": when_writing("export_states"),
    "when the model is written": when_writing("write_model"),
    "when all but the dev predictions is written": when_writing("write_text"),
}


@pytest.fixture(scope="module", params=[0.0, 0.9], ids=["plain", "averaged"])
def uninterrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, Run]:
    recipe = tiny_recipe(**SHORT, average=request.param)
    return recipe, train(recipe, TWO_NOTES, tmp_path_factory.mktemp("whole") / "run")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_was_stopped_goes_on_as_if_nothing_had_happened(
    uninterrupted: tuple[Recipe, Run], moment: str, tmp_path: Path
) -> None:
    recipe, whole = uninterrupted
    with pytest.MonkeyPatch.context() as monkeypatch:
        say = MOMENTS[moment](monkeypatch)
        with pytest.raises(Stopped):
            train(recipe, TWO_NOTES, tmp_path / "run", say=say)
    assert not Run(tmp_path / "run").finished
    run = train(recipe, TWO_NOTES, tmp_path / "run", resume=True)
    assert weights(run) == weights(whole)
    torch.testing.assert_close(last_weights(run), last_weights(whole), rtol=0, atol=0)
    assert curves(run) == curves(whole)
    assert whole.read()["best_epoch"] >= 3
    for file in ("dev.jsonl", "model/states.onnx", "model/model.json", "model/scores.json"):
        assert (run.folder / file).read_bytes() == (whole.folder / file).read_bytes()
    assert run.read() == whole.read()


def test_a_run_that_was_stopped_after_its_patience_ended_learns_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two epochs bring nothing, so that training ends; another epoch would bring more, and must not come."""
    recipe = tiny_recipe(epochs=30, patience=2)

    def run_until(place: Path, stop: bool, scores: list[float]) -> Run:
        rest = iter(scores)
        monkeypatch.setattr(epicrisis.training.tagging, "_strict_f1", lambda gold, annotator: next(rest))
        if stop:
            with pytest.MonkeyPatch.context() as within, pytest.raises(Stopped):
                train(recipe, DATA, place, say=when_writing("export_states")(within))
        return train(recipe, DATA, place, resume=stop)

    whole = run_until(tmp_path / "whole" / "run", False, [0.5, 0.5, 0.5])
    run = run_until(tmp_path / "stopped" / "run", True, [0.5, 0.5, 0.5, 0.9, 0.9, 0.9])
    assert len(curves(whole)) == 3
    assert curves(run) == curves(whole)
    assert weights(run) == weights(whole)


def test_a_run_whose_folder_was_moved_keeps_its_best_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tiny_recipe(epochs=4)
    scores = iter([0.2, 0.9, Stopped, 0.1, 0.3])

    def next_score(gold: Any, annotator: Any) -> float:
        if (score := next(scores)) is Stopped:
            raise Stopped
        return score  # type: ignore[return-value]

    monkeypatch.setattr(epicrisis.training.tagging, "_strict_f1", next_score)
    with pytest.raises(Stopped):
        train(recipe, DATA, tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    best = Run(tmp_path / "there").best.read_bytes()
    run = train(recipe, DATA, tmp_path / "there", resume=True)
    assert [point["dev_strict_f1"] for point in curves(run)] == [0.2, 0.9, 0.1, 0.3]
    assert torch.load(run.best, weights_only=True)["epoch"] == 1
    assert run.best.read_bytes() == best
    assert run.read()["best_epoch"] == 2
    assert not (tmp_path / "here").exists()


def test_a_run_that_was_stopped_while_its_folder_was_made_can_be_gone_on_with(tmp_path: Path) -> None:
    recipe = tiny_recipe(epochs=1)
    with pytest.MonkeyPatch.context() as monkeypatch:
        real = epicrisis.training.run.write_json

        def stopping(file: Path, data: Any) -> None:
            if file.name == "run.json":
                raise Stopped
            real(file, data)

        monkeypatch.setattr(epicrisis.training.run, "write_json", stopping)
        with pytest.raises(Stopped):
            train(recipe, DATA, tmp_path / "run")
    assert train(recipe, DATA, tmp_path / "run", resume=True).finished
