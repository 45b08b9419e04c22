"""Plain text: one file is one document, its text exactly what the file holds, a byte order mark included.

Any `*.txt` below the folder, or one file of any name. The id is the path below the folder without the suffix.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import each_once, found, identifier, place, read_text, write_text
from epicrisis.corpora.report import Report
from epicrisis.document import Document


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no `*.txt`."""
    return _read(found(path, (".txt",), "a text (*.txt)"), path, report)


def _read(files: list[Path], root: Path, report: Report) -> Iterator[Document]:
    for file in files:
        text = read_text(file, report)
        if text is not None:
            yield Document(identifier(file, root), text)


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """The texts alone, `ID.txt` each; returns what was left behind.

    Raises CorpusError where an id stands twice or cannot be a file's name, or a file cannot be written.
    """
    lost: Counter[str] = Counter()
    for document in each_once(documents, path):
        write_text(place(path, document.id, ".txt"), document.text)
        for name in ("entities", "relations", "groups", "labels", "segments", "meta"):
            if number := len(getattr(document, name)):
                lost[name] += number
    return lost


CORPUS = Corpus(
    name="text",
    title="plain text files, one document each",
    read=read,
    write=write,
    where="your own files",
)
