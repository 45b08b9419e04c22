"""Figures: which files, and what is said where a font lacks the characters."""

from pathlib import Path

import pytest

from epicrisis.corpora import counting, figures
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


def draw(documents: list[Document], folder: Path, parts: dict[str, str] | None = None) -> set[str]:
    return {file.name for file in figures.draw(documents, counting.statistics_of(documents, parts or {}), folder)}


def test_types_that_differ_in_what_no_file_name_holds_have_files_of_their_own(tmp_path: Path) -> None:
    types = ("a/b", "a b", "A-B", "..", "x")
    entities = tuple(Entity(type, ((n, n + 1),)) for n, type in enumerate(types))
    assert draw([Document("d", "vwxyz", entities)], tmp_path, {"d": "train"}) == {
        *(
            "types.png",
            "lengths.png",
            "words-a_b.png",
            "words-a_b-2.png",
            "words-A-B.png",
            "words-...png",
            "words-x.png",
        )
    }
    assert {file.parent for file in tmp_path.rglob("*.png")} == {tmp_path}


def test_without_mentions_there_are_lengths_alone(tmp_path: Path) -> None:
    assert draw([Document("a", "one two"), Document("b", "")], tmp_path) == {"lengths.png"}
    assert draw([Document("a", "x  y", (Entity("X", ((1, 3),)),))], tmp_path) == {"lengths.png", "types.png"}


def test_a_font_that_lacks_chinese_is_an_error_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FALLBACKS", ())
    with pytest.raises(CorpusError, match=r"no font of this machine has 4 of the Chinese characters: install one"):
        draw([Document("a", "咳嗽", (Entity("症状", ((0, 2),)),))], tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_first_font_that_has_the_characters_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "FALLBACKS", ("STIXGeneral", "not installed"))
    assert "DejaVu" in figures._font("abc").get_file()
    only_there = figures._characters("STIXGeneral") - figures._characters("DejaVu Sans")
    assert "STIX" in figures._font(chr(min(only_there))).get_file()
