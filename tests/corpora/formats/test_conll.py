"""Columns of tags: every scheme by one rule, checked against seqeval; texts made of tokens; rows that are broken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import conll
from epicrisis.document import Document, Entity


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    first, second, chinese, other, ud = read("conll", fixtures / "conll", report)
    assert first == Document(
        "eng-1",
        "Severe rash cough .\n# left",
        (
            Entity("SIGN", ((0, 11),), "T1"),
            Entity("SIGN", ((12, 17),), "T2"),
            Entity("DRUG", ((20, 21),), "T3"),
        ),
        meta={"split": "train"},
    )
    assert (second.id, second.text, len(second.entities)) == ("eng-2", "Zorvalin", 1)
    assert (chinese.text, other.text) == ("左膝痛 MRI 正", "好")
    assert {(e.type, e.fragments[0]) for e in chinese.entities} == {("部位", (0, 2)), ("症状", (2, 3)), ("句", (2, 9))}
    assert (chinese.meta, ud.meta) == ({"split": "test"}, {})
    assert (ud.text, [ud.words(entity) for entity in ud.entities]) == ("de le bras", ["le bras"])
    assert not len(report)
    assert report.counts == {"mentions that do not begin with B or S (IOB1, or a mistake in other schemes)": 3}


def test_any_column_may_have_the_tags(fixtures: Path) -> None:
    document = next(conll.read(fixtures / "conll" / "eng.train", Report(), column=2))
    assert [document.words(entity) for entity in document.entities] == ["Severe rash", "cough", "#", "left"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-A I-A B-A I-B", [("A", 0, 1), ("A", 2, 2), ("B", 3, 3)]),  # IOB1
        ("B-A I-A B-A O I-B", [("A", 0, 1), ("A", 2, 2), ("B", 4, 4)]),  # IOB2, and a mistake
        ("B-A E-A S-A B-B M-B E-B", [("A", 0, 1), ("A", 2, 2), ("B", 3, 5)]),  # BIOES, BMES
        ("B-A L-A U-A U-A", [("A", 0, 1), ("A", 2, 2), ("A", 3, 3)]),  # BILOU
        ("A A O B-type", [("A", 0, 1), ("type", 3, 3)]),  # IO
        ("E-A I-A", [("A", 0, 0), ("A", 1, 1)]),
        ("B-A|B-B I-A I-A|S-B", [("A", 0, 2), ("B", 0, 0), ("B", 2, 2)]),
        ("B-A_x I-A_x", [("A_x", 0, 1)]),
    ],
)
def test_one_rule_reads_every_scheme(tags: str, expected: list[tuple[str, int, int]]) -> None:
    assert conll.mentions(tags.split()) == expected


@given(st.lists(st.sampled_from(["O", *(f"{p}-{t}" for p in "BI" for t in "AB")])))
def test_it_is_the_rule_of_seqeval(tags: list[str]) -> None:
    from seqeval.metrics.sequence_labeling import get_entities

    assert {*conll.mentions(tags)} == {*get_entities(tags)}


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (b"Secret", "it has 1 columns; 3 were expected, one of them -1"),
        (b"Secret NN I O", "it has 4 columns; 3 were expected, one of them -1"),
        (b"Secret\xff NN O", "not UTF-8: byte 6 of the line begins no character"),
    ],
)
def test_a_bad_row_costs_itself(row: bytes, cause: str, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_bytes(b"rash NN B-X\n" + row + b"\ncough NN B-X\n")
    report = Report()
    (document,) = read("conll", tmp_path, report)
    assert document.text == "rash cough"
    (problem,) = report
    assert (problem.line, problem.cause) == (2, cause)


def test_an_empty_token_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("rash\tB-X\n\tI-X\n\u00a0\tO\n")
    report = Report()
    (document,) = read("conll", tmp_path, report)
    assert document.text == "rash \u00a0"
    assert str(report).endswith("a.conll:2: its token is empty; it was left out")


OWN = "-DOCSTART-\tward 1\t-X-\tO\n\nrash\t2\t6\tB-X\n.\t6\t7\tO\n\non\t9\t11\tO\narm\t13\t16\tB-Y\n\n"


def test_columns_that_say_ids_and_places_are_believed(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(OWN)
    (document,) = read("conll", tmp_path)
    entities = (Entity("X", ((2, 6),), "T1"), Entity("Y", ((13, 16),), "T2"))
    assert document == Document("ward 1", "  rash.\n on  arm", entities)


@pytest.mark.parametrize(
    ("old", "new"),
    [("9\t11", "5\t7"), ("9\t11", "9\t12"), ("9\t11", "9\tx"), ("13\t16", "99999\t100002"), ("9\t11", "-1\t1")],
)
def test_places_that_are_none_are_not(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(OWN.replace(old, new))
    (document,) = read("conll", tmp_path)
    assert document.text == "rash .\non arm"


def test_a_second_document_of_one_id_is_called_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(OWN + OWN + OWN.replace("ward 1\t-X-", "-X-\tO"))
    report = Report()
    assert [document.id for document in read("conll", tmp_path, report)] == ["ward 1", "a-2", "a-3"]
    assert [(problem.line, problem.cause) for problem in report] == [
        (9, "another document has this id; this one is called after its file")
    ]
