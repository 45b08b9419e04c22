"""FHIR R4B and R5: `ID.json` for each document, a Bundle of the type `collection`.

It holds the note (DocumentReference), a resource for each finding, drug, procedure and test (`fhir_types`), the program
that found them (Device) and which of these came from what (Provenance). Where in the note it stands is the extension
`derivation-reference` of HL7's extension pack, once a fragment, with `offset` and `length` in code points of the
decoded attachment. What relates to one of these as its dose, site, severity or value is an element of it.

Negated findings are refuted, negated drugs and procedures not taken and not done. What is said of relatives or under a
condition is no fact about the patient: it is left out and counted. `meta["patient"]` is the subject.
"""

import base64
import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import json_bytes, one_by_one, place, write_bytes
from epicrisis.corpora.writers.bioc import clean
from epicrisis.corpora.writers.fhir_types import OF_TYPE, PARTS, REASONS, SYSTEMS
from epicrisis.corpora.writers.losses import without
from epicrisis.document import Document, Entity
from epicrisis.version import __version__

DERIVATION = "http://hl7.org/fhir/StructureDefinition/derivation-reference"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
NOT_THE_PATIENTS = {"family": "findings about relatives", "hypothetical": "what is said under a condition"}
SAYS = {
    "Condition": ("present", "negated", "uncertain", "historical"),
    "Observation": ("present", "negated"),
    "MedicationStatement": ("present", "negated", "historical"),
    "Procedure": ("present", "negated", "historical"),
}
"""The assertions that each resource can say; `present` is what one without a word about it means."""
ODD_SPACE = re.compile(r"[^\S \r\n\t]")

Resource = dict[str, Any]


def write_document(document: Document, folder: Path, *, release: str) -> Counter[str]:
    """release: R4B or R5. Raises CorpusError where the id cannot be a file's name, or the file cannot be written."""
    lost: Counter[str] = Counter()
    bundle = _Bundle(document, release, lost).made()
    write_bytes(place(folder, document.id, ".json"), json_bytes(bundle, f"document {document.id!r}") + b"\n")
    return +lost


