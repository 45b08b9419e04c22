"""n2c2 2018 track 2: discharge summaries with medications, what is said of them, and adverse drug events.

Source    n2c2 NLP Research Data Sets, Department of Biomedical Informatics, Harvard Medical School (DBMI portal)
Licence   data use agreement: get your own copy, never pass it on, and keep it on your machine
Cite      Henry et al. (2020), "2018 n2c2 shared task on adverse drug events and medication extraction in electronic
          health records", JAMIA 27(1)
Files     brat, `NNNNNN.txt` with `NNNNNN.ann`, in training_20180910 and gold-standard-test-data: the two archives, or
          a folder of them, packed or not, at any depth

Entities are Drug, Strength, Dosage, Duration, Frequency, Form, Route, Reason and ADE; relations Strength-Drug and so
on, from what is said (Arg1) to the drug (Arg2). The official parts are 303 documents for training and 202 for the
test; `meta["split"]` is the part that a folder's name says, and dev is made of the former. 83,869 entities and 59,810
relations are reported; a paper that works with 296 documents has another set than this. The id is the note's number.

brat cannot write a mention over a line break, so that thousands are in two fragments: where nothing but white space is
between them they are one again, and counted. Some relations are named after another type than their argument's (18 in
the training part, it is said): the name of the file is kept, and counted.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.sources import part_of
from epicrisis.corpora.formats import brat
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity, Span

TYPES = ("Drug", "Strength", "Dosage", "Duration", "Frequency", "Form", "Route", "Reason", "ADE")
DRUG = "Drug"


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds neither brat files nor archives of them."""
    return _read(brat.read(path, report), path.name, report)


def _read(documents: Iterator[Document], root: str, report: Report) -> Iterator[Document]:
    seen: set[str] = set()
    for document in documents:
        place = PurePosixPath(document.id)
        if place.name in seen:
            report.add(document.id, None, "another folder gives the same note; this one was not read")
            continue
        seen.add(place.name)
        part = part_of(place, root)
        entities = tuple(_joined(entity, document.text, report) for entity in document.entities)
        _count_other_names(document, report)
        yield replace(document, id=place.name, entities=entities, meta={"split": part} if part else {})


def _joined(entity: Entity, text: str, report: Report) -> Entity:
    fragments: list[Span] = [entity.fragments[0]]
    for start, end in entity.fragments[1:]:
        gap = text[fragments[-1][1] : start]
        if gap and not gap.isspace():
            fragments.append((start, end))
        else:
            fragments[-1] = (fragments[-1][0], end)
    if len(fragments) == len(entity.fragments):
        return entity
    report.count("mentions over a line break whose fragments were joined")
    return replace(entity, fragments=tuple(fragments))


def _count_other_names(document: Document, report: Report) -> None:
    types = {entity.id: entity.type for entity in document.entities}
    for entity in document.entities:
        if entity.type not in TYPES:
            report.count("entities of a type that n2c2 2018 does not have")
    for relation in document.relations:
        if (relation.type, types[relation.tail]) != (f"{types[relation.head]}-{DRUG}", DRUG):
            report.count("relations named after another type than their argument's")


CORPUS = Corpus(
    name="n2c2-2018",
    title="n2c2 2018 track 2: discharge summaries with medications and adverse drug events",
    read=read,
    licence="data use agreement (DBMI portal); do not pass on",
    citation="Henry et al. 2020, JAMIA 27(1)",
    languages=("en",),
    where="https://portal.dbmi.hms.harvard.edu (n2c2 NLP Research Data Sets, 2018 track 2)",
    counts={"documents": 505},
    reported={"entities": 50951 + 32918, "relations": 36348 + 23462},
    folders=("n2c2_2018", "n2c2-2018-track2"),
    scheme="n2c2-2018",
)
