"""Document: a text and all that is known of it.

Gold and predicted are the same type. Readers, models, scorers, viewers and writers know only this one. Offsets are
Unicode code points, half open, into the text exactly as it was read. A document checks itself when it is made, so a
broken one cannot exist; an entity's words are cut from the text and never stored.

The JSON form (`to_dict`, `from_dict`) carries `"schema": 1`. Its shape is part of the public interface.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import total_ordering
from operator import index
from typing import Any

from epicrisis.errors import DocumentError, suggestion

SCHEMA = 1
ASSERTIONS = ("present", "negated", "uncertain", "hypothetical", "historical", "family")
"""The values of the attribute `assertion`; a corpus's own attributes keep their own names and values."""
SENTIMENTS = ("negative", "neutral", "positive")
"""The values of the label `sentiment` in their order."""
TOPIC = "topic:"
"""How the names of the labels begin that say what a text is about."""

KEYS = {"schema", "id", "text", "entities", "relations", "groups", "labels", "segments", "meta"}
"""Of a document's JSON form. Another key is a mistake, not something to pass over."""

Span = tuple[int, int]
Value = str | int | float | bool


@dataclass(frozen=True)
class Attribute:
    """One property of an entity or relation: `assertion` = negated, TREND = INC.

    cue: the words that say so, as offsets into the text
    """

    value: Value
    score: float | None = None
    cue: Span | None = None

    def __post_init__(self) -> None:
        _check_score(self.score, "attribute")
        if self.cue is not None:
            object.__setattr__(self, "cue", _span(self.cue))


@dataclass(frozen=True)
class Code:
    """An entry of a terminology that an entity was linked to; `text` is the entry's name, if known."""

    system: str
    code: str
    text: str = ""


@total_ordering
@dataclass(frozen=True)
class Entity:
    """A mention: a type and the one or more fragments of text that it covers.

    fragments   half-open spans, in order, not overlapping; more than one where the mention is discontinuous
    id          unique within the document; a document numbers the entities that come without one
    score       probability of the whole mention, None for gold
    attributes  by name; copied, not to be changed afterwards
    event       brat only: the mention is the trigger of an event (an E line refers to it)
    """

    type: str
    fragments: tuple[Span, ...]
    id: str = ""
    score: float | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    codes: tuple[Code, ...] = ()
    note: str = ""
    event: bool = False

    def __post_init__(self) -> None:
        fragments = tuple(map(_span, self.fragments))
        object.__setattr__(self, "fragments", fragments)
        object.__setattr__(self, "codes", tuple(self.codes))
        if self.attributes:
            object.__setattr__(self, "attributes", dict(self.attributes))
        _check_score(self.score, f"entity {self.id or 'without id'}")
        if not self.type:
            raise DocumentError(f"entity {self.id or 'without id'}: its type is empty")
        if not fragments:
            raise DocumentError(f"entity {self.id or 'without id'} ({self.type}): it covers no characters")
        before = 0
        for start, end in fragments:
            if start < before or end <= start:
                raise DocumentError(
                    f"entity {self.id or 'without id'} ({self.type}): fragment {start}-{end} is empty, negative, out "
                    f"of order or overlaps the one before it"
                )
            before = end

    @property
    def start(self) -> int:
        return self.fragments[0][0]

    @property
    def end(self) -> int:
        return self.fragments[-1][1]

    def __lt__(self, other: "Entity") -> bool:
        return self._position < other._position

    def __hash__(self) -> int:
        return hash((self.type, self.fragments, self.id))

    @property
    def _position(self) -> tuple[Any, ...]:
        """Reading order: by start, a longer mention before those inside it."""
        return (self.start, -self.end, self.fragments, self.type, _natural(self.id))


@total_ordering
@dataclass(frozen=True)
class Relation:
    """A directed relation between two entities of the same document, by their ids.

    roles: what the file calls the two ends; brat's Arg1 and Arg2 unless the corpus says otherwise
    event: brat only: an argument of an event (`head` is the trigger), written on its E line
    """

    type: str
    head: str
    tail: str
    id: str = ""
    score: float | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    note: str = ""
    roles: tuple[str, str] = ("Arg1", "Arg2")
    event: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", tuple(self.roles))
        if self.attributes:
            object.__setattr__(self, "attributes", dict(self.attributes))
        _check_score(self.score, f"relation {self.id or 'without id'}")
        if not self.type:
            raise DocumentError(f"relation {self.id or 'without id'}: its type is empty")

    def __lt__(self, other: "Relation") -> bool:
        return self._position < other._position

    def __hash__(self) -> int:
        return hash((self.type, self.head, self.tail, self.id))

    @property
    def _position(self) -> tuple[Any, ...]:
        return (_natural(self.id), self.type, _natural(self.head), _natural(self.tail))


@dataclass(frozen=True)
class Group:
    """A set of entities that belong together without direction, such as brat's `*` lines."""

    type: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(sorted(set(self.members), key=_natural)))
        if not self.type:
            raise DocumentError("a group has no type")
        if len(self.members) < 2:
            raise DocumentError(f"group {self.type}: it needs two different members or more")


@dataclass(frozen=True)
class Evidence:
    """The words that a label was decided by, and how they were found.

    by      attention: the share of the network's attention that each word had, which need not be what it is worth;
            occlusion: by how much the log-odds of the label, or its number, fall where the word is hidden
    words   (start, end, share or fall) in the text, the weightiest first
    """

    by: str
    words: tuple[tuple[int, int, float], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple((*_span((start, end)), weight) for start, end, weight in self.words))
        if not all(_is_number(weight) and math.isfinite(weight) for _, _, weight in self.words):
            raise DocumentError("label: the weight of a word of its evidence is no number")


