"""Sharing, with processes that train nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from epicrisis.benchmark import Job, Store, share
from epicrisis.benchmark.work import duration, time_left

from .making import done, in_progress, job, measured

ROOT = Path(__file__).parents[2]
RUN = """
import json, sys, time
folder, result = sys.argv[1:]
with open(folder + ".begun", "a") as begun:
    begun.write("once\\n")
print("epoch 1", flush=True)
time.sleep(0.02)
with open(folder + "/result.json", "w") as file:
    file.write(result)
"""
SHARE = """
import sys
from pathlib import Path
from epicrisis.benchmark import Store, share
from tests.benchmark.test_work import JOBS, start
store = Store(Path(sys.argv[1]))
share(JOBS, store, lambda job, lock: start(job, lock, store), at_once=2, say=print)
"""
JOBS = [job(seed=seed) for seed in range(1, 25)]


def start(job: Job, lock: int, store: Store, script: str = RUN) -> "subprocess.Popen[str]":
    store.run(job).mkdir(exist_ok=True)
    result = json.dumps({**measured(), "test_hash": job.test_hash})
    call = [sys.executable, "-S", "-c", script, str(store.run(job)), result]
    with store.log(job).open("a") as log:
        return subprocess.Popen(
            call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, pass_fds=(lock,)
        )


def begun(store: Store, job: Job) -> int:
    file = store.folder / f"{job.name}.begun"
    return file.read_text().count("once") if file.is_file() else 0


def test_several_processes_do_every_run_once(tmp_path: Path) -> None:
    call = [sys.executable, "-c", SHARE, str(tmp_path)]
    processes = [subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    store = Store(tmp_path)
    assert [begun(store, job) for job in JOBS] == [1] * len(JOBS)
    assert all(store.result(job) for job in JOBS)
    assert sum(text.count(": epoch 1") for text in said) == len(JOBS)


def test_what_is_done_is_left_alone_and_what_is_taken_is_left_to_others(tmp_path: Path) -> None:
    store, lines = Store(tmp_path), list[str]()
    done(store, JOBS[0])
    lock = store.take(JOBS[1])
    assert lock is not None
    share(JOBS[:3], store, lambda job, lock: start(job, lock, store), at_once=1, say=lines.append)
    assert [begun(store, job) for job in JOBS[:3]] == [0, 0, 1]
    assert lines[0] == "1 of 3 runs are done"
    assert lines[-1] == "1 runs are with other processes"


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("import sys; sys.exit(3)", "its process ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "its process was killed by signal 9"),
    ],
)
def test_a_run_that_fails_is_noted_and_does_not_stop_the_others(script: str, error: str, tmp_path: Path) -> None:
    store, lines = Store(tmp_path), list[str]()

    def some_fail(job: Job, lock: int) -> "subprocess.Popen[str]":
        return start(job, lock, store, script if job is JOBS[0] else RUN)

    share(JOBS[:2], store, some_fail, at_once=1, say=lines.append)
    assert (store.failure(JOBS[0]) or "").startswith(error)
    assert store.result(JOBS[1]) is not None
    assert any("failed: its process" in line for line in lines)
    share(JOBS[:2], store, lambda job, lock: start(job, lock, store), at_once=1, say=lines.append)
    assert store.result(JOBS[0]) is not None, "a later call tries again"
    assert store.failure(JOBS[0]) is None


def test_a_run_that_was_interrupted_has_not_failed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    share(
        JOBS[:1],
        store,
        lambda job, lock: start(job, lock, store, "import sys; sys.exit(130)"),
        at_once=1,
        say=lambda line: None,
    )
    assert store.failure(JOBS[0]) is None
    assert store.result(JOBS[0]) is None


def test_a_run_that_has_just_failed_elsewhere_is_not_tried_again(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fails_elsewhere(job: Job, lock: int) -> "subprocess.Popen[str]":
        store.note_failure(JOBS[1], "out of memory")
        return start(job, lock, store)

    share(JOBS[:2], store, fails_elsewhere, at_once=1, say=lambda line: None)
    assert begun(store, JOBS[1]) == 0
    assert store.failure(JOBS[1]) == "out of memory"


def test_an_interruption_ends_the_processes(tmp_path: Path) -> None:
    store, processes = Store(tmp_path), list[subprocess.Popen[str]]()

    def interrupted(line: str) -> None:
        if line.endswith("started"):
            raise KeyboardInterrupt

    def starts(job: Job, lock: int) -> "subprocess.Popen[str]":
        processes.append(start(job, lock, store, "import time; print('started', flush=True); time.sleep(600)"))
        return processes[-1]

    with pytest.raises(KeyboardInterrupt):
        share(JOBS[:3], store, starts, at_once=1, say=interrupted)
    assert len(processes) == 1
    assert processes[0].wait(10) == -9
    assert store.failure(JOBS[0]) is None


def test_the_time_left_is_that_of_finished_runs_of_the_row_or_of_the_epochs_to_come(tmp_path: Path) -> None:
    store = Store(tmp_path)
    same = [job(seed=seed) for seed in (1, 2, 3)]
    other = job("other")
    done(store, same[0], seconds=100)
    assert time_left(same[1], same[:2], store, 1) == (100, 100)
    assert time_left(same[0], same[:2], store, 1) == (0, 100)
    in_progress(store, same[1], [10, 10, 10])
    assert time_left(same[1], same, store, 1) == (70, 70 + 100)
    in_progress(store, other, [2, 4])
    assert time_left(other, [other], store, 1) == (3 * 8, 3 * 8), "of 10 epochs 8 are to come"
    assert time_left(other, [*same, other], store, 2) == (24, (70 + 100 + 24) / 2)
    in_progress(store, same[1], [30, 30, 30, 30])
    assert time_left(same[1], same, store, 1)[0] == 6 * 30, "it takes longer than the one before"
    in_progress(store, same[1], [10, 10, 10])
    unknown = job("unknown")
    assert time_left(other, [*same, other, unknown], store, 1)[1] == 70 + 100 + 24 + (100 + 30) / 2


def test_durations_are_short() -> None:
    assert [duration(s) for s in (0, 99, 100, 5900, 6000)] == ["0 s", "99 s", "2 min", "98 min", "1.7 h"]
