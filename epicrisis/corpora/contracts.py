"""What a corpus or a format is to the rest of the package: an entry of CORPORA, of WRITERS, or of both by one name.

A reader is `read(path, report) -> Iterator[Document]`. It raises CorpusError at once where the path does not hold what
it looks for; whatever else is wrong goes to the report, and the rest is still yielded.

A writer is `write(documents, path) -> Counter`. It writes every document aside and renames it when it is complete, and
returns what the format could not hold: a description and how often. Nothing that it drops is missing from that count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from epicrisis.corpora.report import Report
from epicrisis.document import Document

Reader = Callable[[Path, Report], Iterator[Document]]
Writer = Callable[[Iterable[Document], Path], Counter[str]]
DocumentWriter = Callable[[Document, Path], Counter[str]]


@dataclass(frozen=True)
class Format:
    """A form in which documents are written.

    write_document  one document's files below a folder; None where a file holds all documents
    suffix          of the file that holds all documents; empty where a folder is written
    asserts         what is negated or in doubt is written as such, if the attribute `assertion` says so
    """

    name: str
    title: str
    write: Writer
    write_document: DocumentWriter | None = None
    suffix: str = ""
    asserts: bool = False


@dataclass(frozen=True)
class Corpus:
    """A format that anyone's files may be in, or one corpus with its own terms and published size.

    languages  ISO 639-1 codes; empty where the format does not say
    where      how to obtain the files
    counts     published numbers of documents, entities, events, relations, groups, attributes, notes; empty for formats
    types      published number of entities per type
    reported   numbers as in `counts` that we have not seen for ourselves: copies may differ
    labels     published number of documents per label, as in `sentiment=positive`
    topics     all that a document may have a label `topic:NAME` for
    folders    other names under which the folder may lie in EPICRISIS_DATA
    has_split  a split comes with the package, or the files say one, dev included (`load_split`)
    symmetric  types of relation that have no direction
    scheme     the official rules of scoring, by their name in `evaluation.SCHEMES`
    assertions  attribute -> its value -> that of `assertion` which it means (see `asserting`)
    """

    name: str
    title: str
    read: Reader
    licence: str = ""
    citation: str = ""
    languages: tuple[str, ...] = ()
    where: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)
    reported: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    has_split: bool = False
    symmetric: tuple[str, ...] = ()
    scheme: str = ""
    assertions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
