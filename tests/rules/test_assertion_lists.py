"""Sentences with their assertions, written one by one: `assertion-en.tsv` and `assertion-zh.tsv`."""

from pathlib import Path

import pytest

from epicrisis.document import Document, Entity
from epicrisis.rules import Assertion

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "zh")


def sentences(language: str) -> list[tuple[int, list[str]]]:
    lines = (FOLDER / f"assertion-{language}.tsv").read_text("utf-8").splitlines()
    rows = ((number, line.split("\t")) for number, line in enumerate(lines, start=1))
    return [(number, cells) for number, cells in rows if not cells[0].startswith("#")]


def marked(sentence: str) -> Document:
    """`No [fever].` -> the text without brackets, its entity."""
    text, spans, start = "", [], 0
    for character in sentence.replace("\\n", "\n"):
        if character == "[":
            start = len(text)
        elif character == "]":
            spans.append((start, len(text)))
        else:
            text += character
    return Document("d", text, tuple(Entity("Finding", (span,)) for span in spans))


def each(cell: str, count: int) -> list[str]:
    parts = cell.split(",")
    return parts * count if len(parts) == 1 else parts


CASES = [
    pytest.param(language, *cells, id=f"{language}-{number}")
    for language in LANGUAGES
    for number, cells in sentences(language)
]


@pytest.mark.parametrize(("language", "sentence", "values", "cues", "reason"), CASES)
def test_a_sentence_says_what_it_says(language: str, sentence: str, values: str, cues: str, reason: str) -> None:
    document = marked(sentence)
    found = Assertion(language).annotate(document)
    assertions = [entity.attributes.get("assertion") for entity in found.entities]
    count = len(assertions)
    assert [one.value if one else "present" for one in assertions] == each(values, count), reason
    said = [found.text[slice(*one.cue)] if one and one.cue else "-" for one in assertions]
    assert said == each(cues, count), reason


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_are_long_and_no_sentence_stands_twice(language: str) -> None:
    rows = sentences(language)
    assert len(rows) >= 300
    assert len({cells[0] for _, cells in rows}) == len(rows)
    assert all(len(cells) == 4 and all(cells) for _, cells in rows)
