"""MACCROBAT2020: from the zip or unpacked, and the published counts."""

import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import Report, counting, load_split, read
from epicrisis.corpora.published import maccrobat2020
from epicrisis.errors import CorpusError


@pytest.fixture
def archive(fixtures: Path, tmp_path: Path) -> Path:
    """The brat fixture as the zip that the authors publish, with what a Mac adds to it."""
    with zipfile.ZipFile(tmp_path / "maccrobat2020.zip", "w") as archive:
        for suffix in ("txt", "ann"):
            archive.write(fixtures / "brat" / f"admission.{suffix}", f"MACCROBAT2020/123.{suffix}")
        archive.writestr("__MACOSX/MACCROBAT2020/._123.txt", b"\x00\x05")
        archive.writestr("MACCROBAT2020/README.md", "about")
    return tmp_path / "maccrobat2020.zip"


def test_zip_and_its_folder_and_the_unpacked_files_are_the_same(archive: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(archive).extractall(unpacked)
    (document,) = read("maccrobat-2020", archive)
    assert (document.id, len(document.entities), len(document.relations)) == ("123", 7, 1)
    assert list(read("maccrobat-2020", tmp_path)) == [document]
    assert list(read("maccrobat-2020", unpacked)) == [document]
    assert list(read("maccrobat-2020", unpacked / "MACCROBAT2020")) == [document]


def test_problems_name_the_member_of_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "maccrobat2020.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr("1.txt", "a")
        writing.writestr("1.ann", "T1\tX 0 9\ta\n")
    report = Report()
    assert len(list(read("maccrobat-2020", archive, report))) == 1
    assert str(report) == f"{archive}/1.ann:1: T1: fragment 0-9 is out of range; the text has 1"


def test_a_damaged_member_costs_itself(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[data.index(b"Man, 58")] ^= 1
    archive.write_bytes(data)
    report = Report()
    assert list(read("maccrobat-2020", archive, report)) == []
    assert "123.txt: cannot be read: what is packed is damaged" in str(report)


def test_what_is_no_maccrobat_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file or folder"):
        read("maccrobat-2020", tmp_path / "missing")
    with pytest.raises(CorpusError, match="do not hold"):
        read("maccrobat-2020", tmp_path)
    with zipfile.ZipFile(tmp_path / "maccrobat1.zip", "w") as empty:
        empty.writestr("readme", "")
    with pytest.raises(CorpusError, match="the archive does not hold"):
        read("maccrobat-2020", tmp_path)
    (tmp_path / "maccrobat2.zip").write_bytes(b"PK")
    with pytest.raises(CorpusError, match="2 archives"):
        read("maccrobat-2020", tmp_path)
    (tmp_path / "maccrobat1.zip").unlink()
    with pytest.raises(CorpusError, match="no readable zip"):
        read("maccrobat-2020", tmp_path)


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real) -> None:
    report = Report()
    start = time.perf_counter()
    documents = list(read("maccrobat-2020", real("maccrobat-2020"), report))
    assert time.perf_counter() - start < 10  # about one second; a busy machine is no failure
    assert not report.problems
    totals = counting.totals(documents)
    assert {name: totals[name] for name in maccrobat2020.COUNTS} == maccrobat2020.COUNTS
    assert (totals["words"], totals["characters"]) == (83404, 565716)
    assert Counter(entity.type for document in documents for entity in document.entities) == maccrobat2020.TYPES
    assert Counter(relation.type for document in documents for relation in document.relations) == {
        "MODIFY": 11571,
        "BEFORE": 2014,
        "SUB_PROCEDURE": 1375,
        "IDENTICAL": 795,
        "AFTER": 398,
        "CAUSE": 149,
        "CO-OCCURRENCE": 5,
    }
    overlaps = counting.overlaps(documents)
    assert (overlaps["discontinuous"], overlaps["nested"], overlaps["crossing"]) == (44, 364, 1)
    split = load_split("maccrobat-2020", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 162, "dev": 18, "test": 20}
