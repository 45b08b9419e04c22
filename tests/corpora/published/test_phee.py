"""PHEE: every event with its arguments, and what they say of drugs; the published counts."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epicrisis.corpora import Report, checking, find, load_split, read
from epicrisis.corpora.formats import brat
from epicrisis.corpora.published import phee
from epicrisis.document import Attribute, Document, Entity, Relation


def events(fixtures: Path) -> dict[str, Document]:
    return {document.id: document for document in read("phee-events", fixtures / "phee")}


def drugs(fixtures: Path) -> dict[str, Document]:
    return {document.id: document for document in read("phee", fixtures / "phee")}


def spelled(document: Document) -> set[tuple[str, str, str]]:
    words = {entity.id: document.words(entity) for entity in document.entities}
    return {(relation.type, words[relation.head], words[relation.tail]) for relation in document.relations}


def test_a_sentence_of_drugs_is_this_document(fixtures: Path) -> None:
    assert drugs(fixtures)["900002_1"] == Document(
        "900002_1",
        "Rash after oral zorvalin for 3 days.",
        (
            Entity("Drug", ((16, 24),), "T1"),
            Entity("Route", ((11, 15),), "T2"),
            Entity("Duration", ((29, 35),), "T3"),
            Entity("ADE", ((0, 4),), "T4"),
        ),
        (
            Relation("ADE-Drug", "T4", "T1", "R1"),
            Relation("Duration-Drug", "T3", "T1", "R2"),
            Relation("Route-Drug", "T2", "T1", "R3"),
        ),
        meta={"split": "test", "pmid": "900002"},
    )


def test_an_argument_is_related_to_every_drug_of_its_treatment(fixtures: Path) -> None:
    document = drugs(fixtures)["900001_1"]
    said = ("Dosage", "20 mg"), ("Frequency", "daily"), ("Reason", "gout"), ("ADE", "rash"), ("ADE", "severe cough")
    expected = {(f"{type}-Drug", words, drug) for type, words in said for drug in ("zorvalin", "pelnitide")}
    assert spelled(document) == expected
    assert len(document.relations) == len(expected)
    assert {entity.type for entity in document.entities} == {"Drug", *(type for type, _ in said)}


def test_cues_become_the_assertion_of_effects_and_their_relations(fixtures: Path) -> None:
    document = drugs(fixtures)["900001_4"]
    effects = {document.words(entity): entity for entity in document.entities if entity.type != "Drug"}
    assert effects["rash"].attributes == {"assertion": Attribute("negated", cue=(13, 16))}
    assert effects["left knee pain"].fragments == ((62, 66), (77, 86))
    assert effects["right knee pain"].attributes == {"assertion": Attribute("uncertain", cue=(53, 56))}
    assert {relation.type: relation.attributes["assertion"].value for relation in document.relations} == {
        "ADE-Drug": "negated",
        "Effect-Drug": "uncertain",
    }


def test_an_event_is_its_trigger_and_its_arguments_are_relations(fixtures: Path) -> None:
    document = events(fixtures)["900001_1"]
    assert all(relation.event for relation in document.relations)
    assert spelled(document) == {
        ("Subject", "followed", "A woman of 61 with gout"),
        ("Subject_Age", "followed", "61"),
        ("Subject_Gender", "followed", "woman"),
        ("Subject_Disorder", "followed", "gout"),
        ("Treatment", "followed", "zorvalin 20 mg daily and pelnitide"),
        ("Treatment_Drug", "followed", "zorvalin"),
        ("Treatment_Drug", "followed", "pelnitide"),
        ("Treatment_Dosage", "followed", "20 mg"),
        ("Treatment_Freq", "followed", "daily"),
        ("Treatment_Disorder", "followed", "gout"),
        ("Treatment_Combination", "followed", "and"),
        ("Drug", "and", "zorvalin"),
        ("Drug", "and", "pelnitide"),
        ("Effect", "followed", "rash"),
        ("Effect", "followed", "severe cough"),
        ("Severity", "followed", "severe"),
    }
    trigger = next(entity for entity in document.entities if entity.type == "Adverse_event")
    assert trigger.event
    assert trigger.attributes == {"severity": Attribute("High")}
    assert sum(document.words(entity) == "gout" for entity in document.entities) == 1


def test_negation_goes_before_speculation_and_every_cue_is_an_argument(fixtures: Path) -> None:
    document = events(fixtures)["900001_4"]
    first, second = (entity for entity in document.entities if entity.event)
    assert first.attributes == {"assertion": Attribute("negated", cue=(13, 16))}
    assert second.attributes == {"assertion": Attribute("uncertain", cue=(53, 56))}
    cues = [relation.type for relation in document.relations if relation.type in ("Negated", "Speculated")]
    assert Counter(cues) == {"Negated": 2, "Speculated": 2}


def test_an_effect_that_one_event_denies_and_another_asserts_has_no_assertion() -> None:
    entities = [Entity("Adverse_event", ((0, 1),), "T1", event=True, attributes={"assertion": Attribute("negated")})]
    entities.append(Entity("Adverse_event", ((1, 2),), "T2", event=True))
    entities += [Entity("ADE", ((3, 4),), "T3"), Entity("Drug", ((5, 6),), "T4"), Entity("Drug", ((7, 8),), "T5")]
    ends = (
        ("Effect", "T1", "T3"),
        ("Treatment_Drug", "T1", "T4"),
        ("Effect", "T2", "T3"),
        ("Treatment_Drug", "T2", "T5"),
    )
    relations = tuple(Relation(*end, event=True) for end in ends)
    document = phee.of_drugs(Document("d", "x" * 9, tuple(entities), relations))
    (effect,) = (entity for entity in document.entities if entity.type == "ADE")
    assert effect.attributes == {}
    starts = {entity.id: entity.start for entity in document.entities}
    assert {starts[r.tail]: len(r.attributes) for r in document.relations} == {5: 1, 7: 0}


def test_the_parts_are_the_files_and_version_2_goes_before_1(fixtures: Path) -> None:
    documents = list(read("phee", fixtures / "phee"))
    assert load_split("phee", documents) == {"test": ("900002_1",), "train": ("900001_1", "900001_4")}
    (first,) = read("phee", fixtures / "phee" / "phee_v1_test.jsonl")
    assert {entity.type for entity in first.entities} == {"Drug", "Route", "Duration", "Effect"}
    assert first.meta == {"split": "test", "pmid": "900002"}


def test_packed_files_and_brat_give_the_same(fixtures: Path, tmp_path: Path) -> None:
    for file in (fixtures / "phee").glob("*v2*"):
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    documents = list(read("phee-events", tmp_path))
    assert documents == [*events(fixtures).values()]
    brat.write(documents, tmp_path / "brat")
    back = {document.id: document for document in read("brat", tmp_path / "brat")}
    assert {id: spelled(document) for id, document in back.items()} == {d.id: spelled(d) for d in documents}


def broken(fixtures: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> tuple[Document, Report]:
    """The sentence with two events, one thing in it changed, as the reader gives it."""
    lines = (fixtures / "phee" / "phee_v2_train.jsonl").read_text("utf-8").splitlines()
    record = json.loads(lines[1])
    change(record)
    file = tmp_path / "train.jsonl"
    file.write_text(json.dumps(record) + "\n", "utf-8")
    report = Report()
    (document,) = read("phee-events", file, report)
    assert not any(word in str(report) for word in ("Zorvalin", "rash", "knee"))
    return document, report


def event(record: dict[str, Any], number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = record["annotations"][0]["events"][number]
    return found


@pytest.mark.parametrize(
    ("change", "cause", "kept"),
    [
        (lambda r: event(r)["Effect"]["start"].append([1]), "event 1, Effect: it needs the keys text and start", 10),
        (lambda r: event(r)["Effect"].update(start=[["1"]]), "event 1, Effect: mention 1: a fragment is no words", 10),
        (lambda r: event(r)["Effect"].update(start=[[999]]), "mention 1: fragment 999-1003 is out of range", 10),
        (lambda r: event(r)["Effect"].update(start=[[0]]), "fragment 0-4: its words are not those there; kept", 11),
        (lambda r: event(r)["Effect"].update(start=[[True]]), "event 1, Effect: mention 1: a fragment is no words", 10),
        (lambda r: event(r)["Effect"].update(text=["rash"]), "its words and offsets are no lists", 10),
        (lambda r: event(r, 1)["Effect"]["start"][0].reverse(), "its words are not those there", 11),
        (lambda r: event(r).update(Effect=[1]), "event 1, Effect: it needs the keys text and start", 10),
        (lambda r: event(r).update(event_type="Other"), "event 1: it is no object with the event_type", 5),
        (lambda r: event(r).pop("Trigger"), "event 1: it has no trigger that could be read", 5),
        (lambda r: r["annotations"][0]["events"].append(7), "event 3: it is no object with the event_type", 11),
        (lambda r: r["annotations"].append(None), "an annotation is no object with a list of events", 11),
        (lambda r: event(r)["Treatment"].update(Combination=3), "event 1: its Combination is no list", 11),
        (lambda r: event(r)["Treatment"].update(Combination=[{}]), "event 1, combination 1: it is no object", 11),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_kept(
    fixtures: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], cause: str, kept: int
) -> None:
    document, report = broken(fixtures, tmp_path, change)
    assert cause in str(report)
    assert len(document.relations) == kept
    assert all(problem.line == 1 for problem in report)


def test_a_record_without_text_costs_its_line(fixtures: Path, tmp_path: Path) -> None:
    file = tmp_path / "dev.jsonl"
    good = (fixtures / "phee" / "phee_v2_test.jsonl").read_text("utf-8")
    file.write_text('{"id": "1_1", "context": 1, "annotations": []}\n{"id": "1_2", "context": "x"}\n' + good, "utf-8")
    report = Report()
    (document,) = read("phee", file, report)
    assert document.meta["split"] == "dev"
    assert [problem.line for problem in report] == [1, 2]


def test_words_that_differ_in_white_space_only_are_counted(fixtures: Path, tmp_path: Path) -> None:
    document, report = broken(
        fixtures, tmp_path, lambda r: event(r, 1)["Effect"].update(text=[["left  and"]], start=[[62]])
    )
    assert not len(report)
    assert report.counts == {"mentions whose words differ from the text in white space only": 1}
    assert "left and" in [document.words(entity) for entity in document.entities]


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real: Callable[[str], Path]) -> None:
    report = Report()
    documents = list(read("phee-events", real("phee"), report))
    assert not len(report)
    split = load_split("phee-events", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"dev": 961, "test": 968, "train": 2898}
    found = Counter((d.meta["split"], e.type) for d in documents for e in d.entities if e.event)
    adverse, good = "Adverse_event", "Potential_therapeutic_event"
    assert [found[part, adverse] for part in ("train", "dev", "test")] == [2710, 886, 889]
    assert [found[part, good] for part in ("train", "dev", "test")] == [294, 117, 121]
    roles = Counter(relation.type for document in documents for relation in document.relations)
    assert roles == {
        "Treatment": 5030, "Effect": 4641, "Subject": 2430, "Severity": 418, "Speculated": 638, "Negated": 76,
        "Treatment_Drug": 6053, "Treatment_Disorder": 1697, "Treatment_Route": 610, "Treatment_Dosage": 460,
        "Treatment_Time_elapsed": 349, "Treatment_Duration": 267, "Treatment_Freq": 114, "Subject_Disorder": 1554,
        "Subject_Age": 704, "Subject_Gender": 570, "Subject_Population": 457, "Subject_Race": 65,
        "Treatment_Combination": 659, "Drug": 1426,
    }  # fmt: skip
    parts = Counter(pmid for pmid, _ in {(document.meta["pmid"], document.meta["split"]) for document in documents})
    assert (len(parts), max(parts.values())) == (1838, 1)
    assert checking.check(find("phee-events"), documents, report, split).wrong == NEAR_DUPLICATES
    of_drugs = list(read("phee", real("phee")))
    assert checking.check(find("phee"), of_drugs, Report(), split).wrong == NEAR_DUPLICATES


NEAR_DUPLICATES = tuple(
    f"copies or near-duplicates in several parts: {ids}"
    for ids in (
        "15507779_2 (test), 18176653_3 (train)",
        "23970584_1 (test), 18821094_1 (train)",
        "19755414_10 (dev), 20076952_11 (train)",
        "2717661_1 (test), 2803154_3 (train)",
    )
)
"""Of different reports; the official parts are kept as they are."""


@pytest.mark.corpus
def test_the_first_version_has_the_published_events(real: Callable[[str], Path]) -> None:
    files = [real("phee") / f"phee_v1_{part}.jsonl.gz" for part in ("train", "dev", "test")]
    report = Report()
    documents = [document for file in files for document in read("phee-events", file, report)]
    found = Counter(entity.type for document in documents for entity in document.entities if entity.event)
    assert found["Adverse_event"] + found["Potential_therapeutic_event"] == 5019
    assert not len(report)


def test_cues_are_the_words_that_negate_or_doubt(fixtures: Path) -> None:
    events, cues = ({d.id: d for d in read(name, fixtures / "phee")} for name in ("phee-events", "phee-cues"))
    assert set(events) == set(cues)
    found = {id: [(e.type, d.words(e)) for e in d.entities] for id, d in cues.items()}
    assert any(found.values())
    for id, document in events.items():
        said = [(e.type, document.words(e)) for e in document.entities if e.type in ("Negated", "Speculated")]
        assert found[id] == said
        assert not cues[id].relations


@pytest.mark.corpus
def test_there_are_as_many_cues_as_events_have(real: Callable[[str], Path]) -> None:
    report = Report()
    documents = list(read("phee-cues", real("phee"), report))
    counted = Counter(entity.type for document in documents for entity in document.entities)
    assert counted == find("phee-cues").types
