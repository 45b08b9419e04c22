"""Courses of patients -> one HTML page: of each a line over the days, and a table; no script."""

from collections.abc import Iterator

from epicrisis.courses import Course, Courses, Point
from epicrisis.document import SENTIMENTS
from epicrisis.page.html import head
from epicrisis.page.labels import tints_of
from epicrisis.page.marks import plain
from epicrisis.page.words import WEAK, number, value

WIDTH, HEIGHT, EDGE = 1000, 140, 12
MEASURES = {
    "intensity": "The line is the intensity of the notes.",
    "class": "The line is the class of the notes, from −1 (negative) to 1 (positive): not every note has an intensity.",
    "none": "There is no line: not every note has an intensity, and the classes have no order that is known.",
}


def course_page(courses: Courses, *, title: str = "Courses") -> Iterator[str]:
    """The page in chunks of HTML; joined, or written one after the other (as UTF-8), they are the file."""
    patients, notes = len(courses.courses), sum(len(course.points) for course in courses.courses)
    left = "".join(f", {count:,} {plain(why)} in none" for why, count in courses.left.items())
    said = f"{patients:,} patient{'s' * (patients != 1)}; notes: {notes:,} in courses{left}. {scale(courses)}"
    yield (
        f'{head(title)}<header><h1 dir="auto">{plain(title)}</h1>\n'
        f'<p class="quiet">{plain(courses.label)}: {said}</p></header>\n<main class="wide">\n'
    )
    tints = tints_of(point.value for course in courses.courses for point in course.points)
    for row, course in enumerate(courses.courses, start=1):
        yield from _article(course, courses, tints, f"p{row}")
    yield "</main>\n</body>\n</html>\n"


def _article(course: Course, courses: Courses, tints: dict[str, str], prefix: str) -> Iterator[str]:
    name = plain(course.patient)
    yield f'<article aria-labelledby="{prefix}">\n<h2 id="{prefix}" dir="auto">{name}</h2>\n'
    yield f'<p class="summary">{plain(summary(course))}</p>\n'
    if courses.measure != "none":
        yield from _line(course, courses, tints)
    yield (
        f'<table aria-label="Notes of {name}">\n<thead><tr><th scope="col">Date</th><th scope="col">Note</th>'
        f'<th scope="col">{plain(courses.label)}</th><th scope="col" class="number">Probability</th>'
        f'<th scope="col" class="number">Intensity</th><th scope="col" class="number">Change</th>'
        f'<th scope="col">Remark</th></tr></thead>\n<tbody>\n'
    )
    for point in course.points:
        yield (
            f'<tr><td><time datetime="{point.day.isoformat()}">{when(point)}</time></td>'
            f'<td class="words"><bdi>{plain(point.document)}</bdi></td><td>{plain(value(point.value))}</td>'
            f'<td class="number">{number(point.score)}</td><td class="number">{intensity(point)}</td>'
            f'<td class="number">{change(point)}</td><td>{remark(point)}</td></tr>\n'
        )
    yield "</tbody>\n</table>\n</article>\n"


def _line(course: Course, courses: Courses, tints: dict[str, str]) -> Iterator[str]:
    levels = [p.level or 0.0 for one in courses.courses for p in one.points]
    least, most = (-1.0, 1.0) if courses.measure == "class" else (min(levels), max(levels))
    first, last = course.points[0].day, course.points[-1].day
    days = (last - first).days
    places = []
    for row, point in enumerate(course.points):
        share = (point.day - first).days / days if days else row / max(1, len(course.points) - 1)
        high = ((point.level or 0.0) - least) / (most - least) if most > least else 0.5
        places.append((EDGE + share * (WIDTH - 2 * EDGE), HEIGHT - EDGE - high * (HEIGHT - 2 * EDGE)))
    lanes = list(reversed(SENTIMENTS)) if courses.measure == "class" else [f"{most:g}", f"{least:g}"]
    yield '<div class="bars days"><div class="lanes" aria-hidden="true">'
    yield "".join(f"<span>{plain(lane)}</span>" for lane in lanes)
    yield (
        f'</div><svg role="img" aria-label="{plain(courses.label)} of {len(places)} notes from {first} to {last}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><path class="line" d="M{"L".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    )
    for point, (x, y) in zip(course.points, places, strict=True):
        kind = tints[value(point.value)] + (" weak" if point.weak else "")
        said = ", ".join(part for part in (value(point.value), intensity(point), remark(point)) if part)
        title = f"<title>{when(point)}: {plain(said)}</title>"
        yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5">{title}</circle>'
    yield "</svg></div>\n"


def scale(courses: Courses) -> str:
    """What the line is, and what it means that it rises."""
    rises = f" The higher, the more {courses.higher}." if courses.measure == "intensity" and courses.higher else ""
    return MEASURES[courses.measure] + rises


def summary(course: Course) -> str:
    """5 notes; first negative on 2024-03-05, last ..., lowest ..., highest ...; 2 changes of class; 1 of them weak"""
    ends = {"first": course.points[0], "last": course.points[-1], "lowest": course.lowest, "highest": course.highest}
    said = [
        f"{name} {value(p.value)}{f' ({intensity(p)})' if p.intensity is not None else ''} on {p.day}"
        for name, p in ends.items()
        if p is not None
    ]
    notes, turns = len(course.points), course.turns
    parts = [f"{notes} note{'s' * (notes != 1)}", ", ".join(said)]
    parts += [f"{turns} change{'s' * (turns != 1)} of class"] * course.has_classes
    parts += [f"{course.weak} of {notes} labels {WEAK}"] * bool(course.weak)
    return "; ".join(parts)


def when(point: Point) -> str:
    return point.day.isoformat() + (f" {point.time:%H:%M}" if point.time else "")


def intensity(point: Point) -> str:
    return "" if point.intensity is None else value(point.intensity)


def change(point: Point) -> str:
    return "" if point.change is None else f"{point.change:+g}" if point.change else "0"


def remark(point: Point) -> str:
    return ", ".join(["another class"] * point.turned + [WEAK] * point.weak)
