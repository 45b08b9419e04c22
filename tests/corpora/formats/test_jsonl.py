"""JSON lines: our own documents and the shapes of the annotation tools; a bad line costs one line."""

import json
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Attribute, Document, Entity, Label, Relation
from epicrisis.errors import CorpusError

HALF = (
    "'{}' or its value holds a lone surrogate, half of a character outside the basic plane; it was cut or decoded "
    "wrongly before it came here"
)


def lines(folder: Path, *records: object) -> Path:
    file = folder / "notes.jsonl"
    file.write_bytes("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records).encode())
    return file


def test_every_shape_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    assert list(read("jsonl", fixtures / "jsonl", report)) == [
        Document(
            "n1",
            "No rash today.",
            (Entity("Sign_symptom", ((3, 7),), "T1", attributes={"assertion": Attribute("negated", 0.9, (0, 2))}),),
            labels={"sentiment": Label("neutral")},
        ),
        Document("n2", "嗓子疼两天", (Entity("symptom", ((0, 3),), "T1"), Entity("time", ((3, 5),), "T2"))),
        Document(
            "notes-3",
            "Took velotrine twice.",
            (Entity("Medication", ((5, 14),), "T1"), Entity("Frequency", ((15, 20),), "T2")),
            (Relation("MODIFY", "T2", "T1", "R1"),),
        ),
        Document("4", "Feels dizzy.", (Entity("Sign_symptom", ((6, 11),), "T1"),)),
        Document(
            "5",
            "Feels dizzy, sat down.",
            (Entity("Sign_symptom", ((6, 11),), "11"), Entity("Activity", ((13, 21),), "12")),
            (Relation("CAUSE", "11", "12", "3"),),
        ),
    ]
    assert not report.problems
    assert report.counts == {"examples that were not accepted": 1}


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        ('{"text": "a"', "no JSON: Expecting ',' delimiter at column 13"),
        ("[1]", "a JSON object was expected"),
        ("[" * 100_000, "no JSON that can be read (RecursionError)"),
        ('{"n": ' + "9" * 5000 + "}", "no JSON that can be read (ValueError)"),
        ({"entities": []}, "a record needs the key text, a string"),
        ({"schema": 1, "id": "x", "text": 3}, "the value of 'text' is no string"),
        (
            {"schema": 9, "id": "x", "text": ""},
            "document x: schema 9, but this version reads 1 to 1: update epicrisis",
        ),
        (
            '{"id": "x", "text": "cut \\ud83d"}',
            "document x: character 4 is a lone surrogate, half of a character outside the basic plane; the text was "
            "cut or decoded wrongly before it came here",
        ),
        ('{"id": "cut \\ud83d", "text": ""}', HALF.format("id")),
        ('{"text": "", "meta": {"k": ["cut \\ud83d"]}}', HALF.format("meta")),
        ('{"text": "a", "entities": [{"start": 0, "end": 1, "type": "cut \\ud83d"}]}', HALF.format("entities")),
        ('{"text": "a", "entities": [{"start": 0, "end": 1, "type": "X", "k": "\\ud83d"}]}', HALF.format("entities")),
        ('{"schema": 1, "text": "", "labels": {"\\ud83d": {"value": 1}}}', HALF.format("labels")),
        ('{"schema": 1, "text": "", "labels": {"k": {"value": "\\ud83d"}}}', HALF.format("labels")),
        ('{"text": "", "\\ud83d": 1}', HALF.format("\\ud83d")),
        ('{"text": "", "k": NaN}', "no JSON: NaN is no number of JSON; null says that there is none"),
        ('{"text": "", "k": -Infinity}', "no JSON: -Infinity is no number of JSON; null says that there is none"),
        ('{"text": "", "k": 1e999}', "a number is too large: it would be read as Infinity"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path: Path, record: object, cause: str) -> None:
    file = lines(tmp_path, {"text": "one"}, record, "", {"text": "two"})
    report = Report()
    assert [(d.id, d.text) for d in read("jsonl", file, report)] == [("notes-1", "one"), ("notes-4", "two")]
    assert str(report) == f"{file}:2: {cause}"
    with pytest.raises(CorpusError, match="jsonl:2: "):
        list(read("jsonl", file))


def test_labels_of_a_text_are_read_beside_any_other_key(tmp_path: Path) -> None:
    label = {"value": "negative", "intensity": 4, "evidence": {"by": "attention", "words": [[0, 3, 0.5]]}}
    file = lines(
        tmp_path,
        {"text": "bad", "labels": {"sentiment": label}, "split": "test"},
        {"text": "bad", "labels": {"sentiment": "negative"}},
        {"text": "bad", "label": "negative"},
    )
    report = Report()
    first, *others = read("jsonl", file, report)
    assert (first.labels["sentiment"].value, first.labels["sentiment"].intensity) == ("negative", 4)
    assert first.meta == {"split": "test"}
    assert [document.labels for document in others] == [{}, {}]
    assert str(report).startswith(f"{file}:2: its labels are no labels")
    assert report.counts == {"labels of whole texts, left in meta: `table` reads them as labels": 1}


def test_a_bad_entity_or_relation_costs_itself(tmp_path: Path) -> None:
    entities = [
        {"start": 0, "end": 3, "type": "X", "id": "a"},
        {"start": 0, "end": 9, "type": "X"},
        {"start": 3, "end": 3, "type": "X"},
        {"start": "0", "end": 3, "type": "X"},
        {"start": True, "end": 3, "type": "X"},
        {"start": 0, "end": 3},
        {"start": 0, "end": 3, "type": "X", "id": "a"},
        [0, 3],
        {"start": 0, "end": 1, "type": "X", "text": "t"},
        {"start": 0, "end": 1, "type": "X", "score": "high"},
    ]
    relations = [
        {"head": "a", "tail": "T1", "type": "R"},
        {"head": "a", "tail": "z", "type": "R"},
        {"head": "a", "tail": "T1"},
        {"head_span": {"start": 0}, "child_span": 3, "label": "R"},
    ]
    file = lines(tmp_path, {"text": "one", "entities": entities, "relations": relations})
    report = Report()
    (document,) = read("jsonl", file, report)
    assert [(entity.id, entity.fragments) for entity in document.entities] == [("a", ((0, 3),)), ("T1", ((0, 1),))]
    assert [(r.head, r.tail) for r in document.relations] == [("a", "T1")]
    assert [problem.cause for problem in report] == [
        "entity 2: it covers characters 0-9, but the text has 3",
        "entity 3: it covers characters 3-3, but the text has 3",
        "entity 4: its offsets are not whole numbers",
        "entity 5: its offsets are not whole numbers",
        "entity 6: its type is no name",
        "entity 7: its id 'a' stands twice",
        "entity 8: it is neither an object nor [start, end, type]",
        "entity 9: its words are not those at its offsets; kept by its offsets",
        "entity 10: its score is no number",
        "relation 2: it refers to an entity that is not there",
        "relation 3: it is no object with a type",
        "relation 4: it refers to an entity that is not there",
    ]


def test_further_keys_become_attributes_and_meta(tmp_path: Path) -> None:
    entity = {"start": 0, "end": 3, "type": "X", "negated": True, "attributes": {"TREND": "INC"}, "score": 0.5}
    file = lines(tmp_path, {"text": "one", "entities": [entity], "ward": "B2", "meta": {"source": 7}, "_hash": 1})
    (document,) = read("jsonl", file)
    assert document.meta == {"ward": "B2", "source": 7}
    assert document.entities[0].score == 0.5
    assert document.entities[0].attributes == {"negated": Attribute(True), "TREND": Attribute("INC")}


def test_a_one_character_mention_ends_after_it(tmp_path: Path) -> None:
    (document,) = read(
        "jsonl", lines(tmp_path, {"text": "😀肝大", "entities": [{"start": 1, "end": 2, "type": "部位"}]})
    )
    assert document.words(document.entities[0]) == "肝"


def test_bom_crlf_and_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"text": "a\\r\\n"}\r\n{"text": "caf\xe9"}\r\n{"text": "b\xe2\x80\xa8c"}')
    report = Report()
    assert [d.text for d in read("jsonl", file, report)] == ["a\r\n", "b\u2028c"]
    assert str(report) == f"{file}:2: not UTF-8: byte 13 of the line begins no character"


