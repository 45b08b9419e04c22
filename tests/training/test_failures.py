"""A run that is interrupted or fills the disk: one sentence, nothing half done, and it can be gone on with."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from epicrisis.cli.main import main
from epicrisis.corpora.formats import brat
from epicrisis.errors import CorpusError
from epicrisis.training import Run, train

from .invented import DATA, NOTES, RECIPE, tiny_recipe

ROOT = Path(__file__).parents[2]
MAIN = """
import signal, sys
from epicrisis.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background turns it off
sys.exit(main(sys.argv[1:]))
"""
FULL = "[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"


def test_ctrl_c_ends_in_one_line_and_the_run_can_be_gone_on_with(tmp_path: Path) -> None:
    brat.write(NOTES, tmp_path / "brat")
    ids = [note.id for note in NOTES]
    (tmp_path / "split.json").write_text(json.dumps({"train": ids[2:], "dev": ids[:2]}), "utf-8")
    (tmp_path / "tiny.yaml").write_text(json.dumps({**RECIPE, "training": {"epochs": 60, "patience": 60}}), "utf-8")
    run = Run(tmp_path / "run")
    call = ["train", str(tmp_path / "tiny.yaml"), "--corpus", "brat", "--data", str(tmp_path / "brat")]
    call += ["--split", str(tmp_path / "split.json"), "--out", str(run.folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, *call],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        any(line.startswith("epoch 2 ") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, "epicrisis: interrupted\n")
    assert not run.finished
    assert main([*call, "--resume"]) == 0
    assert run.finished
    assert len(json.loads((run.folder / "curves.json").read_text("utf-8"))) == 60


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as a terminal gives it: a shell that runs the tests in the background turns it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_reaches_the_caller_and_works_again_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)

    def say(line: str) -> None:
        if line.startswith("epoch 1 "):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(tiny_recipe(), DATA, tmp_path / "run", say=say)
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_a_checkpoint_is_written_is_no_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What torch does then: the file cannot be closed as a whole, and that error covers the first."""

    def interrupted(checkpoint: Any, file: Path) -> None:
        try:
            file.write_bytes(b"half")
            raise KeyboardInterrupt
        finally:
            raise RuntimeError(FULL)

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(tiny_recipe(), DATA, tmp_path / "run")
    assert list((tmp_path / "run" / "checkpoints").iterdir()) == []


@pytest.mark.parametrize("error", [RuntimeError(FULL), OSError(28, "No space left on device")])
def test_a_checkpoint_that_the_disk_cannot_hold_is_named_and_the_run_can_be_gone_on_with(
    tmp_path: Path, error: Exception
) -> None:
    recipe, run = tiny_recipe(epochs=3), Run(tmp_path / "run")
    save = torch.save

    def full(checkpoint: Any, file: Path) -> None:
        if checkpoint["epoch"] < 1:
            return save(checkpoint, file)
        file.write_bytes(b"half")
        raise error

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(torch, "save", full)
        with pytest.raises(CorpusError, match=r"\.ckpt: cannot be written: the disk may be full; free some and go on"):
            train(recipe, DATA, run.folder)
    assert {file.name for file in run.last.parent.iterdir()} == {"best.ckpt", "last.ckpt"}
    assert torch.load(run.last, weights_only=True)["epoch"] == 0
    assert train(recipe, DATA, run.folder, resume=True).finished


FULL_DISK = [
    (shutil.Error([("model.json", "out.part/model.json", "No space left on device")]), "the disk may be full"),
    (OSError(28, "No space left on device"), "No space left on device"),
]


@pytest.mark.parametrize(("error", "reason"), FULL_DISK)
def test_an_export_that_the_disk_cannot_hold_is_named_and_leaves_nothing(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: OSError,
    reason: str,
) -> None:
    def full(source: Path, to: Path, **settings: Any) -> None:
        to.mkdir()
        (to / "model.json").write_text("half")
        raise error

    monkeypatch.setattr(shutil, "copytree", full)
    out = tmp_path / "out"
    assert main(["export", str(tiny_model), "--out", str(out)]) == 2
    expected = f"epicrisis: {out}: cannot be written: {reason}; free some or give another --out\n"
    assert capsys.readouterr().err == expected
    assert list(tmp_path.iterdir()) == []
