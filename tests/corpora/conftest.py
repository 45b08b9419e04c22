"""Where the invented notes lie, and the real corpora if this machine has them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from epicrisis.corpora import find

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fixtures() -> Path:
    return ROOT / "tests" / "fixtures"


@pytest.fixture
def real() -> Callable[[str], Path]:
    """The folder of a real corpus; skips the test where there is none."""

    def folder(name: str) -> Path:
        roots = [os.environ.get("EPICRISIS_DATA"), ROOT.parent / "shared" / "data"]
        for root in filter(None, roots):
            for candidate in (name, *find(name).folders):
                if Path(root, candidate).is_dir():
                    return Path(root, candidate)
        pytest.skip(f"{name} is neither in EPICRISIS_DATA nor in ../shared/data")

    return folder
