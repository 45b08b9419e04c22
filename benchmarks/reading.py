"""Memory and speed of reading MIMIC-III's notes, from files of growing size that are made here.

    python benchmarks/reading.py [--sizes 2 20 200]

Each file is a NOTEEVENTS.csv of invented notes of 400 to 12,000 characters, with line breaks and doubled quotation
marks. A process reads it and counts; its peak memory should not grow with the file.
"""

import csv
import random
import sys
import tempfile
from pathlib import Path

from measuring import arguments, child, heading, interleaved, median, spread, table

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
    "import sys; from pathlib import Path; from epicrisis.corpora import read\n"
    "print(sum(len(document.text) for document in read('mimic-iii', Path(sys.argv[1]))))"
)
LINE = 'Patient said he was "tired" and [**Known lastname 12**] slept.\n'


def main() -> None:
    parser = arguments(__doc__, runs=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=(2, 20, 200), metavar="MB", help="default: 2 20 200")
    args = parser.parse_args()
    heading("reading", "epicrisis", runs=args.runs)
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder, str(size), "NOTEEVENTS.csv") for size in args.sizes}
        notes = {size: write(file, size * 1_000_000) for size, file in files.items()}
        cases = {
            size: lambda file=file: child([sys.executable, "-c", COUNT, str(file)]) for size, file in files.items()
        }
        found = interleaved(cases, args.runs)
        rows = []
        for size, used in found.items():
            megabytes = files[size].stat().st_size / 1e6
            speed = spread([megabytes / one.processor for one in used], ".0f")
            peak = f"{median(one.megabytes for one in used):.1f}"
            rows.append([f"{megabytes:.0f}", f"{notes[size]:,}", speed, peak])
    table(["MB", "notes", "MB a processor second, start included", "peak MB"], rows)


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
