"""Memory and time of `epicrisis extract`: archives of growing size, and single notes of growing length.

    python benchmarks/memory.py [--model FOLDER] [--huge]

An archive is one .jsonl file of short notes (about twenty words). Its memory should stay flat, and so should the
seconds that a million characters of one note take. --huge adds one note of 50 million characters (many minutes).
"""

import tempfile
from pathlib import Path

from measuring import (
    EPICRISIS,
    Used,
    arguments,
    child,
    heading,
    interleaved,
    median,
    notes,
    short_notes,
    table,
    write_jsonl,
)

ARCHIVES = (1_000, 10_000, 100_000)
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
HUGE = 50_000_000


def main() -> None:
    parser = arguments(__doc__, runs=3, model=True, data=True)
    parser.add_argument("--huge", action="store_true", help="a note of 50 million characters, too, once")
    parser.add_argument("--archives", type=int, nargs="+", default=ARCHIVES, metavar="NOTES", help="sizes of archives")
    args = parser.parse_args()
    command = [*EPICRISIS, "extract", "--model", args.model, "--format", "jsonl"]
    heading("memory", "epicrisis", "onnxruntime", "numpy", runs=args.runs)
    with tempfile.TemporaryDirectory() as folder:
        archives(command, sorted(args.archives), Path(folder), args.runs)
        single_notes(command, args.data, Path(folder), args.runs, huge=args.huge)


def archives(command: list[str], sizes: list[int], folder: Path, runs: int) -> None:
    print("Archives of short notes; the largest is read once:\n")
    rows = []
    file = folder / "archive.jsonl"
    for size in sizes:
        words = write_jsonl(short_notes(size), file)
        used = [child([*command, str(file)]) for _ in range(1 if size == sizes[-1] else runs)]
        seconds = median(run.seconds for run in used)
        rows.append([str(size), str(words), f"{file.stat().st_size / 1e6:.1f}", f"{seconds:.1f}"])
        rows[-1] += [f"{words / seconds:.0f}", f"{memory(used):.0f}"]
    table(["notes", "words", "MB of text", "seconds", "words/s", "peak MB"], rows)


def single_notes(command: list[str], data: Path | None, folder: Path, runs: int, *, huge: bool) -> None:
    """A note's own time is that of the command less that of the shortest note, which is nearly all start."""
    print("Single notes (joined by a blank line from shorter ones):\n")
    texts, _ = notes(200, data)
    whole = "\n\n".join(texts)
    lengths = [*LENGTHS, *([HUGE] if huge else [])]
    files = {length: folder / f"{length}.txt" for length in lengths}
    for length, file in files.items():
        with file.open("w", encoding="utf-8", newline="") as out:
            for start in range(0, length, len(whole)):
                out.write(whole[: length - start])
    del texts, whole
    cases = {length: lambda file=file: child([*command, str(file)]) for length, file in files.items()}
    found = interleaved({length: case for length, case in cases.items() if length != HUGE}, runs)
    if huge:
        found[HUGE] = [cases[HUGE]()]
    start = median(run.seconds for run in found[LENGTHS[0]])
    rows = []
    for length, used in found.items():
        seconds = median(run.seconds for run in used)
        each = f"{(seconds - start) / length * 1e6:.2f}" if length >= 100_000 else ""
        rows.append([f"{length}", f"{seconds:.2f}", each, f"{memory(used):.0f}"])
    table(["characters", "seconds", "less the start, for a million", "peak MB"], rows)


def memory(used: list[Used]) -> float:
    return median(run.megabytes for run in used)


if __name__ == "__main__":
    main()
