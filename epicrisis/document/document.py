"""Document: a text and all that is known of it.

Gold and predicted are the same type. Readers, models, scorers, viewers and writers know only this one. Offsets are
Unicode code points, half open, into the text exactly as it was read. A document checks itself when it is made, so a
broken one cannot exist; an entity's words are cut from the text and never stored.

The JSON form (`to_dict`, `from_dict`) carries `"schema": 1`. Its shape is part of the public interface.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from epicrisis.document.json_form import (
    entity_from_dict,
    entity_to_dict,
    group_from_dict,
    labels_from_dict,
    labels_to_dict,
    relation_from_dict,
    relation_to_dict,
    string,
)
from epicrisis.document.parts import Entity, Group, Label, Relation, Segment, in_reading_order, natural, span_of
from epicrisis.errors import DocumentError, suggestion

SCHEMA = 1
KEYS = {"schema", "id", "text", "entities", "relations", "groups", "labels", "segments", "meta"}
"""Of a document's JSON form. Another key is a mistake, not something to pass over."""


@dataclass(frozen=True)
class Document:
    """A text and what is known of it. Entities are kept in reading order, relations in the order of their ids.

    Raises DocumentError where an offset lies outside the text, an id stands twice, a relation or group refers to an
    entity that is not there, or the text, an id or a type holds a lone surrogate (it could not be written as UTF-8).
    labels and meta are copied, what meta holds is not.
    """

    id: str
    text: str
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    groups: tuple[Group, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_text()
        if self.labels:
            object.__setattr__(self, "labels", dict(self.labels))
        if self.meta:
            object.__setattr__(self, "meta", dict(self.meta))
        entities = _numbered(in_reading_order(self.entities), "T")
        relations = _numbered(sorted(self.relations, key=lambda relation: relation._position), "R")
        object.__setattr__(self, "entities", entities)
        object.__setattr__(self, "relations", relations)
        object.__setattr__(self, "groups", tuple(sorted(self.groups, key=lambda g: (g.type, *map(natural, g.members)))))
        object.__setattr__(self, "segments", tuple(sorted(self.segments, key=lambda s: (s.span, s.kind))))
        self._check_names()
        self._check_spans()
        self._check_references()

    def __hash__(self) -> int:
        return hash((self.id, self.text, self.entities))

    def words(self, entity: Entity) -> str:
        """The entity's text, its fragments joined by one space (brat's rule)."""
        return " ".join(self.text[start:end] for start, end in entity.fragments)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form. What is empty or unknown is left out, but for `entities`."""
        data: dict[str, Any] = {"schema": SCHEMA, "id": self.id, "text": self.text}
        data["entities"] = [entity_to_dict(entity) for entity in self.entities]
        if self.relations:
            data["relations"] = [relation_to_dict(relation) for relation in self.relations]
        if self.groups:
            data["groups"] = [{"type": group.type, "members": list(group.members)} for group in self.groups]
        if self.labels:
            data["labels"] = labels_to_dict(self.labels)
        if self.segments:
            data["segments"] = [
                {"span": list(s.span), "kind": s.kind, "labels": labels_to_dict(s.labels)} for s in self.segments
            ]
        if self.meta:
            data["meta"] = dict(self.meta)
        return data

    def to_json(self) -> str:
        """The JSON form on one line, as JSONL has it.

        Raises TypeError or ValueError where `meta` or a value is what JSON cannot hold: a set, NaN.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Document":
        """The inverse of `to_dict`.

        Raises DocumentError where a key is missing, a value has the wrong shape, or the schema is newer than this
        package.
        """
        schema = data.get("schema", SCHEMA)
        if type(schema) is not int:
            raise DocumentError(
                f"document {data.get('id', '?')}: its schema must be a whole number, such as {SCHEMA}, and it is of "
                f"type {type(schema).__name__}"
            )
        if schema > SCHEMA or schema < 1:
            raise DocumentError(
                f"document {data.get('id', '?')}: schema {schema!r}, but this version reads 1 to {SCHEMA}: "
                f"update epicrisis"
            )
        if unknown := sorted(set(data) - KEYS):
            raise DocumentError(
                f"document {data.get('id', '?')}: a document has no key {unknown[0]!r}."
                f"{suggestion(unknown[0], sorted(KEYS))}"
            )
        try:
            return cls(
                id=string(data["id"], "id"),
                text=string(data["text"], "text"),
                entities=tuple(entity_from_dict(entity) for entity in data.get("entities", ())),
                relations=tuple(relation_from_dict(relation) for relation in data.get("relations", ())),
                groups=tuple(group_from_dict(group) for group in data.get("groups", ())),
                labels=labels_from_dict(data.get("labels", {})),
                segments=tuple(
                    Segment(span_of(s["span"]), string(s["kind"], "kind"), labels_from_dict(s.get("labels", {})))
                    for s in data.get("segments", ())
                ),
                meta=dict(data.get("meta", {})),
            )
        except DocumentError:
            raise
        except KeyError as error:
            raise DocumentError(f"document {data.get('id', '?')}: there is no key {error.args[0]!r}") from None
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise DocumentError(
                f"document {data.get('id', '?')}: a value has the wrong shape ({type(error).__name__})"
            ) from None

    @classmethod
    def from_json(cls, line: str) -> "Document":
        """Raises DocumentError where the line is no JSON object of this schema."""
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise DocumentError(f"no JSON: {error.msg} at column {error.colno}") from None
        except (RecursionError, ValueError) as error:  # nested too deeply, or a number of thousands of digits
            raise DocumentError(f"no JSON that can be read ({type(error).__name__})") from None
        if not isinstance(data, dict):
            raise DocumentError("a JSON object was expected")
        return cls.from_dict(data)

    def _check_text(self) -> None:
        if self.text.isascii():
            return
        try:
            self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise DocumentError(
                f"document {self.id}: character {error.start} is a lone surrogate, half of a character outside the "
                f"basic plane; the text was cut or decoded wrongly before it came here"
            ) from None

    def _check_names(self) -> None:
        if not _is_whole(self.id):
            raise DocumentError(f"document {self.id!r}: its id holds a lone surrogate, half of a character")
        items: tuple[Entity | Relation, ...] = (*self.entities, *self.relations)
        for item in items:
            if not (_is_whole(item.type) and _is_whole(item.id)):
                raise DocumentError(
                    f"document {self.id}: the id or type of {item.id!r} ({item.type!r}) holds a lone surrogate, half "
                    f"of a character"
                )
        for group in self.groups:
            if not _is_whole(group.type):
                raise DocumentError(f"document {self.id}: group {group.type!r}: its type holds a lone surrogate")

    def _check_spans(self) -> None:
        length = len(self.text)
        for entity in self.entities:
            if entity.end > length:
                raise DocumentError(
                    f"document {self.id}: entity {entity.id} ({entity.type}) covers characters {entity.start}-"
                    f"{entity.end}, but the text has {length}. The annotations were probably made on another version "
                    f"of the text (line endings, byte order mark)"
                )
        items: tuple[Entity | Relation, ...] = (*self.entities, *self.relations)
        for item in items:
            for name, attribute in item.attributes.items():
                if attribute.cue and not 0 <= attribute.cue[0] < attribute.cue[1] <= length:
                    raise DocumentError(f"document {self.id}: the cue of {item.id}'s {name} lies outside the text")
        for segment in self.segments:
            if not 0 <= segment.span[0] <= segment.span[1] <= length:
                raise DocumentError(
                    f"document {self.id}: {segment.kind} covers characters {segment.span[0]}-{segment.span[1]}, but "
                    f"the text has {length}"
                )
        for labels in (self.labels, *(segment.labels for segment in self.segments)):
            for name, label in labels.items():
                for start, end, _ in label.evidence.words if label.evidence else ():
                    if not 0 <= start < end <= length:
                        raise DocumentError(f"document {self.id}: the evidence for {name} lies outside the text")

    def _check_references(self) -> None:
        ids = {entity.id for entity in self.entities}
        if len(ids) < len(self.entities):
            raise DocumentError(f"document {self.id}: entity id {_twice(self.entities)} stands twice")
        if len({relation.id for relation in self.relations}) < len(self.relations):
            raise DocumentError(f"document {self.id}: relation id {_twice(self.relations)} stands twice")
        for relation in self.relations:
            for end in (relation.head, relation.tail):
                if end not in ids:
                    raise DocumentError(
                        f"document {self.id}: relation {relation.id} ({relation.type}) refers to {end!r}, and there "
                        f"is no such entity"
                    )
        for group in self.groups:
            for member in group.members:
                if member not in ids:
                    raise DocumentError(
                        f"document {self.id}: group {group.type} refers to {member!r}, and there is no such entity"
                    )


def _numbered(items: Sequence[Any], prefix: str) -> tuple[Any, ...]:
    """The items, those without an id given the first free one."""
    if all(item.id for item in items):
        return tuple(items)
    taken = {item.id for item in items}
    number, numbered = 0, []
    for item in items:
        if not item.id:
            number += 1
            while f"{prefix}{number}" in taken:
                number += 1
            item = replace(item, id=f"{prefix}{number}")
        numbered.append(item)
    return tuple(numbered)


def _twice(items: Iterable[Any]) -> str:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            return str(item.id)
        seen.add(item.id)
    return ""


def _is_whole(name: str) -> bool:
    """Whether the name can be written as UTF-8: it holds no half of a character."""
    if name.isascii():
        return True
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
