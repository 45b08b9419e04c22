"""FHIR: every Bundle is valid by the models of HL7's definitions, and every finding stands where its evidence says."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.bundle import Bundle as R5
from fhir.resources.R4B.bundle import Bundle as R4B
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.corpora.writers import WRITERS
from epicrisis.corpora.writers.fhir_types import OF_TYPE, PARTS
from epicrisis.document import Attribute, Code, Document, Entity, Relation

from ..generated import documents

MODELS = {"fhir-r4b": R4B, "fhir-r5": R5}


def bundle(name: str, document: Document, folder: Path) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The resources, after the models of the library have accepted all of them."""
    lost = WRITERS[name].write([document], folder)
    data = (folder / f"{document.id}.json").read_text("utf-8")
    MODELS[name].model_validate_json(data)
    entries = json.loads(data)["entry"]
    urls = [entry["fullUrl"] for entry in entries]
    assert len(set(urls)) == len(urls)
    assert set(references([entry["resource"] for entry in entries])) <= {*urls}
    return [entry["resource"] for entry in entries], dict(lost)


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        own = [one for one in own if not one.startswith("Patient/")]
        return own + [found for one in value.values() for found in references(one)]
    return []


def evidence(element: dict[str, Any]) -> list[tuple[int, int]]:
    spans = []
    for extension in element["extension"]:
        assert extension["url"] == "http://hl7.org/fhir/StructureDefinition/derivation-reference"
        parts = {part["url"]: part for part in extension["extension"]}
        start = parts["offset"]["valueInteger"]
        spans.append((start, start + parts["length"]["valueInteger"]))
    return spans


def said(value: str) -> dict[str, Attribute]:
    return {"assertion": Attribute(value)}


TEXT = "😀 Severe pain of left arm, no rash. Mother had asthma. Aspirin 5 mg daily for pain; Hb 9. If fever, call."


def entity(words: str, type: str, id: str, **more: Any) -> Entity:
    start = TEXT.index(words)
    return Entity(type, ((start, start + len(words)),), id, **more)


NOTE = Document(
    "ward/1",
    TEXT,
    (
        entity(
            "pain",
            "Sign_symptom",
            "T1",
            codes=(Code("ICD-10", "R52", "Pain"),),
            note="seen",
            attributes=said("present"),
        ),
        entity("left arm", "Biological_structure", "T2"),
        entity("Severe", "Severity", "T3"),
        entity("rash", "Sign_symptom", "T4", attributes=said("negated")),
        entity("asthma", "Disease_disorder", "T5", attributes=said("family")),
        entity("Aspirin", "Medication", "T6", score=0.5),
        entity("5 mg", "Dosage", "T7"),
        entity("daily", "Frequency", "T8"),
        entity("Hb", "Diagnostic_procedure", "T9"),
        entity("9", "Lab_value", "T10"),
        entity("fever", "Sign_symptom", "T11", attributes=said("hypothetical")),
        entity("Mother", "Subject", "T12"),
    ),
    (
        Relation("MODIFY", "T2", "T1"),
        Relation("MODIFY", "T3", "T1"),
        Relation("MODIFY", "T7", "T6"),
        Relation("MODIFY", "T8", "T6"),
        Relation("MODIFY", "T10", "T9"),
        Relation("Reason-Drug", "T1", "T6"),
        Relation("BEFORE", "T1", "T6"),
    ),
    meta={"patient": "p-1", "model": "en"},
)


