import doctest
from pathlib import Path


def test_examples_in_the_page_on_scores_give_what_they_say() -> None:
    page = Path(__file__).parents[2] / "docs" / "scores.md"
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert tried > 10
    assert not failed
