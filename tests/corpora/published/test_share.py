"""ShARe in its four dresses, and eHOST: one mention a line or joined by ids, spans in fragments, slots with cues."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, asserted, find, read
from epicrisis.document import Attribute, Code, Document, Entity, Relation


def test_2013_has_both_formats_in_trees_of_their_own(fixtures: Path) -> None:
    report = Report()
    echo, ecg, normal = read("share-clef-2013", fixtures / "share-clef-2013", report)
    assert (echo.id, echo.meta) == ("00001-000001-ECHO_REPORT", {"split": "train"})
    assert echo.entities == (
        Entity("Disease_Disorder", ((8, 19), (30, 37)), "EHOST_Instance_1", codes=(Code("UMLS", "C9999991"),)),
        Entity("Disease_Disorder", ((42, 50),), "EHOST_Instance_2", attributes={"certainty": Attribute("definite")}),
    )
    assert [echo.words(entity) for entity in echo.entities] == ["left atrium dilated", "thrombus"]
    assert ecg == Document(
        "00002-000002-ECG_REPORT",
        "Old infarct or bundle branch block.\n",
        (
            Entity("Disease_Disorder", ((4, 11),), "T1", codes=(Code("UMLS", "C9999993"),)),
            Entity("Disease_Disorder", ((15, 21), (29, 34)), "T2"),
        ),
        meta={"split": "test"},
    )
    assert (normal.id, normal.text, normal.entities) == ("00003-000003-ECG_REPORT", "Normal.\n", ())
    assert not len(report)
    assert report.counts == {"annotations of another class than disorders, left out": 1, "lines that stand twice": 1}


def test_archives_as_physionet_gives_them(fixtures: Path, tmp_path: Path) -> None:
    for folder in (fixtures / "share-clef-2013").iterdir():
        if "Gold_" in folder.name:
            with tarfile.open(tmp_path / f"{folder.name}.tar.bz2", "w:bz2") as packed:
                packed.add(folder / "Gold_SN2012", "Gold_SN2012")
            continue
        with zipfile.ZipFile(tmp_path / f"{folder.name}.zip", "w") as archive:
            for file in folder.rglob("*.*"):
                archive.write(file, file.relative_to(folder))
    assert list(read("share-clef-2013", tmp_path)) == list(read("share-clef-2013", fixtures / "share-clef-2013"))


def test_the_slots_of_2015_are_attributes_where_they_are_no_default(fixtures: Path) -> None:
    report = Report()
    (document,) = read("semeval-2015-14", fixtures / "semeval-2015-14", report)
    assert document.entities == (
        Entity(
            "Disease_Disorder",
            ((6, 17), (28, 35)),
            "T1",
            attributes={
                "severity": Attribute("slight", cue=(21, 27)),
                "body_location": Attribute("C9999992", cue=(6, 17)),
            },
            codes=(Code("UMLS", "C9999991"),),
        ),
        Entity("Disease_Disorder", ((40, 48),), "T2", attributes={"negation": Attribute("yes", cue=(37, 39))}),
        Entity(
            "Disease_Disorder",
            ((61, 65),),
            "T3",
            attributes={
                "subject": Attribute("family_member", cue=(50, 56)),
                "uncertainty": Attribute("yes", cue=(50, 60)),
            },
            codes=(Code("UMLS", "C9999993"),),
        ),
    )
    assert document.meta == {"split": "train"}
    assert not len(report)
    assert report.counts == {
        "slots that were left as a template had them": 1,
        "cues of several fragments, kept from the first to the last": 1,
    }
    plain = asserted(document, find("semeval-2015-14"))
    assert [e.attributes.get("assertion") for e in plain.entities] == [
        None,
        Attribute("negated", cue=(37, 39)),
        Attribute("family", cue=(50, 56)),
    ]


def test_2014_has_22_fields_and_2014_task_7_double_pipes(fixtures: Path) -> None:
    (document,) = read("share-clef-2014", fixtures / "share-clef-2014")
    assert document.entities[0].attributes == {
        "doctime": Attribute("before"),
        "temporal": Attribute("date", cue=(12, 15)),
    }
    (document,) = read("semeval-2014-7", fixtures / "semeval-2014-7")
    assert document == Document(
        "00006-000006-ECHO_REPORT",
        "Rash.\n",
        (Entity("Disease_Disorder", ((0, 4),), "T1", codes=(Code("UMLS", "C9999995"),)),),
    )


def test_ehost_keeps_every_class_slot_and_reference(fixtures: Path) -> None:
    (document,) = read("ehost", fixtures / "ehost")
    assert document == Document(
        "note",
        "Rash on the arm.\n",
        (
            Entity("Finding", ((0, 4),), "A_1", attributes={"course": Attribute("worse")}),
            Entity("Body", ((12, 15),), "A_2"),
        ),
        (Relation("location", "A_1", "A_2", "R1"),),
    )
    (alone,) = read("ehost", fixtures / "ehost" / "corpus" / "note.txt")
    assert alone == Document("note", "Rash on the arm.\n")


SLOTS = "no|NULL|patient|NULL|no|NULL|unmarked|NULL|unmarked|NULL|false|NULL|false|NULL|null|NULL|"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("n.txt||Disease_Disorder||C1||7", "it is not of the form FILE||TYPE||CUI||start||end"),
        ("n.txt||Disease_Disorder||C1||7||11||12", "it is not of the form FILE||TYPE||CUI||start||end"),
        ("n.txt||Disease_Disorder||C1||7||x", "it is not of the form FILE||TYPE||CUI||start||end"),
        ("n.txt||Disease_Disorder||C1||7||99", "T2: fragment 7-99 is out of range; the text has 12"),
        ("n.txt||Disease_Disorder||C1||0||6||3||8", "T2: its fragments overlap"),
        ("n.txt|7-11|C1|" + SLOTS.replace("false|", "", 1), "it is not of the form FILE|start-end,start-end|CUI|"),
        ("n.txt|7;11|C1|" + SLOTS, "it is not of the form FILE|start-end,start-end|CUI|"),
        ("n.txt|7-99|C1|" + SLOTS, "T2: fragment 7-99 is out of range; the text has 12"),
        ("other.txt||Disease_Disorder||C1||7||11", "from here on there are lines whose first field names no note"),
    ],
)
def test_a_bad_line_costs_itself(line: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Secret rash.")
    (tmp_path / "n.pipe").write_text(f"n.txt||Disease_Disorder||C1||7||11\n{line}\n")
    report = Report()
    (document,) = read("semeval-2015-14", tmp_path, report)
    assert [entity.fragments for entity in document.entities] == [((7, 11),)]
    (problem,) = report
    assert problem.line == 2
    assert problem.cause.startswith(cause)


def test_a_cue_out_of_the_text_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Secret rash.")
    (tmp_path / "n.pipe").write_text("n.txt|7-11|C1|" + SLOTS.replace("no|NULL", "yes|7-99", 1))
    report = Report()
    (document,) = read("semeval-2015-14", tmp_path, report)
    assert document.entities[0].attributes == {"negation": Attribute("yes")}
    assert str(report).endswith("T1: the cue of its negation is no place in the text; the value was kept")


EHOST = [
    ('<annotation><span start="0" end="6"/></annotation>', "an annotation needs a mention with an id"),
    ('<annotation><mention id="A_9"/><span start="0" end="6"/></annotation>', "an annotation needs a mention with an"),
    ('<annotation><mention id="A_1"/><span start="0" end="6"/></annotation>', "A_1 stands twice; the first was kept"),
    ('<annotation><mention id="A_2"/><span start="0" end="x"/></annotation>', "A_2: its spans are not whole numbers"),
    ('<annotation><mention id="A_2"/></annotation>', "A_2: its spans are not whole numbers"),
    ('<annotation><mention id="A_2"/><span start="7" end="99"/></annotation>', "A_2: fragment 7-99 is out of range"),
]


@pytest.mark.parametrize(("element", "cause"), EHOST)
def test_a_bad_annotation_of_ehost_costs_itself(element: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Secret rash.")
    (tmp_path / "n.txt.knowtator.xml").write_text(
        f"""<annotations>
