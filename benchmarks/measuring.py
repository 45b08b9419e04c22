"""What the benchmarks share: measured child processes, interleaved runs, notes to read, tables with where and when.

    python benchmarks/measuring.py REPORT COMMAND ...

runs a command and writes what it used into the file REPORT. A process inherits the peak memory of the one that
started it; so each is started by this small one, never by a benchmark that holds notes or arrays.
"""

import argparse
import gzip
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the epicrisis beside this folder, installed or not

from epicrisis.version import __version__  # noqa: E402

EPICRISIS = (sys.executable, "-c", "from epicrisis.cli.main import run; run()")
"""The command line, of the epicrisis beside this folder."""

SAMPLES = Path("mtsamples", "mtsamples_unique.jsonl.gz")
Key = TypeVar("Key")
Value = TypeVar("Value")
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


@dataclass(frozen=True)
class Used:
    """What a child process used: wall and processor seconds, peak memory of its largest process, page faults."""

    seconds: float
    processor: float
    megabytes: float
    faults: int


def child(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Used:
    """Run a command to its end, its output thrown away. Exits with what it said where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "used.json")
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        finished = subprocess.run(
            [sys.executable, "-S", __file__, str(report), *command],
            env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if finished.returncode:
            sys.exit(f"{' '.join(command)}\nfailed with {finished.returncode}:\n{finished.stderr[-2000:]}")
        return Used(**json.loads(report.read_text()))


def _measure(report: str, command: Sequence[str]) -> int:
    begun = time.perf_counter()
    code = subprocess.run(command).returncode
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    megabytes = used.ru_maxrss * _UNIT / 1e6
    about = Used(seconds, used.ru_utime + used.ru_stime, megabytes, used.ru_minflt)
    Path(report).write_text(json.dumps(about.__dict__))
    return code


def interleaved(cases: Mapping[Key, Callable[[], Value]], runs: int) -> dict[Key, list[Value]]:
    """A B A B ...: what changes on a machine while it is measured changes for all of them."""
    found: dict[Key, list[Value]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, case in cases.items():
            found[name].append(case())
    return found


def seconds(function: Callable[[], object], repeats: int) -> Callable[[], float]:
    """A case for `interleaved`: the mean time of a few calls."""

    def measured() -> float:
        begun = time.perf_counter()
        for _ in range(repeats):
            function()
        return (time.perf_counter() - begun) / repeats

    return measured


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """The median, and from where to where."""
    return f"{median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def heading(title: str, *libraries: str, runs: int) -> None:
    """Title, machine, versions, date and commit; and a warning where the machine has other work."""
    load = os.getloadavg()[0]
    parts = [f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in libraries)]
    print(f"## {title}\n")
    print(f"{_machine()}; {', '.join(parts)}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; commit {_commit()}.")
    print(f"Medians of {runs} runs, interleaved where things are compared; in brackets the smallest and the largest.")
    print(f"Load of the machine before: {load:.1f}.")
    if load > 0.5:
        print("**The machine is busy: these figures are no result.**")
    print(flush=True)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Markdown; the first column is text, the others are numbers."""
    print(f"| {' | '.join(header)} |")
    print(f"|---|{'---:|' * (len(header) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def arguments(
    description: str | None, *, runs: int, model: bool = False, data: bool = False
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=runs, help=f"default: {runs}")
    if model:
        parser.add_argument("--model", default="en", help="name or folder of a model; default: en")
    if data:
        folder = os.environ.get("EPICRISIS_DATA")
        parser.add_argument("--data", type=Path, default=folder, help="folder of corpora; default: $EPICRISIS_DATA")
    return parser


def notes(count: int, data: Path | None) -> tuple[list[str], str]:
    """Notes of 300 to 540 words, no two the same, and what they are: MTSamples, or the examples varied."""
    rng = random.Random(1)
    if data is not None and (data / SAMPLES).is_file():
        with gzip.open(data / SAMPLES, "rt", encoding="utf-8") as lines:
            found = [text for line in lines if 300 <= len((text := json.loads(line)["text"]).split()) <= 540]
        rng.shuffle(found)
        kind = "MTSamples"
    else:
        found, kind = [], "the example notes, varied"
    found = found[:count]
    while len(found) < count:
        found.append(_varied(rng, rng.randint(380, 460)))
    return found, kind


def short_notes(count: int) -> Iterator[str]:
    """Notes of about twenty words, made of the examples' sentences."""
    rng = random.Random(2)
    for _ in range(count):
        yield _varied(rng, 20)


def write_jsonl(texts: Iterable[str], file: Path) -> int:
    """Returns how many words (what white space separates) were written."""
    words = 0
    with file.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(texts, start=1):
            words += len(text.split())
            lines.write(json.dumps({"id": str(number), "text": text}) + "\n")
    return words


def _varied(rng: random.Random, words: int) -> str:
    """Sentences of the example notes in random order, with other numbers, until there are so many words."""
    if not _SENTENCES:
        from epicrisis.text import language  # needs numpy, which the small process that starts others goes without

        for file in sorted((ROOT / "examples" / "notes").glob("*.txt")):
            text = " ".join(file.read_text("utf-8").split())
            if language(text) != "en":
                continue
            _SENTENCES.extend(sentence.strip() + "." for sentence in text.split(". ") if sentence)
    chosen: list[str] = []
    missing = words
    while missing > 0:
        sentence = rng.choice(_SENTENCES)
        sentence = "".join(rng.choice("123456789") if c.isdigit() else c for c in sentence)
        chosen.append(sentence)
        missing -= len(sentence.split())
    return " ".join(chosen)


_SENTENCES: list[str] = []


def _version(library: str) -> str:
    if library == "epicrisis":
        return __version__
    try:
        return version(library)
    except PackageNotFoundError:
        return "?"


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{name}, {count} processors, {platform.system()}"


def _commit() -> str:
    def git(*words: str) -> str:
        finished = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
        return finished.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", "epicrisis")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "") or "unknown"
    except OSError:
        return "unknown"


if __name__ == "__main__":
    sys.exit(_measure(sys.argv[1], sys.argv[2:]))
