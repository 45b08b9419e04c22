"""Reading a corpus by name, and finding where its files lie."""

import os
from collections.abc import Iterator
from pathlib import Path

from epicrisis.corpora.report import Report, Strict
from epicrisis.corpora.table import find
from epicrisis.document import Document
from epicrisis.errors import CorpusError

VARIABLE = "EPICRISIS_DATA"


def read(name: str, path: str | Path, report: Report | None = None) -> Iterator[Document]:
    """The documents of a corpus or format, one at a time.

    report: takes every problem, and all that is readable is yielded; without one the first problem raises CorpusError

    Raises CorpusError at once where the name is unknown, the path is missing or it does not hold what is looked for.
    """
    return find(name).read(Path(path), Strict() if report is None else report)


def locate(name: str, data: str | Path | None = None) -> Path:
    """Where the files of a corpus lie: in its own folder in `data`, or in EPICRISIS_DATA, else in that folder itself.

    Of a format, which anyone's folder may be in, `data` is that folder.

    Raises CorpusError where neither is given.
    """
    corpus = find(name)
    root = data if data is not None else os.environ.get(VARIABLE)
    if not root:
        raise CorpusError(f"where does {name} lie? Give --data DIR, or set {VARIABLE} to the folder of your corpora")
    folders = (Path(root, folder) for folder in (name, *corpus.folders) if corpus.citation or data is None)
    return next((folder for folder in folders if folder.exists()), Path(root))
