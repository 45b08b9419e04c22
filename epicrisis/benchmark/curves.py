"""The curves of runs, drawn by Matplotlib: the loss of each epoch, and what decides on dev."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epicrisis.corpora.files import write_bytes
from epicrisis.corpora.optional import library
from epicrisis.errors import UsageError

SUFFIXES = (".png", ".svg", ".pdf")
SCORES = {
    "dev_strict_f1": "strict F1 on dev",
    "dev_macro_f1": "macro F1 on dev",
    "dev_minus_absolute_error": "mean absolute error on dev, negative",
}
"""What decides, by its key in curves.json -> what it is called."""
Curves = list[dict[str, float]]


def read_curves(folder: Path) -> Curves:
    """Of a run, be it still going on. Raises UsageError where the folder is none, or no epoch has ended."""
    try:
        curves: Curves = json.loads((folder / "curves.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError(
            f"{folder}: there is no curves.json; is this a run folder, and has its first epoch ended?"
        ) from None
    return curves


def draw(runs: Mapping[str, Curves], file: Path) -> None:
    """A figure with a colour for each run, by its name.

    Raises UsageError where the file is none of SUFFIXES, CorpusError where Matplotlib is missing or the file cannot be
    written.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file}: a figure is one of {', '.join(SUFFIXES)}")
    matplotlib = library("matplotlib", "figures")
    data = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "epicrisis", "svg.fonttype": "none"}):  # the same file every time
        about = {"CreationDate" if file.suffix.lower() == ".pdf" else "Date": None}
        metadata = {} if file.suffix.lower() == ".png" else about
        _figure(runs).savefig(data, format=file.suffix[1:].lower(), dpi=120, metadata=metadata)
    write_bytes(file, data.getvalue())


def _figure(runs: Mapping[str, Curves]) -> Any:
    figure = library("matplotlib.figure", "figures").Figure(figsize=(9, 3.6), layout="constrained")
    losses, scores = figure.subplots(1, 2)
    names = set()
    for number, (name, curves) in enumerate(runs.items()):
        colour, epochs = f"C{number % 10}", [point["epoch"] for point in curves]
        marker = "o" if len(curves) == 1 else ""  # a line needs two
        losses.plot(epochs, [point["loss"] for point in curves], color=colour, marker=marker, label=name)
        if all("dev_loss" in point for point in curves):
            losses.plot(epochs, [point["dev_loss"] for point in curves], color=colour, marker=marker, linestyle="--")
        key = next(key for key in SCORES if key in curves[0])
        names.add(SCORES[key])
        scores.plot(epochs, [point[key] for point in curves], color=colour, marker=marker)
    losses.set(xlabel="epoch", ylabel="loss (dashed: on dev)", ylim=(0, None))
    scores.set(xlabel="epoch", ylabel=" / ".join(sorted(names)))
    losses.legend(fontsize="small")
    return figure
