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


def test_the_table_of_the_page_is_that_of_the_package() -> None:
    rows = re.findall(r"^\| `(\S+)` \| yes \| (yes)? ?\|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name: bool(written) for name, written in rows} == {name: name in WRITERS for name in CORPORA}


def test_the_table_of_writers_is_that_of_the_package() -> None:
    writing = PAGE.read_text("utf-8").split("\n## Writing\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\S+)` \|", writing, re.MULTILINE)) == {*WRITERS}
