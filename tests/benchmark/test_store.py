import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from epicrisis.benchmark import Store
from epicrisis.benchmark.store import publish
from epicrisis.recipe import Part, Training

from .making import done, job, measured

HOLD = """
import sys
from pathlib import Path
from epicrisis.benchmark import Store
from tests.benchmark.making import job
lock = Store(Path(sys.argv[1])).take(job())
print(lock is not None, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"name": "other"},
        {"corpus": "other"},
        {"documents_hash": "other"},
        {"split_hash": "other"},
        {"encoder": Part("nothing", {"dropout": 0.1})},
        {"training": Training(epochs=11)},
    ],
    ids=str,
)
def test_what_decides_the_weights_decides_the_name(changes: dict[str, Any]) -> None:
    assert job(**changes).name != job().name


@pytest.mark.parametrize(
    "changes",
    [{"paper": "Mended 2020"}, {"published": {"f1": 0.9}}, {"label": "best"}, {"test_hash": "other"}],
    ids=str,
)
def test_what_does_not_decide_them_does_not(changes: dict[str, Any]) -> None:
    assert job(**changes).name == job().name


def test_a_name_can_be_read_and_is_that_of_a_file() -> None:
    assert job("a b/c", 3, corpus="ccks-2019").name.startswith("ccks-2019-a-b-c-3-")


def test_a_run_is_done_when_its_result_is_there_and_of_these_test_documents(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.result(job()) is None
    store.run(job()).mkdir()
    (store.run(job()) / "result.json").write_text('{"test_ha')
    assert store.result(job()) is None
    done(store, job())
    assert store.result(job()) is not None
    assert store.result(job(test_hash="other")) is None


def test_no_path_of_the_machine_gets_into_a_result_and_checkpoints_go(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    checkpoint = store.run(job()) / "checkpoints" / "last.ckpt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    embedder = [{"type": "words", "vectors": str(tmp_path / "my" / "vectors"), "widths": [3]}]
    store.keep(job(), measured(settings={"model": {"embedder": embedder}, "training": {"seed": 1}}))
    result = store.result(job())
    assert result is not None
    assert result["settings"]["model"]["embedder"] == [{"type": "words", "vectors": "vectors", "widths": [3]}]
    assert str(tmp_path) not in (store.run(job()) / "result.json").read_text()
    assert not checkpoint.exists()
    publish(job(label="as in the plan"), result, tmp_path / "results")
    (file,) = (tmp_path / "results").iterdir()
    assert file.name == f"{job().name}.json"
    assert json.loads(file.read_text()) == {**result, "label": "as in the plan"}


def test_a_failure_is_noted_until_the_run_is_done(tmp_path: Path) -> None:
    store, before = Store(tmp_path), time.time() - 1
    assert store.failure(job()) is None
    assert not store.failed_since(job(), before)
    store.note_failure(job(), "the loss is nan")
    assert store.failure(job()) == "the loss is nan"
    assert store.failed_since(job(), before)
    assert not store.failed_since(job(), time.time() + 1)
    done(store, job())
    assert store.failure(job()) is None


def test_a_run_is_taken_once_and_is_free_when_its_process_is_killed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    assert store.take(job()) is None
    assert store.take(job(seed=2)) is not None
    holder.kill()
    holder.communicate()
    assert store.take(job()) is not None
