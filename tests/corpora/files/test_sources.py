"""Files of folders and archives are one list; an archive that leads out of itself is refused, a damaged one named."""

import io
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.files.sources import lines, loaded, named, part_of, sources, split_of, text_of
from epicrisis.errors import CorpusError


def is_text(member: PurePosixPath) -> bool:
    return member.suffix == ".txt"


def zipped(path: Path, members: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.txt", content)


def tarred(path: Path, members: dict[str, str]) -> None:
    with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"{name}.txt")
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))


def test_a_folder_of_archives_is_one_list(tmp_path: Path) -> None:
    zipped(tmp_path / "one.zip", {"a": "1", "b/c": "2", "__MACOSX/x": "3"})
    tarred(tmp_path / "two.tar.gz", {"d": "4"})
    tarred(tmp_path / "three.tar.bz2", {"e": "5"})
    found = sources(tmp_path, is_text, "notes (*.txt)")
    contents = {str(file.path): file.open().read().decode() for file in found}
    assert contents == {"one/a.txt": "1", "one/b/c.txt": "2", "two/d.txt": "4", "three/e.txt": "5"}
    (tmp_path / "f.txt").write_text("6")
    assert [str(file.path) for file in sources(tmp_path, is_text, "notes (*.txt)")] == ["f.txt"]  # unpacked goes first
    assert [str(file.path) for file in sources(tmp_path / "one.zip", is_text, "x")] == ["a.txt", "b/c.txt"]


@pytest.mark.parametrize("name", ["../up", "/etc/x", "a/../../x", "C:\\x", "..\\up"])
def test_a_member_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("good.txt", "1")
        archive.writestr(zipfile.ZipInfo(f"{name}.txt"), "2")
    with tarfile.open(tmp_path / "a.tar", "w") as other:
        other.addfile(tarfile.TarInfo(f"{name}.txt"))
    for file in ("a.zip", "a.tar"):
        with pytest.raises(CorpusError, match="a member's name leads out of the archive"):
            sources(tmp_path / file, is_text, "notes")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.tar", "a.zip"]


def test_links_in_an_archive_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(CorpusError, match="the archive does not hold notes"):
        sources(tmp_path / "a.tar", is_text, "notes")


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", {"a": "rash" * 100})
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[60:80] = bytes(20)
    (tmp_path / "a.zip").write_bytes(data)
    report = Report()
    (file,) = sources(tmp_path / "a.zip", is_text, "notes")
    assert loaded(file, report) is None
    assert "a.zip/a.txt: cannot be read: what is packed is damaged" in str(report)
    tarred(tmp_path / "b.tar.gz", {"a": "rash" * 10_000})
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(whole[: len(whole) // 2])
    for name in ("b.tar.gz", "c.zip"):
        (tmp_path / "c.zip").write_bytes(b"no zip")
        with pytest.raises(CorpusError, match="no readable"):
            sources(tmp_path / name, is_text, "notes")


def test_lines_lose_what_is_not_theirs_and_bad_ones_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\n\n \ntwo\xff\nthree \x0c\n")
    (file,) = sources(tmp_path, is_text, "notes")
    report = Report()
    assert list(lines(file, report)) == [(1, "one"), (2, ""), (3, " "), (5, "three \x0c")]
    assert str(report).endswith("a.txt:4: not UTF-8: byte 3 of the line begins no character")
    assert text_of(file, report) is None


def test_the_nearest_folder_says_the_part() -> None:
    assert part_of(PurePosixPath("Train/test_data/x.txt")) == "test"
    assert part_of(PurePosixPath("a/x_test.txt"), "training_2018") == "train"
    assert part_of(PurePosixPath("Dev/x.txt")) == "dev"
    assert part_of(PurePosixPath("x.txt")) == ""
    assert part_of(PurePosixPath("latest/x.txt"), "SemEvalTRAIN") == "train"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("NCBItrainset_corpus.txt", "train"), ("CDR_DevelopmentSet.PubTator.txt", "dev"), ("valid.json", "dev")),
        *(("eng.testa", "dev"), ("eng.testb", "test"), ("phee_v2_test.jsonl.gz", "test"), ("TEST.json", "test")),
        *(("latest.json", None), ("invalid.json", None), ("contest_device.json", "dev"), ("notes.json", None)),
    ],
)
def test_a_files_name_says_its_part(name: str, part: str | None) -> None:
    assert split_of(named(Path("test") / name)) == ({"split": part} if part else {})


def test_what_lies_beside_the_notes_of_a_release_is_none_of_them(tmp_path: Path) -> None:
    """PhysioNet and the DBMI portal put such files beside the archives, which would not be looked into for them."""
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("a/1.txt", "Rash.")
        archive.writestr("a/README.txt", "about")
    others = ("README.txt", "readme_first.txt", "LICENSE.txt", "Licence.txt", "SHA256SUMS.txt", "COPYING.txt")
    for name in others:
        (tmp_path / name).write_text("terms")
    assert [document.text for document in read("text", tmp_path)] == ["Rash."]
    assert [document.text for document in read("text", tmp_path / "README.txt")] == ["terms"]
    (tmp_path / "readmission.txt").write_text("a note")
    assert [document.id for document in read("text", tmp_path)] == ["readmission"]
