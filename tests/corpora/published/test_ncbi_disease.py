"""NCBI disease and PubTator files in general: kinds, codes of two terminologies, an abstract that stands twice."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from epicrisis.corpora import Report, checking, find, load_split, read
from epicrisis.document import Code, Document, Entity, Relation


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    test, first, second = read("ncbi-disease", fixtures / "ncbi-disease", report)
    assert test == Document("900022", "None.\nNothing.", meta={"split": "test", "pmid": "900022"})
    mesh = Code("MESH", "D999991")
    assert first == Document(
        "900021",
        "Familial rash.\nRash and cough-type disease, or rashes.",
        (
            Entity("SpecificDisease", ((0, 13),), "T1", codes=(mesh,)),
            Entity("Modifier", ((15, 19),), "T2", codes=(Code("OMIM", "999992"),)),
            Entity("CompositeMention", ((24, 42),), "T3", codes=(Code("MESH", "D999993"), Code("MESH", "D999994"))),
            Entity("DiseaseClass", ((47, 53),), "T4", codes=(mesh, Code("MESH", "D999995"))),
        ),
        meta={"split": "train", "pmid": "900021"},
    )
    assert (second.id, len(second.entities)) == ("900021-2", 1)
    assert not len(report)
    assert report.counts == {"documents whose id another one has, numbered": 1}


def test_any_relation_of_pubtator_is_drawn_between_all_mentions_of_its_concepts(fixtures: Path) -> None:
    (document,) = read("pubtator", fixtures / "pubtator")
    assert document.relations == (
        Relation("Negative_Correlation", "T1", "T2", "R1"),
        Relation("Negative_Correlation", "T3", "T2", "R2"),
    )
    assert document.entities[1].codes == (Code("", "9999"),)


def test_bc5cdr_is_the_same_from_bioc(fixtures: Path) -> None:
    assert list(read("bc5cdr", fixtures / "bc5cdr-bioc")) == list(read("bc5cdr", fixtures / "bc5cdr"))


def test_bad_parts_of_bioc_cost_themselves(fixtures: Path, tmp_path: Path) -> None:
    content = (fixtures / "bc5cdr-bioc" / "CDR_TestSet.BioC.xml").read_text()
    content = content.replace('<infon key="Chemical">', '<infon key="Other">').replace('offset="0"', 'offset="x"')
    (tmp_path / "CDR_TestSet.BioC.xml").write_text(content)
    report = Report()
    (document,) = read("bc5cdr", tmp_path, report)
    assert (len(document.entities), document.relations) == (2, ())
    assert [problem.cause for problem in report] == [
        "an annotation needs a type and one location",
        "the relation does not say between which concepts it holds",
    ]


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real: Callable[[str], Path]) -> None:
    report = Report()
    documents = list(read("ncbi-disease", real("ncbi-disease"), report))
    assert not len(report)
    assert checking.check(find("ncbi-disease"), documents, report).wrong == ()
    split = load_split("ncbi-disease", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 593, "dev": 100, "test": 100}
    mentions = Counter(document.meta["split"] for document in documents for _ in document.entities)
    assert mentions == {"train": 5145, "dev": 787, "test": 960}
