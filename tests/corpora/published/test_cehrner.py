"""cEHRNER: the parts are the files, characters outside the basic plane are one, and the published counts."""

from collections import Counter

import pytest

from epicrisis.corpora import checking, load_split, read
from epicrisis.corpora.published import cehrner
from epicrisis.document import Document, Entity


def test_the_fixture_gives_these_documents(fixtures) -> None:
    documents = {document.id: document for document in read("cehrner", fixtures / "cehrner")}
    assert {id: document.meta for id, document in documents.items()} == {
        "dev-0001": {"split": "dev"},
        "test-0001": {"split": "test"},
        "train-0001": {"split": "train"},
    }
    assert documents["train-0001"] == Document(
        "train-0001",
        "患者左膝疼痛叒3天,予凡洛林口服。",
        (
            Entity("解剖部位", ((2, 4),), "T1"),
            Entity("症状", ((4, 6),), "T2"),
            Entity("药物", ((11, 14),), "T3"),
        ),
        meta={"split": "train"},
    )
    (disease,) = documents["test-0001"].entities
    assert documents["test-0001"].words(disease) == "𠮷氏病"


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts_and_lies_within_ccks_2019(real) -> None:
    documents = list(read("cehrner", real("cehrner")))
    split = load_split("cehrner", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 914, "dev": 44, "test": 41}
    assert Counter(entity.type for document in documents for entity in document.entities) == cehrner.TYPES
    mentions = Counter[str]()
    for document in documents:
        mentions[document.meta["split"]] += len(document.entities)
    assert mentions == {"train": 16136, "dev": 749, "test": 632}
    shared = checking.shared(documents, list(read("ccks-2019", real("ccks-2019"))))
    assert len(shared["near-duplicates"]) + len(shared["texts"]) > 950
