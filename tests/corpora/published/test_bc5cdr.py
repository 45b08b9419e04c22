"""BC5CDR: mentions with codes, relations between concepts drawn between their mentions, the published counts."""

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from epicrisis.corpora import Report, checking, find, load_split, read
from epicrisis.document import Attribute, Code, Document, Entity, Relation
from epicrisis.evaluation import evaluate_concepts
from epicrisis.evaluation.concepts import facts


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    documents = {document.id: document for document in read("bc5cdr", fixtures / "bc5cdr")}
    assert documents["900013"] == Document(
        "900013",
        "Cough.\nCough by pelnitide.",
        (
            Entity("Disease", ((0, 5),), "T1", codes=(Code("MESH", "D999994"),)),
            Entity("Disease", ((7, 12),), "T2", codes=(Code("MESH", "D999994"),)),
            Entity("Chemical", ((16, 25),), "T3", codes=(Code("MESH", "D999995"),)),
        ),
        (Relation("CID", "T3", "T1", "R1"), Relation("CID", "T3", "T2", "R2")),
        meta={"split": "test", "pmid": "900013"},
    )
    assert documents["900012"] == Document("900012", "Nothing.\n", meta={"split": "train", "pmid": "900012"})
    assert load_split("bc5cdr", documents.values()) == {"test": ("900013",), "train": ("900011", "900012")}


def test_a_relation_is_drawn_between_all_mentions_of_its_concepts(fixtures: Path) -> None:
    document = next(document for document in read("bc5cdr", fixtures / "bc5cdr") if document.id == "900011")
    words = {entity.id: (document.words(entity), entity.start) for entity in document.entities}
    heads, tails = (("Zorvalin", 0), ("zorvalin", 26)), (("rash", 13), ("rash", 35), ("skin and liver damage", 45))
    pairs = [(words[relation.head], words[relation.tail]) for relation in document.relations]
    assert sorted(pairs) == [(head, tail) for head in heads for tail in tails]
    composite = [relation for relation in document.relations if relation.attributes]
    assert {words[relation.tail][0] for relation in composite} == {"skin and liver damage"}
    assert composite[0].attributes == {"concepts": Attribute("MESH:D999991 MESH:D999992")}
    assert facts(document) == {("CID", "MESH:D999991", "MESH:D999992")}
    assert [entity.codes for entity in document.entities if document.words(entity) == "pelnitide"] == [()]


def test_one_mention_pair_is_enough_for_the_official_score(fixtures: Path) -> None:
    gold = list(read("bc5cdr", fixtures / "bc5cdr"))
    ours = [Document(d.id, d.text, d.entities, d.relations[-1:]) for d in gold]
    assert evaluate_concepts(gold, ours).pairs.micro.f1 == 1
    assert find("bc5cdr").scheme == "concepts"


def test_packed_files_crlf_and_missing_blank_lines_change_nothing(fixtures: Path, tmp_path: Path) -> None:
    for file in (fixtures / "bc5cdr").iterdir():
        content = file.read_bytes().replace(b"\n\n", b"\n").replace(b"\n", b"\r\n")
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(content))
    assert list(read("bc5cdr", tmp_path)) == list(read("bc5cdr", fixtures / "bc5cdr"))


@pytest.mark.parametrize(
    ("line", "cause", "entities", "relations"),
    [
        ("1\t0\t6\tsecret\tDisease", "it is neither PMID start end words type code nor PMID CID", 2, 1),
        ("1\t0\tx\tsecret\tDisease\tD2", "it is neither PMID start end words type code nor PMID CID", 2, 1),
        ("1\t0\t99\tsecret\tDisease\tD2", "it is out of range; the text has 24 characters", 2, 1),
        ("1\t5\t5\t\tDisease\tD2", "it is out of range; the text has 24 characters", 2, 1),
        ("1\t0\t6\tSECRET\tDisease\tD2", "its words are not those at its offsets; kept by its offsets", 3, 1),
        ("2\t0\t6\tsecret\tDisease\tD2", "it stands among the lines of another document", 2, 1),
        ("1\tCID\tC1\tD1", "this relation stands twice", 2, 1),
        ("1\tCID\tC1\tD9", "no chemical and disease of these codes are marked", 2, 1),
        ("1\tCID\tD1\tC1", "no chemical and disease of these codes are marked", 2, 1),
        ("secret", "it stands among the lines of another document", 2, 1),
    ],
)
def test_a_bad_line_costs_itself(line: str, cause: str, entities: int, relations: int, tmp_path: Path) -> None:
    mentions = "1\t7\t15\tzorvalin\tChemical\tC1\n1\t19\t24\tcough\tDisease\tD1\n"
    good = f"1|t|secret\n1|a|zorvalin or cough\n{mentions}1\tCID\tC1\tD1\n"
    file = tmp_path / "CDR.PubTator.txt"
    file.write_text(f"{good}{line}\n\n3|t|secret\n\n4|t|\n4|a|x\n", "utf-8")
    report = Report()
    first, last = read("bc5cdr", file, report)
    assert (len(first.entities), len(first.relations), last.text) == (entities, relations, "\nx")
    assert [(problem.line, problem.cause) for problem in report][-1] == (
        8,
        "a document needs the lines PMID|t|title and PMID|a|abstract",
    )
    assert (report.problems[0].line, len(report)) == (6, 2)
    assert report.problems[0].cause.startswith(cause)
    assert "secret" not in str(report).lower().replace(str(file).lower(), "")


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real: Callable[[str], Path]) -> None:
    report = Report()
    documents = list(read("bc5cdr", real("bc5cdr"), report))
    assert not len(report)
    split = load_split("bc5cdr", documents)
    assert checking.check(find("bc5cdr"), documents, report, split).wrong == ()
    for part, chemicals, diseases, pairs in (
        ("train", 5203, 4182, 1038),
        ("dev", 5347, 4244, 1012),
        ("test", 5385, 4424, 1066),
    ):
        held = [document for document in documents if document.meta["split"] == part]
        assert Counter(e.type for d in held for e in d.entities) == {"Chemical": chemicals, "Disease": diseases}
        assert (len(held), sum(len(facts(document)) for document in held)) == (500, pairs)
    without = Counter((d.meta["split"], e.type) for d in documents for e in d.entities if not e.codes)
    assert [without[part, type] for part in ("train", "dev", "test") for type in ("Chemical", "Disease")] == [
        44, 32, 43, 16, 30, 61,
    ]  # fmt: skip
    assert sum(bool(relation.attributes) for document in documents for relation in document.relations) == 267
    assert evaluate_concepts(documents, documents).pairs.micro.tp == 3116
