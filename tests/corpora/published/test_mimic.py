"""MIMIC's notes: fields with line breaks and quotation marks, rows in error, and labels that a user brings."""

import gzip
import itertools
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError


def test_noteevents_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    documents = list(read("mimic-iii", fixtures / "mimic", report))
    assert documents[:2] == [
        Document(
            "1",
            'Admission Date:  [**2151-7-16**]\n\nChief Complaint:\n"dizzy" \\n no escape \\\n',
            meta={"patient": "10", "date": "2151-07-16", "category": "Discharge summary", "description": "Report"},
        ),
        Document(
            "2",
            "calm, [**Known lastname\n12**] slept",
            meta={
                "patient": "10",
                "admission": "77",
                "date": "2151-07-17",
                "time": "2151-07-17 08:30:00",
                "category": "Physician",
                "description": "Note",
            },
        ),
    ]
    assert [(document.id, document.text) for document in documents[2:]] == [("4", ""), ("5", "tired")]
    assert not list(report)
    assert report.counts == {"notes entered in error": 1, "notes without a word": 1}


def test_mimic_iv_reads_both_tables(fixtures: Path) -> None:
    documents = list(read("mimic-iv-note", fixtures / "mimic"))
    assert [(document.id, document.text) for document in documents] == [
        ("10000000-DS-1", "Name:  ___\n\nChief Complaint:\nworried\n"),
        ("10000000-AD-2", 'Addendum, "late"'),
        ("10000000-RR-1", "clear lungs"),
    ]
    assert documents[1].meta == {
        "patient": "10000000",
        "admission": "20000000",
        "time": "2180-05-09 10:11:12",
        "date": "2180-05-09",
        "category": "Discharge summary addendum",
    }


def test_an_archive_is_read_as_it_is_unless_it_lies_unpacked_beside_it(fixtures: Path, tmp_path: Path) -> None:
    packed = tmp_path / "NOTEEVENTS.csv.gz"
    packed.write_bytes(gzip.compress((fixtures / "mimic" / "NOTEEVENTS.csv").read_bytes()))
    expected = list(read("mimic-iii", fixtures / "mimic"))
    assert list(read("mimic-iii", tmp_path)) == expected
    (tmp_path / "NOTEEVENTS.csv").write_bytes((fixtures / "mimic" / "NOTEEVENTS.csv").read_bytes())
    assert list(read("mimic-iii", tmp_path)) == expected


def described(folder: Path, labels: str, fixtures: Path, more: str = "") -> Path:
    (folder / "labels.csv").write_text(labels, "utf-8")
    description = folder / "mimic.yaml"
    description.write_text(f"file: {fixtures / 'mimic' / 'NOTEEVENTS.csv'}\nlabels: labels.csv\n{more}", "utf-8")
    return description


def test_labels_are_joined_by_row_id_and_what_does_not_fit_is_listed(fixtures: Path, tmp_path: Path) -> None:
    labels = "id,label,intensity\n5,sad,2\n99,calm,\n1,calm,x\n3,calm,\n2,angry,\n5,calm,1\n4,,\n"
    report = Report()
    path = described(tmp_path, labels, fixtures, "values: {sad: negative, calm: neutral}")
    documents = list(read("mimic-iii", path, report))
    assert {document.id: dict(document.labels) for document in documents} == {
        "1": {"sentiment": Label("neutral")},
        "5": {"sentiment": Label("negative", intensity=2.0)},
    }
    assert documents[0].meta["category"] == "Discharge summary"
    assert [(Path(p.file).name, p.line, p.cause[:20]) for p in report] == [
        ("labels.csv", 4, "its intensity is no "),
        ("labels.csv", 6, "its label is not amo"),
        ("labels.csv", 7, "its id has a label a"),
        ("labels.csv", 3, "no note has its id"),
        ("labels.csv", 5, "no note has its id"),  # the note was entered in error
    ]
    assert report.counts["labels whose note is not there"] == 2
    assert report.counts["notes without a label, passed over"] == 2
    assert "angry" not in str(report)


@pytest.mark.parametrize(
    ("description", "cause"),
    [
        ("labels: x.csv\n", "it must say where the data lie"),
        ("file: [a]\n", "it must say where the data lie"),
        ("file: a.csv\nlabel: x.csv\n", r"no key 'label' is known here. Did you mean 'labels'"),
        ("file: a.csv\nvalues: [1]\n", "values must be keys and values"),
        ("file: a.csv\nvalues: {1: good}\n", "values may become negative, neutral, positive, but not 'good'"),
        ("file: a.csv\n", "there is no such file"),
        ("- a\n", "keys and values"),
        ("{", "no YAML that can be read"),
    ],
)
def test_a_description_that_is_none_is_refused_at_once(description: str, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "mimic.yml"
    path.write_text(description, "utf-8")
    with pytest.raises(CorpusError, match=cause):
        read("mimic-iii", path, Report())


def test_files_without_what_is_needed_are_refused_at_once(fixtures: Path, tmp_path: Path) -> None:
    (tmp_path / "NOTEEVENTS.csv").write_text('"ROW_ID","SUBJECT_ID"\n')
    with pytest.raises(CorpusError, match="no column TEXT"):
        read("mimic-iii", tmp_path)
    with pytest.raises(CorpusError, match=r"do not hold discharge.csv or radiology.csv"):
        read("mimic-iv-note", tmp_path)
    with pytest.raises(CorpusError, match="id and label are needed"):
        read("mimic-iii", described(tmp_path, "nr,label\n", fixtures))


def test_a_broken_row_costs_one_row(tmp_path: Path) -> None:
    head = b"ROW_ID,SUBJECT_ID,TEXT\n"
    rows = [b"1,1,fine", b"2,1", b'3,1,"a"b', b"4,1,\xff", b",1,no id", b"", b'6,1,"x\ny"', b'7,1,"never closed\n8,1,z']
    file = tmp_path / "NOTEEVENTS.csv"
    file.write_bytes(head + b"\n".join(rows))
    report = Report()
    assert [(d.id, d.text) for d in read("mimic-iii", file, report)] == [("1", "fine"), ("6", "x\ny")]
    assert [(p.line, p.cause) for p in report] == [
        (3, "2 fields, but the header has 3"),
        (4, "no row: ',' expected after '\"'"),
        (5, "not UTF-8"),
        (6, "it has no ROW_ID"),
        (9, "its quotation is never closed: the file ends in it"),
    ]


def test_notes_come_one_at_a_time(tmp_path: Path) -> None:
    """The file is a pipe's worth longer than what is taken of it."""
    file = tmp_path / "discharge.csv.gz"
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.write("note_id,text\n" + "".join(f'n{n},"line\n{n}"\n' for n in range(100_000)))
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])  # what lies behind is not there to be read
    report = Report()
    taken = list(itertools.islice(read("mimic-iv-note", file, report), 100))
    assert taken[-1] == Document("n99", "line\n99")
    assert not list(report)
