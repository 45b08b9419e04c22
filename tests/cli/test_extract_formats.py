"""`epicrisis extract --format`: every format that has a writer, with notes that bring their entities along."""

import json
from pathlib import Path

import pytest

from epicrisis.cli.extract_output import FORMATS, STREAMED
from epicrisis.cli.main import main
from epicrisis.corpora import CORPORA, read
from epicrisis.corpora.writers import WRITERS

RECORDS = [
    {"id": "ward/one", "text": "😀 No fever.", "entities": [{"start": 5, "end": 10, "type": "Symptom"}]},
    {"id": "two", "text": "咳嗽。", "entities": [{"start": 0, "end": 2, "type": "症状"}]},
]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return file


def extract(notes: Path, *arguments: str | Path) -> int:
    return main(["extract", str(notes), "--model", "none", *map(str, arguments)])


def test_every_format_that_can_be_written_is_offered() -> None:
    assert {*FORMATS} == {*WRITERS, "table", "html"}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_is_written(name: str, notes: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"out{WRITERS[name].suffix}"
    assert extract(notes, "--format", name, "--out", out) == 0
    said = capfd.readouterr().err
    if name in CORPORA:
        assert {d.id: d.text for d in read(name, out)} == {record["id"]: record["text"] for record in RECORDS}
    if name in ("jsonl", "parquet", "web-annotation", "xmi", "bioc-xml", "bioc-json"):
        assert said == ""
    else:
        assert said.startswith(f"epicrisis: {name} cannot hold: ")
        assert "fever" not in said
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in STREAMED])
def test_what_cannot_be_streamed_needs_a_place(name: str, notes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert extract(notes, "--format", name) == 2
    what = "file" if WRITERS[name].suffix else "folder"
    assert capfd.readouterr().err == f"epicrisis: {name} is written into a {what}: give --out {what.upper()}\n"


@pytest.mark.parametrize("name", [name for name, format in WRITERS.items() if format.write_document is not None])
def test_a_note_whose_id_is_no_file_name_costs_itself(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps({**RECORDS[0], "id": id}) + "\n" for id in ("../out", "a", "a", "b")))
    assert extract(file, "--format", name, "--out", tmp_path / "out") == 1
    err = capfd.readouterr().err
    assert "document id '../out' cannot be a file's name" in err
    assert "document id 'a' stands twice" in err
    assert {path.stem for path in (tmp_path / "out").iterdir()} - {"TypeSystem"} == {"a", "notes-3", "b"}
