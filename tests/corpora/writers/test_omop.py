"""OMOP CDM v5.4: the columns are those of the CDM, and each row says what the note says."""

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from epicrisis.corpora import Report, read
from epicrisis.corpora.writers import WRITERS
from epicrisis.document import Attribute, Code, Document, Entity, Relation

from ..generated import documents

NOTE = [
    "note_id",
    "person_id",
    "note_date",
    "note_datetime",
    "note_type_concept_id",
    "note_class_concept_id",
    "note_title",
    "note_text",
    "encoding_concept_id",
    "language_concept_id",
    "provider_id",
    "visit_occurrence_id",
    "visit_detail_id",
    "note_source_value",
    "note_event_id",
    "note_event_field_concept_id",
]
NOTE_NLP = [
    "note_nlp_id",
    "note_id",
    "section_concept_id",
    "snippet",
    "offset",
    "lexical_variant",
    "note_nlp_concept_id",
    "note_nlp_source_concept_id",
    "nlp_system",
    "nlp_date",
    "nlp_datetime",
    "term_exists",
    "term_temporal",
    "term_modifiers",
]
LONGEST = {
    "note_title": 250,
    "note_source_value": 50,
    "snippet": 250,
    "offset": 50,
    "lexical_variant": 250,
    "nlp_system": 250,
    "term_exists": 1,
    "term_temporal": 50,
    "term_modifiers": 2000,
}
REQUIRED = {
    "NOTE": [
        "note_id",
        "person_id",
        "note_date",
        "note_type_concept_id",
        "note_class_concept_id",
        "note_text",
        "encoding_concept_id",
        "language_concept_id",
    ],
    "NOTE_NLP": ["note_nlp_id", "note_id", "lexical_variant", "nlp_date"],
}


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(documents: list[Document], folder: Path) -> dict[str, Any]:
    lost = WRITERS["omop"].write(documents, folder)
    return {"lost": dict(lost), **{name: rows(folder, name) for name in ("NOTE", "NOTE_NLP", "NOTE_NLP_RELATION")}}


NOTES = [
    Document(
        "ward/1",
        '😀 No "rash",\r\nswelling of foot. 5 mg aspirin.',
        (
            Entity(
                "Sign", ((6, 10),), score=0.5, attributes={"assertion": Attribute("negated"), "x;y": Attribute("a=b%")}
            ),
            Entity("Sign", ((14, 22), (26, 30)), codes=(Code("ICD-10", "R60"), Code("OMOP", "433595"))),
            Entity("Dose", ((32, 36),), "dose"),
            Entity("Drug", ((37, 44),), "drug", note="by hand", attributes={"assertion": Attribute("historical")}),
        ),
        (Relation("Dose-Drug", "dose", "drug", score=0.25),),
        meta={"subject_id": "17", "charttime": "2151-07-16 08:30:00", "hadm_id": 9, "model": "en", "provider_id": 3},
    ),
    Document("2", "咳嗽", (Entity("症状", ((0, 2),)),), meta={"note_id": 1, "person_id": 4, "note_date": "2020-02-03"}),
    Document("3", "fever"),
]


def test_the_rows_are_these(tmp_path: Path) -> None:
    out = written(NOTES, tmp_path)
    assert [list(out[name][0]) for name in ("NOTE", "NOTE_NLP")] == [NOTE, NOTE_NLP]
    first, second, third = out["NOTE"]
    assert first == {
        **dict.fromkeys(NOTE, ""),
        "note_id": "1",
        "person_id": "17",
        "note_date": "2151-07-16",
        "note_datetime": "2151-07-16 08:30:00",
        "note_type_concept_id": "32831",
        "note_class_concept_id": "0",
        "note_text": NOTES[0].text,
        "encoding_concept_id": "32678",
        "language_concept_id": "4180186",
        "provider_id": "3",
        "visit_occurrence_id": "9",
        "note_source_value": "ward/1",
    }
    assert (second["note_id"], second["person_id"], second["note_date"], second["note_datetime"]) == (
        "2",  # 1 was given already
        "4",
        "2020-02-03",
        "",
    )
    assert (second["language_concept_id"], third["person_id"], third["note_date"]) == ("0", "0", "1970-01-01")
    keys = (
        "note_nlp_id",
        "note_id",
        "offset",
        "lexical_variant",
        "note_nlp_concept_id",
        "term_exists",
        "term_temporal",
    )
    assert [tuple(row[key] for key in keys) for row in out["NOTE_NLP"]] == [
        ("1", "1", "6", "rash", "0", "N", ""),
        ("2", "1", "14-22;26-30", "swelling foot", "433595", "Y", ""),
        ("3", "1", "32", "5 mg", "0", "Y", ""),
        ("4", "1", "37", "aspirin", "0", "Y", "past"),
        ("5", "2", "0", "咳嗽", "0", "Y", ""),
    ]
    assert [row["term_modifiers"] for row in out["NOTE_NLP"]] == [
        "Negation=true;Type=Sign;Score=0.5;assertion=negated;x%3By=a%3Db%25",
        "Type=Sign;Code=ICD-10:R60",
        "Type=Dose",
        "Type=Drug;assertion=historical;Note=by hand",
        "Type=症状",
    ]
    assert out["NOTE_NLP"][0]["nlp_system"].startswith("epicrisis ")
    assert out["NOTE_NLP"][0]["nlp_system"].endswith(" en")
    assert date.fromisoformat(out["NOTE_NLP"][0]["nlp_date"]) <= date.today()
    assert out["NOTE_NLP_RELATION"] == [
        {
            "note_nlp_relation_id": "1",
            "note_id": "1",
            "note_nlp_id_1": "3",
            "note_nlp_id_2": "4",
            "relation_type": "Dose-Drug",
            "role_1": "Arg1",
            "role_2": "Arg2",
            "score": "0.25",
        }
    ]
    assert out["lost"] == {
        "ids of entities": 5,
        "ids of relations": 1,
        "note_ids that stood twice: given anew": 1,
        "notes without a person_id: written 0": 1,
        "notes without a date: written 1970-01-01": 1,
    }


