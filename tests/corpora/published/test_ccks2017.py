"""CCKS2017: notes named oddly, ends included, folders that are sections; copies in GB 18030, old zip archives."""

import zipfile
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Document, Entity


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    test, train = read("ccks-2017", fixtures / "ccks-2017", report)
    assert train == Document(
        "train/病史特点/病史特点-1",
        " 患者女，70岁，左膝😀疼痛3天。\n",
        (Entity("身体部位", ((9, 11),), "T1"), Entity("症状和体征", ((12, 14),), "T2")),
        meta={"split": "train", "section": "病史特点"},
    )
    assert test == Document(
        "test/出院情况/出院情况-1",
        "痛，行CT。",
        (Entity("症状和体征", ((0, 1),), "T1"), Entity("检查和检验", ((3, 5),), "T2")),
        meta={"split": "test", "section": "出院情况"},
    )
    assert [problem.cause[-44:] for problem in report] == ["begins no character; it was read as GB 18030"] * 2
    assert not report.counts


class OldInfo(zipfile.ZipInfo):
    """A member as old programs write it: its name in bytes of theirs, and no word of which."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self.raw = name.encode(encoding)

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, 0


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_archive_of_chinese_windows_has_names_of_its_own(encoding: str, fixtures: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "train.zip", "w") as archive:
        for file in (fixtures / "ccks-2017" / "train").rglob("*.txt"):
            name = str(file.relative_to(fixtures / "ccks-2017" / "train"))
            archive.writestr(OldInfo(name, encoding), file.read_bytes())
    (document,) = read("ccks-2017", tmp_path)
    assert (document.id, document.meta["section"]) == ("train/病史特点/病史特点-1", "病史特点")


@pytest.mark.parametrize(
    ("line", "cause", "number"),
    [
        ("疼痛\t3\t4", "it is not mention, start, end and type between tabs", 1),
        ("疼痛\t3\tx\t治疗", "it is not mention, start, end and type between tabs", 1),
        ("疼痛\t3\t99\t治疗", "T2: fragment 3-100 is out of range; the text has 5", 1),
        ("疼痛\t4\t2\t治疗", "T2: fragment 4-3 ends where it starts or before", 1),
        ("头晕\t3\t4\t治疗", "T2: its words are not those at its offsets; kept by its offsets", 2),
    ],
)
def test_a_bad_line_costs_itself(line: str, cause: str, number: int, tmp_path: Path) -> None:
    (tmp_path / "a.txtoriginal.txt").write_text("左膝，疼痛", "utf-8")
    (tmp_path / "a.txt").write_text(f"左膝\t0\t1\t身体部位\n{line}\n", "utf-8")
    report = Report()
    (document,) = read("ccks-2017", tmp_path, report)
    assert len(document.entities) == number
    (problem,) = report
    assert (problem.line, problem.cause) == (2, cause)


def test_missing_partners_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txtoriginal.txt").write_text("左膝", "utf-8")
    (tmp_path / "b.txt").write_text("", "utf-8")
    report = Report()
    (document,) = read("ccks-2017", tmp_path, report)
    assert document.id == "a"
    assert [problem.cause for problem in report] == [
        "there are no annotations (.txt) of this note, as others have",
        "there is no note (*.txtoriginal.txt) of these annotations",
    ]
