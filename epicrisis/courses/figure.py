"""Courses drawn by Matplotlib: a row for each patient, the days along the bottom of all of them."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from epicrisis.corpora.figures import FALLBACKS
from epicrisis.corpora.files import write_bytes
from epicrisis.corpora.optional import library
from epicrisis.courses.course import Course, Courses
from epicrisis.document import SENTIMENTS

MOST = 20
"""Patients in a figure: those with the most notes."""


def draw(courses: Courses, file: Path) -> int:
    """A PNG file; returns how many patients it shows. Weak labels are hollow.

    Raises CorpusError where Matplotlib is missing or the file cannot be written.
    """
    shown = sorted(sorted(courses.courses, key=lambda course: -len(course.points))[:MOST], key=lambda c: c.patient)
    matplotlib = library("matplotlib", "figures")
    installed = {font.name for font in library("matplotlib.font_manager", "figures").fontManager.ttflist}
    fonts = ["DejaVu Sans", *(name for name in FALLBACKS if name in installed)]
    data = io.BytesIO()
    with matplotlib.rc_context({"font.family": fonts, "text.parse_math": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of characters that no font here has: names of patients go into no log
        _figure(courses, shown).savefig(data, format="png", dpi=120)
    write_bytes(file, data.getvalue())
    return len(shown)


def _figure(courses: Courses, shown: Sequence[Course]) -> Any:
    figure = library("matplotlib.figure", "figures").Figure(figsize=(9, 1 + 1.4 * len(shown)), layout="constrained")
    rows = figure.subplots(len(shown), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    classes = sorted({str(point.value) for course in shown for point in course.points})
    for axes, course in zip(rows, shown, strict=True):
        heights = [classes.index(str(p.value)) if p.level is None else p.level for p in course.points]
        days = [point.day for point in course.points]
        if courses.measure != "none":
            axes.plot(days, heights, color="0.6", linewidth=1)
        for weak in (False, True):
            chosen = [(day, y) for day, y, p in zip(days, heights, course.points, strict=True) if p.weak is weak]
            if chosen:
                x, y = zip(*chosen, strict=True)
                face = "white" if weak else "C0"
                axes.plot(x, y, "o", color="C0", markerfacecolor=face, label="weak: guessed by rules" if weak else "")
        if course.weak:
            axes.legend(fontsize="small")
        if courses.measure == "class":
            axes.set_yticks((-1, 0, 1), SENTIMENTS)
            axes.set_ylim(-1.3, 1.3)
        elif courses.measure == "none":
            axes.set_yticks(range(len(classes)), classes)
        axes.set_title(course.patient, loc="left", fontsize="medium")
    rises = f", more is {courses.higher}" if courses.measure == "intensity" and courses.higher else ""
    figure.supylabel(courses.label if courses.measure == "class" else f"{courses.label}, {courses.measure}{rises}")
    figure.autofmt_xdate()
    return figure
