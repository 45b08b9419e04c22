"""What is written and read again: equal where the format holds everything, settled after one pass where it does not."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from epicrisis.corpora import read
from epicrisis.corpora.formats import brat, brat_output, jsonl
from epicrisis.corpora.published import maccrobat2020
from epicrisis.document import Document

from ..generated import documents


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """One folder for all generated documents: a thousand of them would fill `tmp_path`."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder)


def written(document: Document, folder: Path) -> tuple[bytes, bytes]:
    brat.write_document(document, folder)
    return (folder / f"{document.id}.txt").read_bytes(), (folder / f"{document.id}.ann").read_bytes()


@settings(max_examples=300, deadline=None)
@given(document=documents())
def test_what_brat_can_hold_of_any_document_is_read_back(scratch: Path, document: Document) -> None:
    held, _ = brat_output.canonical(document)
    first = written(document, scratch)
    (again,) = read("brat", scratch)
    assert again == held
    assert written(again, scratch) == first
    assert brat_output.canonical(again) == (again, Counter())


@settings(max_examples=300, deadline=None)
@given(document=documents())
def test_brat_keeps_text_spans_and_types_or_says_what_it_lost(document: Document) -> None:
    held, lost = brat_output.canonical(document)
    assert held.text == document.text
    dropped = lost["entities that cover line breaks only"]
    assert len(held.entities) == len(document.entities) - dropped
    covered = [
        {i for start, end in entity.fragments for i in range(start, end) if document.text[i] not in "\r\n"}
        for entity in (*document.entities, *held.entities)
    ]
    before, after = covered[: len(document.entities)], covered[len(document.entities) :]
    assert sorted(map(sorted, filter(None, before))) == sorted(map(sorted, filter(None, after)))
    if not lost:
        assert Counter(e.type for e in held.entities) == Counter(e.type for e in document.entities)
        assert len(held.relations) == len(document.relations)
        assert len(held.groups) == len(document.groups)


@settings(max_examples=300, deadline=None)
@given(document=documents())
def test_jsonl_gives_the_same_document_back(scratch: Path, document: Document) -> None:
    file = scratch / "one.jsonl"
    assert not jsonl.write([document], file)
    assert list(read("jsonl", file)) == [document]


def test_the_fixture_is_written_in_canonical_order(fixtures: Path, tmp_path: Path) -> None:
    assert not brat.write(read("brat", fixtures / "brat"), tmp_path)
    assert (tmp_path / "admission.ann").read_text("utf-8").split("\n") == [
        "T1\tSex 0 3\tMan",
        "T2\tAge 5 7\t58",
        "T3\tMedication 24 33\tvelotrine",
        "T4\tDosage 34 39\t15 mg",
        "T5\tSign_symptom 41 53\tNight sweats",
        "T6\tSign_symptom 58 72\tright arm pain",
        "T7\tBiological_structure 58 67\tright arm",
        "E1\tMedication:T3",
        "E2\tSign_symptom:T5",
        "E3\tSign_symptom:T6",
        "R1\tMODIFY Arg1:T4 Arg2:E1",
        "*\tOVERLAP E2 E3",
        "A1\tTREND E2 DEC",
        "A2\tPOLARITY E3",
        "N1\tReference T3 MADEUP:V07.1\tvelotrine, oral",
        "#1\tAnnotatorNotes E2\tlooked at twice",
        "#2\tAnnotatorNotes R1\tby hand",
        "",
    ]
    assert (tmp_path / "ward" / "day-2.ann").read_bytes() == (fixtures / "brat/ward/day-2.ann").read_bytes()
    assert list(read("brat", tmp_path)) == list(read("brat", fixtures / "brat"))


@pytest.mark.corpus
def test_maccrobat_is_the_same_after_brat_and_jsonl(real, tmp_path: Path) -> None:
    gold = list(read("maccrobat-2020", real(maccrobat2020.CORPUS.name)))
    assert not brat.write(gold, tmp_path / "brat")
    assert list(read("brat", tmp_path / "brat")) == gold
    assert not jsonl.write(gold, tmp_path / "gold.jsonl")
    assert list(read("jsonl", tmp_path / "gold.jsonl")) == gold
