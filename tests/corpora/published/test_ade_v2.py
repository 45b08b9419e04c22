"""ADE corpus V2: where mentions stand in the sentence, folds by report, the published counts."""

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from epicrisis.corpora import Report, checking, find, folds, load_split, make_split, near_duplicates, read
from epicrisis.document import Document, Entity, Relation


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    first, overlapping, third = read("ade-v2", fixtures / "ade-v2", report)
    assert first == Document(
        "900001-1",
        "Rash and cough after zorvalin 20 mg, and rash again.",
        (
            Entity("ADE", ((0, 4),), "T1"),
            Entity("Drug", ((21, 29),), "T2"),
            Entity("ADE", ((9, 14),), "T3"),
            Entity("Dosage", ((30, 35),), "T4"),
        ),
        (
            Relation("ADE-Drug", "T1", "T2", "R1"),
            Relation("ADE-Drug", "T3", "T2", "R2"),
            Relation("Dosage-Drug", "T4", "T2", "R3"),
        ),
        meta={"pmid": "900001"},
    )
    assert [overlapping.words(entity) for entity in overlapping.entities] == ["Zorvalin toxicity", "Zorvalin"]
    assert (third.id, third.text) == ("900001-2", "zorvalin, then zorvalin rash, and zorvalin stopped | noted.")
    assert {third.words(entity): entity.start for entity in third.entities} == {"zorvalin": 15, "rash": 24}
    assert not len(report)
    assert report.counts == {"relations whose arguments overlap": 1}


def test_with_the_sentences_that_have_no_relation_the_others_stay_as_they_are(fixtures: Path, tmp_path: Path) -> None:
    documents = list(read("ade-v2-all", fixtures / "ade-v2"))
    assert documents[:3] == list(read("ade-v2", fixtures / "ade-v2"))
    assert [(document.id, document.text) for document in documents[3:]] == [
        ("900001-neg-1", "She was well."),
        ("900003-neg-1", "A NEG result was found."),
        ("900001-neg-2", "No rash."),
    ]
    for file in (fixtures / "ade-v2").iterdir():
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes().replace(b"\n", b"\r\n")))
    assert list(read("ade-v2-all", tmp_path)) == documents


def test_where_two_places_fit_the_other_relations_of_the_sentence_decide(tmp_path: Path) -> None:
    text = "pain zor pain zor cough"
    rows = ["pain|109|113|zor|114|117", "cough|118|123|zor|114|117"]  # the sentence begins at 100
    (tmp_path / "DRUG-AE.rel").write_text("".join(f"1|{text}|{row}\n" for row in rows))
    report = Report()
    (document,) = read("ade-v2", tmp_path, report)
    assert {document.words(entity): entity.start for entity in document.entities} == {"pain": 9, "zor": 14, "cough": 18}
    assert report.counts == {"relations whose place in the sentence had to be chosen": 1}
    (tmp_path / "DRUG-AE.rel").write_text(f"1|{text}|{rows[0]}\n")
    (document,) = read("ade-v2", tmp_path, Report())
    assert sorted(entity.start for entity in document.entities) == [0, 5]  # the first


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("1|secret rash|rash|7|11|zorvalin|0", "a line is PMID|sentence|words|start|end|drug|start|end"),
        ("x|secret rash zor|rash|7|11|zor|12|15", "a line is PMID|sentence|words|start|end|drug|start|end"),
        ("1|secret rash zor|rash|-7|11|zor|12|15", "its offsets are not whole numbers"),
        ("1|secret rash zor|rash|7|11|zor|x|15", "its offsets are not whole numbers"),
        ("1|secret rash zor|rash|7|11|zor|13|16", "its two mentions do not stand in the sentence at this distance"),
        ("1|secret rash zor||7|11|zor|12|15", "its two mentions do not stand in the sentence at this distance"),
    ],
)
def test_a_bad_line_costs_its_relation(line: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "DRUG-AE.rel").write_text(f"1|secret rash zor|rash|7|11|zor|12|15\n{line}\n")
    (tmp_path / "ADE-NEG.txt").write_text("1 NEG secret\nsecret NEG\n2 POS secret\n")
    report = Report()
    documents = list(read("ade-v2-all", tmp_path, report))
    assert [len(document.relations) for document in documents] == [1, 0]
    assert f"DRUG-AE.rel:2: {cause}" in str(report)
    assert [problem.line for problem in report] == [2, 2, 3]
    assert "secret" not in str(report)


def test_ten_folds_ship_with_the_package_the_same_reports_in_both() -> None:
    names = tuple(f"fold-{number}" for number in range(10))
    assert folds("ade-v2") == folds("ade-v2-all") == names
    related, whole = load_split("ade-v2"), load_split("ade-v2-all")
    assert all({*related[name]} <= {*whole[name]} for name in names)
    assert len({id for ids in related.values() for id in ids}) == 1644
    assert len({id for ids in whole.values() for id in ids}) == 2972


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real: Callable[[str], Path]) -> None:
    report = Report()
    documents = list(read("ade-v2-all", real("ade-v2"), report))
    assert not len(report)
    assert report.counts["relations whose arguments overlap"] == 120
    related = [document for document in documents if document.relations]
    assert len(documents) - len(related) == 16695
    assert len({document.meta["pmid"] for document in documents}) == 2972
    assert (len(related), len({document.text for document in related})) == (4272, 4271)
    of_type = {
        type: {d.meta["pmid"] for d in documents if any(r.type == f"{type}-Drug" for r in d.relations)}
        for type in ("ADE", "Dosage")
    }
    assert (len(of_type["ADE"]), len(of_type["Dosage"])) == (1644, 168)
    relations = Counter(relation.type for document in documents for relation in document.relations)
    assert relations == {"ADE-Drug": 6821, "Dosage-Drug": 279}
    entities = Counter(entity.type for document in documents for entity in document.entities)
    assert entities == {"ADE": 5776, "Drug": 5063, "Dosage": 230}
    assert related == list(read("ade-v2", real("ade-v2")))


@pytest.mark.corpus
def test_folds_keep_reports_and_near_duplicates_together(real: Callable[[str], Path]) -> None:
    documents = list(read("ade-v2-all", real("ade-v2")))
    made = make_split(documents, parts=dict.fromkeys(folds("ade-v2-all"), 1.0), seed=1, by="pmid")
    split = load_split("ade-v2-all", documents)
    assert {name: sorted(ids) for name, ids in split.items()} == {name: [*ids] for name, ids in made.items()}
    assert checking.check(find("ade-v2-all"), documents, Report(), split).wrong == ()
    assert len(near_duplicates(documents)) == 83
    related = [document for document in documents if document.relations]
    one = load_split("ade-v2", related, fold="fold-9")
    assert {part: len(ids) for part, ids in one.items()} == {"train": 3383, "dev": 392, "test": 497}


@pytest.mark.corpus
def test_what_it_shares_with_other_corpora(real: Callable[[str], Path]) -> None:
    ade, phee, cdr = (list(read(name, real(name))) for name in ("ade-v2-all", "phee", "bc5cdr"))

    def counts(ours: list[Document], theirs: list[Document]) -> tuple[int, int]:
        found = checking.shared(ours, theirs)
        return len(found["reports"]), len(found["texts"])

    assert counts(phee, ade) == (1615, 4180)
    assert counts(ade, cdr) == (19, 0)
    assert counts(cdr, phee) == (21, 0)
    related = [document for document in ade if document.relations]
    assert counts(related, phee) == (1612, 3954)
