"""NCBI disease: 793 PubMed abstracts with mentions of diseases of four kinds.

Source    National Center for Biotechnology Information, NCBI Disease Corpus
Licence   public domain (U.S. National Library of Medicine)
Cite      Doğan, Leaman and Lu (2014), "NCBI disease corpus: a resource for disease name recognition and concept
          normalization", Journal of Biomedical Informatics 47
Files     NCBItrainset_corpus.txt, NCBIdevelopset_corpus.txt, NCBItestset_corpus.txt, packed (.gz) or not, as PubTator
          has it; or BioC of the same

The kinds are SpecificDisease, DiseaseClass, Modifier and CompositeMention; a code is one of MeSH unless it says OMIM.
`meta` has the official part (`split`) and `pmid`. One abstract, 8528200, stands twice in the training part: so do its
mentions in the published counts, and the second is the document 8528200-2.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.sources import ending, sources
from epicrisis.corpora.formats import pubtator
from epicrisis.corpora.report import Report
from epicrisis.document import Document

RULES = pubtator.Rules("MESH")
LINES = ("_corpus.txt", *pubtator.SUFFIXES)
BIOC = ".xml"
TYPES = {
    "SpecificDisease": 2972 + 412 + 555,
    "Modifier": 1289 + 214 + 264,
    "DiseaseClass": 769 + 126 + 121,
    "CompositeMention": 115 + 35 + 20,
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    files = sources(path, ending(*LINES, BIOC), "NCBI*set_corpus.txt (or *.xml of BioC)")
    lines = [file for file in files if not file.path.name.lower().endswith(BIOC)]
    documents = (
        pubtator.documents(lines, RULES, report, once=False) if lines else pubtator.of_bioc(files, RULES, report)
    )
    return _numbered(documents, report)


def _numbered(documents: Iterator[Document], report: Report) -> Iterator[Document]:
    seen: Counter[str] = Counter()
    for document in documents:
        seen[document.id] += 1
        if seen[document.id] > 1:
            report.count("documents whose id another one has, numbered")
            document = replace(document, id=f"{document.id}-{seen[document.id]}")
        yield document


CORPUS = Corpus(
    name="ncbi-disease",
    title="NCBI disease: PubMed abstracts with diseases and their concepts",
    read=read,
    licence="public domain",
    citation="Doğan et al. 2014, J Biomed Inform 47",
    languages=("en",),
    where="https://www.ncbi.nlm.nih.gov/CBBresearch/Dogan/DISEASE/",
    counts={"documents": 793, "entities": 6892},
    types=TYPES,
    folders=("NCBI-disease", "ncbi_disease"),
    has_split=True,
)
