"""Anafora: annotations and notes that lie apart, properties, relations by reference; what is refused or named."""

import zipfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, asserted, find, read
from epicrisis.document import Attribute, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError

NAME = "ID001_clinic_001"


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    clinic, pathology = read("anafora", fixtures / "anafora", report)
    assert (clinic.id, clinic.meta) == (NAME, {"split": "train", "schema": "Temporal-Relation"})
    at = {entity.id: entity for entity in clinic.entities}
    assert {(id.split("@")[0], e.type, e.fragments, clinic.words(e)) for id, e in at.items()} == {
        ("1", "EVENT", ((17, 23),), "Biopsy"),
        ("2", "EVENT", ((42, 58), (69, 72)), "pain in the left arm"),
        ("3", "TIMEX3", ((32, 40),), "tomorrow"),
        ("4", "DOCTIME", ((10, 15),), "3 May"),
        ("7", "EVENT", ((77, 83),), "nausea"),
    }
    values = {name: attribute.value for name, attribute in at[f"1@e@{NAME}@gold"].attributes.items()}
    assert values == {"DocTimeRel": "AFTER", "Type": "N/A", "Polarity": "POS", "ContextualModality": "ACTUAL"}
    assert clinic.relations == (
        Relation(
            "CONTAINS",
            f"3@e@{NAME}@gold",
            f"1@e@{NAME}@gold",
            f"5@r@{NAME}@gold",
            attributes={"link": Attribute("TLINK")},
            roles=("Source", "Target"),
        ),
    )
    assert clinic.groups == (Group("Identical", tuple(f"{number}@e@{NAME}@gold" for number in (1, 2, 3))),)
    assert pathology == Document(
        "ID002_path_004",
        "Margins clear.\n",
        (Entity("EVENT", ((0, 7),), "1@e@ID002_path_004@gold", attributes={"DocTimeRel": Attribute("OVERLAP")}),),
        meta={"split": "dev", "schema": "Temporal-Entity"},
    )
    assert not len(report)
    assert report.counts == {"files of other schemas, annotators or states that were not read": 1}


def test_the_tasks_cut_the_corpus_each_in_its_own_way(fixtures: Path) -> None:
    for year, parts in ((2015, ["train", "test"]), (2016, ["train", "dev"])):
        documents = list(read(f"clinical-tempeval-{year}", fixtures / "anafora"))
        assert [document.meta["split"] for document in documents] == parts


def test_what_is_negated_and_hedged_is_negated(fixtures: Path) -> None:
    document = asserted(next(iter(read("anafora", fixtures / "anafora"))), find("clinical-tempeval-2016"))
    assert {
        document.words(e): e.attributes["assertion"].value for e in document.entities if "assertion" in e.attributes
    } == {"nausea": "negated"}


def test_a_zip_with_a_password_is_a_problem_of_its_files(fixtures: Path, tmp_path: Path) -> None:
    folder = fixtures / "anafora" / "coloncancer" / "Train" / NAME
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"Train/{NAME}/{file.name}")
    (document,) = read("anafora", tmp_path)
    assert len(document.entities) == 5
    data = bytearray((tmp_path / "train.zip").read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # the flag of encryption in every header
        place = data.find(mark)
        while place >= 0:
            data[place + (6 if mark[2] == 3 else 8)] |= 1
            place = data.find(mark, place + 4)
    (tmp_path / "train.zip").write_bytes(data)
    report = Report()
    assert list(read("anafora", tmp_path, report)) == []
    assert "damaged, or needs a password" in str(report)


def written(folder: Path, annotations: str, note: bytes = b"Secret pain\n\nand nausea\n and cough\n") -> Path:
    (folder / "d").write_bytes(note)
    (folder / "d.Temporal-Relation.gold.completed.xml").write_text(
        f"<data>\n<annotations>\n{annotations}\n</annotations>\n</data>", "utf-8"
    )
    return folder


def entity(number: int, span: str, properties: str = "") -> str:
    return (
        f"<entity><id>{number}@e@d@gold</id><span>{span}</span><type>EVENT</type>"
        f"<properties>{properties}</properties></entity>"
    )


def relation(source: int, target: int, number: int = 9) -> str:
    ends = f"<Source>{source}@e@d@gold</Source><Type>CONTAINS</Type><Target>{target}@e@d@gold</Target>"
    return f"<relation><id>{number}@r@d@gold</id><type>TLINK</type><properties>{ends}</properties></relation>"


GOOD = entity(1, "7,11") + "\n"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (entity(2, "7,99"), "2@e@d@gold: fragment 7-99 is out of range; the text has 35"),
        (entity(2, "7"), "2@e@d@gold: its span is not of the form start,end;start,end"),
        (entity(2, "11,7"), "2@e@d@gold: fragment 11-7 ends where it starts or before"),
        (entity(2, "7,11;8,12"), "2@e@d@gold: its fragments overlap"),
        (entity(1, "17,23"), "1@e@d@gold stands twice; the first was kept"),
        (entity(2, "7,11").replace("<type>EVENT</type>", ""), "an entity needs an id and a type"),
        (relation(1, 3), "9@r@d@gold: it refers to 3@e@d@gold, and there is no such entity"),
        (relation(1, 1).replace("<type>TLINK</type>", ""), "a relation needs an id and a type"),
        (relation(1, 1).replace("<Source>1@e@d@gold</Source>", ""), "9@r@d@gold: a relation needs two references"),
    ],
)
def test_a_bad_annotation_costs_itself(line: str, cause: str, tmp_path: Path) -> None:
    report = Report()
    (document,) = read("anafora", written(tmp_path, GOOD + line), report)
    assert [e.fragments for e in document.entities] == [((7, 11),)]
    (problem,) = report
    assert problem.line == 4
    assert problem.cause.startswith(cause)


