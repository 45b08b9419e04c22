"""What others read of our files: documents made again by the formats' own libraries, or by their specification."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import cassis
from bioc import biocjson, biocxml

from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment

_type_system = cache(cassis.load_typesystem)


def from_cas(folder: Path, id: str) -> Document:
    """By dkpro-cassis, which gives code points."""
    system = _type_system((folder / "TypeSystem.xml").read_text("utf-8"))
    with (folder / f"{id}.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=system)

    def all_of(name: str) -> list[Any]:
        return list(cas.select(f"epicrisis.{name}"))

    def elements(array: Any) -> list[Any]:
        return array.elements if array is not None else []

    def labels(array: Any) -> dict[str, Label]:
        return {
            one.name: Label(
                json.loads(one.value),
                one.score,
                one.intensity,
                None if one.evidence is None else Evidence(*json.loads(one.evidence)),
            )
            for one in elements(array)
        }

    def about(one: Any) -> dict[str, Any]:
        attributes = {
            a.name: Attribute(json.loads(a.value), a.score, (a.cue.begin, a.cue.end) if a.cue else None)
            for a in elements(one.attributes)
        }
        more = {"score": one.score, "attributes": attributes, "note": one.note or "", "event": bool(one.event)}
        return {"id": one.identifier or "", "type": one.kind, **more}

    (whole,) = all_of("Document")
    return Document(
        whole.identifier,
        cas.sofa_string,
        tuple(
            Entity(
                fragments=tuple((f.begin, f.end) for f in elements(e.fragments)) or ((e.begin, e.end),),
                codes=tuple(Code(c.codeSystem or "", c.code or "", c.text or "") for c in elements(e.codes)),
                **about(e),
            )
            for e in all_of("Entity")
        ),
        tuple(
            Relation(
                head=r.head.identifier,
                tail=r.tail.identifier,
                roles=(r.headRole or "", r.tailRole or ""),
                **about(r),
            )
            for r in all_of("Relation")
        ),
        tuple(Group(g.kind, tuple(member.identifier for member in elements(g.members))) for g in all_of("Group")),
        labels(whole.labels),
        tuple(Segment((s.begin, s.end), s.kind, labels(s.labels)) for s in all_of("Segment")),
        {one.name: json.loads(one.value) for one in elements(whole.meta)},
    )


def from_web_annotation(folder: Path, id: str) -> Document:
    """By the two selectors of every target, which have to say the same."""
    text = (folder / f"{id}.txt").read_bytes().decode()
    page = json.loads((folder / f"{id}.jsonld").read_text("utf-8"))

    def spans(item: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        found = []
        for target in item["target"]:
            assert target["source"] == quote(id.rpartition("/")[2], safe="") + ".txt"
            position, words = target["selector"]
            start, end = position["start"], position["end"]
            assert text[start:end] == words["exact"]
            assert text[:start].endswith(words["prefix"])
            assert text[end:].startswith(words["suffix"])
            assert (start == 0) or words["prefix"]
            found.append((start, end))
        return tuple(found)

    def bodies(item: dict[str, Any], purpose: str) -> list[dict[str, Any]]:
        return [body for body in item["body"] if body["purpose"] == purpose]

    def about(item: dict[str, Any]) -> dict[str, Any]:
        cues = {b["epicrisis:attribute"]: b.get("epicrisis:cue") for b in bodies(item, "classifying")}
        attributes = {
            b["epicrisis:attribute"]: Attribute(
                b["epicrisis:value"],
                b.get("epicrisis:score"),
                tuple(cue) if (cue := cues[b["epicrisis:attribute"]]) else None,
            )
            for b in bodies(item, "classifying")
        }
        return {
            "id": item["epicrisis:id"],
            "type": bodies(item, "tagging")[0]["value"],
            "score": item.get("epicrisis:score"),
            "attributes": attributes,
            "note": "".join(body["value"] for body in bodies(item, "commenting")),
            "event": item.get("epicrisis:event", False),
        }

    def labels(item: dict[str, Any]) -> dict[str, Label]:
        return {
            b["epicrisis:label"]: Label(
                b["epicrisis:value"],
                b.get("epicrisis:score"),
                b.get("epicrisis:intensity"),
                Evidence(**b["epicrisis:evidence"]) if "epicrisis:evidence" in b else None,
            )
            for b in bodies(item, "classifying")
        }

    def of(iri: str) -> str:
        return unquote(iri.removeprefix("#entity-"))

    parts: dict[str, list[dict[str, Any]]] = {}
    for item in page["items"]:
        assert item["type"] == "Annotation"
        parts.setdefault(item["id"].partition("-")[0], []).append(item)
    return Document(
        page["epicrisis:document"],
        text,
        tuple(
            Entity(
                fragments=spans(item),
                codes=tuple(
                    Code(b["epicrisis:system"], b["epicrisis:code"], b.get("epicrisis:text", ""))
                    for b in bodies(item, "identifying")
                ),
                **about(item),
            )
            for item in parts.get("#entity", ())
        ),
        tuple(
            Relation(
                head=of(item["target"][0]),
                tail=of(bodies(item, "linking")[0]["source"]),
                roles=tuple(item["epicrisis:roles"]),
                **about(item),
            )
            for item in parts.get("#relation", ())
        ),
        tuple(
            Group(bodies(item, "tagging")[0]["value"], tuple(map(of, item["target"])))
            for item in parts.get("#group", ())
        ),
        labels(parts["#label"][0]) if "#label" in parts else {},
        tuple(
            Segment(spans(item)[0], bodies(item, "describing")[0]["value"], labels(item))
            for item in parts.get("#segment", ())
        ),
        page.get("epicrisis:meta", {}),
    )


def from_bioc(file: Path) -> list[Document]:
    """By the library bioc, without what a format of strings does not tell: whether a value was a number."""
    data = file.read_text("utf-8")
    collection = biocjson.loads(data) if file.suffix == ".json" else biocxml.loads(data)
    return [_from_bioc(document) for document in collection.documents]


def _infons(one: Any) -> dict[str, str]:
    """The library's XML has None where an infon is empty."""
    return {key: value or "" for key, value in one.infons.items()}


