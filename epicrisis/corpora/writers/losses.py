"""What a format cannot hold of a document: all that there is, less what its writer says that it holds."""

from collections import Counter

from epicrisis.document import Document, Entity, Relation, Value

GAPS = "gaps in mentions: written from first to last character"


def contents(document: Document) -> Counter[str]:
    """Everything beside the text, by kind."""
    entities, relations = document.entities, document.relations
    items: tuple[Entity | Relation, ...] = (*entities, *relations)
    attributes = [attribute for item in items for attribute in item.attributes.values()]
    return Counter(
        {
            "entities": len(entities),
            "ids of entities": len(entities),
            GAPS: sum(len(e.fragments) > 1 for e in entities),
            "scores": sum(item.score is not None for item in items),
            "attributes of entities": sum(len(entity.attributes) for entity in entities),
            "attributes of relations": sum(len(relation.attributes) for relation in relations),
            "scores of attributes": sum(attribute.score is not None for attribute in attributes),
            "cues of attributes": sum(attribute.cue is not None for attribute in attributes),
            "codes": sum(len(entity.codes) for entity in entities),
            "notes of entities": sum(bool(entity.note) for entity in entities),
            "notes of relations": sum(bool(relation.note) for relation in relations),
            "marks of events": sum(entity.event for entity in entities),
            "marks of event arguments": sum(relation.event for relation in relations),
            "relations": len(relations),
            "ids of relations": len(relations),
            "names of relations' ends": sum(relation.roles != ("Arg1", "Arg2") for relation in relations),
            "groups": len(document.groups),
            "labels": len(document.labels),
            "scores of labels": sum(label.score is not None for label in document.labels.values()),
            "intensities of labels": sum(label.intensity is not None for label in document.labels.values()),
            "evidence of labels": sum(label.evidence is not None for label in document.labels.values()),
            "segments": len(document.segments),
            "labels of segments": sum(len(segment.labels) for segment in document.segments),
            "meta": len(document.meta),
        }
    )


def without(document: Document, *held: str) -> Counter[str]:
    """The contents but for the kinds that are held.

    Raises ValueError where there is no such kind: a writer that misspells what it holds would hide a loss.
    """
    found = contents(document)
    for kind in held:
        if kind not in found:
            raise ValueError(f"a document has no {kind!r}")
        del found[kind]
    return +found


def as_text(value: Value, lost: Counter[str]) -> str:
    """The value as a format without types has it."""
    if isinstance(value, str):
        return value
    lost["values of attributes and labels written as text"] += 1
    return str(value).lower() if isinstance(value, bool) else str(value)
