"""GENIA 3.02, five types: 18,546 sentences of 1,999 English abstracts with nested biomedical entities.

Source    the GENIA project, GENIAcorpus3.02.tgz, from whose XML the sentences are taken
Licence   annotations CC BY 3.0, "Corpus annotations (c) GENIA Project"; abstracts under the terms of PubMed
Cite      Kim et al. (2003), "GENIA corpus: a semantically annotated corpus for bio-textmining", Bioinformatics 19
Files     GENIAcorpus3.02.xml or GENIAcorpus3.02.merged.xml, packed (.tgz) or not; or, read first where there are any,
          `genia_nested5.jsonl.gz` or `*.jsonl`, a sentence a line: `{"i", "split", "doc", "part", "text", "entities":
          [[start, end, type]]}`, offsets in characters from 0, the end exclusive. Both give the same documents

The types are the customary five: every DNA_* is DNA, RNA_* RNA, protein_* protein; coordinated terms are left out.
Published work cuts the corpus by sentence (81, 9 and 10 % in their order), across two abstracts. So a document is a
sentence: its id is the abstract's number and the sentence's, and `meta` holds `doc`, `part` (title or abstract), `i`
and `split`. The counts are of these files; published are 5,506 mentions in test (5,511 here) and 50,509 in train and
dev (50,535). One abstract, 97218353, stands twice, with different labels. `genia-terms` has all 36 classes of the XML.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.formats import jsonl
from epicrisis.corpora.published import genia_xml
from epicrisis.corpora.published.genia_xml import Sentence
from epicrisis.corpora.report import Report
from epicrisis.document import Document

WANTED = "GENIAcorpus3.02.xml (*.xml, *.tgz)"
ENDS = {"train": 15023, "dev": 15023 + 1669}
COUNTS = {"documents": 15023 + 1669 + 1854, "entities": 46164 + 4371 + 5511}
TYPES = {
    "protein": 28840 + 2316 + 3084,
    "DNA": 7703 + 1034 + 1264,
    "cell_type": 5853 + 558 + 606,
    "cell_line": 3069 + 330 + 445,
    "RNA": 699 + 133 + 112,
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    files = sources(path, ending(".jsonl", ".xml"), f"genia_nested5.jsonl.gz or other *.jsonl, or {WANTED}")
    lines = [file for file in files if file.path.suffix.lower() != ".xml"]
    return map(_named, jsonl.documents(lines, report)) if lines else _of_xml(files, report, five=True)


def read_terms(path: Path, report: Report) -> Iterator[Document]:
    """All classes. Raises CorpusError where the path does not exist or holds no such file."""
    return _of_xml(sources(path, ending(".xml"), WANTED), report, five=False)


def _of_xml(files: list[Source], report: Report, *, five: bool) -> Iterator[Document]:
    return _numbered(genia_xml.sentences(files, report, five=five), report)


def _numbered(sentences: Iterable[Sentence], report: Report) -> Iterator[Document]:
    """Parts by the customary numbers of sentences, in their order."""
    for number, one in enumerate(sentences):
        part = next((part for part, end in ENDS.items() if number < end), "test")
        meta = {"i": number, "split": part, "doc": one.abstract, "part": one.part}
        id = f"{one.abstract.removeprefix('MEDLINE:')}-{number}"
        document = made((one.file, one.line), report, id, one.text, entities=one.entities, meta=meta)
        if document is not None:
            yield document


def _named(document: Document) -> Document:
    abstract, sentence = (document.meta.get(key) for key in ("doc", "i"))
    if not isinstance(abstract, str) or not isinstance(sentence, int):
        return document
    return replace(document, id=f"{abstract.removeprefix('MEDLINE:')}-{sentence}")


CORPUS = Corpus(
    name="genia",
    title="GENIA 3.02: sentences of English abstracts with five types of entity, nested",
    read=read,
    licence="annotations CC BY 3.0; abstracts: terms of PubMed",
    citation="Kim et al. 2003, Bioinformatics 19 Suppl 1",
    languages=("en",),
    where="http://www.geniaproject.org (GENIAcorpus3.02.tgz)",
    counts=COUNTS,
    types=TYPES,
    folders=("GENIA",),
    has_split=True,
)
TERMS = replace(
    CORPUS,
    name="genia-terms",
    title="GENIA 3.02: sentences of English abstracts with all 36 classes of term, nested",
    read=read_terms,
    counts={"documents": COUNTS["documents"]},
    types={},
)
