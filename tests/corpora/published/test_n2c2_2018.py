"""n2c2 2018 track 2, by an invented fixture: its names, its parts, and the traps of its files."""

import shutil
import zipfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, find, read
from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import evaluate_n2c2_2018


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    test, train = read("n2c2-2018", fixtures / "n2c2-2018", report)
    assert test == Document("110727", "Took pelnitide.\n", (Entity("Drug", ((5, 14),), "T1"),), meta={"split": "test"})
    assert (train.id, train.meta) == ("100035", {"split": "train"})
    assert {(entity.id, entity.type, entity.fragments) for entity in train.entities} == {
        ("T1", "Drug", ((39, 47),)),
        ("T2", "Strength", ((48, 53),)),
        ("T3", "Route", ((54, 56),)),
        ("T4", "Frequency", ((57, 62),)),
        ("T5", "ADE", ((64, 81),)),
        ("T6", "Drug", ((88, 96),)),
        ("T7", "Reason", ((107, 111), (115, 119))),
        ("T8", "Drug", ((121, 129),)),
        ("T9", "Drug", ((133, 142),)),
        ("T10", "Reason", ((64, 81),)),
    }
    assert train.relations == (
        Relation("Strength-Drug", "T2", "T1", "R1"),
        Relation("Route-Drug", "T3", "T1", "R2"),
        Relation("Dosage-Drug", "T4", "T1", "R3"),  # the argument is a Frequency: the file's name is kept
        Relation("ADE-Drug", "T5", "T6", "R4"),
        Relation("Reason-Drug", "T7", "T8", "R5"),
        Relation("Reason-Drug", "T7", "T9", "R6"),
    )
    assert not len(report)
    assert report.counts == {
        "mentions over a line break whose fragments were joined": 2,
        "mentions whose words hold the gap between the fragments": 1,
        "relations named after another type than their argument's": 1,
    }


def test_archives_are_read_as_they_come_and_say_the_part(fixtures: Path, tmp_path: Path) -> None:
    for name, folder in (("training_20180910", "training_20180910"), ("gold-standard-test-data", "test")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for file in (fixtures / "n2c2-2018" / folder).iterdir():
                archive.write(file, f"{folder}/{file.name}")
    whole = {document.id: document for document in read("n2c2-2018", tmp_path)}
    assert whole == {document.id: document for document in read("n2c2-2018", fixtures / "n2c2-2018")}
    (train,) = read("n2c2-2018", tmp_path / "training_20180910.zip")
    assert train == whole["100035"]


def test_the_nearest_folder_says_the_part_and_others_say_none(fixtures: Path, tmp_path: Path) -> None:
    source = fixtures / "n2c2-2018" / "test"
    for folder in ("my-tests/track2-training_data_3", "other"):
        shutil.copytree(source, tmp_path / folder / "x")
        (document,) = read("n2c2-2018", tmp_path / folder / "x")
        (from_above,) = read("n2c2-2018", tmp_path / folder)
        assert document.meta == {}
        assert from_above.meta == ({"split": "train"} if "training" in folder else {})


def test_a_note_that_two_folders_give_is_read_once(fixtures: Path, tmp_path: Path) -> None:
    for folder in ("training_20180910", "track2-training_data_2"):
        shutil.copytree(fixtures / "n2c2-2018" / "training_20180910", tmp_path / folder)
    report = Report()
    assert len(list(read("n2c2-2018", tmp_path, report))) == 1
    assert str(report).endswith("another folder gives the same note; this one was not read")


def test_bad_lines_and_other_types_cost_no_more_than_themselves(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("secret zorvalin")
    lines = [
        "T1\tDrug 7 15\tzorvalin",
        "T2\tDrug 7 99\tzorvalin",
        "T3\tPerson 0 6\tsecret",
        "R1\tADE-Drug Arg1:T2 Arg2:T1",
    ]
    (tmp_path / "1.ann").write_text("\n".join(lines))
    report = Report()
    (document,) = read("n2c2-2018", tmp_path, report)
    assert [entity.type for entity in document.entities] == ["Person", "Drug"]
    assert document.relations == ()
    assert [problem.line for problem in report] == [2, 4]
    assert report.counts == {"entities of a type that n2c2 2018 does not have": 1}
    assert "secret" not in str(report)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "training.zip").write_bytes(b"no zip")
    with pytest.raises(CorpusError, match="no readable zip archive"):
        read("n2c2-2018", tmp_path)
    with zipfile.ZipFile(tmp_path / "training.zip", "w") as archive:
        archive.writestr("readme.md", "x")
    with pytest.raises(CorpusError, match="do not hold a text with its annotations"):
        read("n2c2-2018", tmp_path)


def test_its_official_scores_are_those_of_the_challenge(fixtures: Path) -> None:
    documents = list(read("n2c2-2018", fixtures / "n2c2-2018"))
    assert find("n2c2-2018").scheme == "n2c2-2018"
    assert evaluate_n2c2_2018(documents, documents).measure("strict relations").micro.f1 == 1
