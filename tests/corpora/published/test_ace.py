"""ACE: offsets without tags, ends included, extents or heads, relations of both releases; passes of annotation."""

import shutil
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.published.ace import stripped
from epicrisis.document import Attribute, Group, Relation


def test_the_text_is_what_stands_between_tags_as_written() -> None:
    text, (first, last) = stripped("<DOC>\nx &amp; y\n<TEXT>\na<b/>b\n</TEXT>\n")
    assert text == "\nx &amp; y\n\nab\n\n"
    assert text[first:last] == "\nab\n"
    assert stripped("a<b>c") == ("ac", (0, 2))


def test_ace_2005_gives_extents_or_heads(fixtures: Path) -> None:
    report = Report()
    (document,) = read("ace-2005", fixtures / "ace-2005", report)
    assert (document.id, document.meta) == ("SYN_1", {"source": "nw"})
    words = {entity.id: (entity.type, document.words(entity)) for entity in document.entities}
    assert words == {
        "SYN_1-E1-1": ("PER", "R&amp;D chief Ana\nRuiz of Boston"),
        "SYN_1-E2-1": ("GPE", "Boston"),
        "SYN_1-E1-2": ("PER", "Her"),
        "SYN_1-E3-1": ("PER", "Her brother Bo"),
    }
    about = next(entity for entity in document.entities if entity.id == "SYN_1-E2-1").attributes
    assert about == {
        "subtype": Attribute("Population-Center"),
        "class": Attribute("SPC"),
        "mention": Attribute("NAM"),
    }
    assert document.groups == (Group("COREFERENCE", ("SYN_1-E1-1", "SYN_1-E1-2")),)
    assert [(r.type, r.head, r.tail, r.roles) for r in document.relations] == [
        ("GEN-AFF", "SYN_1-E1-1", "SYN_1-E2-1", ("Arg-1", "Arg-2"))
    ]
    assert not len(report)
    assert report.counts == {
        "documents that lie in several folders (passes of annotation), read from one": 1,
        "events, not read": 1,
        "mentions outside of <TEXT>, left out": 1,
        "times and values, not read": 1,
    }
    (heads,) = read("ace-2005-heads", fixtures / "ace-2005")
    assert [heads.words(entity) for entity in heads.entities] == ["Ana\nRuiz", "Boston", "Her", "brother"]
    assert heads.relations == document.relations


def test_ace_2004_has_arguments_by_number(fixtures: Path) -> None:
    (document,) = read("ace-2004", fixtures / "ace-2004")
    subtype = {"subtype": Attribute("Other")}
    assert document.relations == (Relation("PER-SOC", "2-1", "3-2", "4-3", None, subtype, roles=("Arg-1", "Arg-2")),)
    assert document.meta == {"source": "bnews"}


def test_line_ends_that_were_changed_are_recognised(fixtures: Path, tmp_path: Path) -> None:
    shutil.copytree(fixtures / "ace-2005" / "English" / "nw" / "timex2norm", tmp_path / "nw")
    note = tmp_path / "nw" / "SYN_1.sgm"
    note.write_bytes(note.read_bytes().replace(b"\n", b"\r\n"))
    report = Report()
    (document,) = read("ace-2005", tmp_path, report)
    (expected,) = read("ace-2005", fixtures / "ace-2005")
    assert [document.words(e) for e in document.entities] == [expected.words(e) for e in expected.entities]
    (problem,) = report
    assert problem.cause.endswith("match the text only after CRLF -> LF; it was read with LF")


@pytest.mark.parametrize(
    ("old", "new", "cause", "number"),
    [
        ('START="37"', 'START="x"', "SYN_1-E2-1: START and END are not whole numbers", 3),
        ('END="42"', 'END="9999"', "fragment 11-10000 is out of range", 2),
        ('ID="SYN_1-E2-1"', 'ID="SYN_1-E1-1"', "SYN_1-E1-1 stands twice; the first was kept", 3),
        ('ID="SYN_1-E2" TYPE="GPE"', 'ID="SYN_1-E2"', "an entity needs an ID of its own and a TYPE", 3),
        (">Boston</charseq>", ">Berlin</charseq>", "its words are not those at its offsets; kept", 4),
        ('REFID="SYN_1-E2-1"', 'REFID="SYN_1-E7-1"', "SYN_1-R1-1: it refers to a mention that is not there", 4),
        ('ROLE="Arg-2"', 'ROLE="Arg-3"', "a relation mention needs an ID of its own and two arguments", 4),
        ("</entity>\n<relation", "</entity>\n<relation <", "the file is cut off or damaged", 4),
    ],
)
def test_a_bad_annotation_costs_itself(
    old: str, new: str, cause: str, number: int, fixtures: Path, tmp_path: Path
) -> None:
    shutil.copytree(fixtures / "ace-2005" / "English" / "nw" / "timex2norm", tmp_path / "nw")
    file = tmp_path / "nw" / "SYN_1.apf.xml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    report = Report()
    (document,) = read("ace-2005", tmp_path, report)
    assert len(document.entities) == number
    assert cause in str(report)


def test_a_missing_partner_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sgm").write_text("x")
    (tmp_path / "b.apf.xml").write_text("<source_file/>")
    report = Report()
    assert list(read("ace-2004", tmp_path, report)) == []
    assert [problem.cause for problem in report] == [
        "there are no annotations (*.apf.xml) of this text",
        "there is no text (.sgm) of these annotations",
    ]
