"""Lines that break brat's grammar: each costs itself, is named with its number, and shows no word of the note."""

from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.errors import CorpusError

TEXT = "Dry cough and fever\n"
GOOD = ("T1\tSign 0 9\tDry cough", "T2\tSign 14 19\tfever", "E1\tSign:T2")

CASES = [
    ("T3", ["4: T3: too few fields: an id, TAB and its content were expected"]),
    ("T3\tSign 4 9", ["4: T3: too few fields: its words are missing; kept by its offsets"]),
    ("T3\tSign\tcough", ["4: T3: its offsets are not pairs of whole numbers"]),
    ("T3\tSign four 9\tcough", ["4: T3: its offsets are not pairs of whole numbers"]),
    ("T3\tSign -4 9\tcough", ["4: T3: its offsets are not pairs of whole numbers"]),
    ("T3\tSign ４ 9\tcough", ["4: T3: its offsets are not pairs of whole numbers"]),
    ("T3\tSign 4 9;\tcough", ["4: T3: its offsets are not pairs of whole numbers"]),
    ("T3\tSign 14 99\tfever", ["4: T3: fragment 14-99 is out of range; the text has 20"]),
    ("T3\tSign 9 4\tcough", ["4: T3: fragment 9-4 ends where it starts or before"]),
    ("T3\tSign 4 4\t", ["4: T3: fragment 4-4 ends where it starts or before"]),
    ("T3\tSign 0 9;4 9\tDry cough cough", ["4: T3: its fragments overlap"]),
    ("T3\tSign 4 9\tfever", ["4: T3: its words are not those at its offsets; kept by its offsets"]),
    ("T1\tSign 4 9\tcough", ["4: T1 stands twice; the first was kept"]),
    ("E1\tSign:T1", ["4: E1 stands twice; the first was kept"]),
    ("E2\tSign:T7", ["4: E2: its trigger is T7, and there is no such mention"]),
    ("E2\tSign:fever", ["4: E2: its trigger is an id of an odd form, and there is no such mention"]),
    ("E2\tDrug:T1", ["4: E2: its type is not that of its trigger T1, which was kept"]),
    ("E2\tSign:T1 Cause:T7", ["4: E2: an argument refers to T7, and there is no such entity"]),
    ("E2\tSign:T1 cough", ["4: E2: an argument is not of the form ROLE:ID"]),
    ("E2\tSign:T1 2:T2", ["4: E2: an argument is not of the form ROLE:ID"]),
    ("R1\tREL Arg1:T1 Arg2:T7", ["4: R1: it refers to T7, and there is no such entity"]),
    (
        "R1\tREL Arg1:E8 Arg2:T7",
        ["4: R1: it refers to E8, and there is no such entity", "4: R1: it refers to T7, and there is no such entity"],
    ),
    ("R1\tREL Arg1:T1", ["4: R1: a relation is TYPE ROLE:ID ROLE:ID"]),
    ("R1\tREL T1 T2", ["4: R1: a relation is TYPE ROLE:ID ROLE:ID"]),
    ("R1\tREL Arg1:T1 Arg2:T2 Arg3:E1", ["4: R1: a relation is TYPE ROLE:ID ROLE:ID"]),
    ("R1\tREL Arg1:T1 Arg1:T2", ["4: R1: it names one role twice, so that its direction is not known"]),
    ("R1\tREL Arg1:T1 Arg2:T2\tcough", ["4: R1: there is a third field, and it was not read"]),
    ("*\tEquiv T1", ["4: *: it has fewer than two members"]),
    (
        "*\tEquiv T1 T7",
        ["4: *: it refers to T7, and there is no such entity", "4: *: it has fewer than two members"],
    ),
    ("*\tEquiv T1 T2 E1", ["4: *: E1 is a member already"]),
    ("A1\tTREND", ["4: A1: an attribute is NAME ID, or NAME ID VALUE"]),
    ("A1\tTREND T7 INC", ["4: A1: it refers to T7, and there is no such annotation"]),
    ("A1\tTREND T2 INC\nA2\tTREND E1 DEC", ["5: A2: E1 has this attribute already; the first was kept"]),
    ("A1\tTREND T2 INC\nA1\tPOLARITY E1 NEG", ["5: A1 stands twice; both were kept"]),
    ("N1\tReference T1 MADEUP", ["4: N1: a normalisation is Reference ID SYSTEM:CODE"]),
    ("N1\tReference T7 MADEUP:1\tx", ["4: N1: it refers to T7, and there is no such entity"]),
    ("#1\tAnnotatorNotes T7\tsure?", ["4: #1: it refers to T7, and there is no such annotation"]),
    ("#1\tAnnotatorNotes T1\t", ["4: #1: the note is empty and cannot be kept"]),
    ("#1\tAnnotatorNotes T1 cough\tsure?", ["4: #1: a note is AnnotatorNotes ID, TAB and its words"]),
    (
        "#1\tOther T1\tsure?",
        ["4: #1: it is no AnnotatorNotes; its words were kept as a note, its kind was not"],
    ),
    ("X1\tSign 0 9\tDry cough", ["4: unknown kind of line: it begins with none of T E R A M N # *"]),
    ("Dry cough", ["4: unknown kind of line: it begins with none of T E R A M N # *"]),
    ("The cough", ["4: its first field is no id (a letter or # and a number, then TAB)"]),
    ("T3 Sign 0 9 Dry cough", ["4: its first field is no id (a letter or # and a number, then TAB)"]),
]


@pytest.mark.parametrize(("line", "expected"), CASES, ids=[line.replace("\t", " ") for line, _ in CASES])
def test_a_bad_line_is_named_and_the_rest_is_kept(tmp_path: Path, line: str, expected: list[str]) -> None:
    (tmp_path / "n.txt").write_bytes(TEXT.encode())
    (tmp_path / "n.ann").write_bytes("\n".join((*GOOD, line, "", "R9\tBEFORE Arg1:T1 Arg2:E1")).encode())
    report = Report()
    (document,) = read("brat", tmp_path, report)
    assert str(report).split("\n") == [f"{tmp_path / 'n.ann'}:{problem}" for problem in expected]
    assert [entity.fragments for entity in document.entities if entity.id in ("T1", "T2")] == [((0, 9),), ((14, 19),)]
    assert document.relations[-1].type == "BEFORE"
    for word in ("cough", "fever", "Dry", "sure"):
        assert word not in str(report)
    with pytest.raises(CorpusError, match=r"n\.ann"):
        list(read("brat", tmp_path))


def test_nothing_can_refer_to_a_mention_that_was_not_readable(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_bytes(b"a b")
    lines = "T1\tX 0 1\ta\nE1\tX:T1\nE2\tX:T1\nT2\tX 0 99\ta\nR1\tREL Arg1:T1 Arg2:T2\n"
    (tmp_path / "n.ann").write_bytes(lines.encode())
    report = Report()
    (document,) = read("brat", tmp_path, report)
    assert [entity.id for entity in document.entities] == ["T1", "T3"]
    assert not document.relations
    assert [problem.line for problem in report] == [4, 5]
