"""What `pip install epicrisis` brings: packages, megabytes, the wheel, and how long imports take.

    python benchmarks/install.py

Makes a fresh environment in a temporary folder and installs this checkout into it, without extras; pip has to reach a
package index. Our own weights, and pip itself, are not counted as installed megabytes.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from measuring import ROOT, arguments, child, heading, interleaved, spread, table

STATEMENTS = {
    "python, nothing imported": "pass",
    "import numpy": "import numpy",
    "import onnxruntime": "import onnxruntime",
    "import epicrisis": "import epicrisis",
    "import epicrisis.runtime": "import epicrisis.runtime",
    "epicrisis models list": "import sys; sys.argv[1:] = ['models', 'list']; import epicrisis.cli.main as m; m.run()",
    "epicrisis.load()": "import epicrisis; epicrisis.load()",
}


def main() -> None:
    args = arguments(__doc__, runs=7).parse_args()
    heading("install", runs=args.runs)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        venv.create(folder / "venv", with_pip=True)
        scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        python = str(scripts / "python")
        pip(python, "wheel", "--no-deps", "--wheel-dir", str(folder / "wheel"), str(ROOT))
        (wheel,) = (folder / "wheel").glob("*.whl")
        pip(python, "install", str(wheel))
        packages = [p["name"] for p in json.loads(pip(python, "list", "--format", "json"))]
        packages = [name for name in packages if name not in ("pip", "setuptools")]
        place = "import sysconfig; print(sysconfig.get_path('purelib'))"
        site = Path(subprocess.run([python, "-c", place], capture_output=True, text=True, check=True).stdout.strip())
        weights = megabytes(site / "epicrisis" / "weights")
        others = sum(megabytes(path) for path in site.iterdir() if path.name.split("-")[0] not in ("pip", "setuptools"))
        table(
            ["", ""],
            [
                ["packages, epicrisis among them", str(len(packages))],
                ["installed without our weights, MB", f"{others - weights:.0f}"],
                ["our weights, MB", f"{weights:.1f}"],
                ["wheel, MB", f"{megabytes(wheel):.1f}"],
            ],
        )
        print(f"Packages: {', '.join(sorted(packages))}.\n\nA new process each, in that environment:\n")
        runnable = dict(STATEMENTS)
        if not (site / "epicrisis" / "weights" / "en").is_dir():
            del runnable["epicrisis.load()"]
        cases = {
            name: lambda code=code: child([python, "-c", code], environment={"PYTHONPATH": ""})
            for name, code in runnable.items()
        }
        found = interleaved(cases, args.runs)
        rows = []
        for name, used in found.items():
            milliseconds = spread([1e3 * run.seconds for run in used], ".0f")
            rows.append([name, milliseconds, f"{max(run.megabytes for run in used):.0f}"])
        table(["", "milliseconds", "peak MB"], rows)


def pip(python: str, *words: str) -> str:
    finished = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *words], capture_output=True, text=True
    )
    if finished.returncode:
        sys.exit(f"pip {words[0]} failed:\n{finished.stderr[-2000:]}")
    return finished.stdout


def megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file() and not file.is_symlink()]
    return sum(file.stat().st_size for file in files) / 1e6


if __name__ == "__main__":
    main()