class _Bundle:
    """A document's resources.

    resource_of  entity id -> the kind of its resource
    parts        entity id -> what relates to it as an element: the element's name and the part
    attached     ids of those parts
    reasons      entity id of a drug -> those of the conditions that it is given for
    """

    def __init__(self, document: Document, release: str, lost: Counter[str]) -> None:
        self.document = document
        self.r5 = release == "R5"
        self.lost = lost
        self.entities = {entity.id: entity for entity in document.entities}
        self.resource_of = {
            entity.id: OF_TYPE[entity.type.lower()]
            for entity in document.entities
            if entity.type.lower() in OF_TYPE and _assertion(entity) not in NOT_THE_PATIENTS
        }
        self.parts: dict[str, list[tuple[str, Entity]]] = {}
        self.attached: set[str] = set()
        self.reasons: dict[str, list[str]] = {}
        self._relate()
        self._count()

    def made(self) -> Resource:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        resources = {entity.id: self._resource(entity) for entity in self.document.entities if self._is_own(entity)}
        entries = [(self._url("document"), self._note()), (self._url("device"), self._device())]
        entries += [(self._url("entity", id), resource) for id, resource in resources.items()]
        if resources:
            provenance = {
                "resourceType": "Provenance",
                "target": [{"reference": self._url("entity", id)} for id in resources],
                "recorded": now,
                "agent": [{"who": {"reference": self._url("device")}}],
                "entity": [{"role": "source", "what": {"reference": self._url("document")}}],
            }
            entries.append((self._url("provenance"), provenance))
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": now,
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
        }

    def _is_own(self, entity: Entity) -> bool:
        return entity.id in self.resource_of

    def _relate(self) -> None:
        """Sorts relations into parts and reasons."""
        held = 0
        for relation in self.document.relations:
            for whole, part in ((relation.head, relation.tail), (relation.tail, relation.head)):
                elements = PARTS.get(self.resource_of.get(whole, ""), {})
                element = elements.get(self.entities[part].type.lower())
                if element is not None:
                    self.parts.setdefault(whole, []).append((element, self.entities[part]))
                    self.attached.add(part)
                    held += 1
                    break
            else:
                ends = (self.resource_of.get(relation.head), self.resource_of.get(relation.tail))
                if relation.type in REASONS and ends == ("Condition", "MedicationStatement"):
                    self.reasons.setdefault(relation.tail, []).append(relation.head)
                    held += 1
        self.lost["relations"] += len(self.document.relations) - held

    def _count(self) -> None:
        document, lost = self.document, self.lost
        known = ("ids of entities", "gaps in mentions: written from first to last character", "codes")
        lost.update(without(document, "entities", "relations", "attributes of entities", "notes of entities", *known))
        lost["meta"] -= sum(isinstance(document.meta.get(name), str) for name in ("patient", "model"))
        for entity in document.entities:
            if self._is_own(entity):
                said = _assertion(entity) in SAYS[self.resource_of[entity.id]]
                lost["attributes of entities"] += len(entity.attributes) - said
                continue
            if entity.id in self.attached:
                lost["attributes of entities"] += len(entity.attributes)
                lost["notes of entities"] += bool(entity.note)
                continue
            why = NOT_THE_PATIENTS.get(_assertion(entity) or "") if entity.type.lower() in OF_TYPE else None
            lost[f"{why}: no fact about the patient" if why else f"entities of type {entity.type}: no resource"] += 1

    def _resource(self, entity: Entity) -> Resource:
        kind = self.resource_of[entity.id]
        resource: Resource = {
            "resourceType": kind,
            "extension": self._evidence(entity),
            "identifier": [{"system": "urn:epicrisis:entity", "value": f"{self.document.id}#{entity.id}"}],
            "subject": self._subject(),
            **{
                "Condition": self._condition,
                "Observation": self._observation,
                "MedicationStatement": self._medication,
                "Procedure": self._procedure,
            }[kind](entity),
        }
        for element, part in self.parts.get(entity.id, ()):
            self._attach(resource, element, part)
        if len(values := resource.get("component", ())) == 1:  # one value is the observation's own
            resource["valueCodeableConcept"] = values[0]["valueCodeableConcept"]
            del resource["component"]
        if entity.note:
            resource["note"] = [{"text": self._string(entity.note)}]
        return resource

    def _condition(self, entity: Entity) -> Resource:
        said = _assertion(entity)
        clinical = {"present": "active", "historical": "inactive"}.get(said or "", "unknown" if self.r5 else None)
        verification = {"negated": "refuted", "uncertain": "unconfirmed"}.get(said or "")
        source = {"reference": self._url("document")}
        found: Resource = {"code": self._concept(entity)}
        if clinical:
            found["clinicalStatus"] = _coded("condition-clinical", clinical)
        if verification:
            found["verificationStatus"] = _coded("condition-ver-status", verification)
        found["evidence"] = [{"reference": source}] if self.r5 else [{"detail": [source]}]
        return found

    def _observation(self, entity: Entity) -> Resource:
        found: Resource = {"status": "preliminary", "code": self._concept(entity)}
        found["derivedFrom"] = [{"reference": self._url("document")}]
        if _assertion(entity) == "negated":
            found["dataAbsentReason"] = _coded("data-absent-reason", "not-performed")
        return found

    def _medication(self, entity: Entity) -> Resource:
        said = _assertion(entity) or ""
        found: Resource = {"derivedFrom": [{"reference": self._url("document")}]}
        reasons = [{"reference": self._url("entity", id)} for id in self.reasons.get(entity.id, ())]
        if self.r5:
            adherence = {"negated": "not-taking", "historical": "stopped", "present": "taking"}.get(said, "unknown")
            system = "http://hl7.org/fhir/CodeSystem/medication-statement-adherence"
            found |= {"status": "recorded", "medication": {"concept": self._concept(entity)}}
            found["adherence"] = {"code": {"coding": [{"system": system, "code": adherence}]}}
            reason: Resource = {"reason": [{"reference": one} for one in reasons]}
        else:
            statuses = {"negated": "not-taken", "historical": "completed", "present": "active"}
            found |= {"status": statuses.get(said, "unknown"), "medicationCodeableConcept": self._concept(entity)}
            reason = {"reasonReference": reasons}
        return found | (reason if reasons else {})

    def _procedure(self, entity: Entity) -> Resource:
        status = {"negated": "not-done", "historical": "completed"}.get(_assertion(entity) or "", "unknown")
        return {"status": status, "code": self._concept(entity)}

    def _attach(self, resource: Resource, element: str, part: Entity) -> None:
        said = {"extension": self._evidence(part), "text": self._words(part)}
        concept = {**said, **({"coding": codings} if (codings := self._codings(part)) else {})}
        if element == "dosage":
            resource.setdefault("dosage", []).append(said)
            self.lost["codes"] += len(part.codes)
        elif element == "value" and "dataAbsentReason" not in resource:
            resource.setdefault("component", []).append({"code": {"text": "value"}, "valueCodeableConcept": concept})
        elif element == "bodySite" and resource["resourceType"] != "Observation":
            resource.setdefault("bodySite", []).append(concept)
        elif element != "value" and element not in resource:
            resource[element] = concept
        else:
            self.lost[f"parts that a resource has no place for: {element}"] += 1

    def _evidence(self, entity: Entity) -> list[Resource]:
        """The extension, once a fragment."""
        source = {"url": "reference", "valueReference": {"reference": self._url("document")}}
        return [
            {
                "url": DERIVATION,
                "extension": [
                    source,
                    {"url": "offset", "valueInteger": start},
                    {"url": "length", "valueInteger": end - start},
                ],
            }
            for start, end in entity.fragments
        ]

    def _concept(self, entity: Entity) -> Resource:
        codings = self._codings(entity)
        return {**({"coding": codings} if codings else {}), "text": self._words(entity)}

    def _string(self, text: str) -> str:
        """As FHIR's `string` may be, whose white space is that of ASCII."""
        folded, number = ODD_SPACE.subn(" ", clean(text, self.lost))
        self.lost["odd white space, written as a space"] += number
        return folded

    def _words(self, entity: Entity) -> str:
        return self._string(self.document.words(entity))

    def _codings(self, entity: Entity) -> list[Resource]:
        """A system must be a URI; one that we do not know by name gets one of ours."""
        codings = []
        for code in entity.codes:
            number = " ".join(self._string(code.code).split())
            if not number:
                self.lost["codes without a number"] += 1
                continue
            self.lost["codes whose white space was changed"] += number != code.code
            known = SYSTEMS.get(code.system.lower().replace("-", "").replace(" ", ""))
            coding = {"system": known or _as_uri(code.system), "code": number}
            codings.append({**coding, **({"display": self._string(code.text)} if code.text else {})})
        return codings

    def _subject(self) -> Resource:
        patient = self.document.meta.get("patient")
        if not isinstance(patient, str) or not patient.strip():
            return {"display": "unknown"}
        if re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", patient):
            return {"reference": f"Patient/{patient}"}
        return {"identifier": {"value": patient}}

    def _note(self) -> Resource:
        data = self.document.text.encode()
        attachment = {
            "contentType": "text/plain; charset=utf-8",
            **({"data": base64.b64encode(data).decode()} if data else {}),  # FHIR has no empty values
            "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
        }
        identifier = [{"system": "urn:epicrisis:document", "value": self.document.id}]
        about = {"identifier": identifier, "status": "current", "subject": self._subject()}
        return {"resourceType": "DocumentReference", **about, "content": [{"attachment": attachment}]}

    def _device(self) -> Resource:
        model = self.document.meta.get("model")
        name = f"epicrisis {model}" if isinstance(model, str) and model else "epicrisis"
        named: Resource = {"deviceName": [{"name": name, "type": "model-name"}]}
        if self.r5:
            named = {"name": [{"value": name, "type": "registered-name"}]}
        return {"resourceType": "Device", **named, "version": [{"value": __version__}]}

    def _url(self, *parts: str) -> str:
        """The same for the same document, so that resources can refer to one another."""
        return uuid5(NAMESPACE_URL, "\n".join(("urn:epicrisis", self.document.id, *parts))).urn


def _as_uri(system: str) -> str:
    return system if re.match(r"(https?://|urn:)\S+$", system) else f"urn:epicrisis:system:{quote(system, safe='')}"


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


def _assertion(entity: Entity) -> str | None:
    said = entity.attributes.get("assertion")
    return None if said is None else str(said.value)


_r4b, _r5 = (partial(write_document, release=release) for release in ("R4B", "R5"))
R4B = Format("fhir-r4b", "FHIR R4B: a Bundle for each document", one_by_one(_r4b), _r4b, asserts=True)
R5 = Format("fhir-r5", "FHIR R5: a Bundle for each document", one_by_one(_r5), _r5, asserts=True)
