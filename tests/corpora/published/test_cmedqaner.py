"""cMedQANER: the parts are the files, nested mentions are kept, and the published counts."""

from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import Report, counting, load_split, read
from epicrisis.corpora.published import cmedqaner
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    documents = {document.id: document for document in read("cmedqaner", fixtures / "cmedqaner")}
    assert list(documents) == ["dev-0001", "test-0001", "train-0001", "train-0002"]
    assert documents["dev-0001"] == Document(
        "dev-0001",
        "胃痛三天。",
        (Entity("symptom", ((0, 2),), "T2"), Entity("body", ((0, 1),), "T1"), Entity("time", ((2, 4),), "T3")),
        meta={"split": "dev"},
    )
    child = documents["train-0001"]
    assert {child.words(entity): entity.type for entity in child.entities} == {
        "孩子": "crowd",
        "肺炎": "disease",
        "肺": "body",
        "发热": "symptom",
        "凡洛林": "drug",
    }
    assert counting.overlaps(documents.values())["nested"] == 2


def test_one_file_is_one_part_and_another_name_says_none(fixtures: Path, tmp_path: Path) -> None:
    (document,) = read("cmedqaner", fixtures / "cmedqaner" / "test.jsonl")
    assert document.meta == {"split": "test"}
    other = tmp_path / "other.jsonl"
    other.write_text('{"text": "x"}\n{"text": "y", "split": "dev"}\n{"text": 1}\n', "utf-8")
    report = Report()
    first, second = read("cmedqaner", other, report)
    assert (first.id, first.meta, second.meta) == ("other-1", {}, {"split": "dev"})
    assert str(report) == f"{other}:3: a record needs the key text, a string"


def test_its_split_stands_in_its_files(fixtures: Path, tmp_path: Path) -> None:
    documents = list(read("cmedqaner", fixtures / "cmedqaner"))
    split = {"dev": ("dev-0001",), "test": ("test-0001",), "train": ("train-0001", "train-0002")}
    assert load_split("cmedqaner", documents) == split
    unknown = [*documents, Document("x", "")]
    assert load_split("cmedqaner", unknown, strict=False) == split
    with pytest.raises(CorpusError, match="1 documents do not say their part"):
        load_split("cmedqaner", unknown)
    with pytest.raises(CorpusError, match="give the documents"):
        load_split("cmedqaner")


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real) -> None:
    documents = list(read("cmedqaner", real("cmedqaner")))
    split = load_split("cmedqaner", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 1673, "dev": 175, "test": 215}
    mentions = Counter[str]()
    for document in documents:
        mentions[document.meta["split"]] += len(document.entities)
    assert mentions == {"train": 12558, "dev": 1031, "test": 1346}
    assert Counter(entity.type for document in documents for entity in document.entities) == cmedqaner.TYPES
    overlaps = counting.overlaps(documents)
    assert (overlaps["nested"], overlaps["crossing"], overlaps["duplicate"]) == (153, 0, 0)
