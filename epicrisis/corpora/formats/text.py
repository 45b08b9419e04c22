"""Plain text: one file is one document, its text exactly what the file holds, a byte order mark included.

Any `*.txt` below the folder, or one file of any name. The id is the path below the folder without the suffix.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus, Format
from epicrisis.corpora.files.output import one_by_one, place, write_text
from epicrisis.corpora.files.sources import Source, ending, sources, text_of
from epicrisis.corpora.report import Report
from epicrisis.document import Document


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no `*.txt`."""
    return _read(sources(path, ending(".txt"), "a text (*.txt)"), report)


def _read(files: list[Source], report: Report) -> Iterator[Document]:
    for file in files:
        text = text_of(file, report)
        if text is not None:
            yield Document(file.id, text)


def write_document(document: Document, folder: Path) -> Counter[str]:
    """The text alone, `ID.txt`; returns what was left behind.

    Raises CorpusError where the id cannot be a file's name, or the file cannot be written.
    """
    write_text(place(folder, document.id, ".txt"), document.text)
    return +Counter(
        {
            name: len(getattr(document, name))
            for name in ("entities", "relations", "groups", "labels", "segments", "meta")
        }
    )


write = one_by_one(write_document)

CORPUS = Corpus(
    name="text",
    title="plain text files, one document each",
    read=read,
    where="your own files",
)
FORMAT = Format("text", CORPUS.title, write, write_document)
