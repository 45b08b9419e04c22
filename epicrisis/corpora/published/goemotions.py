"""GoEmotions: 54,263 comments from Reddit with 27 emotions and neutral, several of them where several hold.

Source    github.com/google-research/google-research, goemotions/data
Licence   CC BY 4.0 (the repository: Apache-2.0)
Cite      Demszky et al. (2020), "GoEmotions: A Dataset of Fine-Grained Emotions", ACL
Files     `train.tsv`, `dev.tsv`, `test.tsv`, .gz or not: text, numbers of the emotions with commas between them, id;
          no header, and quotation marks are words as any other. The numbers count EMOTIONS from 0

General language, profanity included, and no medicine: to learn from before, beside patients' words. The parts are the
official ones (`meta["split"]`). An emotion is a label `topic:NAME`. The label `sentiment` is derived by the authors'
grouping of the emotions: positive or negative where the emotions are of one of these groups (and perhaps ambiguous or
neutral, too), neutral where there is no other. Where they are of both, or ambiguous alone, there is none.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import made
from epicrisis.corpora.files.sources import Source, ending, lines, sources, split_of
from epicrisis.corpora.labels import SENTIMENT, TOPIC
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Label

EMOTIONS = {
    "admiration": "positive",
    "amusement": "positive",
    "anger": "negative",
    "annoyance": "negative",
    "approval": "positive",
    "caring": "positive",
    "confusion": "ambiguous",
    "curiosity": "ambiguous",
    "desire": "positive",
    "disappointment": "negative",
    "disapproval": "negative",
    "disgust": "negative",
    "embarrassment": "negative",
    "excitement": "positive",
    "fear": "negative",
    "gratitude": "positive",
    "grief": "negative",
    "joy": "positive",
    "love": "positive",
    "nervousness": "negative",
    "optimism": "positive",
    "pride": "positive",
    "realization": "ambiguous",
    "relief": "positive",
    "remorse": "negative",
    "sadness": "negative",
    "surprise": "ambiguous",
    "neutral": "neutral",
}
"""In the order of their numbers, each with the group that the paper puts it in (figure 2)."""


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return _read(sources(path, ending(".tsv"), "train.tsv, dev.tsv and test.tsv, or other *.tsv"), report)


def sentiment(emotions: Iterable[str]) -> str | None:
    """positive, negative or neutral; None where the emotions are of both kinds, or ambiguous alone."""
    groups = {EMOTIONS[emotion] for emotion in emotions} - {"ambiguous"}
    decided = groups - {"neutral"} or groups
    return decided.pop() if len(decided) == 1 else None


def _read(files: list[Source], report: Report) -> Iterator[Document]:
    names = tuple(EMOTIONS)
    for file in files:
        for number, line in lines(file, report):
            if not line:
                continue
            fields = line.split("\t")
            numbers = fields[1].split(",") if len(fields) == 3 else []
            if not numbers or not all(n.isascii() and n.isdigit() and int(n) < len(EMOTIONS) for n in numbers):
                report.add(file.name, number, f"text, numbers of emotions below {len(EMOTIONS)} and id were expected")
                continue
            emotions = [names[int(n)] for n in numbers]
            labels = {TOPIC + emotion: Label(True) for emotion in emotions}
            if value := sentiment(emotions):
                labels[SENTIMENT] = Label(value)
            else:
                report.count("comments whose emotions make no sentiment")
            id = fields[2] or f"{file.path.stem}-{number}"
            document = made((file.name, number), report, id, fields[0], labels=labels, meta=split_of(file))
            if document is not None:
                yield document


CORPUS = Corpus(
    name="goemotions",
    title="GoEmotions: comments from Reddit with 27 emotions, and the sentiment that they make; not medical",
    read=read,
    licence="CC BY 4.0",
    citation="Demszky et al. 2020, ACL",
    languages=("en",),
    where="https://github.com/google-research/google-research/tree/master/goemotions/data",
    counts={"documents": 43410 + 5426 + 5427},
    topics=tuple(EMOTIONS),
    folders=("GoEmotions",),
    has_split=True,
)