@pytest.mark.parametrize("name", MODELS)
def test_the_note_becomes_these_resources(name: str, tmp_path: Path) -> None:
    resources, lost = bundle(name, NOTE, tmp_path)
    kinds = [resource["resourceType"] for resource in resources]
    assert kinds == [
        *("DocumentReference", "Device", "Condition", "Condition", "MedicationStatement", "Observation", "Provenance")
    ]
    note, _, pain, rash, aspirin, test, provenance = resources
    attachment = note["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]).decode() == TEXT
    assert {resource["subject"]["reference"] for resource in (note, pain, rash, aspirin, test)} == {"Patient/p-1"}
    assert [TEXT[slice(*evidence(one)[0])] for one in (pain, rash, aspirin, test)] == ["pain", "rash", "Aspirin", "Hb"]
    assert pain["code"]["coding"] == [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "R52", "display": "Pain"}]
    assert (pain["bodySite"][0]["text"], pain["severity"]["text"]) == ("left arm", "Severe")
    assert TEXT[slice(*evidence(pain["bodySite"][0])[0])] == "left arm"
    assert pain["note"] == [{"text": "seen"}]
    assert pain["clinicalStatus"]["coding"][0]["code"] == "active"
    assert "verificationStatus" not in pain
    assert rash["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert [dose["text"] for dose in aspirin["dosage"]] == ["5 mg", "daily"]
    assert test["status"] == "preliminary"
    assert test["valueCodeableConcept"]["text"] == "9"
    assert len(provenance["target"]) == 4
    assert lost == {
        "relations": 1,
        "ids of relations": 7,
        "scores": 1,
        "findings about relatives: no fact about the patient": 1,
        "what is said under a condition: no fact about the patient": 1,
        "entities of type Subject: no resource": 1,
    }


def test_the_releases_differ_where_fhir_does(tmp_path: Path) -> None:
    old, new = (bundle(name, NOTE, tmp_path)[0] for name in MODELS)
    assert (old[4]["status"], old[4]["medicationCodeableConcept"]["text"]) == ("unknown", "Aspirin")
    assert (new[4]["status"], new[4]["medication"]["concept"]["text"]) == ("recorded", "Aspirin")
    assert "clinicalStatus" not in old[3]
    assert new[3]["clinicalStatus"]["coding"][0]["code"] == "unknown"
    assert "reasonReference" in old[4]
    assert "reason" in new[4]


@pytest.mark.parametrize(
    ("kind", "value", "old", "new"),
    [
        ("Drug", "negated", "not-taken", "not-taking"),
        ("Drug", "historical", "completed", "stopped"),
        ("Drug", "uncertain", "unknown", "unknown"),
        ("Drug", "present", "active", "taking"),
        ("Procedure", "negated", "not-done", "not-done"),
        ("Procedure", "historical", "completed", "completed"),
        ("Procedure", "present", "unknown", "unknown"),
    ],
)
def test_what_is_denied_is_not_taken_and_not_done(kind: str, value: str, old: str, new: str, tmp_path: Path) -> None:
    document = Document("n", "x", (Entity(kind, ((0, 1),), attributes=said(value)),))
    first, second = (bundle(name, document, tmp_path)[0][2] for name in MODELS)
    assert first["status"] == old
    assert (second["adherence"]["code"]["coding"][0]["code"] if kind == "Drug" else second["status"]) == new


@pytest.mark.parametrize(
    ("kind", "value", "lost"),
    [
        ("Disease", "uncertain", 0),
        ("Disease", "historical", 0),
        ("Drug", "uncertain", 1),
        ("Procedure", "uncertain", 1),
        ("Test", "uncertain", 1),
        ("Test", "historical", 1),
        ("Test", "present", 0),
        ("Drug", "a word of its own", 1),
    ],
)
def test_an_assertion_that_a_resource_cannot_say_is_counted(kind: str, value: str, lost: int, tmp_path: Path) -> None:
    document = Document("n", "x", (Entity(kind, ((0, 1),), attributes=said(value)),))
    for name in MODELS:
        assert bundle(name, document, tmp_path)[1].get("attributes of entities", 0) == lost


def test_a_note_without_a_character_has_no_empty_value(tmp_path: Path) -> None:
    for name in MODELS:
        resources, _ = bundle(name, Document("n", "", meta={"patient": " "}), tmp_path)
        assert "data" not in resources[0]["content"][0]["attachment"]
        assert resources[0]["subject"] == {"display": "unknown"}


def test_a_test_that_was_not_made_has_no_value(tmp_path: Path) -> None:
    items = (Entity("Test", ((0, 1),), "a", attributes=said("negated")), Entity("Lab_value", ((1, 2),), "b"))
    for name in MODELS:
        resources, lost = bundle(name, Document("n", "xy", items, (Relation("R", "b", "a"),)), tmp_path)
        assert resources[2]["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
        assert "valueCodeableConcept" not in resources[2]
        assert lost["parts that a resource has no place for: value"] == 1


def test_several_values_are_components_and_a_second_severity_is_counted(tmp_path: Path) -> None:
    types = ("Test", "Lab_value", "Value", "Sign", "Severity", "Severity", "Body", "Body")
    items = tuple(Entity(type, ((n, n + 1),), f"T{n}") for n, type in enumerate(types))
    parts = tuple(Relation("R", f"T{whole}", f"T{n}") for whole, n in ((0, 1), (0, 2), (3, 4), (3, 5), (3, 6), (3, 7)))
    for name in MODELS:
        resources, lost = bundle(name, Document("n", "abcdefgh", items, parts), tmp_path)
        assert [one["valueCodeableConcept"]["text"] for one in resources[2]["component"]] == ["b", "c"]
        assert "valueCodeableConcept" not in resources[2]
        assert resources[3]["severity"]["text"] == "e"
        assert [site["text"] for site in resources[3]["bodySite"]] == ["g", "h"]
        assert lost == {"ids of relations": 6, "parts that a resource has no place for: severity": 1}


def test_a_part_is_never_a_resource_of_its_own() -> None:
    assert not {type for parts in PARTS.values() for type in parts} & {*OF_TYPE}
    assert {*PARTS} == {*OF_TYPE.values()}


def retyped(document: Document, types: list[str]) -> Document:
    entities = [
        Entity(type, one.fragments, one.id, one.score, one.attributes, one.codes, one.note, one.event)
        for one, type in zip(document.entities, types, strict=False)
    ]
    return Document(document.id, document.text, (*entities, *document.entities[len(entities) :]), document.relations)


TYPES = st.lists(st.sampled_from([*OF_TYPE, "Dosage", "Lab_value", "Body", "Severity"]), min_size=5, max_size=5)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=40, deadline=None)
@given(document=documents(), types=TYPES)
def test_any_document_makes_a_valid_bundle(
    tmp_path_factory: pytest.TempPathFactory, name: str, document: Document, types: list[str]
) -> None:
    typed = retyped(document, types)
    resources, _ = bundle(name, typed, tmp_path_factory.getbasetemp())
    own = [resource for resource in resources if resource["resourceType"] in PARTS]
    wanted = [e for e in typed.entities if e.type.lower() in OF_TYPE and _of_the_patient(e)]
    assert [evidence(resource) for resource in own] == [[*entity.fragments] for entity in wanted]


def _of_the_patient(entity: Entity) -> bool:
    return entity.attributes.get("assertion", Attribute("")).value not in ("family", "hypothetical")
