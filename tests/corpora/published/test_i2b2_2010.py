"""i2b2 2010, by an invented fixture: lines and tokens become characters, and files of two folder trees one note."""

import tarfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, asserted, find, read
from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.errors import CorpusError


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    test, train = read("i2b2-2010", fixtures / "i2b2-2010", report)
    absent = {"ast": Attribute("absent")}
    assert test == Document(
        "0001",
        "He  denies nausea .\n",
        (Entity("problem", ((11, 17),), "T1", attributes=absent),),
        meta={"split": "test"},
    )
    assert (train.id, train.meta) == ("record-1", {"split": "train", "institution": "partners"})
    assert {(e.id, e.type, e.fragments, train.words(e)) for e in train.entities} == {
        ("T1", "treatment", ((32, 40),), "Zorvalin"),
        ("T2", "problem", ((45, 60),), 'a " mild " rash'),
        ("T3", "problem", ((66, 76),), "chest\npain"),
        ("T4", "problem", ((90, 98),), "migraine"),
        ("T5", "problem", ((107, 112),), "cough"),
        ("T6", "treatment", ((126, 135),), "pelnitide"),
        ("T7", "test", ((138, 141),), "MRI"),
        ("T8", "problem", ((149, 154),), "cough"),
    }
    assert {e.id: e.attributes["ast"].value for e in train.entities if e.attributes} == {
        "T2": "present",
        "T3": "absent",
        "T4": "associated_with_someone_else",
    }
    assert train.relations == (
        Relation("TrAP", "T1", "T2", "R1"),
        Relation("TeRP", "T7", "T8", "R2"),
        Relation("PIP", "T5", "T8", "R3"),
    )
    assert not len(report)
    assert report.counts == {"concepts placed by single spaces instead of runs of them": 1, "lines that stand twice": 1}


def test_assertions_have_the_names_of_the_package(fixtures: Path) -> None:
    documents = [asserted(d, find("i2b2-2010")) for d in read("i2b2-2010", fixtures / "i2b2-2010")]
    values = [a.value for d in documents for e in d.entities for a in e.attributes.values()]
    assert values == ["negated", "negated", "family"]


def test_archives_give_the_same_as_folders(fixtures: Path, tmp_path: Path) -> None:
    for folder in (fixtures / "i2b2-2010").iterdir():
        with tarfile.open(tmp_path / f"{folder.name}.tar.gz", "w:gz") as archive:
            archive.add(folder, folder.name)
    assert list(read("i2b2-2010", tmp_path)) == list(read("i2b2-2010", fixtures / "i2b2-2010"))


def test_an_archive_that_leads_out_of_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with tarfile.open(tmp_path / "train.tar", "w") as archive:
        archive.add(tmp_path / "a.txt", "../../a.txt")
    with pytest.raises(CorpusError, match="a member's name leads out of the archive"):
        list(read("i2b2-2010", tmp_path / "train.tar", Report()))


def test_one_stem_in_two_parts_is_two_notes(tmp_path: Path) -> None:
    for part, words in (("train", "a cough"), ("test", "a rash")):
        (tmp_path / part).mkdir()
        (tmp_path / part / "1.txt").write_text(words)
        (tmp_path / part / "1.con").write_text(f'c="{words}" 1:0 1:1||t="problem"\n')
    documents = list(read("i2b2-2010", tmp_path))
    assert [(d.id, d.words(d.entities[0])) for d in documents] == [("test/1", "a rash"), ("train/1", "a cough")]


CASES = [
    ("con", 'c="secret 2:0 2:0||t="problem"', 'it is not of the form c="..." L:T L:T||t="TYPE"'),
    ("con", 'c="secret" 1:0 1:0', 'it is not of the form c="..." L:T L:T||t="TYPE"'),
    ("con", 'c="secret" 9:0 9:0||t="problem"', "the note has no such line or token"),
    ("con", 'c="secret" 1:9 1:9||t="problem"', "the note has no such line or token"),
    ("con", 'c="secret" 0:0 0:0||t="problem"', "the note has no such line or token"),
    ("con", 'c="secret" 1:1 1:0||t="problem"', "the note has no such line or token"),
    ("con", 'c="secret" 1:1 1:1||t="problem"', "its words are not those at its place; kept"),
    ("ast", 'c="secret" 1:1 1:1||t="problem"||a="absent"', "it refers to a concept at 1:1 1:1, and there is none"),
    ("ast", 'c="secret" 1:0 1:0||t="problem"||a="absent"', "this concept has another assertion already"),
    ("rel", 'c="a" 1:0 1:0||r="PIP"||c="b" 1:3 1:3', "it refers to a concept at 1:3 1:3, and there is none"),
    ("rel", 'c="a" 1:0 1:0||r="PIP"', 'it is not of the form c="..." L:T L:T||r="TYPE"||c="..." L:T L:T'),
]


@pytest.mark.parametrize(("kind", "line", "cause"), CASES)
def test_a_bad_line_costs_itself(kind: str, line: str, cause: str, tmp_path: Path) -> None:
    files = {
        "txt": "Secret rash .\n",
        "con": 'c="secret" 1:0 1:0||t="problem"\nc="rash" 1:1 1:1||t="problem"\n',
        "ast": 'c="secret" 1:0 1:0||t="problem"||a="present"\n',
        "rel": "",
    }
    if kind == "ast":
        files["con"] = files["con"].split("\n")[0] + "\n"
    number = files[kind].count("\n") + 1
    files[kind] += line + "\n"
    for suffix, content in files.items():
        (tmp_path / f"1.{suffix}").write_text(content)
    report = Report()
    (document,) = read("i2b2-2010", tmp_path, report)
    (problem,) = report
    assert (Path(problem.file).name, problem.line) == (f"1.{kind}", number)
    assert problem.cause.startswith(cause)
    assert "secret" not in problem.cause.lower()
    assert document.entities[0].attributes == {"ast": Attribute("present")}


def test_a_missing_partner_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.con").write_text("")
    (tmp_path / "2.txt").write_text("x")
    report = Report()
    (document,) = read("i2b2-2010", tmp_path, report)
    assert document.id == "2"
    assert [problem.cause for problem in report] == [
        "there is no note (.txt) of this name in this part; it was not read",
        "there are no annotations (.con) of this note, as others have",
    ]


def test_line_ends_that_were_changed_on_the_way_move_nothing(fixtures: Path, tmp_path: Path) -> None:
    whole = {d.id: d for d in read("i2b2-2010", fixtures / "i2b2-2010")}
    for file in (fixtures / "i2b2-2010").rglob("*.*"):
        place = tmp_path / file.relative_to(fixtures / "i2b2-2010")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    report = Report()
    for document in read("i2b2-2010", tmp_path, report):
        words = [document.words(e).replace("\r", "") for e in document.entities]
        assert words == [whole[document.id].words(e) for e in whole[document.id].entities]
    assert not len(report)
