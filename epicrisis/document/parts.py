"""What a document holds beside its text: entities, relations, groups, labels, segments, and what is said of them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import total_ordering
from operator import index, lt
from typing import Any, TypeGuard

from epicrisis.errors import DocumentError

ASSERTIONS = ("present", "negated", "uncertain", "hypothetical", "historical", "family")
"""The values of the attribute `assertion`; a corpus's own attributes keep their own names and values."""
SENTIMENTS = ("negative", "neutral", "positive")
"""The values of the label `sentiment` in their order."""
TOPIC = "topic:"
"""How the names of the labels begin that say what a text is about."""


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
        check_score(self.score, "attribute")
        if self.cue is not None:
            object.__setattr__(self, "cue", span_of(self.cue))


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
        fragments = tuple(map(span_of, self.fragments))
        object.__setattr__(self, "fragments", fragments)
        object.__setattr__(self, "codes", tuple(self.codes))
        if self.attributes:
            object.__setattr__(self, "attributes", dict(self.attributes))
        check_score(self.score, f"entity {self.id or 'without id'}")
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
        return (self.start, -self.end, self.fragments, self.type, natural(self.id))


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
        check_score(self.score, f"relation {self.id or 'without id'}")
        if not self.type:
            raise DocumentError(f"relation {self.id or 'without id'}: its type is empty")

    def __lt__(self, other: "Relation") -> bool:
        return self._position < other._position

    def __hash__(self) -> int:
        return hash((self.type, self.head, self.tail, self.id))

    @property
    def _position(self) -> tuple[Any, ...]:
        return (natural(self.id), self.type, natural(self.head), natural(self.tail))


@dataclass(frozen=True)
class Group:
    """A set of entities that belong together without direction, such as brat's `*` lines."""

    type: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", tuple(sorted(set(self.members), key=natural)))
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
        object.__setattr__(self, "words", tuple((*span_of((start, end)), weight) for start, end, weight in self.words))
        if not all(is_number(weight) and math.isfinite(weight) for _, _, weight in self.words):
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
            if number is not None and not (is_number(number) and -math.inf < number < math.inf):
                raise DocumentError(f"label: its {name} is no number")

    @property
    def number(self) -> float | None:
        """The number that it comes with, or is."""
        if self.intensity is not None:
            return self.intensity
        return float(self.value) if is_number(self.value) else None


@dataclass(frozen=True)
class Segment:
    """A stretch of the text: a section, a sentence, a line of a form."""

    span: Span
    kind: str
    labels: Mapping[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "span", span_of(self.span))
        if self.labels:
            object.__setattr__(self, "labels", dict(self.labels))


def in_reading_order(entities: Iterable[Entity]) -> list[Entity]:
    """Sorted. What is in order already, as most is, costs a comparison each."""
    given = list(entities)
    places = [(entity.fragments[0][0], -entity.fragments[-1][1]) for entity in given]
    if all(map(lt, places, places[1:])):
        return given
    return sorted(given, key=lambda entity: entity._position)


def natural(name: str) -> tuple[str, int, str]:
    """T2 before T10: the letters, then the number, then the whole name."""
    if not name:
        return ("", -1, "")
    head = name.rstrip("0123456789")
    digits = name[len(head) :]
    return (head, int(digits) if 0 < len(digits) < 19 else -1, name)


def span_of(value: Sequence[int]) -> Span:
    start, end = value
    return index(start), index(end)


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_score(score: float | None, of: str) -> None:
    if score is None:
        return
    if type(score) is not float and not is_number(score):
        raise DocumentError(f"{of}: a score is a number from 0 to 1, and this is of type {type(score).__name__}")
    if not 0.0 <= score <= 1.0:
        raise DocumentError(f"{of}: a score is a probability, and {score} is none")
