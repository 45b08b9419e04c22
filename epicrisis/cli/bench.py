"""`epicrisis bench`: recipes x corpora x seeds, into one table."""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from epicrisis import corpora
from epicrisis.benchmark import Job, Planned, Store, markdown, notes, read_plan, rich_tables, rows, share
from epicrisis.benchmark.store import publish
from epicrisis.cli.train import read_split
from epicrisis.corpora import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError, EpicrisisError, UsageError

WIDTH = 160
"""Of the table where the output is no terminal."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "bench",
        help="recipes x corpora x seeds, into a table",
        description="Train and score what a plan lists. What is done is left alone, what was killed goes on, and "
        "several of these commands at once share the work.",
    )
    parser.add_argument("plan", type=Path, help="a YAML file; docs/benchmarking.md shows one")
    parser.add_argument("--out", type=Path, required=True, metavar="STORE", help="the folder of runs")
    parser.add_argument(
        "--data", type=Path, help="the folder of corpora, or the files of the only one; default: $EPICRISIS_DATA"
    )
    parser.add_argument("--results", type=Path, metavar="DIR", help="copy the result of every run here, too")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="runs at once; 0 only shows the table; default: 1"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from epicrisis.models import parts_and_settings

    if args.jobs < 0:
        raise UsageError(f"--jobs {args.jobs}: 0 or more is expected")
    planned = read_plan(args.plan, parts_and_settings())
    sources = _sources(planned, args.data)
    jobs = [sources[one.corpus, one.split].job(one) for one in planned]
    store = Store(args.out)

    def start(job: Job, lock: int) -> "subprocess.Popen[str]":
        return _start(job, store, sources[job.corpus, job.split].path, lock)

    try:
        if args.jobs:
            share(jobs, store, start, at_once=args.jobs, say=_say)
    finally:
        for job in jobs:
            if args.results and (result := store.result(job)):
                publish(job, result, args.results)
    tables, remarks = rows(jobs, store), notes(jobs)
    if args.markdown:
        print(markdown(tables, remarks), end="")
    else:
        from rich.console import Console

        console = Console(width=None if sys.stdout.isatty() else WIDTH)
        console.print(*rich_tables(tables), *remarks, sep="\n", highlight=False, markup=False)
    failures = [(job, error) for job in jobs if (error := store.failure(job)) is not None]
    for job, error in failures:
        _say(f"failed: {job.title}: {error}")
    return 1 if failures else 0


@dataclass(frozen=True)
class _Source:
    """A corpus as it lies there now."""

    path: Path
    documents_hash: str
    split_hash: str
    test_hash: str

    def job(self, planned: Planned) -> Job:
        from epicrisis.training import read_start

        hashes = self.documents_hash, self.split_hash, self.test_hash
        start_hash = read_start(planned.start).hash if planned.start else ""
        return Job(planned.recipe, planned.corpus, planned.label, *hashes, planned.split, planned.start, start_hash)


def _sources(planned: Iterable[Planned], data: Path | None) -> dict[tuple[str, str], _Source]:
    """The corpora of a plan by name and fold. Raises CorpusError with all that is wrong with them."""
    found, mistakes = {}, []
    for name, split in dict.fromkeys((one.corpus, one.split) for one in planned):
        try:
            path = _locate(name, data)
            found[name, split] = _source(path, *_read(name, split, path, say=True))
        except CorpusError as error:
            mistakes.append(str(error))
    if mistakes:
        raise CorpusError("\n".join(mistakes))
    return found


def _locate(name: str, data: Path | None) -> Path:
    """As `corpora.locate`, where the data may also be a folder of corpora."""
    if data is None:
        return corpora.locate(name).resolve()
    folders = (data / folder for folder in (name, *corpora.find(name).folders))
    return next((folder for folder in folders if folder.exists()), data).resolve()


def _read(name: str, split_name: str, path: Path, *, say: bool = False) -> tuple[Any, list[Document]]:
    """The `training.Data`, and apart from it what is tested on."""
    from epicrisis.training import Data

    report = Report()
    documents, split = read_split(name, path, split_name or None, report)
    corpus = corpora.find(name)
    for problem in report if say else ():
        _say(f"not as expected, the rest is read: {problem}")
    about = {
        "corpus": name,
        "data": str(path),
        "split_hash": corpora.split_hash(split),
        "languages": list(corpus.languages),
        "licence": corpus.licence,
        "symmetric": list(corpus.symmetric),
        "problems": [str(problem) for problem in report],
    }
    parts = {part: [documents[i] for i in ids] for part, ids in split.items()}
    return Data(parts["train"], parts["dev"], split, about), parts.get("test", [])


def _source(path: Path, data: Any, test: Iterable[Document]) -> _Source:
    from epicrisis.training.data import documents_hash

    digest = hashlib.sha256("\n".join(document.to_json() for document in test).encode("utf-8")).hexdigest()
    return _Source(path, documents_hash(data), str(data.about["split_hash"]), digest)


def _start(job: Job, store: Store, data: Path, lock: int) -> "subprocess.Popen[str]":
    """The process of one run. What it is to do stands in the first line of its input, which stays open."""
    order = {"recipe": job.recipe.to_dict(), "corpus": job.corpus, "split": job.split, "label": job.label}
    order["start"] = job.start
    order |= {"data": str(data), "store": str(store.folder.resolve()), "name": job.name}
    script = f"import sys; sys.path[:] = {sys.path!r}; from epicrisis.cli.bench import one_run; sys.exit(one_run())"
    with store.log(job).open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            pass_fds=(lock,),
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return process


def one_run() -> int:
    """A run's process: `_start` calls it. What goes wrong is noted in the store."""
    order = json.loads(os.fdopen(os.dup(0), encoding="utf-8").readline())
    threading.Thread(target=_end_with_starter, daemon=True).start()

    from epicrisis.models import parts_and_settings
    from epicrisis.recipe import check_recipe
    from epicrisis.training import read_start
    from epicrisis.training.measured import train_and_measure

    store, path = Store(Path(order["store"])), Path(order["data"])
    recipe = check_recipe(order["recipe"], parts_and_settings(), order["recipe"]["name"])
    data, test = _read(order["corpus"], order["split"], path)
    planned = Planned(recipe, order["corpus"], order["label"], order["split"], order["start"])
    job = _source(path, data, test).job(planned)
    if job.name != order["name"]:
        print("the corpus or the model to start from has changed since the command was started", file=sys.stderr)
        return 1
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} process {os.getpid()}", file=sys.stderr, flush=True)
    try:
        say = partial(print, flush=True)
        start = read_start(job.start) if job.start else None
        store.keep(job, train_and_measure(recipe, data, test, store.run(job), start=start, say=say))
        return 0
    except KeyboardInterrupt:
        return 130
    except EpicrisisError as error:
        store.note_failure(job, str(error))
    except Exception as error:
        traceback.print_exc()
        store.note_failure(job, f"{type(error).__name__}; {store.log(job).name} tells more")
    return 1


def _end_with_starter() -> None:
    """The pipe closes when the process that started this one ends, however it ends. A run can be killed at any time."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
