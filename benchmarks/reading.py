"""Memory and speed of reading: the corpora that are there, and MIMIC-III's notes, from files that are made here.

    python benchmarks/reading.py [--sizes 2 20 200] [--data FOLDER]

A process reads a whole corpus and counts; its start is included. Each made file is a NOTEEVENTS.csv of invented notes
of 400 to 12,000 characters, with line breaks and doubled quotation marks: peak memory should not grow with it.
"""

import csv
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from measuring import Used, arguments, child, heading, interleaved, median, spread, table

HEADER = (
    "ROW_ID",
    "SUBJECT_ID",
    "HADM_ID",
    "CHARTDATE",
    "CHARTTIME",
    "STORETIME",
    "CATEGORY",
    "DESCRIPTION",
    "CGID",
    "ISERROR",
    "TEXT",
)
COUNT = (
    "import sys; from epicrisis.corpora import Report, read\n"
    "print(sum(len(document.text) for document in read(sys.argv[1], sys.argv[2], Report())))"
)
CORPORA = {
    "maccrobat-2020": "maccrobat2020",
    "genia": "genia/GENIAcorpus3.02.tgz",
    "genia-terms": "genia/GENIAcorpus3.02.tgz",
    "bc5cdr": "bc5cdr",
    "ade-v2-all": "ade-corpus-v2",
    "ccks-2019": "ccks2019-yidu-s4k",
}
"""Where they lie below the folder of corpora."""
LINE = 'Patient said he was "tired" and [**Known lastname 12**] slept.\n'


def main() -> None:
    parser = arguments(__doc__, runs=3, data=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=(2, 20, 200), metavar="MB", help="default: 2 20 200")
    args = parser.parse_args()
    heading("reading", "epicrisis", runs=args.runs)
    there = {
        name: Path(args.data, path) for name, path in CORPORA.items() if args.data and Path(args.data, path).exists()
    }
    if there:
        found = interleaved({name: counting(name, path) for name, path in there.items()}, args.runs)
        rows = [[name, spread([one.processor for one in used]), peak(used)] for name, used in found.items()]
        table(["corpus", "processor seconds", "peak MB"], rows)
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder, str(size), "NOTEEVENTS.csv") for size in args.sizes}
        notes = {size: write(file, size * 1_000_000) for size, file in files.items()}
        made = interleaved({size: counting("mimic-iii", file) for size, file in files.items()}, args.runs)
        rows = []
        for size, used in made.items():
            megabytes = files[size].stat().st_size / 1e6
            speed = spread([megabytes / one.processor for one in used], ".0f")
            rows.append([f"{megabytes:.0f}", f"{notes[size]:,}", speed, peak(used)])
    table(["MB", "notes", "MB a processor second", "peak MB"], rows)


def counting(name: str, path: Path) -> Callable[[], Used]:
    return lambda: child([sys.executable, "-c", COUNT, name, str(path)])


def peak(used: Sequence[Used]) -> str:
    return f"{median(one.megabytes for one in used):.1f}"


def write(file: Path, size: int) -> int:
    """Returns how many notes were written."""
    rng = random.Random(1)
    file.parent.mkdir()
    number = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        rows.writerow(HEADER)
        while out.tell() < size:
            number += 1
            about = [number, rng.randrange(50_000), "", "2151-07-16 00:00:00", "", "", "Nursing", "Report", "", ""]
            rows.writerow([*about, LINE * rng.randint(6, 180)])
    return number


if __name__ == "__main__":
    main()
