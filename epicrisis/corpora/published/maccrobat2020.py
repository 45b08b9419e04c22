"""MACCROBAT2020: 200 English case reports with entities, events, attributes and relations.

Source    figshare 10.6084/m9.figshare.9764942, version 2 (the 2018 release is version 1: never mix them)
Licence   CC BY 4.0
Cite      Caufield et al. (2019), "A Comprehensive Typing System for Information Extraction from Clinical Narratives",
          medRxiv 19009118; Caufield (2020), "MACCROBAT", figshare
Files     one zip, or a folder that holds the zip, or the brat files unpacked, at any depth; the id is the PubMed id

Every E line is a handle on its trigger and has no arguments. OVERLAP is a group of 2 to 41 members. 44 mentions are
discontinuous, 364 lie inside another, 120 spans carry two types. The split of the package is ours: none is official.
IDENTICAL and CO-OCCURRENCE say the same in either direction (the files have the later mention first, nearly always).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.formats import brat
from epicrisis.corpora.report import Report
from epicrisis.document import Document
from epicrisis.errors import CorpusError

COUNTS = {
    "documents": 200,
    "entities": 25189,
    "events": 14368,
    "relations": 16307,
    "groups": 2023,
    "attributes": 1416,
    "notes": 335,
}
TYPES = {
    "Activity": 107,
    "Administration": 175,
    "Age": 206,
    "Area": 43,
    "Biological_attribute": 10,
    "Biological_structure": 2953,
    "Clinical_event": 626,
    "Color": 52,
    "Coreference": 315,
    "Date": 735,
    "Detailed_description": 2920,
    "Diagnostic_procedure": 4598,
    "Disease_disorder": 1362,
    "Distance": 122,
    "Dosage": 361,
    "Duration": 283,
    "Family_history": 81,
    "Frequency": 76,
    "Height": 4,
    "History": 392,
    "Lab_value": 2848,
    "Mass": 2,
    "Medication": 1080,
    "Nonbiological_location": 356,
    "Occupation": 13,
    "Other_entity": 15,
    "Other_event": 25,
    "Outcome": 42,
    "Personal_background": 57,
    "Qualitative_concept": 43,
    "Quantitative_concept": 47,
    "Severity": 376,
    "Sex": 191,
    "Shape": 64,
    "Sign_symptom": 3382,
    "Subject": 54,
    "Texture": 46,
    "Therapeutic_procedure": 1036,
    "Time": 54,
    "Volume": 33,
    "Weight": 4,
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist, or holds neither the zip nor brat files."""
    archives = sorted(file for file in path.glob("*.zip") if file.name.lower().startswith("maccrobat"))
    if len(archives) > 1:
        names = ", ".join(archive.name for archive in archives)
        raise CorpusError(f"{path}: there are {len(archives)} archives ({names}); give the one that is meant")
    documents = brat.read(archives[0] if archives else path, report)
    return (replace(document, id=PurePosixPath(document.id).name) for document in documents)


CORPUS = Corpus(
    name="maccrobat-2020",
    title="MACCROBAT2020: clinical case reports with entities, events, attributes, relations",
    read=read,
    licence="CC BY 4.0",
    citation="Caufield et al. 2019, medRxiv 19009118; Caufield 2020, figshare 10.6084/m9.figshare.9764942",
    languages=("en",),
    where="https://doi.org/10.6084/m9.figshare.9764942 (version 2)",
    counts=COUNTS,
    types=TYPES,
    folders=("maccrobat2020", "MACCROBAT2020"),
    has_split=True,
    symmetric=("IDENTICAL", "CO-OCCURRENCE"),
    assertions={
        "POLARITY": {
            "POS": "present",
            "NEG": "negated",
            "UNCERTAIN": "uncertain",
            "MAYBE_POS": "uncertain",
            "MAYBE_NEG": "uncertain",
        }
    },
)
