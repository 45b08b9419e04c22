"""The page on preparation does what it says, and names every step and no other."""

import doctest
import re
from pathlib import Path

from epicrisis.text.steps import STEPS

PAGE = Path(__file__).parents[2] / "docs" / "preparation.md"


def test_examples_in_the_page_on_preparation_give_what_they_say() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried > 10
    assert not failed


def test_the_table_of_the_page_is_that_of_the_package() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE) == list(STEPS)
