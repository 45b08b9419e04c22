"""BC5CDR: 1,500 PubMed abstracts with chemicals, diseases, and which chemical induces which disease.

Source    BioCreative V CDR task, CDR_Data.zip, CDR.Corpus.v010516
Licence   public domain (U.S. National Library of Medicine)
Cite      Li et al. (2016), "BioCreative V CDR task corpus: a resource for chemical disease relation extraction",
          Database, baw068
Files     CDR_TrainingSet.PubTator.txt, CDR_DevelopmentSet.PubTator.txt, CDR_TestSet.PubTator.txt, packed (.gz) or not;
          where there are none of them, CDR_*.BioC.xml of the same archive

The text is the title, a line break and the abstract; offsets count that break as one character. A mention's MeSH codes
are its `codes`: none where MeSH has none (-1 in the file), several where it names several diseases in one. `meta` has
the official part (`split`) and `pmid`.

A relation of the corpus holds between two concepts in a document, not between mentions: nobody marked where it is
said. So CID relations are drawn between every mention of the one and every mention of the other, 45,278 of them for
3,116 pairs of concepts. That is what a classifier of pairs of mentions can be taught without contradiction; scores of
mentions weigh documents by how often they repeat themselves, and the official score, over pairs of concepts, is
`evaluation.evaluate_concepts`. Where a mention names several diseases and some are not related, the relation's
attribute `concepts` says which are: "MESH:D008094 MESH:D014262".
"""

from collections.abc import Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.sources import ending, sources
from epicrisis.corpora.formats import pubtator
from epicrisis.corpora.report import Report
from epicrisis.document import Document

CHEMICAL, DISEASE, CID = "Chemical", "Disease", "CID"
RULES = pubtator.Rules("MESH", {CID: (CHEMICAL, DISEASE)})
BIOC = ".bioc.xml"


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    files = sources(path, ending(*pubtator.SUFFIXES, BIOC), "CDR_*.PubTator.txt or CDR_*.BioC.xml")
    lines = [file for file in files if not file.path.name.lower().endswith(BIOC)]
    return pubtator.documents(lines, RULES, report) if lines else pubtator.of_bioc(files, RULES, report)


CORPUS = Corpus(
    name="bc5cdr",
    title="BC5CDR: PubMed abstracts with chemicals, diseases, and which induces which",
    read=read,
    licence="public domain",
    citation="Li et al. 2016, Database, baw068",
    languages=("en",),
    where="https://biocreative.bioinformatics.udel.edu/tasks/biocreative-v/track-3-cdr/ (CDR_Data.zip)",
    counts={"documents": 1500, "entities": 28785, "relations": 45278},
    types={CHEMICAL: 5203 + 5347 + 5385, DISEASE: 4182 + 4244 + 4424},
    folders=("BC5CDR", "CDR_Data"),
    has_split=True,
    scheme="concepts",
)
