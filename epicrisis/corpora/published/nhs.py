"""NHS patient feedback: comments of patients of English trusts, labelled by hand for sentiment and topic.

Source    github.com/The-Strategy-Unit/pxtextmining: `datasets/v6framework_230831.csv` (nhs-feedback, 7,908 comments,
          6,179 with a sentiment) and `datasets/phase_1/text_data.csv` (nhs-criticality, 10,334 comments)
Licence   MIT, NHS England
Cite      The Strategy Unit, "pxtextmining: Text classification of patient experience feedback"
Files     CSV, .gz or not, of any name: each corpus takes those with its columns

nhs-feedback grades from 1 (very positive) to 5 (very negative); 3 is neutral or mixed. nhs-criticality goes from -5
(very negative) to 5 (very positive). Both are the `intensity` of the label `sentiment`, as they stand. 36 rows of the
latter have something else there. A topic that a comment has is a label `topic:NAME`, one that it lacks is none.

Answers that say nothing ("Nothing", "None", "Did not answer", an empty one) stay, with `meta["says_nothing"]`: what
sentiment they have depends on the question. The two corpora share texts and, it seems, patients: the splits that ship
with the package were made together, so that what is for training in one is never a test of the other.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.rows import Faults, header, rows
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.labels import SENTIMENT, TOPIC
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError

NOTHING = {
    "", "nothing", "none", "no", "nope", "nil", "na", "n a", "not applicable", "nothing at all", "nothing really",
    "absolutely nothing", "no nothing", "none at all", "not really", "no not really", "no comment", "no comments",
    "no answer", "did not answer", "dont know", "not sure", "not a thing", "nothing comes to mind",
    "nothing i can think of", "cant think of anything", "i cant think of anything",
}  # fmt: skip
"""Answers that say nothing, in lower case and letters alone."""
BOOKKEEPING = ("Not assigned", "Labelling not possible")
"""Columns among those of the topics that say why there is none."""
TOPICS = (
    "Organisation & efficiency", "Funding & use of financial resources", "Staff manner & personal attributes",
    "Number & deployment of staff", "Staff responsiveness", "Staff continuity", "Competence & training",
    "Unspecified communication", "Staff listening, understanding & involving patients",
    "Information directly from staff during care", "Information provision & guidance",
    "Being kept informed, clarity & consistency of information", "Contacting services", "Appointment arrangements",
    "Appointment method", "Timeliness of care", "Pain management", "Diagnosis & triage",
    "Referals & continuity of care", "Discharge", "Care plans", "Patient records",
    "Cleanliness, tidiness & infection control", "Provision of medical equipment", "Service location",
    "Transport to/ from services", "Parking", "Electronic entertainment", "Feeling safe",
    "Patient appearance & grooming", "Mental Health Act", "Equality, Diversity & Inclusion", "Admission",
    "Safeguarding concerns?", "Environment & Facilities", "Supplying & understanding medication",
    "Activities & access to fresh air", "Food & drink provision & facilities", "Sensory experience",
    "Impact of treatment/ care", "Psychological therapy arrangements", "Existence of services", "Choice of services",
    "Out of hours support (community services)", "Learning organisation", "Interaction with family/ carers",
    "Negative experience & dissatisfaction", "Positive experience & gratitude",
)  # fmt: skip
AREAS = (
    "Care received", "Staff", "Couldn't be improved", "Communication", "Environment/ facilities", "Access",
    "Miscellaneous", "Transition/coordination", "Dignity",
)  # fmt: skip

Row = Mapping[str, str]
Made = Callable[[int, Row, Faults, Report], Document]


def read_feedback(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no table with the columns of this corpus."""
    return _read(path, report, ("Comment ID", "FFT question", "FFT answer", "Comment sentiment"), _comment)


