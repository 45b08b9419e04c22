"""`epicrisis evaluate` where gold has relations, groups and attributes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from epicrisis import runtime
from epicrisis.cli.evaluate import _by_scheme, _print_scheme
from epicrisis.cli.main import main
from epicrisis.document import Code, Document, Entity, Relation
from epicrisis.evaluation import SCHEMES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two notes, the first with everything, the second with entities alone."""
    entities = [{"id": "T1", "type": "Drug", "fragments": [[0, 7]], "attributes": {"assertion": {"value": "present"}}}]
    entities.append({"id": "T2", "type": "Dose", "fragments": [[8, 14]]})
    first = {"schema": 1, "id": "a", "text": "aspirin 100 mg", "entities": entities}
    relations = [{"id": "R1", "type": "DOSE", "head": "T2", "tail": "T1"}]
    groups = [{"type": "SAME", "members": ["T1", "T2"]}]
    notes = [{**first, "relations": relations, "groups": groups}, {**first, "id": "b"}]
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(note) + "\n" for note in notes), "utf-8")
    return file


class Parrot:
    """A model that finds all of gold, and in every note the relation that only the first has."""

    def __init__(self) -> None:
        model = runtime.load("en")
        self.name, self.about, self.rule = "parrot", model.about, model.rule
        self.attributes = model.attributes
        self.relater: Any = None

    def pipe(self, documents: Iterable[Document], *, given: bool = False) -> Iterator[Document]:
        notes = list(documents)
        for document in notes:
            entities = tuple(replace(entity, score=1.0) for entity in document.entities)
            found = document.relations if given else notes[0].relations
            relations = tuple(replace(relation, score=0.75) for relation in found)
            yield replace(document, entities=entities, relations=relations, groups=notes[0].groups)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    made = Parrot()
    monkeypatch.setattr(runtime, "load", lambda name: made)
    return made


def call(data: Path, *options: str) -> list[str]:
    return ["evaluate", "en-fast", "--corpus", "jsonl", "--data", str(data), "--split", "all", *options]


def result_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(arguments) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.usefixtures("parrot")
def test_relations_groups_and_attributes_are_scored(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = result_of(call(data, "--json", "--per-document"), capsys)
    ends = result["relations"]["end_to_end"]
    assert (ends["strict"]["micro"]["tp"], ends["strict"]["micro"]["fp"]) == (1, 1)
    assert [one["strict"]["fp"] for one in ends["per_document"]] == [0, 1]
    assert result["groups"]["whole"]["strict"]["micro"]["precision"] == 0.5
    assert result["attributes"]["assertion"]["found"]["accuracy"] == 1
    assert result["calibration_error"]["entities"] == 0
    assert result["calibration_error"]["relations"] == pytest.approx(0.25)  # half of what is said to be 3 of 4 is right
    assert "scheme" not in result
    assert "given_gold_entities" not in result["relations"]


def test_what_relates_entities_is_scored_between_those_of_gold_too(
    parrot: Parrot, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parrot.relater = "something"
    scores = result_of(call(data, "--json"), capsys)["relations"]
    assert scores["given_gold_entities"]["strict"]["micro"]["f1"] == 1
    assert scores["end_to_end"]["strict"]["micro"]["f1"] < 1


@pytest.mark.usefixtures("parrot")
def test_they_are_shown_as_tables(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call(data, "--scheme", "n2c2-2018")) == 0
    out = capsys.readouterr().out
    for words in (
        "relations",
        "end to end, boundary",
        "DOSE",
        "groups",
        "whole, strict",
        "assertion",
        "lenient relations",
    ):
        assert words in out
    assert "gives none" not in out


def test_of_a_model_that_gives_none_this_is_said(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(call(data)) == 0
    assert "gold has relations and groups and attributes, and the model gives none" in capsys.readouterr().out
    result = result_of(call(data, "--json", "--scheme", "concepts"), capsys)
    assert result["relations"]["end_to_end"]["strict"]["micro"]["fn"] == 1
    assert result["scheme"]["name"] == "concepts"


def test_a_corpus_of_entities_alone_gets_no_such_sections(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare" / "notes.jsonl"
    bare.parent.mkdir()
    bare.write_text(json.dumps({"text": "aspirin 100 mg", "entities": [[0, 7, "Drug"]]}), "utf-8")
    assert not {"relations", "groups", "attributes", "scheme"} & result_of(call(bare, "--json"), capsys).keys()
    assert main(call(bare)) == 0
    out = capsys.readouterr().out
    assert "relations" not in out
    assert "attribute" not in out


def test_another_model_is_compared_on_the_same_notes(
    parrot: Parrot, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Mute(Parrot):
        def pipe(self, documents: Iterable[Document], *, given: bool = False) -> Iterator[Document]:
            for document in documents:
                yield replace(document, entities=document.entities if given else (), relations=(), groups=())

    mute = Mute()
    parrot.relater = mute.relater = "something"
    mute.name = "mute"
    monkeypatch.setattr(runtime, "load_annotator", {"other": mute}.__getitem__)
    found = result_of(call(data, "--against", "other", "--json"), capsys)["against"]
    assert found["model"] == "mute"
    assert found["entities"]["difference"] == 1
    assert found["relations, end to end"]["difference"] == pytest.approx(2 / 3)  # one right, one too many
    assert found["relations, given gold's entities"]["difference"] == 1
    assert main(call(data, "--against", "other")) == 0
    assert "less that of mute" in capsys.readouterr().out


@pytest.mark.parametrize("name", SCHEMES)
def test_the_table_of_every_scheme_has_all_its_measures(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    gold = Document("n", "rash", (Entity("problem", ((0, 4),)),))
    scores = SCHEMES[name]([gold], [gold]).to_dict(per_document=True)
    _print_scheme(name, scores)
    shown = capsys.readouterr().out
    measures = [measure for measure in scores if measure not in ("accuracy", "per_document")]
    assert measures
    for measure in [*measures, *(f"accuracy, {share}" for share in scores.get("accuracy", {}))]:
        assert measure in shown


def test_concepts_are_scored_between_gold_mentions_where_a_model_names_none() -> None:
    drug, harm = (
        Entity("Chemical", ((0, 3),), "a", codes=(Code("MESH", "D1"),)),
        Entity("Disease", ((4, 8),), "b", codes=(Code("MESH", "D2"),)),
    )
    gold = [Document("n", "ASA rash", (drug, harm), (Relation("CID", "a", "b"),))]
    bare = [replace(gold[0], entities=tuple(replace(entity, codes=()) for entity in gold[0].entities))]
    told, alone = (_by_scheme("concepts", gold, bare, given, False) for given in (gold, None))
    assert (told["given_gold_entities"], told["pairs"]["micro"]["f1"]) == (True, 1.0)
    assert (alone["given_gold_entities"], alone["pairs"]["micro"]["f1"]) == (False, 0.0)
    named = _by_scheme("concepts", gold, gold, bare, False)
    assert (named["given_gold_entities"], named["pairs"]["micro"]["f1"]) == (False, 1.0)