<annotation><mention id="A_1"/><span start="7" end="11"/><spannedText>RASH</spannedText></annotation>
{element}
<classMention id="A_1"><mentionClass id="X"/></classMention><classMention id="A_2"><mentionClass id="X"/></classMention>
</annotations>"""
    )
    report = Report()
    (document,) = read("ehost", tmp_path, report)
    assert [entity.fragments for entity in document.entities] == [((7, 11),)]
    (problem,) = report
    assert problem.line == 3
    assert problem.cause.startswith(cause)


def test_words_that_are_not_there_and_slots_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Secret rash.")
    (tmp_path / "n.txt.knowtator.xml").write_text(
        """<annotations>
<annotation><mention id="A_1"/><span start="7" end="11"/><spannedText>cough</spannedText></annotation>
<classMention id="A_1"><hasSlotMention id="S_1"/><hasSlotMention id="S_2"/><mentionClass id="X"/></classMention>
<complexSlotMention id="S_2"><mentionSlot id="of"/><complexSlotMentionValue value="A_9"/></complexSlotMention>
</annotations>"""
    )
    report = Report()
    list(read("ehost", tmp_path, report))
    assert [problem.cause for problem in report] == [
        "A_1: its words are not those at its offsets; kept by its offsets",
        "A_1: it refers to a slot that is not there",
        "A_1: it refers to an annotation that is not there",
    ]


def test_slots_of_knowtator_may_have_several_values_and_be_numbers(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Rash and cough.")
    (tmp_path / "n.txt.knowtator.xml").write_text(
        """<annotations>
