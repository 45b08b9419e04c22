"""GoEmotions: emotions as topics, the sentiment that they make, and its official parts."""

from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import CORPORA, Report, load_split, read
from epicrisis.corpora.published.goemotions import EMOTIONS, sentiment
from epicrisis.document import Document, Label


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    documents = {document.id: document for document in read("goemotions", fixtures / "goemotions", report)}
    assert documents["c1"] == Document(
        "c1",
        'Thanks, that "helped',
        labels={"topic:gratitude": Label(True), "sentiment": Label("positive")},
        meta={"split": "train"},
    )
    values = {
        id: document.labels["sentiment"].value for id, document in documents.items() if "sentiment" in document.labels
    }
    assert values == {"c1": "positive", "c4": "neutral", "c5": "negative", "c6": "positive"}
    assert set(documents["c2"].labels) == {"topic:joy", "topic:nervousness"}
    assert report.counts == {"comments whose emotions make no sentiment": 2}
    assert load_split("goemotions", documents.values()) == {
        "dev": ("c4", "c5"), "test": ("c6",), "train": ("c1", "c2", "c3"),
    }  # fmt: skip


def test_the_groups_are_the_published_ones() -> None:
    assert Counter(EMOTIONS.values()) == {"positive": 12, "negative": 11, "ambiguous": 4, "neutral": 1}
    assert sentiment(["surprise"]) is None
    assert sentiment(["surprise", "neutral"]) == "neutral"
    assert sentiment(["joy", "neutral", "surprise"]) == "positive"
    assert sentiment(["joy", "grief"]) is None


def test_a_line_that_is_none_costs_one_line(tmp_path: Path) -> None:
    bad = [b"text\t28\tx", b"text\t1", b"text\t\tx", b"text\t-1\tx", "text\t¹\tx".encode(), b"\xff\t1\tx", b""]
    (tmp_path / "other.tsv").write_bytes(b"\n".join([*bad, b"fine\t1\t\r", b"last\t27\tz"]))
    report = Report()
    first, last = read("goemotions", tmp_path, report)
    assert (first.id, first.meta, last.id) == ("other-8", {}, "z")
    assert [problem.line for problem in report] == [1, 2, 3, 4, 5, 6]
    assert "fine" not in str(report)


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real) -> None:
    report = Report()
    documents = list(read("goemotions", real("goemotions"), report))
    assert not list(report)
    assert {part: len(ids) for part, ids in load_split("goemotions", documents).items()} == {
        "train": 43410, "dev": 5426, "test": 5427,
    }  # fmt: skip
    train = Counter(label for d in documents if d.meta["split"] == "train" for label in d.labels)
    assert (train["topic:neutral"], train["topic:admiration"], train["topic:grief"]) == (14219, 4130, 77)
    assert set(CORPORA["goemotions"].topics) == set(EMOTIONS)
