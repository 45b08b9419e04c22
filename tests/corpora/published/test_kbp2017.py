"""TAC KBP 2017 in both dresses: Rich ERE by offset and length, EDL with ends included; folded mention strings."""

from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Attribute, Code, Group


def test_rich_ere_gives_extents_relations_and_coreference(fixtures: Path) -> None:
    report = Report()
    (document,) = read("kbp-2017", fixtures / "kbp-2017", report)
    assert (document.id, document.meta) == ("SYN_NW_1", {"annotation": "rich-ere"})
    assert document.text.startswith("<?xml version")
    assert [(e.id, e.type, document.words(e)) for e in document.entities] == [
        ("m-1", "PER", "Ana Ruiz"),
        ("m-2", "PER", "She"),
        ("m-3", "ORG", "the clinic"),
    ]
    assert document.entities[0].attributes == {"mention": Attribute("NAM"), "specificity": Attribute("specific")}
    assert document.groups == (Group("COREFERENCE", ("m-1", "m-2")),)
    assert [(r.type, r.head, r.tail, r.roles) for r in document.relations] == [
        ("orgaffiliation", "m-1", "m-3", ("person", "org"))
    ]
    assert not len(report)
    assert report.counts == {
        "relations with a filler, left out": 1,
        "fillers, not read": 1,
        "events, not read": 1,
    }


def test_edl_gives_heads_with_their_entries(fixtures: Path) -> None:
    report = Report()
    (document,) = read("kbp-2017", fixtures / "kbp-2017-edl", report)
    assert document.meta == {"annotation": "edl", "language": "eng"}
    assert [(e.type, document.words(e), e.codes) for e in document.entities] == [
        ("PER", "Ana Ruiz", ()),
        ("GPE", "Boston-\nbased", (Code("KB", "m.0001"),)),
        ("ORG", "clinic", ()),
    ]
    assert not len(report)
    assert not report.counts


SOURCE = "<doc>\nSecret Bo left.\n</doc>\n"
ROW = "LDC\tE1\tBo\tD:13-14\tNIL1\tPER\tNAM\t1.0\tN\tN\tN"


@pytest.mark.parametrize(
    ("row", "cause", "number"),
    [
        ("LDC\tE2\tBo\tD:13", "it is not 11 columns with DOCUMENT:start-end in the fourth", 1),
        (ROW, "its mention id stands twice; the first was kept", 1),
        (ROW.replace("E1", "E2").replace("13-14", "13-99"), "the mention: fragment 13-100 is out of range", 1),
        (ROW.replace("E1", "E2").replace("13-14", "6-11"), "the mention: its words are not those at its offsets", 2),
    ],
)
def test_a_bad_row_costs_itself(row: str, cause: str, number: int, tmp_path: Path) -> None:
    (tmp_path / "D.xml").write_text(SOURCE)
    (tmp_path / "gold.tab").write_text(f"{ROW}\n{row}\n")
    report = Report()
    (document,) = read("kbp-2017", tmp_path, report)
    assert len(document.entities) == number
    (problem,) = report
    assert (problem.line, problem.cause.startswith(cause)) == (2, True)


MENTION = '<entity_mention id="{}" offset="{}" length="2"><mention_text>Bo</mention_text></entity_mention>'


@pytest.mark.parametrize(
    ("element", "cause"),
    [
        (MENTION.format("m", 13), "a mention needs an id of its own and an entity with a type"),
        (MENTION.format("n", "x"), "n: its offset and length are not whole numbers"),
        (MENTION.format("n", 99), "n: fragment 99-101 is out of range; the text has 29"),
    ],
)
def test_a_bad_mention_of_rich_ere_costs_itself(element: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "D.xml").write_text(SOURCE)
    (tmp_path / "D.rich_ere.xml").write_text(
        f"""<deft_ere><entities><entity id="e" type="PER">
{MENTION.format("m", 13)}
{element}
</entity></entities><relations><relation type="r">
<relation_mention id="x"><rel_arg1 entity_mention_id="m"/><rel_arg2 entity_mention_id="z"/></relation_mention>
</relation></relations></deft_ere>"""
    )
    report = Report()
    (document,) = read("kbp-2017", tmp_path, report)
    assert len(document.entities) == 1
    assert sorted((problem.line, problem.cause) for problem in report) == [
        (3, cause),
        (5, "x: it refers to a mention that is not there"),
    ]


def test_missing_partners_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.rich_ere.xml").write_text(
        f'<deft_ere><entities><entity type="PER">{MENTION.format("m", 1)}</entity></entities></deft_ere>'
    )
    (tmp_path / "b.xml").write_text("x")
    report = Report()
    assert list(read("kbp-2017", tmp_path, report)) == []
    assert [problem.cause for problem in report] == [
        "the source of these annotations is not here",
        "there are no annotations (*.rich_ere.xml) of this source",
    ]
