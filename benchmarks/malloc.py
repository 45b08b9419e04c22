"""Whether training is faster when glibc's malloc keeps what it was given back.

    python benchmarks/malloc.py [--data FOLDER]

glibc asks the system for every large block, and hands it back when it is freed: each step of training then faults the
same pages in again. The two variables below make it keep them. Trains cnn-bilstm-crf on MACCROBAT 2020 for a few
epochs in processes with and without them. Linux with glibc only.
"""

import json
import sys
import tempfile
from pathlib import Path

from measuring import EPICRISIS, Used, arguments, child, heading, interleaved, median, spread, table

KEPT = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}


def main() -> None:
    parser = arguments(__doc__, runs=2, data=True)
    parser.add_argument("--recipe", default="cnn-bilstm-crf", help="default: cnn-bilstm-crf")
    parser.add_argument("--epochs", type=int, default=2, help="default: 2")
    args = parser.parse_args()
    if args.data is None:
        sys.exit("MACCROBAT 2020 is needed: give --data, or set EPICRISIS_DATA")
    heading("malloc", "torch", "lightning", runs=args.runs)

    def trained(environment: dict[str, str]) -> tuple[list[float], Used]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "run")
            command = [*EPICRISIS, "train", args.recipe, "--corpus", "maccrobat-2020", "--out", str(out)]
            command += ["--set", f"training.epochs={args.epochs}"]
            used = child(command, environment={"EPICRISIS_DATA": str(args.data), **environment})
            curves = json.loads((out / "curves.json").read_text("utf-8"))
            return [point["seconds"] for point in curves], used

    found = interleaved({"as it is": lambda: trained({}), "kept": lambda: trained(KEPT)}, args.runs)
    rows = []
    for name, runs in found.items():
        epochs = [seconds for epoch, _ in runs for seconds in epoch]
        faults = median(used.faults for _, used in runs) / 1e6
        memory = median(used.megabytes for _, used in runs)
        rows.append([name, spread(epochs, ".1f"), f"{faults:.1f}", f"{memory:.0f}"])
    table([f"{args.recipe}", "seconds an epoch", "million page faults of the whole run", "peak MB"], rows)
    print(f"kept: {' '.join(f'{name}={value}' for name, value in KEPT.items())}")


if __name__ == "__main__":
    main()
