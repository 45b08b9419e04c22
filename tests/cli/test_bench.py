"""`epicrisis bench`, with real processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from epicrisis.cli.main import main
from epicrisis.corpora.formats import jsonl
from epicrisis.training import Run

from ..training.invented import NOTES, RECIPE

ROOT = Path(__file__).parents[2]
BENCH = [sys.executable, "-c", "from epicrisis.cli.main import run; run()", "bench"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a corpus and a recipe."""
    jsonl.write(NOTES, tmp_path / "notes.jsonl")
    _recipe(tmp_path / "tiny.yaml", epochs=3)
    return tmp_path


def _recipe(file: Path, **training: Any) -> None:
    recipe = {key: value for key, value in RECIPE.items() if key != "name"}
    file.write_text(yaml.safe_dump({**recipe, "training": {**recipe["training"], **training}}), "utf-8")


def _plan(place: Path, *runs: dict[str, Any]) -> list[str]:
    """The arguments of the command."""
    file = place / "plan.yaml"
    runs = tuple({"recipe": str(place / "tiny.yaml"), "corpus": "jsonl", **run} for run in runs)
    file.write_text(yaml.safe_dump({"runs": list(runs)}), "utf-8")
    return [str(file), "--out", str(place / "store"), "--data", str(place / "notes.jsonl")]


def _processes(log: Path) -> int:
    return log.read_text("utf-8").count(" process ")


def test_a_plan_becomes_a_table_once(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *_plan(place, {}), "--results", str(place / "results"), "--markdown"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("## jsonl\n")
    assert "| tiny | 1 | " in out
    assert "epoch 3" in err
    (file,) = (place / "results").iterdir()
    text = file.read_text("utf-8")
    result = json.loads(text)
    assert str(place) not in text
    assert (result["recipe"], result["corpus"], result["seed"]) == ("tiny", "jsonl", 1)
    assert result["test"]["documents"] == 1
    folder = place / "store" / file.stem
    assert {"result.json", "test.jsonl", "dev.jsonl", "run.json", "model"} <= {path.name for path in folder.iterdir()}
    assert not (folder / "checkpoints").exists()

    before = (folder / "result.json").stat().st_mtime_ns
    assert main(["bench", *_plan(place, {}), "--markdown"]) == 0, "what is done is left alone"
    out, err = capfd.readouterr()
    assert "1 of 1 runs are done" in err
    assert "epoch" not in err
    assert (folder / "result.json").stat().st_mtime_ns == before

    documents = [*NOTES[1:], NOTES[0].__class__(NOTES[0].id, NOTES[0].text)]
    jsonl.write(documents, place / "notes.jsonl")
    assert main(["bench", *_plan(place, {"seeds": [1, 2]}), "--jobs", "0"]) == 0
    out, _ = capfd.readouterr()
    assert "none (0 of 2 done)" in out, "other documents, other runs"


def test_a_run_may_start_from_another(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fresh = _plan(place, {})
    assert main(["bench", *fresh]) == 0
    (first,) = (path for path in (place / "store").iterdir() if (path / "result.json").exists())
    further = _plan(place, {}, {"from": str(first)}, {"from": str(first / "model"), "name": "again"})
    assert main(["bench", *further, "--markdown"]) == 0
    out, err = capfd.readouterr()
    assert "1 of 3 runs are done" in err
    assert "100% of the network's numbers start from the model" in err
    assert f"| tiny, from {first.name} | 1 |" in out
    assert "| tiny, again | 1 |" in out
    runs = {path.parent for path in (place / "store").glob("*/result.json")}
    assert len(runs) == 2, "the run and its model folder have the same weights"
    (second,) = runs - {first}
    assert json.loads((second / "result.json").read_text("utf-8"))["started_from"]["weights"]
    assert str(place) not in (second / "result.json").read_text("utf-8")
    assert main(["bench", *_plan(place, {"from": str(place / "nowhere")})]) == 2
    assert "runs.0.from: there is no run or model folder" in capfd.readouterr().err


def test_a_corpus_that_is_not_there_is_said_before_anything_is_trained(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = _plan(place, {"corpus": ["jsonl", "brat"]})
    assert main(["bench", *call[:-1], str(place / "nowhere")]) == 1
    assert capsys.readouterr().err.count("nowhere") == 2
    assert not (place / "store").exists()
    assert main(["bench", *call, "--jobs", "-1"]) == 2


def test_data_may_be_the_folder_of_corpora(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "data" / "jsonl").mkdir(parents=True)
    (place / "notes.jsonl").rename(place / "data" / "jsonl" / "notes.jsonl")
    assert main(["bench", *_plan(place, {})[:-1], str(place / "data"), "--jobs", "0"]) == 0
    assert "none (0 of 1 done)" in capsys.readouterr().out


@pytest.mark.slow
def test_killed_and_continued_by_two_at_once_a_plan_ends_with_the_same_weights(place: Path) -> None:
    _recipe(place / "tiny.yaml", epochs=60, patience=60)
    broken = {"set": ["model.embedder.0.vectors=nowhere"], "name": "broken"}
    call = _plan(place, {"seeds": [1, 2]}, broken, {"set": ["model.decoder.type=softmax"], "name": "softmax"})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*BENCH, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    killed = start(*call)
    assert killed.stderr is not None
    next(line for line in killed.stderr if "epoch 20 " in line)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (log,) = (place / "store").glob("*.log")
    begun = Run(place / "store" / log.stem)
    assert not begun.finished

    sharing = [start(*call), start(*call)]
    said = [process.communicate() for process in sharing]
    assert [process.returncode for process in sharing] == [1, 1], said
    failed = "failed: tiny (broken) on jsonl, seed 1: model.embedder, vectors: no 'nowhere'"
    assert all(failed in err for _, err in said)
    logs = sorted((place / "store").glob("*.log"))
    assert len(logs) == 4
    assert [_processes(one) for one in logs] == [2 if one == log else 1 for one in logs]
    first_epochs = [line for _, err in said for line in err.splitlines() if "[1/4]" in line and "epoch 1 " in line]
    assert first_epochs == [], "it goes on where it was"

    other = [str(place / "whole") if word == str(place / "store") else word for word in call]
    whole = start(*other, "--jobs", "2")
    whole.communicate()
    assert whole.returncode == 1
    done = [one for one in logs if (place / "store" / one.stem / "result.json").is_file()]
    assert len(done) == 3
    for one in done:
        for file in ("model/network.safetensors", "dev.jsonl", "test.jsonl"):
            there, here = place / "whole" / one.stem / file, place / "store" / one.stem / file
            assert there.read_bytes() == here.read_bytes(), file
