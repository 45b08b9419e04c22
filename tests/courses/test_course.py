import doctest
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.courses import Courses, courses_of
from epicrisis.courses.figure import MOST, draw
from epicrisis.document import SENTIMENTS, Document, Label, Value
from epicrisis.errors import CorpusError
from epicrisis.page import course_page
from epicrisis.page.courses import summary

from ..page.test_html import Reader

PAGE = Path(__file__).parents[2] / "docs" / "courses.md"


def test_what_the_page_of_the_documentation_shows_is_so() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (failed, tried > 3) == (0, True)


def note(
    id: str, patient: object, day: object, value: Value, intensity: float | None = None, **meta: object
) -> Document:
    known = {"patient": patient, "date": day, **meta}
    return Document(id, "text", labels={"sentiment": Label(value, 0.8, intensity)}, meta=known)


NOTES = [
    note("c", "p1", "2024-03-05", "negative", -2.0),
    note("a", "p1", "2024-01-31", "positive", 1.5, weak=True),
    note("b", "p1", "2024-02-01", "positive", 1.0),
    note("d", "p1", "2024-04-01", "neutral", 0.25),
    note("x", 7, "2024-01-01", "neutral", 0.0),
]


def test_a_course_is_that_of_the_dates_with_changes_by_hand() -> None:
    found = courses_of(NOTES)
    seven, one = found.courses
    assert (found.measure, seven.patient, one.patient) == ("intensity", "7", "p1")
    assert [point.document for point in one.points] == ["a", "b", "c", "d"]
    assert [point.change for point in one.points] == [None, -0.5, -3.0, 2.25]
    assert [point.turned for point in one.points] == [False, False, True, True]
    assert one.lowest is not None
    assert one.highest is not None
    assert (one.lowest.document, one.highest.document, one.turns, one.weak) == ("c", "a", 2, 1)
    summary = one.to_dict()["summary"]
    assert summary["first"] == {"date": "2024-01-31", "value": "positive", "intensity": 1.5, "weak": True}
    assert summary["last"] == {"date": "2024-04-01", "value": "neutral", "intensity": 0.25, "weak": False}
    assert (summary["notes"], summary["changes_of_class"], summary["weak"]) == (4, 2, 1)


def test_without_intensities_the_sentiments_are_steps_and_other_classes_have_none() -> None:
    found = courses_of([*NOTES, note("e", "p1", "2024-05-01", "positive")])
    assert found.measure == "class"
    assert [point.change for point in found.courses[1].points] == [None, 0, -2, 1, 1]
    named = courses_of([note("a", "p", "2024-01-01", "calm"), note("b", "p", "2024-01-02", "urgent")])
    assert named.measure == "none"
    assert [(point.level, point.change, point.turned) for point in named.courses[0].points] == [
        (None, None, False),
        (None, None, True),
    ]
    assert named.courses[0].lowest is None
    assert named.courses[0].to_dict()["summary"]["lowest"] is None
    numbers = courses_of([note("a", "p", "2024-01-01", 3), note("b", "p", "2024-01-02", 5.5)])
    assert numbers.courses[0].points[1].change == 2.5


def test_a_number_is_no_class_that_changes() -> None:
    found = courses_of([note("a", "p", "2024-01-01", 1.2), note("b", "p", "2024-01-02", 1.3)])
    (course,) = found.courses
    assert (course.points[1].change, course.points[1].turned, course.turns) == (0.1, False, 0)
    assert summary(course) == "2 notes; first 1.2 on 2024-01-01, last 1.3 on 2024-01-02, lowest 1.2 on 2024-01-01, " + (
        "highest 1.3 on 2024-01-02"
    )


def test_it_is_said_what_it_means_that_a_line_rises() -> None:
    assert courses_of(NOTES).higher == "positive"
    grades = [note("a", "p", "2024-01-01", "positive", 1.0), note("b", "q", "2024-01-02", "negative", 4.5)]
    assert courses_of(grades).to_dict()["higher_is"] == "negative", "1 is very positive, 5 very negative"
    assert "The higher, the more negative." in "".join(course_page(courses_of(grades)))
    assert courses_of(grades[:1]).higher is None
    assert "The higher" not in "".join(course_page(courses_of(grades[:1])))


def test_notes_of_a_day_stand_by_time_if_all_have_one_else_as_they_come() -> None:
    timed = [
        note("late", "p", "2024-01-01", "neutral", time="2024-01-01 19:00:00"),
        note("early", "p", "2024-01-01T07:30", "neutral"),
        note("before", "p", "2023-12-31", "neutral", time="23:59"),
    ]
    assert [point.document for point in courses_of(timed).courses[0].points] == ["before", "early", "late"]
    mixed = [*timed, note("some time", "p", "2024-01-01", "neutral")]
    order = [point.document for point in courses_of(mixed).courses[0].points]
    assert order == ["before", "late", "early", "some time"]


