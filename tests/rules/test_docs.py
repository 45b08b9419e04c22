"""What docs/rules.md shows is so."""

import re
from pathlib import Path

from epicrisis.rules import Dictionary, Patterns

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")


def block(language: str) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found[0] if language else found[-1]


def test_its_python_prints_what_stands_behind_it(capsys: object) -> None:
    printed: list[tuple[object, ...]] = []
    exec(compile(block("python"), "rules.md", "exec"), {"print": lambda *words: printed.append(words)})
    assert printed == [("negated", "Denies")]


def test_its_term_list_and_its_patterns_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text(block("csv"), "utf-8")
    found = Dictionary.from_csv(tmp_path / "terms.csv").find("Heart attacks on beta-blockers. 心肌梗死。")
    assert [entity.codes[0].code for entity in found] == ["I21", "C07", "I21"]
    (patterns,) = re.findall(r"```\n(Ejection_fraction.*?)```", TEXT, re.DOTALL)
    (tmp_path / "patterns.tsv").write_text(patterns, "utf-8")
    text = "EF of 35%, NYHA class III"
    entities = Patterns.from_file(tmp_path / "patterns.tsv").find(text)
    assert [(entity.type, text[entity.start : entity.end]) for entity in entities] == [
        ("Ejection_fraction", "35%"),
        ("NYHA", "III"),
    ]
