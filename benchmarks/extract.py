"""`epicrisis extract`: one note from a cold start, and an archive; beside spaCy's `ner` in the same run.

    python benchmarks/extract.py [--model FOLDER] [--peer-python /path/to/peers/bin/python]

The peer lives in an environment of its own:

    python3 -m venv peers && peers/bin/pip install spacy==3.8.18

and is trained for a minute on the training part of MACCROBAT 2020 (so --data is needed for it). Every figure is that
of a whole process, from its start to the last line of output: notes from a .jsonl file in, JSON lines out. Words are
what white space separates. Cold means a new process; the files are in the system's cache from the second run on.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from measuring import EPICRISIS, Used, arguments, child, heading, interleaved, median, notes, spread, table, write_jsonl

OURS, THEIRS = "epicrisis", "spaCy ner"
PEER = str(Path(__file__).with_name("spacy_peer.py"))


def train_peer(python: str, data: Path, folder: Path, steps: int) -> Path:
    """A spaCy pipeline with the types of MACCROBAT."""
    from epicrisis import corpora
    from epicrisis.corpora import Report

    os.environ["EPICRISIS_DATA"] = str(data)
    documents = list(corpora.read("maccrobat-2020", corpora.locate("maccrobat-2020"), Report()))
    train = set(corpora.load_split("maccrobat-2020", documents)["train"])
    file, pipeline = folder / "train.jsonl", folder / "pipeline"
    with file.open("w", encoding="utf-8") as lines:
        for document in documents:
            if document.id in train:
                entities = [(entity.start, entity.end, entity.type) for entity in document.entities]
                lines.write(json.dumps({"text": document.text, "entities": entities}) + "\n")
    used = child([python, PEER, "train", str(file), str(pipeline), "--steps", str(steps)])
    print(f"The peer was trained for {steps} steps in {used.seconds:.0f} s.\n", flush=True)
    return pipeline


def main() -> None:
    parser = arguments(__doc__, runs=3, model=True, data=True)
    parser.add_argument("--notes", type=int, default=300, help="notes in the archive; default: 300")
    parser.add_argument("--peer-python", help="python of an environment with spaCy; without it no peer is measured")
    parser.add_argument("--peer-steps", type=int, default=200, help="default: 200")
    args = parser.parse_args()
    heading("extract", "epicrisis", "onnxruntime", "numpy", runs=args.runs)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive, one = folder / "archive.jsonl", folder / "one.jsonl"
        texts, kind = notes(args.notes, args.data)
        words = write_jsonl(texts, archive)
        write_jsonl(texts[:1], one)
        del texts
        cases: dict[tuple[str, int], list[str]] = {}
        for threads in (1, 2):
            ours = [*EPICRISIS, "extract", "--model", args.model, "--format", "jsonl", "--threads", str(threads)]
            cases[OURS, threads] = ours
        if args.peer_python and args.data is None:
            sys.exit("the peer is trained on MACCROBAT 2020: give --data, or set EPICRISIS_DATA")
        if args.peer_python:
            pipeline = str(train_peer(args.peer_python, args.data, folder, args.peer_steps))
            for processes in (1, 2):
                peer = [args.peer_python, PEER, "extract", "--processes", str(processes), pipeline]
                cases[THEIRS, processes] = peer
        cold = measured({name: [*command, str(one)] for name, command in cases.items() if name[1] == 1}, args.runs + 4)
        whole = measured({name: [*command, str(archive)] for name, command in cases.items()}, args.runs)
    print_cold(cold)
    print(f"An archive of {args.notes} notes ({kind}), {words} words:\n")
    print_archive(whole, cold, words)


def measured(commands: Mapping[tuple[str, int], Sequence[str]], runs: int) -> dict[tuple[str, int], list[Used]]:
    return interleaved({name: lambda command=command: child(command) for name, command in commands.items()}, runs)


def print_cold(cold: Mapping[tuple[str, int], Sequence[Used]]) -> None:
    runs = len(cold[OURS, 1])
    print(f"One note, from the start of the process to its end ({runs} runs):\n")
    rows = []
    for (name, _), used in cold.items():
        seconds = spread([run.seconds for run in used])
        rows.append([name, seconds, f"{median(u.processor for u in used):.2f}", f"{memory(used):.0f}"])
    table(["", "seconds", "processor seconds", "peak MB"], rows)


def print_archive(whole: Mapping[tuple[str, int], Sequence[Used]], cold: Mapping, words: int) -> None:
    """Words/s of the whole command; `running`: without the start, as measured on one note."""
    speeds = {name: [words / run.seconds for run in used] for name, used in whole.items()}
    rows = []
    for (name, count), used in whole.items():
        start = median(run.seconds for run in cold[name, 1])
        running = words / (median(run.seconds for run in used) - start)
        ours = median(speeds[OURS, count])
        ratio = "" if name == OURS else f"{ours / median(speeds[name, count]):.1f}"
        speed = spread(speeds[name, count], ".0f")
        rows.append([f"{name}, {count}", speed, f"{running:.0f}", f"{memory(used):.0f}", ratio])
    table(["threads or processes", "words/s", "running", "peak MB of a process", "epicrisis is times faster"], rows)


def memory(used: Sequence[Used]) -> float:
    return median(run.megabytes for run in used)


if __name__ == "__main__":
    main()
