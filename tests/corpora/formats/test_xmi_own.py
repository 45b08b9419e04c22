"""A CAS of our own writer: a part that was broken costs itself, and what others added is counted."""

import re
from pathlib import Path

import pytest

from epicrisis.corpora import WRITERS, Report, read
from epicrisis.document import Attribute, Document, Entity, Group, Relation, Segment

pytest.importorskip("cassis")

NOTE = Document(
    "ward/n",
    "😀 rash on arm",
    (
        Entity("Sign", ((2, 6),), "T1", attributes={"sure": Attribute(True, 0.5, (7, 9)), "side": Attribute("left")}),
        Entity("Body", ((10, 13),), "T2"),
    ),
    (Relation("AT", "T1", "T2", "R1"), Relation("ON", "T2", "T1", "R2")),
    (Group("BOTH", ("T1", "T2")),),
    segments=(Segment((0, 0), "head"),),
    meta={"ward": 3},
)


def test_it_comes_back_by_its_own_id_wherever_it_lies(tmp_path: Path) -> None:
    WRITERS["xmi"].write([NOTE, Document("empty", "")], tmp_path / "out")
    assert [*read("xmi", tmp_path / "out")] == [Document("empty", ""), NOTE]
    (tmp_path / "out" / "copy.xmi").write_bytes((tmp_path / "out" / "ward" / "n.xmi").read_bytes())
    report = Report()
    assert len([*read("xmi", tmp_path, report)]) == 2
    assert [problem.cause for problem in report] == ["another document has this id; this one was not read"]


@pytest.mark.parametrize(
    ("old", "new", "causes"),
    [
        ('kind="Sign"', "", ["its type is empty", *["it refers to an entity that is not there"] * 3]),
        ('identifier="T2"', 'identifier="T1"', ["its id stands twice", *["it refers to an entity that"] * 3]),
        ('value="true"', 'value="NaN"', ["a value is missing, or is no JSON"]),
        ('value="true"', 'value="[1]"', ["its value is no string, number or truth value"]),
        ('value="3"', "", ["a value is missing, or is no JSON"]),
        ('identifier="R2"', 'identifier="R1"', ["its id stands twice"]),
        ('score="0.5"', 'score="7"', ["attribute: a score is a probability"]),
    ],
)
def test_a_broken_part_costs_itself(old: str, new: str, causes: list[str], tmp_path: Path) -> None:
    WRITERS["xmi"].write([NOTE], tmp_path)
    file = tmp_path / "ward" / "n.xmi"
    assert file.read_text("utf-8").count(old) == 1
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    report = Report()
    (document,) = read("xmi", tmp_path, report)
    assert len(report) == len(causes)
    for problem, cause in zip(report, causes, strict=True):
        assert re.fullmatch(r"epicrisis\.\w+ \d+: .*; it was left out", problem.cause) or "no JSON" in problem.cause
        assert cause in problem.cause
    assert any(entity.type == "Body" or entity.id == "T1" for entity in document.entities)


def test_what_others_added_is_counted(tmp_path: Path) -> None:
    import cassis

    WRITERS["xmi"].write([NOTE], tmp_path)
    with (tmp_path / "TypeSystem.xml").open("rb") as file:
        system = cassis.load_typesystem(file)
    with (tmp_path / "ward" / "n.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=system)
    cas.add(system.create_type("other.Sign", "uima.tcas.Annotation")(begin=0, end=1))
    system.to_xml(tmp_path / "TypeSystem.xml")
    cas.to_xmi(tmp_path / "ward" / "n.xmi")
    report = Report()
    assert [*read("xmi", tmp_path, report)] == [NOTE]
    assert report.counts == {"annotations of other types in what we wrote, left out": 1}