def test_a_file_that_was_cut_off_gives_what_stands_before(tmp_path: Path) -> None:
    folder = written(tmp_path, "\n".join([GOOD, entity(2, "17,23")]))
    file = next(folder.glob("*.xml"))
    file.write_bytes(file.read_bytes()[: file.read_bytes().index(b"17,23")])
    report = Report()
    (document,) = read("anafora", folder, report)
    assert [e.fragments for e in document.entities] == [((7, 11),)]
    assert "the file is cut off or damaged; what stands before was read" in str(report)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE data [<!ENTITY a "pain"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<data><annotations><entity><id>&b;</id></entity></annotations></data>"""
OUTSIDE = """<!DOCTYPE data [<!ENTITY a SYSTEM "file:///etc/hostname">]><data><annotations>&a;</annotations></data>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE])
def test_a_file_that_declares_entities_is_refused(content: str, tmp_path: Path) -> None:
    folder = written(tmp_path, "")
    next(folder.glob("*.xml")).write_text(content)
    report = Report()
    (document,) = read("anafora", folder, report)
    assert document.entities == ()
    assert "it declares an entity, which may expand without bounds or read other files" in str(report)


def test_notes_whose_line_ends_were_changed_are_recognised_by_their_mentions(tmp_path: Path) -> None:
    spans = ("7,11", "13,16", "17,23", "25,28", "29,34")
    annotations = "\n".join(entity(number, span) for number, span in enumerate(spans))
    folder = written(tmp_path, annotations, b"Secret pain\r\n\r\nand nausea\r\n and cough\r\n")
    report = Report()
    (document,) = read("anafora", folder, report)
    assert [document.words(e) for e in document.entities] == ["pain", "and", "nausea", "and", "cough"]
    assert str(report).endswith("match the text only after CRLF -> LF; it was read with LF")


def test_one_mention_within_a_word_proves_nothing(tmp_path: Path) -> None:
    report = Report()
    (document,) = read("anafora", written(tmp_path, entity(1, "8,12") + entity(2, "17,23")), report)
    assert (document.text.count("\r"), len(report)) == (0, 0)


def test_a_missing_partner_is_named(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "d").unlink()
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "e").write_text("x")
    report = Report()
    assert list(read("anafora", tmp_path, report)) == []
    assert [problem.cause for problem in report] == [
        "the note of these annotations is not here; it has their name without a suffix",
        "there are no annotations (*.xml) of this note, as others have",
    ]


def test_what_is_read_in_place_of_gold_and_what_may_be_a_note_is_counted(tmp_path: Path) -> None:
    gold = "d.Temporal-Relation.gold.completed.xml"
    (written(tmp_path, GOOD) / gold).rename(tmp_path / gold.replace("gold.completed", "abcd.inprogress"))
    (tmp_path / "Makefile").write_text("x")
    report = Report()
    (document,) = read("anafora", tmp_path, report)
    assert document.id == "d"
    assert report.counts == {
        "documents without completed gold, read as one annotator left them": 1,
        "files without annotations that may be notes, not read": 1,
    }


def test_a_folder_without_annotations_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("x")
    with pytest.raises(CorpusError, match=r"do not hold Anafora files \(\*\.xml"):
        read("anafora", tmp_path, Report())
