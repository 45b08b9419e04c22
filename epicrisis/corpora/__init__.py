"""Files to documents and back: one module per format or corpus, all of them in one table."""

from epicrisis.corpora.asserting import asserted
from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.frames import from_table
from epicrisis.corpora.reading import locate, read
from epicrisis.corpora.report import Problem, Report, Strict
from epicrisis.corpora.splits import Split, folds, load_split, make_split, near_duplicates, split_hash
from epicrisis.corpora.table import CORPORA, find
from epicrisis.corpora.writers import WRITERS, find_writer

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