<annotation><mention id="A_1"/><span start="0" end="4"/><spannedText>Rash</spannedText></annotation>
<annotation><mention id="A_2"/><span start="9" end="14"/><spannedText>cough</spannedText></annotation>
<classMention id="A_1"><hasSlotMention id="S_1"/><hasSlotMention id="S_2"/><hasSlotMention id="S_3"/>
<hasSlotMention id="S_4"/><hasSlotMention id="S_5"/><mentionClass id="X"/></classMention>
<classMention id="A_2"><mentionClass id="X"/></classMention>
<stringSlotMention id="S_1"><mentionSlot id="CUI"/>
<stringSlotMentionValue value="C1"/><stringSlotMentionValue value="C2"/></stringSlotMention>
<booleanSlotMention id="S_2"><mentionSlot id="denied"/><booleanSlotMentionValue value="true"/></booleanSlotMention>
<integerSlotMention id="S_3"><mentionSlot id="grade"/><integerSlotMentionValue value="3"/></integerSlotMention>
<complexSlotMention id="S_4"><mentionSlot id="with"/>
<complexSlotMentionValue value="A_2"/><complexSlotMentionValue value="A_1"/></complexSlotMention>
<stringSlotMention id="S_5"><mentionSlot id="side"/>
<stringSlotMentionValue value="left"/><stringSlotMentionValue value="right"/></stringSlotMention>
</annotations>"""
    )
    report = Report()
    (document,) = read("ehost", tmp_path, report)
    first = document.entities[0]
    assert [code.code for code in first.codes] == ["C1", "C2"]
    values = {name: attribute.value for name, attribute in first.attributes.items()}
    assert values == {"denied": "true", "grade": "3", "side": "left"}
    assert [(r.type, r.head, r.tail) for r in document.relations] == [("with", "A_1", "A_2"), ("with", "A_1", "A_1")]
    assert not len(report)
    assert report.counts == {"further values of a slot, left out": 1}


def test_offsets_of_java_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("😀😀 rash", "utf-8")
    (tmp_path / "n.txt.knowtator.xml").write_text(
        """<annotations><annotation><mention id="A_1"/><span start="5" end="9"/><spannedText>rash</spannedText>
</annotation><classMention id="A_1"><mentionClass id="X"/></classMention></annotations>"""
    )
    report = Report()
    (document,) = read("ehost", tmp_path, report)
    assert document.entities[0].fragments == ((3, 7),)
    assert "only if their offsets count UTF-16 units" in str(report)


def test_missing_partners_are_named(tmp_path: Path) -> None:
    for name in ("share-clef-2013", "ehost"):
        (tmp_path / "a.txt").write_text("x")
        (tmp_path / "b.txt.knowtator.xml").write_text("<annotations/>")
        report = Report()
        assert [document.id for document in read(name, tmp_path, report)] == ["a"]
        assert sorted(Path(problem.file).name for problem in report) == ["a.txt", "b.txt.knowtator.xml"]


def test_a_download_of_physionet_is_read_as_it_is(tmp_path: Path) -> None:
    """Archives of notes and of annotations, the licence and the checksums beside them."""
    saved = """<annotations textSource="1-ECG_REPORT.txt">
<annotation><mention id="A_1"/><span start="0" end="4"/><spannedText>Rash</spannedText></annotation>
<classMention id="A_1"><mentionClass id="Disease_Disorder"/></classMention></annotations>"""
    for name, member, content in (
        ("Task1TrainSetCorpus199.zip", "ALLREPORTS/1-ECG_REPORT.txt", "Rash here."),
        ("Task1TrainSetGOLD199knowtatorehost.zip", "ALLSAVED/1-ECG_REPORT.txt.knowtator.xml", saved),
    ):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, content)
    for name in ("LICENSE.txt", "SHA256SUMS.txt"):
        (tmp_path / name).write_text("terms")
    report = Report()
    (document,) = read("share-clef-2013", tmp_path, report)
    assert (document.id, document.meta) == ("1-ECG_REPORT", {"split": "train"})
    assert [document.words(entity) for entity in document.entities] == ["Rash"]
    assert not len(report)
