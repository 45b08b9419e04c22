import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.text import tokens


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \t\r\n", []),
        ("a 48-year-old man", ["a", "48", "-", "year", "-", "old", "man"]),
        ("5mg", ["5", "mg"]),
        ("HbA1c 7.5%, CD20+", ["HbA1c", "7.5", "%", ",", "CD20", "+"]),
        ("1,250 mL/h.", ["1,250", "mL", "/", "h", "."]),
        ("ended on day 3.\nThen", ["ended", "on", "day", "3", ".", "Then"]),
        ("BP 120/80, T 38.5°C", ["BP", "120", "/", "80", ",", "T", "38.5", "°", "C"]),
        ("patient's", ["patient", "'", "s"]),
        ("T_max", ["T", "_", "max"]),
        ("naïve β-blocker", ["naïve", "β", "-", "blocker"]),
        ("患者头痛3天。", ["患", "者", "头", "痛", "3", "天", "。"]),
        ("行CT检查,CEA5.2ng/ml", ["行", "CT", "检", "查", ",", "CEA5", ".", "2", "ng", "/", "ml"]),
        ("维生素B12片", ["维", "生", "素", "B12", "片"]),
        ("𠮷田", ["𠮷", "田"]),
        ("한국어 \uf900\uf901", ["한국어", "\uf900", "\uf901"]),
        ("ok 😀!", ["ok", "😀", "!"]),
    ],
)
def test_words_of_english_and_characters_of_chinese(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text() | st.text("aB1.,_-/ \r\n\t\u3000\x1c头😀é́"))
def test_every_character_but_white_space_is_in_exactly_one_token(text: str) -> None:
    inside = [position for start, end in tokens(text) for position in range(start, end)]
    assert inside == [position for position, character in enumerate(text) if not character.isspace()]


@given(st.text("aB1.,头- ", max_size=20))
def test_a_token_is_the_same_whatever_stands_beyond_the_white_space_around_it(text: str) -> None:
    assert [*words(f"5.{text}"), "7", "."] == words(f"5.{text} 7.")


@pytest.mark.parametrize("piece", ["x", "7", "7.", "头", ".", "x1"])
def test_a_stretch_of_300000_characters_is_no_trouble(piece: str) -> None:
    """Anything that is not linear would take hours."""
    text = piece * (300_000 // len(piece))
    assert sum(end - start for start, end in tokens(text)) == 300_000
