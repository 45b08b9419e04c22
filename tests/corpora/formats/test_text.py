"""Plain text: exactly what the file holds."""

from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import text
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


def test_a_folder_gives_these_documents(fixtures: Path) -> None:
    assert list(read("text", fixtures / "text")) == [
        Document("first", "Slept well.\n"),
        Document("ward/second", "夜间安静。"),
    ]


@pytest.mark.parametrize("content", ["\ufeffa\r\nb\r\n", "a\rb\x0b\x85\u2028\n", "", "\x00", "  é e\u0301 😀 "])
def test_no_character_changes(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.note"  # one file may have any name
    file.write_bytes(content.encode())
    (document,) = read("text", file)
    assert (document.id, document.text) == ("a", content)
    text.write([document], tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").read_bytes() == file.read_bytes()


def test_a_file_that_is_no_utf8_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 au lait")
    (tmp_path / "b.txt").write_bytes(b"tea")
    report = Report()
    assert [document.id for document in read("text", tmp_path, report)] == ["b"]
    assert str(report) == f"{tmp_path / 'a.txt'}: not UTF-8: byte 3 begins no character"
    with pytest.raises(CorpusError, match="byte 3"):
        list(read("text", tmp_path))


def test_what_is_left_behind_is_counted(tmp_path: Path) -> None:
    document = Document("d", "rash", (Entity("X", ((0, 4),)),), meta={"ward": "B2"})
    assert text.write([document], tmp_path) == {"entities": 1, "meta": 1}
    with pytest.raises(CorpusError, match="stands twice"):
        text.write([document, document], tmp_path)
