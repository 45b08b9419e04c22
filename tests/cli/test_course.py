"""Courses on the command line, in every format."""

import csv
import io
import json
from pathlib import Path

import pytest

from epicrisis.cli.main import main


def line(id: str, label: str, meta: str) -> str:
    return f'{{"schema":1,"id":"{id}","text":"secret","labels":{{"sentiment":{{{label}}}}},"meta":{{{meta}}}}}'


LINES = [
    line("late", '"value":"negative","score":0.9,"intensity":-2', '"patient":"p1","date":"2024-03-05"'),
    line("early", '"value":"positive","score":0.8,"intensity":1.5', '"patient":"p1","date":"5 Feb 2024","weak":true'),
    line("other", '"value":"neutral","score":0.7,"intensity":0', '"patient":7,"date":"2024-01-01"'),
]
UNSURE = line("unsure", '"value":"neutral"', '"patient":7,"date":"3/5/2024"')


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes.jsonl"
    file.write_text("\n".join(LINES) + "\n", "utf-8")
    return file


def test_csv_has_a_row_for_each_note(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", str(notes), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["patient"], row["document"], row["date"]) for row in rows] == [
        ("7", "other", "2024-01-01"),
        ("p1", "early", "2024-02-05"),
        ("p1", "late", "2024-03-05"),
    ]
    assert [(row["change"], row["changes_class"], row["weak"]) for row in rows] == [
        ("", "0", "0"),
        ("", "0", "1"),
        ("-3.5", "1", "0"),
    ]


def test_json_table_and_page_say_the_same(notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", str(notes), "--format", "json", "--only", "p1"]) == 0
    (course,) = json.loads(capsys.readouterr().out)["courses"]
    assert [point["change"] for point in course["points"]] == [None, -3.5]
    assert course["summary"]["weak"] == 1
    assert main(["course", str(notes)]) == 0
    shown = capsys.readouterr().out
    assert "2 notes; first positive (1.5) on 2024-02-05, last negative (-2) on 2024-03-05" in shown
    assert shown.count("weak: guessed by rules") == 2
    assert main(["course", str(notes), "--format", "html", "--out", str(tmp_path / "o.html")]) == 0
    assert "2 notes; first positive (1.5) on 2024-02-05" in (tmp_path / "o.html").read_text("utf-8")


def test_a_date_that_is_not_sure_is_said_and_read_as_told(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes.write_text(notes.read_text("utf-8") + UNSURE + "\n", "utf-8")
    assert main(["course", str(notes), "--format", "csv"]) == 1
    out, err = capsys.readouterr()
    assert "unsure" not in out
    assert "1 note with a date that cannot be read for sure, in no course: 'unsure'" in err
    assert "--dates day-first or month-first" in err
    assert "secret" not in err
    assert main(["course", str(notes), "--format", "csv", "--dates", "day-first"]) == 0
    assert "unsure,2024-05-03" in capsys.readouterr().out


def test_where_there_is_no_course_the_keys_are_named(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["course", str(notes), "--patient-key", "person"]) == 1
    err = capsys.readouterr().err
    assert "3 notes without a patient, in no course: 'late', 'early', 'other'" in err
    assert "--patient-key" in err
    assert main(["course", str(notes), "--label", "mood"]) == 1
    assert "3 notes without the label" in capsys.readouterr().err


def test_a_figure_is_drawn(notes: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    assert main(["course", str(notes), "--format", "json", "--figure", str(tmp_path / "c.png")]) == 0
    assert (tmp_path / "c.png").stat().st_size > 1000
