"""JSON of tokens in six dialects, each counting in its own way; arrays cut off; positions that are not there."""

import json
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.document import Document, Entity, Group, Relation

DIALECTS = {
    "spert_train.json": [
        Document(
            "77",
            "Zorvalin caused left arm rash .",
            (
                Entity("Drug", ((0, 8),), "T1"),
                Entity("Sign", ((16, 29),), "T2"),
                Entity("Body", ((16, 24),), "T3"),
            ),
            (Relation("CAUSES", "T1", "T2", "R1"),),
            meta={"split": "train"},
        ),
        Document("78", "None", meta={"split": "train"}),
    ],
    "dygie_dev.jsonl": [
        Document(
            "d1",
            "Rash .\nZorvalin eased it .",
            (Entity("Sign", ((0, 4),), "T1"), Entity("Drug", ((7, 15),), "T2"), Entity("Sign", ((22, 24),), "T3")),
            (Relation("EASES", "T2", "T3", "R1"),),
            (Group("COREFERENCE", ("T1", "T3")),),
            meta={"split": "dev"},
        )
    ],
    "biaffine.jsonlines": [
        Document(
            "b1",
            "Rash .\nZorvalin eased it .",
            (Entity("Sign", ((0, 4),), "T1"), Entity("Drug", ((7, 15),), "T2"), Entity("Event", ((7, 24),), "T3")),
        )
    ],
    "mrc.json": [
        Document(
            "0",
            "左膝疼痛， MRI",
            (Entity("部位", ((0, 2),), "T1"), Entity("症状", ((2, 4),), "T2"), Entity("症状", ((0, 4),), "T3")),
        ),
        Document("1", "Rash ."),
    ],
    "raw.jsonl": [
        Document("raw-1", "Left arm rash .", (Entity("Sign", ((0, 13),), "T1"), Entity("Body", ((0, 8),), "T2")))
    ],
    "cnn_test.jsonl": [
        Document("c1-c1-0", "Left arm rash", (Entity("Body", ((0, 8),), "T1"),), meta={"split": "test"})
    ],
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_gives_these_documents(name: str, fixtures: Path) -> None:
    assert list(read("token-json", fixtures / "token-json" / name)) == DIALECTS[name]


def test_a_folder_may_hold_all_of_them(fixtures: Path) -> None:
    documents = list(read("token-json", fixtures / "token-json"))
    assert len(documents) == sum(map(len, DIALECTS.values()))


SPERT = {"tokens": ["secret", "rash"], "entities": [{"type": "Sign", "start": 1, "end": 2}], "orig_id": 1}


@pytest.mark.parametrize(
    ("changed", "cause", "number"),
    [
        ({"entities": [{"type": "Sign", "start": 1, "end": 3}]}, "entity 1: it covers tokens 1-2, but there are 2", 0),
        ({"entities": [{"type": "Sign", "start": 1, "end": 1}]}, "entity 1: it covers tokens 1-0, but there are 2", 0),
        ({"entities": [{"type": "Sign", "start": -1, "end": 1}]}, "entity 1: it covers tokens -1-0, but", 0),
        ({"entities": [{"type": "", "start": 1, "end": 2}]}, "entity 1: its type is no name, or its tokens", 0),
        ({"entities": [3]}, "entity 1: its type is no name, or its tokens are not whole numbers", 0),
        ({"relations": [{"type": "X", "head": 0, "tail": 5}]}, "a relation has no type, or refers to an entity", 1),
        ({"tokens": ["a", ""]}, "its tokens are not lists of words, or one of them is empty", None),
        ({"tokens": "ab"}, "its tokens are not lists of words, or one of them is empty", None),
    ],
)
def test_a_bad_value_costs_itself(changed: dict, cause: str, number: int | None, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{**SPERT, **changed}, SPERT | {"orig_id": 2}]))
    report = Report()
    documents = {document.id: document for document in read("token-json", tmp_path, report)}
    assert len(documents["2"].entities) == 1
    assert (len(documents["1"].entities) if "1" in documents else None) == number
    (problem,) = report
    assert problem.cause.startswith(cause)


def test_dygie_positions_that_are_not_there_are_named(tmp_path: Path) -> None:
    record = {"doc_key": "d", "sentences": [["rash"]], "ner": [[[0, 4, "X"]]], "relations": [[[0, 0, 9, 9, "R"]]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + '\n{"text": "x"}\n')
    report = Report()
    assert [d.entities for d in read("token-json", tmp_path, report)] == [()]
    assert [(problem.line, problem.cause[:40]) for problem in report] == [
        (1, "entity 1: it covers tokens 0-4, but ther"),
        (1, "a relation has no type, or refers to an "),
        (2, "it is of no known form: neither sentence"),
    ]


def test_an_array_that_was_cut_off_gives_what_stands_before(fixtures: Path, tmp_path: Path) -> None:
    content = (fixtures / "token-json" / "spert_train.json").read_bytes()
    for length, cause in (
        (len(content) - 30, "no JSON (JSONDecodeError)"),
        (content.rindex(b" {"), "the array ends here"),
    ):
        (tmp_path / "spert_train.json").write_bytes(content[:length])
        report = Report()
        assert list(read("token-json", tmp_path, report)) == DIALECTS["spert_train.json"][:1]
        (problem,) = report
        assert problem.cause.startswith(cause)


def test_a_document_without_sentences_is_one_and_events_are_counted(tmp_path: Path) -> None:
    event = [[0, "Attack"], [1, 1, "Place"]]
    records = [
        {"doc_key": "d", "sentences": [["Hit", "Rome"]], "ner": [[[1, 1, "GPE"]]], "events": [[event, event]]},
        {"doc_key": "e", "sentences": [], "ner": []},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    report = Report()
    first, second = read("token-json", tmp_path, report)
    assert [first.words(entity) for entity in first.entities] == ["Rome"]
    assert (second.id, second.text) == ("e", "")
    assert not len(report)
    assert report.counts == {"events, not read": 2}