def test_a_whole_character_may_be_written_as_two_halves(tmp_path: Path) -> None:
    file = lines(tmp_path, '{"id": "\\ud83d\\ude00", "text": "\\ud83d\\ude00", "k": "\\\\ud83d"}')
    (document,) = read("jsonl", file)
    assert (document.id, document.text, document.meta) == ("😀", "😀", {"k": "\\ud83d"})


def test_a_meta_that_json_cannot_hold_is_not_written() -> None:
    with pytest.raises(CorpusError, match=r"document 'd': its meta, or a value .* cannot hold"):
        jsonl.line(Document("d", "x", meta={"k": float("nan")}))


def test_a_line_is_one_line(tmp_path: Path) -> None:
    document = Document("d", "one\ntwo\u2028", meta={"k": "\n"})
    assert "\n" not in jsonl.line(document)
    assert Document.from_json(jsonl.line(document)) == document


def test_a_folder_gets_one_file_and_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    jsonl.write([Document("old", "x")], tmp_path)
    bad = [Document("new", "x"), Document("bad", "x", meta={"when": {1, 2}})]
    with pytest.raises(CorpusError, match="'bad'"):
        jsonl.write(bad, tmp_path)
    with pytest.raises(CorpusError, match="lone surrogate"):
        jsonl.write([Document("new", "x", meta={"k": "\ud83d"})], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["documents.jsonl"]
    assert [document.id for document in read("jsonl", tmp_path)] == ["old"]


def test_a_label_of_the_whole_text_is_not_lost(tmp_path: Path) -> None:
    file = lines(
        tmp_path, {"text": "Fine.", "label": "POSITIVE", "answer": "accept"}, {"text": "x", "entities": {"a": 1}}
    )
    assert [dict(document.meta) for document in read("jsonl", file)] == [{"label": "POSITIVE"}, {"entities": {"a": 1}}]


def test_older_exports_of_doccano(tmp_path: Path) -> None:
    numbered = {"label": 7, "start_offset": 0, "end_offset": 4, "user": 1}
    file = lines(
        tmp_path,
        {"id": 1, "data": "Rash today", "label": [[0, 4, "Sign"]], "ward": "A"},
        {"id": 2, "text": "Rash today", "annotations": [numbered], "meta": {}},
        {"id": 3, "text": "Rash today", "data": "kept", "annotations": ["kept"]},
    )
    report = Report()
    first, second, third = read("jsonl", file, report)
    assert first == Document("1", "Rash today", (Entity("Sign", ((0, 4),), "T1"),), meta={"ward": "A"})
    assert not second.entities
    assert third.meta == {"data": "kept", "annotations": ["kept"]}
    (problem,) = report
    assert problem.line == 2
    assert problem.cause.startswith("its annotations name no types; export it")
