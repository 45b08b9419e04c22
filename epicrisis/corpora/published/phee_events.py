"""The records of PHEE -> sentences with events, for `phee`, which says where they come from and what becomes of them.

A record is `{"id": "PMID_N", "context", "annotations": [{"events": [...]}]}`. An argument of an event is `{"text":
[[...]], "start": [[...]], "entity_id": [...]}`: the outer list holds mentions, the inner one fragments. An event is an
entity at its trigger, every argument a relation from there, of the name of its role.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from epicrisis.corpora.files.records import Record, made, name_of, records
from epicrisis.corpora.files.sources import Source, ending, sources, split_of
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Relation, Span
from epicrisis.errors import DocumentError

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "Treatment": {
        "Drug": "Drug",
        "Dosage": "Dosage",
        "Route": "Route",
        "Freq": "Frequency",
        "Duration": "Duration",
        "Time_elapsed": "Time_elapsed",
        "Disorder": "Disorder",
    },
    "Subject": {
        "Age": "Age",
        "Gender": "Gender",
        "Race": "Race",
        "Population": "Population",
        "Disorder": "Disorder",
    },
    "Effect": {},
    "Severity": {},
    "Negated": {},
    "Speculated": {},
}
"""Arguments of an event, and what may stand within them, with the type of its entities. An argument's is its name."""

