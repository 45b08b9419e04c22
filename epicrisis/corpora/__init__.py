"""Files to documents and back: one module per format or corpus, all of them in one table, imported when asked for."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from epicrisis.corpora.asserting import asserted
from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.reading import locate, read
from epicrisis.corpora.report import Problem, Report, Strict
from epicrisis.corpora.table import CORPORA, find
from epicrisis.corpora.writers import WRITERS, find_writer

if TYPE_CHECKING:
    from epicrisis.corpora.frames import from_table
    from epicrisis.corpora.splits import Split, folds, load_split, make_split, near_duplicates, split_hash

__all__ = [
    "CORPORA",
    "WRITERS",
    "Corpus",
    "Problem",
    "Report",
    "Split",
    "Strict",
    "asserted",
    "find",
    "find_writer",
    "folds",
    "from_table",
    "load_split",
    "locate",
    "make_split",
    "near_duplicates",
    "read",
    "split_hash",
]


def __getattr__(name: str) -> Any:
    """What not every use needs, and brings more of the standard library along; and the modules themselves."""
    if name in __all__:
        return getattr(import_module("epicrisis.corpora." + ("frames" if name == "from_table" else "splits")), name)
    if not name.startswith("_") and find_spec(f"epicrisis.corpora.{name}"):
        return import_module(f"epicrisis.corpora.{name}")
    raise AttributeError(f"module 'epicrisis.corpora' has no attribute {name!r}")
