"""GENIA: a sentence is a document, packed or not; nested mentions and two types on one span; the published counts."""

import gzip
import time
from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import Report, counting, load_split, read
from epicrisis.corpora.published import genia
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


@pytest.fixture
def packed(fixtures: Path, tmp_path: Path) -> Path:
    file = tmp_path / "genia" / "genia_nested5.jsonl.gz"
    file.parent.mkdir()
    file.write_bytes(gzip.compress((fixtures / "genia" / "sentences.jsonl").read_bytes()))
    return file


def test_every_sentence_is_a_document_packed_or_not(fixtures: Path, packed: Path) -> None:
    documents = list(read("genia", packed.parent))
    assert documents == list(read("genia", fixtures / "genia"))
    assert [document.id for document in documents] == ["1-0", "1-1", "1-2", "2-3"]
    assert documents[0] == Document(
        "1-0",
        "Zor gene promoter opens in ZB-2 cells.",
        (
            Entity("DNA", ((0, 17),), "T2"),
            Entity("DNA", ((0, 8),), "T1"),
            Entity("cell_line", ((27, 37),), "T3"),
            Entity("cell_type", ((27, 37),), "T4"),
        ),
        meta={"i": 0, "split": "train", "doc": "MEDLINE:1", "part": "title"},
    )
    overlaps = counting.overlaps(documents)
    assert (overlaps["nested"], overlaps["same span"]) == (1, 1)
    assert load_split("genia", documents) == {"train": ("1-0", "1-1"), "dev": ("1-2",), "test": ("2-3",)}


def test_a_bad_line_of_a_packed_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "genia_nested5.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text": "ab", "entities": [[0, 3, "DNA"]]}\n{\n'))
    report = Report()
    (document,) = read("genia", file, report)
    assert document.entities == ()
    assert [problem.line for problem in report] == [1, 2]
    assert "it covers characters 0-3, but the text has 2" in str(report)


@pytest.mark.parametrize("damage", ["cut", "changed", "not packed"])
def test_a_damaged_packed_file_is_a_problem_of_the_file(damage: str, packed: Path) -> None:
    data = packed.read_bytes()
    middle = len(data) // 2
    changed = data[:middle] + bytes(255 - byte for byte in data[middle : middle + 20]) + data[middle + 20 :]
    packed.write_bytes({"cut": data[:middle], "changed": changed, "not packed": b'{"text": "a"}\n'}[damage])
    report = Report()
    list(read("genia", packed, report))
    assert "what is packed is damaged" in report.problems[-1].cause
    with pytest.raises(CorpusError):
        list(read("genia", packed))


def test_the_xml_gives_sentences_with_nested_terms(fixtures: Path) -> None:
    report = Report()
    title, first, second = read("genia", fixtures / "genia-terms", report)
    assert title == Document(
        "1-0",
        "Zor gene promoter opens",
        (Entity("DNA", ((0, 17),), "T1"), Entity("DNA", ((0, 8),), "T2")),
        meta={"i": 0, "split": "train", "doc": "MEDLINE:1", "part": "title"},
    )
    assert (first.id, first.text) == ("1-1", "In T and zorin cells & x.")
    assert [(e.type, first.words(e)) for e in first.entities] == [("protein", "zorin")]
    assert [(e.type, e.fragments) for e in second.entities] == [
        ("RNA", ((0, 1),)),
        ("cell_line", ((6, 7),)),
        ("cell_type", ((6, 7),)),
    ]
    assert not len(report)
    assert report.counts == {"coordinated terms, left out": 1, "terms without a class, left out": 3}
    types = Counter(e.type for d in read("genia-terms", fixtures / "genia-terms") for e in d.entities)
    assert types["other_name"] == 1
    assert types["DNA_domain_or_region"] == 2


def test_xml_that_is_none_or_not_genia_is_named(fixtures: Path, tmp_path: Path) -> None:
    content = (fixtures / "genia-terms" / "GENIAcorpus3.02.merged.xml").read_text()
    for damaged, cause in (
        (content[: content.index("</abstract>")], "the file is cut off or damaged; what stands before was read"),
        (content.replace("SYSTEM", '[<!ENTITY a "b">] SYSTEM').replace(' SYSTEM "gpml.dtd"', ""), "declares an entity"),
        ("<collection></collection>", "the outermost element is not <set>"),
    ):
        (tmp_path / "a.xml").write_text(damaged)
        report = Report()
        assert list(read("genia", tmp_path, report)) == []
        assert cause in str(report)


@pytest.mark.corpus
def test_the_real_xml_gives_the_same_documents_as_the_sentences(real) -> None:
    report = Report()
    archive = real("genia") / "GENIAcorpus3.02.tgz"
    began = time.process_time()
    documents = list(read("genia", archive, report))
    assert time.process_time() - began < 10
    assert not len(report)
    for ours, other in zip(documents, read("genia", real("genia") / "genia_nested5.jsonl.gz"), strict=True):
        assert (ours.id, ours.text, dict(ours.meta)) == (other.id, other.text, dict(other.meta))
        assert {(e.type, e.fragments) for e in ours.entities} == {(e.type, e.fragments) for e in other.entities}
        assert len(ours.entities) == len(other.entities)
    types = Counter(entity.type for document in read("genia-terms", archive) for entity in document.entities)
    assert len(types) == 36


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real) -> None:
    documents = list(read("genia", real("genia")))
    assert len({document.id for document in documents}) == len(documents)
    split = load_split("genia", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 15023, "dev": 1669, "test": 1854}
    mentions = Counter[str]()
    for document in documents:
        mentions[document.meta["split"]] += len(document.entities)
    assert mentions == {"train": 46164, "dev": 4371, "test": 5511}
    assert Counter(entity.type for document in documents for entity in document.entities) == genia.TYPES
    overlaps = counting.overlaps(documents)
    assert (overlaps["nested"], overlaps["same span"], overlaps["crossing"]) == (5545, 31, 0)
    cut = Counter(abstract for abstract, _ in {(d.meta["doc"], d.meta["split"]) for d in documents})
    assert (len(cut), sum(parts > 1 for parts in cut.values())) == (1999, 2)
