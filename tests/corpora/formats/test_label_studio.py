"""Label Studio and the flattened MACCROBAT: regions and labels, results about them, records that are broken."""

import json
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Attribute, Document, Entity, Relation


def test_label_studio_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    documents = list(read("label-studio", fixtures / "label-studio", report))
    assert documents == [
        Document(
            "1",
            "Rash 😀 on the left arm.",
            (
                Entity("Sign", ((0, 4),), "a", attributes={"certainty": Attribute("sure")}),
                Entity("Finding", ((0, 4),), "a#2"),
                Entity("Body", ((14, 22),), "b"),
            ),
            (Relation("AT", "a", "b", "R1"),),
        ),
        Document("2", "None."),
    ]
    assert not len(report)
    assert report.counts == {
        "annotations beside the first of a task, not read": 1,
        "results that are neither labels nor about one, left out": 1,
    }


def task(*more: dict[str, object], **value: object) -> str:
    result = {"id": "a", "type": "labels", "value": {"start": 0, "end": 6, "labels": ["X"], **value}}
    other = {"id": "b", "type": "labels", "value": {"start": 7, "end": 11, "labels": ["Y"]}}
    return json.dumps({"id": 1, "data": {"text": "Secret rash"}, "annotations": [{"result": [result, other, *more]}]})


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (task(end=99), "result 1: it covers characters 0-99, but the text has 11"),
        (task(start="0"), "result 1: its offsets are not whole numbers"),
        (task(labels=[]), "result 1: its type is no name"),
        (task(text="other"), "result 1: its words are not those at its offsets; kept by its offsets"),
        (task().replace('"id": "b"', '"id": "a"'), "result 2: its id stands twice"),
        (
            task({"type": "relation", "from_id": "a", "to_id": "z"}),
            "relation 1: it refers to a region that is not there",
        ),
    ],
)
def test_a_bad_result_costs_itself(line: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line + '\n{"id": 2, "data": {"a": "x", "b": "y"}}\n')
    report = Report()
    (document,) = read("label-studio", tmp_path, report)
    assert len(document.entities) >= 1
    assert [(problem.line, problem.cause) for problem in report] == [
        (1, cause),
        (2, "a task needs data with a text"),
    ]


def test_offsets_of_a_browser_are_recognised(tmp_path: Path) -> None:
    data = {"id": 1, "data": {"text": "😀😀 rash"}, "annotations": [{"result": []}]}
    value = {"start": 5, "end": 9, "text": "rash", "labels": ["X"]}
    data["annotations"] = [{"result": [{"id": "a", "type": "labels", "value": value}]}]
    (tmp_path / "a.jsonl").write_text(json.dumps(data))
    report = Report()
    (document,) = read("label-studio", tmp_path, report)
    assert [document.words(entity) for entity in document.entities] == ["rash"]
    assert str(report).endswith("1 of 1 mentions match the text only if their offsets count UTF-16 units; read so")


def test_regions_without_words_count_as_the_others_of_their_task(tmp_path: Path) -> None:
    values = [{"start": 5, "end": 9, "text": "rash", "labels": ["X"]}, {"start": 13, "end": 16, "labels": ["Y"]}]
    result = [{"id": str(n), "type": "labels", "value": value} for n, value in enumerate(values)]
    task = {"id": 1, "data": {"text": "😀😀 rash on arm"}, "annotations": [{"result": result}]}
    (tmp_path / "a.json").write_text(json.dumps([task]))
    (document,) = read("label-studio", tmp_path, Report())
    assert [document.words(entity) for entity in document.entities] == ["rash", "arm"]


def test_the_export_json_min_gives_its_regions(tmp_path: Path) -> None:
    regions = [{"start": 3, "end": 7, "text": "rash", "labels": ["Sign"]}]
    task = {"id": 7, "text": "No rash.", "label": regions, "annotator": 1, "lead_time": 2.5}
    (tmp_path / "a.json").write_text(json.dumps([task]))
    (document,) = read("label-studio", tmp_path)
    assert document == Document("7", "No rash.", (Entity("Sign", ((3, 7),), "T1"),))


def test_a_second_task_of_one_id_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(f"{task()}\n{task()}\n")
    report = Report()
    assert len(list(read("label-studio", tmp_path, report))) == 1
    assert str(report).endswith("a.jsonl:2: another task has this id; this one was not read")


def test_the_flattened_maccrobat_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    name = "MACCROBAT2020-V2"
    assert list(read("maccrobat-json", fixtures / "maccrobat-json", report)) == [
        Document(
            f"{name}-1",
            "Woman, 61 😀, dry cough.\n",
            (Entity("SEX", ((0, 5),), "T1"), Entity("SIGN_SYMPTOM", ((13, 22),), "T2")),
        ),
        Document(f"{name}-2", "dry cough", (Entity("SIGN_SYMPTOM", ((0, 9),), "T1"),)),
    ]
    assert not len(report)


def test_bad_records_of_the_flattened_maccrobat_cost_themselves(tmp_path: Path) -> None:
    good = {"text": "rash", "label": "X", "start": 0, "end": 4}
    records = [
        {"full_text": "rash", "ner_info": [good, {**good, "end": 9}, {**good, "text": "cough"}, {"label": "X"}]},
        {"tokens": ["a", "b"], "tags": ["O"]},
        {"full_text": "rash\r\nand\r\ncough", "ner_info": [{"text": "cough", "label": "X", "start": 9, "end": 14}]},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"data": records}))
    report = Report()
    first, last = read("maccrobat-json", tmp_path, report)
    assert (len(first.entities), last.text) == (2, "rash\nand\ncough")
    assert [problem.cause for problem in report] == [
        "entity 4: it is no object with start, end and label",
        "T2: fragment 0-9 is out of range; the text has 4",
        "T3: its words are not those at its offsets; kept by its offsets",
        "a record needs full_text and ner_info, or as many tokens as tags",
        "1 of 1 mentions match the text only after CRLF -> LF; it was read with LF",
    ]


def test_predictions_are_read_where_nobody_annotated_with_scores_notes_and_meta(tmp_path: Path) -> None:
    region = {"id": "a", "type": "labels", "value": {"start": 0, "end": 4, "labels": ["X"]}, "score": 0.5}
    predicted = [{"result": [{**region, "meta": {"text": ["seen", "twice"]}}]}, {"result": []}]
    tasks = [
        {"id": 7, "data": {"text": "rash", "id": "p1", "meta": {"ward": 3}}, "predictions": predicted},
        {"id": 8, "data": {"text": "rash", "id": "p1"}, "annotations": [{"result": []}], "predictions": predicted},
    ]
    (tmp_path / "a.json").write_text(json.dumps(tasks))
    report = Report()
    assert list(read("label-studio", tmp_path, report)) == [
        Document("p1", "rash", (Entity("X", ((0, 4),), "a", 0.5, note="seen\ntwice"),), meta={"ward": 3}),
        Document("8", "rash"),
    ]
    assert not len(report)
    assert report.counts == {
        "tasks that nobody annotated, of which the first prediction was read": 1,
        "tasks whose data have an id that another has, called by their own number": 1,
    }