@dataclass(frozen=True)
class Label:
    """What is said of a whole document or segment: a class, and a number where the task has one."""

    value: Value
    score: float | None = None
    intensity: float | None = None
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        for name, number in (("score", self.score), ("intensity", self.intensity)):
            if number is not None and not (_is_number(number) and -math.inf < number < math.inf):
                raise DocumentError(f"label: its {name} is no number")


@dataclass(frozen=True)
class Segment:
    """A stretch of the text: a section, a sentence, a line of a form."""

    span: Span
    kind: str
    labels: Mapping[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", _span(self.span))
        if self.labels:
            object.__setattr__(self, "labels", dict(self.labels))


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
        entities = _numbered(sorted(self.entities, key=_position_of), "T")
        relations = _numbered(sorted(self.relations, key=_position_of), "R")
        object.__setattr__(self, "entities", entities)
        object.__setattr__(self, "relations", relations)
        object.__setattr__(
            self, "groups", tuple(sorted(self.groups, key=lambda g: (g.type, *map(_natural, g.members))))
        )
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
        data["entities"] = [_entity_to_dict(entity) for entity in self.entities]
        if self.relations:
            data["relations"] = [_relation_to_dict(relation) for relation in self.relations]
        if self.groups:
            data["groups"] = [{"type": group.type, "members": list(group.members)} for group in self.groups]
        if self.labels:
            data["labels"] = _labels_to_dict(self.labels)
        if self.segments:
            data["segments"] = [
                {"span": list(s.span), "kind": s.kind, "labels": _labels_to_dict(s.labels)} for s in self.segments
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
                id=_string(data["id"], "id"),
                text=_string(data["text"], "text"),
                entities=tuple(_entity_from_dict(entity) for entity in data.get("entities", ())),
                relations=tuple(_relation_from_dict(relation) for relation in data.get("relations", ())),
                groups=tuple(_group_from_dict(group) for group in data.get("groups", ())),
                labels=_labels_from_dict(data.get("labels", {})),
                segments=tuple(
                    Segment(_span(s["span"]), _string(s["kind"], "kind"), _labels_from_dict(s.get("labels", {})))
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


def _position_of(item: Entity | Relation) -> tuple[Any, ...]:
    return item._position


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


def _natural(name: str) -> tuple[str, int, str]:
    """T2 before T10: the letters, then the number, then the whole name."""
    if not name:
        return ("", -1, "")
    head = name.rstrip("0123456789")
    digits = name[len(head) :]
    return (head, int(digits) if 0 < len(digits) < 19 else -1, name)


def _string(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"the value of {key!r} is no string")
    return value


def _span(value: Sequence[int]) -> Span:
    start, end = value
    return index(start), index(end)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(name: str) -> bool:
    """Whether the name can be written as UTF-8: it holds no half of a character."""
    if name.isascii():
        return True
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_score(score: float | None, of: str) -> None:
    if score is None:
        return
    if type(score) is not float and not _is_number(score):
        raise DocumentError(f"{of}: a score is a number from 0 to 1, and this is of type {type(score).__name__}")
    if not 0.0 <= score <= 1.0:
        raise DocumentError(f"{of}: a score is a probability, and {score} is none")


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
        name: Attribute(a["value"], a.get("score"), None if a.get("cue") is None else _span(a["cue"]))
        for name, a in data.items()
    }


def _entity_to_dict(entity: Entity) -> dict[str, Any]:
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


def _entity_from_dict(data: Mapping[str, Any]) -> Entity:
    return Entity(
        type=_string(data["type"], "type"),
        fragments=tuple(_span(fragment) for fragment in data["fragments"]),
        id=_string(data.get("id", ""), "id"),
        score=data.get("score"),
        attributes=_attributes_from_dict(data.get("attributes", {})),
        codes=tuple(_code_from_dict(code) for code in data.get("codes", ())),
        note=_string(data.get("note", ""), "note"),
        event=bool(data.get("event", False)),
    )


def _code_from_dict(data: Mapping[str, Any]) -> Code:
    text = _string(data.get("text", ""), "text")
    return Code(_string(data["system"], "system"), _string(data["code"], "code"), text)


def _group_from_dict(data: Mapping[str, Any]) -> Group:
    return Group(_string(data["type"], "type"), tuple(_string(member, "members") for member in data["members"]))


def _relation_to_dict(relation: Relation) -> dict[str, Any]:
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


def _relation_from_dict(data: Mapping[str, Any]) -> Relation:
    first, second = data.get("roles", ("Arg1", "Arg2"))
    return Relation(
        type=_string(data["type"], "type"),
        head=_string(data["head"], "head"),
        tail=_string(data["tail"], "tail"),
        id=_string(data.get("id", ""), "id"),
        score=data.get("score"),
        attributes=_attributes_from_dict(data.get("attributes", {})),
        note=_string(data.get("note", ""), "note"),
        roles=(_string(first, "roles"), _string(second, "roles")),
        event=bool(data.get("event", False)),
    )


def _labels_to_dict(labels: Mapping[str, Label]) -> dict[str, Any]:
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


def _labels_from_dict(data: Mapping[str, Any]) -> dict[str, Label]:
    return {name: _label_from_dict(label) for name, label in data.items()}


def _label_from_dict(data: Mapping[str, Any]) -> Label:
    evidence = data.get("evidence")
    given = None
    if evidence is not None:
        given = Evidence(_string(evidence["by"], "by"), tuple((s, e, w) for s, e, w in evidence["words"]))
    return Label(data["value"], data.get("score"), data.get("intensity"), given)