def test_what_is_in_no_course_is_counted_and_named() -> None:
    others = [
        note("1", "", "2024-01-01", "neutral"),
        note("2", None, "2024-01-01", "neutral"),
        note("3", "p", None, "neutral"),
        note("4", "p", "3/5/2024", "neutral"),
        note("5", "p", 2024, "neutral"),
        note("6", True, "2024-01-01", "neutral"),
        Document("7", "text", meta={"patient": "p", "date": "2024-01-01"}),
    ]
    found = courses_of([*NOTES, *others])
    assert dict(found.left) == {
        "without a patient": 3,
        "without a date": 1,
        "with a date that cannot be read for sure": 2,
        "without the label": 1,
    }
    assert found.ids["with a date that cannot be read for sure"] == ("4", "5")
    assert found.courses == courses_of(NOTES).courses
    assert sum(len(course.points) for course in found.courses) + sum(found.left.values()) == len(NOTES) + len(others)
    assert len(courses_of(others, order="day-first").courses) == 1


days = st.dates(date(2000, 1, 1), date(2030, 1, 1))
several = st.lists(
    st.tuples(st.sampled_from("pqr"), days, st.sampled_from(SENTIMENTS), st.integers(-5, 5)), max_size=12
)


@settings(max_examples=100, deadline=None)
@given(several.map(lambda rows: list({row[:2]: row for row in rows}.values())), st.randoms())
def test_shuffled_notes_have_the_same_course_and_its_changes_sum_up(rows, random) -> None:
    notes = [note(f"{p}{day}", p, day.isoformat(), value, float(number)) for p, day, value, number in rows]
    shuffled = random.sample(notes, len(notes))
    assert courses_of(notes) == courses_of(shuffled)
    for course in courses_of(notes).courses:
        inside = sorted((day, value, number) for p, day, value, number in rows if p == course.patient)
        assert sum(point.change or 0 for point in course.points) == inside[-1][2] - inside[0][2]
        assert course.turns == sum(a[1] != b[1] for a, b in pairwise(inside))
        assert course.lowest is not None
        assert course.lowest.level == min(number for _, _, number in inside)
        assert course.highest is not None
        assert course.highest.level == max(number for _, _, number in inside)


def read(courses: Courses, title: str = "Courses") -> Reader:
    reader = Reader()
    reader.feed("".join(course_page(courses, title=title)))
    reader.close()
    assert not reader.open
    return reader


def test_the_page_has_a_line_and_a_table_for_each_patient() -> None:
    reader = read(courses_of(NOTES))
    assert reader.scripts == 0
    assert [tag for tag, _ in reader.elements].count("article") == 2
    assert [values["aria-label"] for tag, values in reader.elements if tag == "svg"][1] == (
        "sentiment of 4 notes from 2024-01-31 to 2024-04-01"
    )
    points = [values for tag, values in reader.elements if tag == "circle"][1:]
    xs = [float(point["cx"]) for point in points]
    assert xs == sorted(xs)
    shares = [(x - xs[0]) / (xs[-1] - xs[0]) for x in xs]
    assert shares == pytest.approx([0, 1 / 61, 34 / 61, 1], abs=0.001)
    ys = [float(point["cy"]) for point in points]
    assert max(ys) == ys[2]  # the lowest intensity
    assert min(ys) == ys[0]
    assert [point["class"].split()[1:] for point in points] == [["weak"], [], [], []]
    said = "".join(reader.text)
    assert said.count("weak: guessed by rules") == 3  # in the summary, at the point, in the table
    assert "first positive (1.5) on 2024-01-31, last neutral (0.25) on 2024-04-01, lowest negative (-2)" in said
    assert "2 changes of class" in said


def test_hostile_names_are_words_on_the_page() -> None:
    evil = "\"><script>alert('1')</script><img src=x onerror=y>&<!--"
    hostile = [note(evil, evil, "2024-01-01", evil), note(evil, evil, "2024-01-02", 5, 2)]
    for courses in (courses_of(hostile), courses_of(hostile[1:])):
        reader = read(courses, evil)
        assert reader.scripts == 0
        assert evil in "".join(reader.text)
        assert not [tag for tag, _ in reader.elements if tag in ("img", "link", "iframe")]
        assert not [name for _, values in reader.elements for name in values if name.startswith("on")]


@pytest.mark.parametrize("value", ["neutral", "急", 3])
def test_a_figure_shows_the_patients_with_the_most_notes(value: Value, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    notes = [
        note(f"{p}-{n}", f"$p_{p}", date(2024, 1, 1) + timedelta(n), value) for p in range(3) for n in range(p + 1)
    ]
    notes = [note(d.id, d.meta["patient"], str(d.meta["date"]), value, weak=d.id == "1-0") for d in notes]
    assert draw(courses_of(notes), tmp_path / "out.png") == 3
    assert (tmp_path / "out.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_figure_has_no_more_patients_than_can_be_seen(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    assert (
        draw(courses_of([note(str(p), p, "2024-01-01", "neutral") for p in range(MOST + 5)]), tmp_path / "a.png")
        == MOST
    )


def test_a_figure_needs_matplotlib(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(CorpusError, match=r"pip install 'epicrisis\[figures\]'"):
        draw(courses_of(NOTES), tmp_path / "a.png")
