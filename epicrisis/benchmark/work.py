"""Several processes share the runs of a plan: each takes a run that nobody works on, and leaves what is done alone.

Every run has a process of its own: what one leaves behind changes no other, its memory can be measured, and where it
is killed the others go on. It ends with the process that started it, whose end of the pipe then closes.
"""

import os
import signal
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from epicrisis.benchmark.store import Job, Store

Start = Callable[[Job, int], "subprocess.Popen[str]"]
"""Starts a run's process with a locked descriptor that it is to inherit. stdin and stdout are pipes."""

INTERRUPTED = (130, -signal.SIGINT)
"""Exit codes of a process that Ctrl-C has ended."""


def share(jobs: Sequence[Job], store: Store, start: Start, *, at_once: int, say: Callable[[str], None]) -> None:
    """Do what is not done, `at_once` runs at a time, until the rest is with other processes.

    A run that failed, here or elsewhere, since this was called is not tried again.
    Raises KeyboardInterrupt at Ctrl-C, when all its processes are ended.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    team = _Team(jobs, store, start, at_once, say)
    pool = ThreadPoolExecutor(at_once)
    try:
        workers = [pool.submit(team.work) for _ in range(at_once)]
        for worker in workers:
            worker.result()
        if team.pending:
            say(f"{len(team.pending)} runs are with other processes")
    finally:
        team.stop()
        pool.shutdown()


class _Team:
    """Threads that each wait for one process."""

    def __init__(
        self, jobs: Sequence[Job], store: Store, start: Start, at_once: int, say: Callable[[str], None]
    ) -> None:
        self.jobs, self.store, self.start, self.say = jobs, store, start, say
        self.at_once = at_once
        self.pending = [job for job in jobs if store.result(job) is None]
        self.began = time.time()
        self.mutex = threading.Lock()
        self.running: list[subprocess.Popen[str]] = []
        self.stopped = False
        if len(self.pending) < len(jobs):
            say(f"{len(jobs) - len(self.pending)} of {len(jobs)} runs are done")

    def work(self) -> None:
        while begun := self._next():
            job, process = begun
            number = f"[{self.jobs.index(job) + 1}/{len(self.jobs)}]"
            self.say(f"{number} {job.title}: {job.name}")
            with process:
                for line in process.stdout or ():
                    left = f"  {self._left(job)}" if line.startswith("epoch ") else ""
                    self.say(f"{number} {job.recipe.name}, {job.seed}: {line.rstrip()}{left}")
            self._ended(job, process, number)

    def stop(self) -> None:
        with self.mutex:
            self.stopped = True
            for process in self.running:
                process.kill()

    def _next(self) -> tuple[Job, "subprocess.Popen[str]"] | None:
        """The first run that is free, begun."""
        with self.mutex:
            for job in list(self.pending):
                if self.stopped:
                    return None
                if (lock := self.store.take(job)) is None:
                    continue
                try:
                    self.pending.remove(job)
                    if self.store.result(job) is None and not self.store.failed_since(job, self.began):
                        self.store.forget_failure(job)
                        process = self.start(job, lock)
                        os.ftruncate(lock, 0)
                        os.write(lock, f"{process.pid}\n".encode())
                        self.running.append(process)
                        return job, process
                finally:
                    os.close(lock)  # the process has it, too
            return None

    def _ended(self, job: Job, process: "subprocess.Popen[str]", number: str) -> None:
        code = process.returncode
        with self.mutex:
            self.running.remove(process)
            if self.stopped or code in INTERRUPTED:
                return
        if self.store.result(job) is None and self.store.failure(job) is None:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self.store.note_failure(job, f"its process {how}; {self.store.log(job).name} may say why")
        if error := self.store.failure(job):
            self.say(f"{number} {job.title}: failed: {error}")

    def _left(self, job: Job) -> str:
        here, all_ = time_left(job, self.jobs, self.store, self.at_once)
        return f"{duration(here)} left, {duration(all_)} for all runs"


def time_left(job: Job, jobs: Sequence[Job], store: Store, at_once: int) -> tuple[float, float]:
    """Seconds until a run that has begun is done, and until all are.

    A run is expected to take as long as those of its row took, or else as its epochs let expect, or else as long as
    the others.
    """
    results = {other: store.result(other) for other in jobs}
    epochs = {other: [point["seconds"] for point in store.curves(other)] for other in jobs if not results[other]}
    took: dict[tuple[str, str, str], list[float]] = {}
    for other, result in results.items():
        if result:
            took.setdefault(other.row, []).append(result["training"]["seconds"])
    expected = {
        other.row: statistics.mean(seconds) * other.recipe.training.epochs
        for other, seconds in epochs.items()
        if seconds
    }
    expected |= {row: statistics.mean(seconds) for row, seconds in took.items()}
    usual = statistics.mean(expected.values()) if expected else 0.0

    def left(other: Job) -> float:
        seconds = epochs[other]
        rest = expected.get(other.row, usual) - sum(seconds)
        if rest >= 0:
            return rest
        return statistics.mean(seconds) * (other.recipe.training.epochs - len(seconds))  # longer than the others

    return left(job) if job in epochs else 0.0, sum(map(left, epochs)) / max(1, min(at_once, len(epochs)))


def duration(seconds: float) -> str:
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"