def _from_bioc(document: Any) -> Document:
    (passage,) = document.passages
    assert passage.offset == 0
    for annotation in passage.annotations:
        cut = [passage.text[place.offset : place.offset + place.length] for place in annotation.locations]
        assert annotation.text == " ".join(cut)

    def about(one: Any) -> dict[str, Any]:
        infons = _infons(one)
        attributes, codes = {}, []
        number = ""
        while f"code{number}" in infons:
            parts = [infons.pop(f"code{kind}{number}", "") for kind in (" system", "", " text")]
            codes.append(Code(*parts))
            number = f" {len(codes) + 1}"
        known = {key: infons.pop(key) for key in ("type", "score", "note", "event") if key in infons}
        scores = {key[6:]: float(infons.pop(key)) for key in [*infons] if key.startswith("score:")}
        cues = {key[4:]: tuple(map(int, infons.pop(key).split("-"))) for key in [*infons] if key.startswith("cue:")}
        for key, value in infons.items():
            name = key.removeprefix("attribute:")
            attributes[name] = Attribute(value, scores.get(name), cues.get(name))
        return {
            "id": one.id,
            "type": known["type"],
            "score": float(known["score"]) if "score" in known else None,
            "note": known.get("note", ""),
            "event": known.get("event") == "true",
            "attributes": attributes,
            **({"codes": tuple(codes)} if codes else {}),
        }

    groups = [one for one in passage.relations if one.infons.get("group") == "true"]
    relations = [one for one in passage.relations if one not in groups]
    return Document(
        document.id,
        passage.text,
        tuple(
            Entity(
                fragments=tuple((place.offset, place.offset + place.length) for place in one.locations), **about(one)
            )
            for one in passage.annotations
        ),
        tuple(
            Relation(
                head=one.nodes[0].refid,
                tail=one.nodes[1].refid,
                roles=(one.nodes[0].role, one.nodes[1].role),
                **about(one),
            )
            for one in relations
        ),
        tuple(Group(one.infons["type"], tuple(node.refid for node in one.nodes)) for one in groups),
        {key[6:]: Label(value) for key, value in _infons(document).items() if key.startswith("label:")},
        (),
        {k.removeprefix("meta:"): value for k, value in _infons(document).items() if not k.startswith("label:")},
    )