def read_criticality(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no table with the columns of this corpus."""
    return _read(path, report, ("row_index", "feedback", "criticality", "label"), _remark)


def says_nothing(text: str) -> bool:
    """Whether an answer is one of those that say nothing, whatever its case and punctuation."""
    return " ".join(re.findall(r"\w+", re.sub("['’]", "", text.casefold()))) in NOTHING


def _read(path: Path, report: Report, needed: tuple[str, ...], make: Made) -> Iterator[Document]:
    files = sources(path, ending(".csv"), "a table (*.csv, *.csv.gz)")
    tables = [(file, read[0]) for file in files if (read := header(file, report, ",")) is not None]
    fitting = [(file, columns) for file, columns in tables if set(needed) <= set(columns)]
    if tables and not fitting:
        raise CorpusError(f"{path}: no table there has the columns {', '.join(needed)}")
    return _documents(fitting, report, make)


def _documents(tables: list[tuple[Source, list[str]]], report: Report, make: Made) -> Iterator[Document]:
    for file, columns in tables:
        faults = Faults(file, report)
        for number, row in rows(file, columns, ",", faults):
            document = make(number, row, faults, report)
            if "says_nothing" in document.meta:
                report.count("answers that say nothing")
            yield document


def _comment(number: int, row: Row, faults: Faults, report: Report) -> Document:
    labels: dict[str, Label] = {}
    grade = row["Comment sentiment"].strip()
    if grade in ("1", "2", "3", "4", "5"):
        value = "positive" if grade < "3" else "neutral" if grade == "3" else "negative"
        labels[SENTIMENT] = Label(value, intensity=int(grade))
    elif grade:
        faults.add(number, "its sentiment is no grade from 1 to 5; the comment is kept without one")
    else:
        report.count("comments without a sentiment")
    for topic in TOPICS:
        mark = row.get(topic, "").strip()
        if mark == "1":
            labels[TOPIC + topic] = Label(True)
        elif mark:
            faults.add(number, f"the mark of topic {topic!r} is neither 1 nor empty; it is taken for empty")
    about = {
        "trust": row.get("Trust", ""),
        "service": row.get("Service type 1", ""),
        "question": row["FFT question"],
        "patient": row.get("Respondent ID", ""),
        "date": re.sub(r"^(\d\d?)/(\d\d)/(\d{4})$", _iso, row.get("Date", "")),
    }
    return _document(row["Comment ID"], number, row["FFT answer"], labels, about)


def _remark(number: int, row: Row, faults: Faults, report: Report) -> Document:
    labels: dict[str, Label] = {}
    given = row["criticality"].strip()
    if re.fullmatch("-?[0-5]", given):
        grade = int(given)
        labels[SENTIMENT] = Label("negative" if grade < 0 else "positive" if grade > 0 else "neutral", intensity=grade)
    else:
        faults.add(number, "its criticality is no whole number from -5 to 5; the comment is kept without a sentiment")
    if row["label"] in AREAS:
        labels[TOPIC + row["label"]] = Label(True)
    else:
        faults.add(number, "its label is none of the nine topics; the comment is kept without one")
    about = {
        "trust": row.get("organization", ""),
        "question": row.get("question", ""),
        "subcategory": row.get("subcategory", ""),
    }
    return _document(row["row_index"], number, row["feedback"], labels, about)


def _document(id: str, row: int, text: str, labels: dict[str, Label], about: Mapping[str, str]) -> Document:
    meta: dict[str, object] = {key: words for key, value in about.items() if (words := " ".join(value.split()))}
    if says_nothing(text):
        meta["says_nothing"] = True
    return Document(id.strip() or f"row-{row}", text, labels=labels, meta=meta)


def _iso(date: re.Match[str]) -> str:
    day, month, year = date.groups()
    return f"{year}-{month}-{int(day):02}"


SOURCE = "https://github.com/The-Strategy-Unit/pxtextmining"
FEEDBACK = Corpus(
    name="nhs-feedback",
    title="NHS patient feedback: comments with a sentiment from 1 to 5 and topics",
    read=read_feedback,
    licence="MIT",
    citation="NHS England, The Strategy Unit: pxtextmining",
    languages=("en",),
    where=f"{SOURCE} (datasets/v6framework_230831.csv)",
    counts={"documents": 7908},
    labels={"sentiment=positive": 2417 + 1412, "sentiment=neutral": 725, "sentiment=negative": 1368 + 257},
    topics=TOPICS,
    folders=("nhs-patient-feedback",),
    has_split=True,
)
CRITICALITY = Corpus(
    name="nhs-criticality",
    title="NHS patient feedback, first phase: comments with a criticality from -5 to 5 and a topic",
    read=read_criticality,
    licence="MIT",
    citation="NHS England, The Strategy Unit: pxtextmining",
    languages=("en",),
    where=f"{SOURCE} (datasets/phase_1/text_data.csv)",
    counts={"documents": 10334},
    labels={
        "sentiment=positive": 3690 + 1053 + 882 + 282,
        "sentiment=neutral": 2566,
        "sentiment=negative": 787 + 612 + 231 + 195,
    },
    topics=AREAS,
    folders=("nhs-patient-feedback",),
    has_split=True,
)