@settings(max_examples=50, deadline=None)
@given(document=documents())
def test_no_value_is_longer_than_its_column_and_offsets_say_where(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    out = written([document], tmp_path_factory.getbasetemp())
    for table, required in REQUIRED.items():
        for row in out[table]:
            assert all(row[column] != "" or column == "note_text" for column in required)
            assert all(len(row[column]) <= limit for column, limit in LONGEST.items() if column in row)
    text = document.text.replace("\0", "\ufffd")
    assert out["NOTE"][0]["note_text"] == text
    for row, entity in zip(out["NOTE_NLP"], document.entities, strict=True):
        if len(entity.fragments) == 1:
            start = int(row["offset"])
            assert text[start:].startswith(row["lexical_variant"])
        else:
            spans = tuple(tuple(map(int, span.split("-"))) for span in row["offset"].split(";"))
            assert spans == entity.fragments
        modifiers = dict(pair.split("=") for pair in row["term_modifiers"].split(";"))
        assert modifiers["Type"] == entity.type.replace("%", "%25")


def test_what_is_too_long_is_cut_and_counted(tmp_path: Path) -> None:
    text = "x" * 300 + " a" * 20
    gaps = tuple((301 + 2 * number, 302 + 2 * number) for number in range(20))
    attributes = {f"a{number}": Attribute("v" * 900) for number in range(3)}
    entities = (Entity("T", ((0, 300),), attributes=attributes), Entity("T", gaps))
    out = written([Document("d" * 51, text, entities, meta={"title": "t" * 251, **WHO})], tmp_path)
    assert out["NOTE_NLP"][1]["offset"] == "301-340"
    assert len(out["NOTE_NLP"][0]["term_modifiers"]) <= 2000
    assert out["lost"] == {
        "ids of entities": 2,
        "titles of notes cut off after 250 characters": 1,
        "ids of documents cut off after 50 characters": 1,
        "snippets cut off after 250 characters": 1,
        "mentions cut off after 250 characters": 1,
        "modifiers left out: 2000 characters hold no more": 1,
        "mentions with too many gaps for 50 characters: written from first to last character": 1,
    }


WHO = {"person_id": 1, "date": "2020-01-02"}


def test_null_is_no_empty_text(tmp_path: Path) -> None:
    WRITERS["omop"].write([Document("", "", meta=WHO)], tmp_path)
    row = (tmp_path / "NOTE.csv").read_text("utf-8").splitlines()[1]
    assert row == '1,1,2020-01-02,,32831,0,,"",32678,4180186,,,,"",,'


def test_parquet_has_the_types_of_the_cdm(tmp_path: Path) -> None:
    WRITERS["omop-parquet"].write(NOTES, tmp_path)
    table = pq.read_table(tmp_path / "NOTE.parquet")
    assert table.schema.names == NOTE
    kinds = {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)}
    assert {kind for name, kind in kinds.items() if name.endswith("_id")} == {"int32"}
    assert (kinds["note_date"], kinds["note_datetime"]) == ("date32[day]", "timestamp[us]")
    assert kinds["note_text"] == "string"
    assert table.to_pylist()[0]["note_datetime"] == datetime(2151, 7, 16, 8, 30)
    terms = pq.read_table(tmp_path / "NOTE_NLP.parquet").to_pylist()
    assert [row["lexical_variant"] for row in terms] == ["rash", "swelling foot", "5 mg", "aspirin", "咳嗽"]
    assert pq.read_table(tmp_path / "NOTE_NLP_RELATION.parquet").num_rows == 1


def test_a_note_of_mimic_keeps_patient_admission_and_hour(fixtures: Path, tmp_path: Path) -> None:
    note, *_ = read("mimic-iii", fixtures / "mimic" / "NOTEEVENTS.csv", Report())
    meta = {**note.meta, "admission": "77", "date": "2151-07-16", "time": "2151-07-16 10:30:00"}
    out = written([replace(note, meta=meta)], tmp_path)
    (row,) = out["NOTE"]
    names = ("person_id", "visit_occurrence_id", "note_date", "note_datetime")
    assert [row[name] for name in names] == [note.meta["patient"], "77", "2151-07-16", "2151-07-16 10:30:00"]
    assert out["lost"] == {"meta": len({*meta} & {"category", "description"})}


def test_a_text_without_nul_can_be_loaded(tmp_path: Path) -> None:
    out = written([Document("n", "a\0b rash", (Entity("Sign", ((4, 8),)),))], tmp_path)
    assert out["NOTE"][0]["note_text"] == "a\ufffdb rash"
    assert (out["NOTE_NLP"][0]["offset"], out["NOTE_NLP"][0]["snippet"]) == ("4", "a\ufffdb rash")
    assert out["lost"]["NUL characters, written as U+FFFD"] == 1
