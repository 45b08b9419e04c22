"""What happens to files on their way: every fixture of every corpus is cut off, garbled, emptied and marked.

No reader may fall over, or show a word of a note; a byte that is no UTF-8 must be named; and line ends or byte order
marks that were changed must not move a mention.
"""

import re
import shutil
from pathlib import Path

import pytest

from epicrisis.corpora import CORPORA, Report, read
from epicrisis.document import Document
from epicrisis.errors import CorpusError

FOLDERS = {
    "ace-2004-heads": "ace-2004",
    "ace-2005-heads": "ace-2005",
    "ade-v2-all": "ade-v2",
    "clinical-tempeval-2015": "anafora",
    "clinical-tempeval-2016": "anafora",
    "mimic-iii": "mimic",
    "mimic-iv-note": "mimic",
    "nhs-criticality": "nhs-patient-feedback",
    "nhs-feedback": "nhs-patient-feedback",
    "phee-cues": "phee",
    "phee-events": "phee",
}
WORDS = re.compile(
    r"zorvalin|pelnitide|\b(rash|cough|nausea|thrombus|migraine|biopsy|boston|arm|fever)\b|疼痛|左膝", re.IGNORECASE
)
FIXTURES = Path(__file__).parents[1] / "fixtures"


def folder_of(name: str) -> Path:
    return FIXTURES / FOLDERS.get(name, name)


NAMES = sorted(name for name in CORPORA if folder_of(name).is_dir())


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "xmi":
        pytest.importorskip("cassis")
    return request.param


def attempt(name: str, path: Path) -> tuple[list[Document], list[str]]:
    """The documents and the causes; a path that holds nothing of the kind any more is a cause, too."""
    report = Report()
    try:
        documents = list(read(name, path, report))
    except CorpusError as error:
        return [], [str(error).replace(str(path), "")]
    return documents, [problem.cause for problem in report]


def copied(name: str, to: Path) -> list[Path]:
    shutil.copytree(folder_of(name), to)
    return [file for file in sorted(to.rglob("*")) if file.is_file()]


def said(documents: list[Document]) -> dict[str, list[tuple[str, str]]]:
    return {d.id: sorted((e.type, "".join(d.words(e).split())) for e in d.entities) for d in documents}


def test_every_reader_has_a_fixture() -> None:
    assert {*CORPORA} - {*NAMES} == {"maccrobat-2020", "parquet"}  # as brat; no file that people write


ONE = {
    "ace-2005": ("SYN_1.apf.xml", "SYN_1.sgm"),
    "anafora": ("ID001_clinic_001.Temporal-Relation.gold.completed.xml",),
    "ccks-2017": ("病史特点-1.txt", "病史特点-1.txtoriginal.txt"),
    "ehost": ("note.txt.knowtator.xml",),
    "i2b2-2010": ("record-1.txt", "record-1.con"),
    "xmi": ("a.xmi",),
}


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, files in ONE.items() for file in files])
def test_a_file_that_is_named_is_read_with_those_beside_it(name: str, file: str, tmp_path: Path) -> None:
    if name == "xmi":
        pytest.importorskip("cassis")
    for source in folder_of(name).rglob("*"):  # all in one folder; a second pass of ACE is not its document
        if source.is_file() and "fp1" not in source.parts:
            shutil.copy(source, tmp_path / source.name)
    documents, causes = attempt(name, tmp_path / file)
    assert (len(documents), causes) == (1, [])
    assert documents[0].entities


def test_files_cut_off_emptied_or_missing_bring_no_reader_down(name: str, tmp_path: Path) -> None:
    files = copied(name, tmp_path / "a")
    for file in files:
        content = file.read_bytes()
        for length in sorted({0, 1, len(content) // 3, 2 * len(content) // 3, len(content) - 2}):
            file.write_bytes(content[: max(length, 0)])
            _, causes = attempt(name, tmp_path / "a")
            assert not WORDS.search(" ".join(causes))
        file.unlink()
        _, causes = attempt(name, tmp_path / "a")
        assert not WORDS.search(" ".join(causes))
        file.write_bytes(content)


def test_a_byte_that_is_no_utf_8_is_named(name: str, tmp_path: Path) -> None:
    files = copied(name, tmp_path / "a")
    whole, causes = attempt(name, tmp_path / "a")
    for file in files:
        content = file.read_bytes()
        for place in (len(content) // 3, len(content) // 2, len(content) - 1):
            file.write_bytes(content[:place] + b"\xff" + content[place:])
            documents, others = attempt(name, tmp_path / "a")
            assert documents == whole or others != causes, f"{file.name}: {place}"
            assert not WORDS.search(" ".join(others))
        file.write_bytes(content)


def is_utf_8(content: bytes) -> bool:
    try:
        return bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("change", ["CRLF", "BOM", "both"])
def test_changed_line_ends_and_marks_move_no_mention(name: str, change: str, tmp_path: Path) -> None:
    before, _ = attempt(name, folder_of(name))
    for file in copied(name, tmp_path / "a"):
        content = file.read_bytes()
        if change != "BOM" and b"\r\n" not in content:
            content = content.replace(b"\n", b"\r\n")
        if change != "CRLF" and not content.startswith(b"\xef\xbb\xbf") and is_utf_8(content):
            content = b"\xef\xbb\xbf" + content
        file.write_bytes(content)
    after, _ = attempt(name, tmp_path / "a")
    assert said(after) == said(before)
