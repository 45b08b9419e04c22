"""Files to documents and back: one file a format or corpus, all of them in one table, imported when asked for.

files/      what readers and writers share: files found, opened, written; lines, rows, records, trees
formats/    readers of formats that anyone's files may be in
published/  readers of published corpora
writers/    formats to write
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from epicrisis.corpora.asserting import asserted
from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.reading import locate, read
from epicrisis.corpora.report import Problem, Report, Strict
from epicrisis.corpora.table import CORPORA, find
from epicrisis.corpora.writers import WRITERS, find_writer

if TYPE_CHECKING:
    from epicrisis.corpora.formats.frames import from_table
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
    """What not every use needs, and brings more of the standard library along."""
    if name in __all__:
        module = "formats.frames" if name == "from_table" else "splits"
        return getattr(import_module(f"epicrisis.corpora.{module}"), name)
    raise AttributeError(f"module 'epicrisis.corpora' has no attribute {name!r}")
