"""The page on formats does what it says, and names every corpus and no other."""

import doctest
import re
from pathlib import Path

from epicrisis.corpora import CORPORA
from epicrisis.corpora.writers import WRITERS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def test_examples_in_the_page_on_formats_give_what_they_say() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert not failed


def section(title: str) -> str:
    return PAGE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_tables_of_the_page_are_those_of_the_package() -> None:
    formats = re.findall(r"^\| `(\S+)` \|([^|]*)\|([^|]*)\|", section("Formats"), re.MULTILINE)
    published = re.findall(r"^\| `(\S+)` \|", section("Corpora"), re.MULTILINE)
    assert {name for name, read, _ in formats if read.strip() == "yes"} | {*published} == {*CORPORA}
    assert {name for name, _, written in formats if written.strip() == "yes"} == {*WRITERS}
    assert {name for name in CORPORA if CORPORA[name].licence} == {*published}
