"""The JSON form of what a document holds: public, and read again by later versions."""

from collections.abc import Mapping
from typing import Any

from epicrisis.document.parts import Attribute, Code, Entity, Evidence, Group, Label, Relation, span_of
from epicrisis.errors import DocumentError


def _attribute_to_dict(attribute: Attribute) -> dict[str, Any]:
    data: dict[str, Any] = {"value": attribute.value}
    if attribute.score is not None:
        data["score"] = attribute.score
    if attribute.cue is not None:
        data["cue"] = list(attribute.cue)
    return data


def _attributes_to_dict(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    return {name: _attribute_to_dict(attributes[name]) for name in sorted(attributes)}


def _attributes_from_dict(data: Mapping[str, Any]) -> dict[str, Attribute]:
    return {
        name: Attribute(a["value"], a.get("score"), None if a.get("cue") is None else span_of(a["cue"]))
        for name, a in data.items()
    }


def entity_to_dict(entity: Entity) -> dict[str, Any]:
    data: dict[str, Any] = {"id": entity.id, "type": entity.type, "fragments": [list(f) for f in entity.fragments]}
    if entity.score is not None:
        data["score"] = entity.score
    if entity.attributes:
        data["attributes"] = _attributes_to_dict(entity.attributes)
    if entity.codes:
        data["codes"] = [
            {"system": c.system, "code": c.code, **({"text": c.text} if c.text else {})} for c in entity.codes
        ]
    if entity.note:
        data["note"] = entity.note
    if entity.event:
        data["event"] = True
    return data


def entity_from_dict(data: Mapping[str, Any]) -> Entity:
    return Entity(
        type=string(data["type"], "type"),
        fragments=tuple(span_of(fragment) for fragment in data["fragments"]),
        id=string(data.get("id", ""), "id"),
        score=data.get("score"),
        attributes=_attributes_from_dict(data.get("attributes", {})),
        codes=tuple(_code_from_dict(code) for code in data.get("codes", ())),
        note=string(data.get("note", ""), "note"),
        event=bool(data.get("event", False)),
    )


def _code_from_dict(data: Mapping[str, Any]) -> Code:
    text = string(data.get("text", ""), "text")
    return Code(string(data["system"], "system"), string(data["code"], "code"), text)


def group_from_dict(data: Mapping[str, Any]) -> Group:
    return Group(string(data["type"], "type"), tuple(string(member, "members") for member in data["members"]))


def relation_to_dict(relation: Relation) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": relation.id,
        "type": relation.type,
        "head": relation.head,
        "tail": relation.tail,
    }
    if relation.score is not None:
        data["score"] = relation.score
    if relation.attributes:
        data["attributes"] = _attributes_to_dict(relation.attributes)
    if relation.note:
        data["note"] = relation.note
    if relation.roles != ("Arg1", "Arg2"):
        data["roles"] = list(relation.roles)
    if relation.event:
        data["event"] = True
    return data


def relation_from_dict(data: Mapping[str, Any]) -> Relation:
    first, second = data.get("roles", ("Arg1", "Arg2"))
    return Relation(
        type=string(data["type"], "type"),
        head=string(data["head"], "head"),
        tail=string(data["tail"], "tail"),
        id=string(data.get("id", ""), "id"),
        score=data.get("score"),
        attributes=_attributes_from_dict(data.get("attributes", {})),
        note=string(data.get("note", ""), "note"),
        roles=(string(first, "roles"), string(second, "roles")),
        event=bool(data.get("event", False)),
    )


def labels_to_dict(labels: Mapping[str, Label]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in sorted(labels):
        label = labels[name]
        data[name] = {"value": label.value}
        if label.score is not None:
            data[name]["score"] = label.score
        if label.intensity is not None:
            data[name]["intensity"] = label.intensity
        if label.evidence is not None:
            words = [list(word) for word in label.evidence.words]
            data[name]["evidence"] = {"by": label.evidence.by, "words": words}
    return data


def labels_from_dict(data: Mapping[str, Any]) -> dict[str, Label]:
    return {name: _label_from_dict(label) for name, label in data.items()}


def _label_from_dict(data: Mapping[str, Any]) -> Label:
    evidence = data.get("evidence")
    given = None
    if evidence is not None:
        given = Evidence(string(evidence["by"], "by"), tuple((s, e, w) for s, e, w in evidence["words"]))
    return Label(data["value"], data.get("score"), data.get("intensity"), given)


def string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"the value of {key!r} is no string")
    return value
