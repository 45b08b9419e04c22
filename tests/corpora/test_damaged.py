"""What happens to files on their way: every fixture of every corpus is packed, cut off, garbled, emptied and marked.

No reader may fall over, or show a word of a note; a byte that is no UTF-8 must be named; line ends or byte order marks
that were changed must not move a mention; archives are read as they are, but for those that are attacks.
"""

import gzip
import re
import shutil
import tarfile
import zipfile
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


def packed(name: str, folder: Path, how: str) -> Path:
    """Where the fixture lies, as people pass it on: each file for itself, or all of them in an archive."""
    if how == "gz":
        for file in copied(name, folder):
            if file.suffix not in (".xmi", ".parquet"):
                (file.parent / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
                file.unlink()
        return folder
    folder.mkdir()
    source = folder_of(name)
    if how == "zip":
        with zipfile.ZipFile(folder / "corpus.zip", "w") as archive:
            for file in sorted(source.rglob("*")):
                archive.write(file, file.relative_to(source))
    else:
        with tarfile.open(folder / "corpus.tar.gz", "w:gz") as tape:
            tape.add(source, ".")
    return folder


@pytest.mark.parametrize("how", ["gz", "zip", "tar.gz"])
def test_files_are_read_as_they_were_packed(name: str, how: str, tmp_path: Path) -> None:
    before, _ = attempt(name, folder_of(name))
    if name == "table":
        pytest.skip("its description has to lie on the disk, beside the file that it names")
    after, causes = attempt(name, packed(name, tmp_path / "a", how))
    assert [(d.text, d.entities, d.relations) for d in after] == [(d.text, d.entities, d.relations) for d in before]
    assert len(causes) == len(attempt(name, folder_of(name))[1])


@pytest.mark.parametrize("climbs", ["../up.txt", "/etc/up.txt", "C:\\up.txt"])
def test_an_archive_that_leads_out_of_itself_is_refused(name: str, climbs: str, tmp_path: Path) -> None:
    if name == "table":
        pytest.skip("its description has to lie on the disk")
    file = packed(name, tmp_path / "a", "zip") / "corpus.zip"
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo(climbs), "x")
    for path in (file, file.parent):
        documents, causes = attempt(name, path)
        assert documents == []
        assert "leads out of the archive" in causes[0]
    assert [entry.name for entry in tmp_path.rglob("*")] == ["a", "corpus.zip"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "entities that grow": f'<!DOCTYPE {{root}} [<!ENTITY l0 "ha">{LAUGHS}]>',
    "a file of the machine": '<!DOCTYPE {root} [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_xml_that_declares_entities_is_refused_and_the_rest_is_read(name: str, bomb: str, tmp_path: Path) -> None:
    whole, _ = attempt(name, folder_of(name))
    xml = [file for file in copied(name, tmp_path / "a") if file.suffix in (".xml", ".xmi")]
    if name == "kbp-2017":  # its sources are texts, whatever they look like
        xml = [file for file in xml if file.name.endswith(".rich_ere.xml")]
    for file in xml:
        content = file.read_text("utf-8")
        if "<!DOCTYPE" in content:
            content = re.sub(r"<!DOCTYPE[^>]*>", "", content)
        start = re.search(r"<(?![?!])([\w:-]+)", content)
        assert start is not None
        evil = content[: start.start()] + BOMBS[bomb].format(root=start[1]) + content[start.start() :]
        file.write_text(evil.replace("</", "&l9;</", 1), "utf-8")
        documents, causes = attempt(name, tmp_path / "a")
        assert any("declares an entity" in cause for cause in causes) or documents == whole, file.name
        assert len(documents) <= len(whole)
        assert "hahaha" not in "".join(document.text for document in documents)
        file.write_text(content, "utf-8")


PAIRED = ["brat", "anafora", "ehost", "ace-2004", "ccks-2017", "i2b2-2010", "kbp-2017", "n2c2-2018"]
PAIRED += ["semeval-2014-7", "semeval-2015-14", "share-clef-2013", "share-clef-2014"]
LONE = ("annotation.conf", "inprogress", "ID001_clinic_001.Temporal", "ID002_path_004.Temporal")
"""Files that nothing is missing without: what is not read, or is read from another file; the annotations without which
a file is no note."""


def paired(name: str, to: Path) -> list[Path]:
    """All but what need not be there; and two of each where the fixture has one note, which may do without."""
    files = [file for file in copied(name, to) if not any(word in file.name for word in LONE)]
    if name == "ehost":
        for file in files:
            shutil.copy(file, file.with_name(file.name.replace("note", "second")))
    return files


@pytest.mark.parametrize("name", PAIRED)
def test_a_partner_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    files = paired(name, tmp_path / "a")
    _, before = attempt(name, tmp_path / "a")
    for file in files:
        content = file.read_bytes()
        file.unlink()
        _, causes = attempt(name, tmp_path / "a")
        assert {*causes} - {*before}, file.name
        file.write_bytes(content)


@pytest.mark.parametrize("name", PAIRED)
def test_offsets_past_the_end_of_a_note_that_was_cut_are_named(name: str, tmp_path: Path) -> None:
    files = paired(name, tmp_path / "a")
    whole, before = attempt(name, tmp_path / "a")
    annotated = {d.text.encode() for d in whole if d.entities}
    notes = [file for file in files if file.read_bytes() in annotated]
    assert notes or name in ("ace-2004", "kbp-2017")  # whose texts have tags
    for file in notes:
        content = file.read_bytes()
        file.write_bytes(content[:3])
        documents, causes = attempt(name, tmp_path / "a")
        assert {*causes} - {*before}, file.name
        assert all(e.end <= len(d.text) for d in documents for e in d.entities)
        file.write_bytes(content)


TRUSTED = ("goemotions", "mimic", "nhs", "phee")
"""Corpora whose rows are numbered, read without keeping their ids: `corpus check` says where one stands twice."""


def test_no_id_is_given_twice_in_silence(name: str, tmp_path: Path) -> None:
    """Two copies of the files below one folder: where folders are no part of the ids, that is a problem or a count."""
    if name.startswith(TRUSTED) or name in ("genia", "table"):  # whose description names one folder
        pytest.skip("its ids are trusted")
    for folder in ("one", "two"):
        shutil.copytree(folder_of(name), tmp_path / folder)
    once = list(read(name, tmp_path / "one", Report()))
    report = Report()
    documents = list(read(name, tmp_path, report))
    assert len({document.id for document in documents}) == len(documents) >= len(once)
    assert len(documents) == 2 * len(once) or len(report) or report.counts


def test_a_second_document_of_one_id_is_called_after_its_place(tmp_path: Path) -> None:
    for file, lines in {
        "a.jsonl": [
            '{"id": "x", "text": "one"}',
            '{"schema": 1, "id": "x", "text": "two"}',
            '{"id": "a-2", "text": "3"}',
        ],
        "a.csv": ["id,text", "x,one", "x,two", "a-3,3"],
        "a.pubtator": ["x|t|one", "x|a|", "", "x|t|two", "x|a|"],
    }.items():
        (tmp_path / file).write_text("\n".join(lines) + "\n")
    for name, file, ids, number in (
        ("jsonl", "a.jsonl", ["x", "a-2", "a-3"], 2),
        ("table", "a.csv", ["x", "a-3", "a-4"], 3),
        ("pubtator", "a.pubtator", ["x", "a-4"], 4),
    ):
        report = Report()
        assert [document.id for document in read(name, tmp_path / file, report)] == ids
        problem, *_ = report
        assert (problem.line, problem.cause) == (
            number,
            "document id 'x' stands twice; the second is called after its place",
        )