EFFECTS = {"Adverse_event": "ADE", "Potential_therapeutic_event": "Effect"}
"""Events, and the type of what they bring about."""
ASSERTIONS = {"Negated": "negated", "Speculated": "uncertain"}
KEYS = {"text", "start", "entity_id", "value"}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Every event with its arguments. Raises CorpusError where the path does not exist or holds no such file."""
    files = sources(path, ending(".jsonl", ".json"), "train, dev and test of PHEE (*.jsonl, *.json)")
    second = [file for file in files if "v2" in file.path.name.lower()]
    return _read(second or files, report)


def _read(files: list[Source], report: Report) -> Iterator[Document]:
    for file in files:
        for number, record in records(file, report):
            document = _document(record, file, number, report)
            if document is not None:
                yield document


def _document(record: Record, file: Source, number: int, report: Report) -> Document | None:
    place = (file.name, number)
    text, annotations = record.get("context"), record.get("annotations")
    if not isinstance(text, str) or not isinstance(annotations, list):
        report.add(*place, "a record needs the keys context (a string) and annotations (a list)")
        return None
    id = name_of(record, f"{file.path.name.split('.')[0]}-{number}")
    events = [annotation.get("events") if isinstance(annotation, dict) else None for annotation in annotations]
    if not all(isinstance(held, list) for held in events):
        report.add(*place, "an annotation is no object with a list of events; it was passed over")
    reading = _Reading(text, place, report)
    for index, event in enumerate(itertools.chain(*(held for held in events if isinstance(held, list))), start=1):
        reading.event(event, f"event {index}")
    meta = {**split_of(file), "pmid": id.partition("_")[0]}
    entities = (one.entity() for one in reading.entities.values())
    return made(place, report, id, text, entities=tuple(entities), relations=tuple(reading.relations), meta=meta)


@dataclass
class _Found:
    id: str
    type: str
    fragments: tuple[Span, ...]
    event: bool = False
    attributes: dict[str, Attribute] = field(default_factory=dict)

    def entity(self) -> Entity:
        return Entity(self.type, self.fragments, self.id, attributes=self.attributes, event=self.event)


class _Reading:
    """One sentence's events."""

    def __init__(self, text: str, place: tuple[str, int], report: Report) -> None:
        self.text, self.place, self.report = text, place, report
        self.entities: dict[str, _Found] = {}
        self.by_span: dict[tuple[str, tuple[Span, ...]], str] = {}
        self.relations: list[Relation] = []

    def event(self, event: Any, name: str, *, types: Sequence[str] = (*EFFECTS,)) -> _Found | None:
        """Its trigger, or None where there is none to hold it."""
        if not isinstance(event, Mapping) or event.get("event_type") not in types:
            self.problem(name, f"it is no object with the event_type {' or '.join(types)}")
            return None
        mentions = self.mentions(event.get("Trigger"), f"{name}, Trigger")
        if not mentions:
            self.problem(name, "it has no trigger that could be read, and was left out")
            return None
        trigger = _Found(f"T{len(self.entities) + 1}", event["event_type"], mentions[0], event=True)
        self.entities[trigger.id] = trigger
        if event["event_type"] not in EFFECTS:
            self.argument(trigger, event, "Drug", "Drug", "Drug", name)
            return trigger
        for argument, inner in ARGUMENTS.items():
            type = EFFECTS[event["event_type"]] if argument == "Effect" else argument
            held = self.argument(trigger, event, argument, type, argument, name)
            for key, inner_type in inner.items():
                self.argument(trigger, held, key, inner_type, f"{argument}_{key}", name)
        self.combinations(trigger, event.get("Treatment"), name)
        self.describe(trigger, event)
        return trigger

    def combinations(self, trigger: _Found, treatment: Any, name: str) -> None:
        held = treatment.get("Combination", []) if isinstance(treatment, Mapping) else []
        if not isinstance(held, list):
            self.problem(name, "its Combination is no list")
            held = []
        for number, one in enumerate(held, start=1):
            combination = self.event(one, f"{name}, combination {number}", types=["Combination"])
            if combination is not None:
                self.relate(trigger, "Treatment_Combination", combination.id)

    def describe(self, trigger: _Found, event: Mapping[str, Any]) -> None:
        for argument, assertion in ASSERTIONS.items():
            cues = [self.entities[one.tail] for one in self.relations if (one.head, one.type) == (trigger.id, argument)]
            if cues and "assertion" not in trigger.attributes:
                span = (cues[0].fragments[0][0], cues[0].fragments[-1][1])
                trigger.attributes["assertion"] = Attribute(assertion, cue=span)
        severity = event["Severity"].get("value") if isinstance(event.get("Severity"), Mapping) else None
        if isinstance(severity, str) and severity:
            trigger.attributes["severity"] = Attribute(severity)

    def argument(
        self, trigger: _Found, holder: Mapping[str, Any], key: str, type: str, role: str, name: str
    ) -> Mapping[str, Any]:
        """Relate the trigger to every mention of an argument, and return the argument, empty where there is none."""
        argument = holder.get(key)
        if argument is None:
            return {}
        for fragments in self.mentions(argument, f"{name}, {role}"):
            id = self.by_span.setdefault((type, fragments), f"T{len(self.entities) + 1}")
            self.entities.setdefault(id, _Found(id, type, fragments))
            self.relate(trigger, role, id)
        return argument if isinstance(argument, Mapping) else {}

    def relate(self, trigger: _Found, role: str, id: str) -> None:
        self.relations.append(Relation(role, trigger.id, id, f"R{len(self.relations) + 1}", event=True))

    def mentions(self, argument: Any, name: str) -> list[tuple[Span, ...]]:
        """The fragments of each mention that can be read."""
        texts, starts = (argument.get(key) if isinstance(argument, Mapping) else None for key in ("text", "start"))
        if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
            self.problem(name, "it needs the keys text and start, lists of the same length")
            return []
        kept = []
        for number, (words, begins) in enumerate(zip(texts, starts, strict=True), start=1):
            try:
                kept.append(self.fragments(words, begins))
            except DocumentError as error:
                self.problem(name, f"mention {number}: {error}")
        return kept

    def fragments(self, texts: Any, starts: Any) -> tuple[Span, ...]:
        """Raises DocumentError where they are none that a mention can have."""
        if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
            raise DocumentError("its words and offsets are no lists of the same length")
        spans = sorted(self.fragment(words, start) for words, start in zip(texts, starts, strict=True))
        return Entity("mention", tuple(spans)).fragments

    def fragment(self, words: Any, start: Any) -> Span:
        if (
            not isinstance(words, str)
            or not words
            or not isinstance(start, int)
            or isinstance(start, bool)
            or start < 0
        ):
            raise DocumentError("a fragment is no words with an offset")
        if self.text.startswith(words, start):
            return start, start + len(words)
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())))
        if match := pattern.match(self.text, start):
            self.report.count("mentions whose words differ from the text in white space only")
            return match.span()
        end = start + len(words)
        if end > len(self.text):
            raise DocumentError(f"fragment {start}-{end} is out of range; the text has {len(self.text)}")
        self.report.add(*self.place, f"fragment {start}-{end}: its words are not those there; kept by its offsets")
        return start, end

    def problem(self, name: str, cause: str) -> None:
        self.report.add(*self.place, f"{name}: {cause}")
