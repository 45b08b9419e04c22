"""brat standoff: `NAME.txt` with `NAME.ann`, or with `NAME.a1` and `NAME.a2` as the BioNLP shared tasks have it.

Stenetorp et al. (2012), "brat: a Web-based Tool for NLP-Assisted Text Annotation", EACL; https://brat.nlplab.org/standoff.html.
Folders may be nested; a document's id is its path below the folder without the suffix. Files of other names, such as
`annotation.conf`, are passed over. Folders that are called train, dev or test are the parts of a split. What each line
becomes:

T  an entity; several fragments where the mention is discontinuous
E  marks its trigger as an event; each argument is a relation (`event=True`) whose type is the role. A reference to an
   event is one to its trigger. A second event on the same trigger is another entity with the same fragments.
R  a relation: from Arg1 to Arg2, or from the first to the second where the roles have other names
A, M, N, #, *  attributes, the same, codes, notes (one line each) and groups

The writer cuts a mention at line breaks, for brat has no way to write one: what was one fragment over two lines is read
back as two. `document.words` is the same but for the break.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus, Format
from epicrisis.corpora.files.output import one_by_one, place, write_text
from epicrisis.corpora.files.records import in_part
from epicrisis.corpora.files.sources import Source, beside, ending, sources, text_of
from epicrisis.corpora.formats import brat_lines, brat_output
from epicrisis.corpora.report import Report
from epicrisis.document import Document

SUFFIXES = (".txt", ".ann", ".a1", ".a2")
WANTED = "a text with its annotations (*.txt with *.ann)"


def read(path: Path, report: Report) -> Iterator[Document]:
    """The documents of a folder or an archive, or of one text or annotation file with those beside it.

    Raises CorpusError where the path does not exist or holds no such files.
    """
    files = sources(path, ending(*SUFFIXES), WANTED)
    if path.is_file() and path.suffix.lower() in SUFFIXES:
        files = beside(path, lambda name: name in {path.with_suffix(suffix).name for suffix in SUFFIXES})
    return _read(files, report)


def _read(files: Sequence[Source], report: Report) -> Iterator[Document]:
    """One document for every text, in the order of the ids."""
    by_id: dict[str, dict[str, Source]] = {}
    for source in files:
        taken = by_id.setdefault(source.id, {})
        suffix = source.path.suffix.lower()
        if suffix in taken:
            report.add(source.name, None, "another file gives the same document id; this one was not read")
        taken.setdefault(suffix, source)
    annotated = any(suffix != ".txt" for parts in by_id.values() for suffix in parts)
    for id in sorted(by_id):
        document = _document(id, by_id[id], report, annotated=annotated)
        if document is not None:
            yield in_part(document, by_id[id][".txt"], file=False)


def _document(id: str, parts: dict[str, Source], report: Report, *, annotated: bool) -> Document | None:
    annotations = [parts[suffix] for suffix in SUFFIXES[1:] if suffix in parts]
    if ".txt" not in parts:
        report.add(annotations[0].name, None, "there is no text (.txt) beside these annotations")
        return None
    text = text_of(parts[".txt"], report)
    if text is None:
        return None
    if not annotations and annotated:
        report.add(parts[".txt"].name, None, "there are no annotations (.ann) beside this text, as others have")
    contents = [(source.name, text_of(source, report)) for source in annotations]
    files = [(name, content) for name, content in contents if content is not None]
    return brat_lines.document(id, text, parts[".txt"].name, files, report)


def write_document(document: Document, folder: Path) -> Counter[str]:
    """`ID.txt` and `ID.ann`; returns what brat cannot hold.

    Raises CorpusError where the id cannot be a file's name, or a file cannot be written.
    """
    held, lost = brat_output.canonical(document)
    write_text(place(folder, document.id, ".txt"), held.text)
    write_text(place(folder, document.id, ".ann"), brat_output.lines(held))
    return lost


write = one_by_one(write_document)

CORPUS = Corpus(
    name="brat",
    title="brat standoff, .txt with .ann",
    read=read,
    where="your own files",
)
FORMAT = Format("brat", CORPUS.title, write, write_document)
