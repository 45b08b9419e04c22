"""What the README says can be done is done."""

import re
import shlex
from pathlib import Path

import pytest

from epicrisis.cli.main import COMMANDS, main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
CALLS = [
    shlex.split(call.split("#")[0])
    for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    for call in line.split("&&")
    if call.strip().startswith("epicrisis ")
]


def test_its_python_runs_and_prints_entities(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(block, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert "Medication warfarin ((19, 27),)" in out
    assert out.count('"schema":1') == 2


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_its_commands_have_the_options_that_they_are_given(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Parsed with --help behind them, which an unknown option before it would not survive."""
    options = [word for word in call[1:] if word.startswith("--")]
    command = call[1:3] if call[1] in ("corpus", "models", "pretrain") else call[1:2]
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    explained = capsys.readouterr().out
    assert [option for option in options if option not in explained] == []


def test_it_names_every_command() -> None:
    assert {call[1] for call in CALLS} | {"pretrain", "models"} >= set(COMMANDS)
