"""How a label of a patient's notes changes from note to note.

A note belongs to a course by `meta["patient"]` and stands in it by `meta["date"]`, as the readers give them. What lacks
one of them, or the label, or has a date that cannot be read for sure, is counted and in no course.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from itertools import pairwise
from statistics import mean
from typing import Any

from epicrisis.courses.dates import day_of, time_of
from epicrisis.document import SENTIMENTS, Document, Value
from epicrisis.document.parts import is_number

MOST_IDS = 5
"""Documents of each kind that are named, where they are in no course."""


@dataclass(frozen=True)
class Point:
    """A note of a course.

    level   the number that the course is drawn by, if there is one (`Courses.measure`)
    change  of the level, to the note before
    turned  the class is another one than that of the note before; a number is no class
    weak    the label was guessed by rules
    """

    document: str
    day: date
    time: time | None
    value: Value
    score: float | None
    intensity: float | None
    weak: bool
    level: float | None = None
    change: float | None = None
    turned: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "date": self.day.isoformat(),
            "time": self.time and self.time.isoformat(),
            "value": self.value,
            "score": self.score,
            "intensity": self.intensity,
            "level": self.level,
            "change": self.change,
            "changes_class": self.turned,
            "weak": self.weak,
        }


@dataclass(frozen=True)
class Course:
    """The notes of a patient, the earliest first."""

    patient: str
    points: tuple[Point, ...]

    @property
    def turns(self) -> int:
        """How often the class changes."""
        return sum(point.turned for point in self.points)

    @property
    def has_classes(self) -> bool:
        return any(map(_is_class, self.points))

    @property
    def weak(self) -> int:
        return sum(point.weak for point in self.points)

    @property
    def lowest(self) -> Point | None:
        """The first of the lowest level; None where there are no levels."""
        return min(self._levelled, key=lambda point: point.level or 0.0, default=None)

    @property
    def highest(self) -> Point | None:
        return max(self._levelled, key=lambda point: point.level or 0.0, default=None)

    @property
    def _levelled(self) -> list[Point]:
        return [point for point in self.points if point.level is not None]

    def to_dict(self) -> dict[str, Any]:
        ends = {"first": self.points[0], "last": self.points[-1], "lowest": self.lowest, "highest": self.highest}
        summary: dict[str, Any] = {
            name: point
            and {
                "date": point.day.isoformat(),
                "value": point.value,
                "intensity": point.intensity,
                "weak": point.weak,
            }
            for name, point in ends.items()
        }
        summary |= {"notes": len(self.points), "changes_of_class": self.turns, "weak": self.weak}
        return {"patient": self.patient, "summary": summary, "points": [point.to_dict() for point in self.points]}


@dataclass(frozen=True)
class Courses:
    """The courses of all patients, in the order of their names.

    measure  what levels are: the "intensity", where every note has a number; the "class", from -1 for negative to 1 for
             positive, where every note has a sentiment; else "none", and only changes of class are told
    left     why notes are in no course -> how many
    ids      the first of them
    """

    label: str
    measure: str
    courses: tuple[Course, ...]
    left: Mapping[str, int] = field(default_factory=dict)
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def higher(self) -> str | None:
        """Which sentiment higher levels mean, positive or negative: scales differ. None where it cannot be told."""
        found: dict[Value, list[float]] = {"negative": [], "positive": []}
        for course in self.courses:
            for point in course.points:
                if point.value in found and point.level is not None:
                    found[point.value].append(point.level)
        if not all(found.values()):
            return None
        negative, positive = map(mean, found.values())
        return None if negative == positive else "negative" if negative > positive else "positive"

    def to_dict(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "measure": self.measure,
            "higher_is": self.higher,
            "in_no_course": dict(self.left),
            "courses": [course.to_dict() for course in self.courses],
        }


NO_LABEL, NO_PATIENT, NO_DATE = "without the label", "without a patient", "without a date"
UNREADABLE = "with a date that cannot be read for sure"


def courses_of(
    documents: Iterable[Document],
    *,
    label: str = "sentiment",
    patient: str = "patient",
    date: str = "date",
    order: str | None = None,
) -> Courses:
    """The course of each patient; of the documents only what a course needs is held.

    patient, date  what `meta` calls them; `meta["time"]` is the time of day, where the date has none
    order          how numbers with the year last are read, one of `dates.ORDERS`

    Notes of one day stand in the order of their times if all of them have one, else as they come.
    """
    notes: defaultdict[str, list[Point]] = defaultdict(list)
    left: defaultdict[str, int] = defaultdict(int)
    ids: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for document in documents:
        whose = _text(document.meta.get(patient))
        found = _point(document, label, date, order)
        if not whose or isinstance(found, str):
            why = found if isinstance(found, str) else NO_PATIENT
            left[why] += 1
            ids[why] += (document.id,) if len(ids[why]) < MOST_IDS else ()
        else:
            notes[whose].append(found)
    measure = _measure([point for points in notes.values() for point in points])
    courses = (Course(name, _linked(_ordered(points), measure)) for name, points in sorted(notes.items()))
    return Courses(label, measure, tuple(courses), dict(left), dict(ids))


def _point(document: Document, label: str, key: str, order: str | None) -> Point | str:
    """The note, or why it can be in no course."""
    one = document.labels.get(label)
    if one is None:
        return NO_LABEL
    written, clock = _text(document.meta.get(key)), _text(document.meta.get("time"))
    if not written:
        return NO_DATE
    if (day := day_of(written, order)) is None:
        return UNREADABLE
    when = time_of(written) or time_of(clock)
    weak = bool(document.meta.get("weak"))
    return Point(document.id, day, when, one.value, one.score, one.intensity, weak)


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _ordered(points: list[Point]) -> list[Point]:
    days: defaultdict[date, list[Point]] = defaultdict(list)
    for point in points:
        days[point.day].append(point)
    found: list[Point] = []
    for _, notes in sorted(days.items()):
        timed = [(point.time, point) for point in notes if point.time is not None]
        if len(timed) == len(notes):
            notes = [point for _, point in sorted(timed, key=lambda pair: pair[0])]
        found += notes
    return found


def _measure(points: list[Point]) -> str:
    if points and all(_number(point) is not None for point in points):
        return "intensity"
    return "class" if points and all(point.value in SENTIMENTS for point in points) else "none"


def _number(point: Point) -> float | None:
    """Of a label its intensity, or its value where that is a number."""
    number = point.intensity if point.intensity is not None else point.value
    return float(number) if is_number(number) and abs(number) < 1e300 else None


def _is_class(point: Point) -> bool:
    return not is_number(point.value)


def _linked(points: list[Point], measure: str) -> tuple[Point, ...]:
    levels: list[float | None] = [None] * len(points)
    if measure == "intensity":
        levels = [_number(point) for point in points]
    elif measure == "class":
        levels = [float(SENTIMENTS.index(str(point.value)) - 1) for point in points]
    changes = [None, *(None if a is None or b is None else round(b - a, 6) for a, b in pairwise(levels))]
    turns = [False, *(_is_class(one) and one.value != other.value for one, other in pairwise(points))]
    return tuple(
        replace(point, level=level, change=change, turned=turned)
        for point, level, change, turned in zip(points, levels, changes, turns, strict=True)
    )
