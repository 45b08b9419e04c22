"""The tables name what there is without importing it; asked for, every entry is there under its own name."""

import subprocess
import sys
from pathlib import Path

import pytest

from epicrisis import corpora
from epicrisis.corpora import CORPORA, WRITERS
from epicrisis.corpora.on_demand import OnDemand


@pytest.mark.parametrize("table", [CORPORA, WRITERS])
def test_every_entry_has_the_name_by_which_it_is_found(table: OnDemand[corpora.Corpus]) -> None:
    assert {name: entry.name for name, entry in table.items()} == {name: name for name in table}
    assert len(table) == len([*table]) > 10
    assert table["brat"] is table["brat"]
    assert "missing" not in table
    assert table.get("missing") is None
    with pytest.raises(KeyError, match="missing"):
        table["missing"]


def test_every_public_name_is_there() -> None:
    assert {name for name in corpora.__all__ if getattr(corpora, name) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        corpora.nothing  # noqa: B018


SCRIPT = """
import sys
from epicrisis.corpora import CORPORA, WRITERS
names = (*CORPORA, *WRITERS)
print(*sorted(name for name in sys.modules if name.startswith("epicrisis.corpora.")))
print(*sorted({"xml", "tarfile", "zipfile", "lzma", "gzip", "csv", "hashlib"} & {*sys.modules}))
"""


def test_the_names_cost_no_reader_and_no_writer() -> None:
    """`epicrisis extract` on one note pays for every import."""
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    ours, heavy = ran.stdout.split("\n")[:2]
    light = {"asserting", "contracts", "on_demand", "reading", "report", "table", "writers"}
    assert {name.removeprefix("epicrisis.corpora.") for name in ours.split()} == light, ran.stderr
    assert heavy == ""
