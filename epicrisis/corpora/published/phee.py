"""PHEE: 4,827 sentences of case reports with what drugs did to patients, as drug relations or as events.

Source    github.com/ZhaoyueSun/phee-with-chatgpt, data/datasets/phee2/source/ (version 2, 2024, with disorders,
          durations and times corrected); github.com/ZhaoyueSun/PHEE, data/json/ (version 1, 2022)
Licence   MIT; the sentences come from MEDLINE
Cite      Sun et al. (2022), "PHEE: A Dataset for Pharmacovigilance Event Extraction from Text", EMNLP; for version 2
          Sun et al. (2024), "Leveraging ChatGPT in Pharmacovigilance Event Extraction", EACL (short papers)
Files     `train`, `dev` and `test` as JSON lines, packed or not, such as phee_v2_train.jsonl.gz. Where files of both
          versions lie in a folder, those with v2 in their name are read; name a file to read another one

A record is `{"id": "PMID_N", "context", "annotations": [{"events": [...]}]}`. An argument of an event is `{"text":
[[...]], "start": [[...]], "entity_id": [...]}`: the outer list holds mentions, the inner one fragments. The parts are
the official ones, and no report stands in two of them. `meta` holds `split` and `pmid`; 1,615 of the 1,838 reports are
in the ADE corpus, too, and 21 in BC5CDR.

`phee-events` is all of it. Every event is an entity at its trigger, and every argument a relation from there, of the
name of its role: Treatment, Treatment_Drug, Subject_Age, Effect and so on; Negated, Speculated and Severity lead to the
words that say so. A Combination is an event of its own, an argument of the one it stands in. The trigger's attributes
are `assertion` (negated, or else uncertain where it is speculated, with its cue) and `severity`.

`phee` looks at it from the drug, as n2c2 2018 track 2 does and with its names. Entities are what is said of a drug:
Drug, Dosage, Frequency, Route, Duration, Time_elapsed, Reason (the disorder that it is given for), ADE (the effect of
an adverse event) and Effect (that of a potential therapeutic one). Each has a relation X-Drug to every drug of its
event's treatment: the corpus does not say which of several drugs a dose belongs to. An ADE or Effect and its relations
carry the event's `assertion`, the entity only where all its events have the same.

`phee-cues` holds the words that negate or doubt an event, and nothing else: Negated and Speculated. A network may learn
from them before it learns something else.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus
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

OF_DRUGS = {
    "Treatment_Dosage": "Dosage",
    "Treatment_Route": "Route",
    "Treatment_Freq": "Frequency",
    "Treatment_Duration": "Duration",
    "Treatment_Time_elapsed": "Time_elapsed",
    "Treatment_Disorder": "Reason",
}
EFFECTS = {"Adverse_event": "ADE", "Potential_therapeutic_event": "Effect"}
ASSERTIONS = {"Negated": "negated", "Speculated": "uncertain"}
KEYS = {"text", "start", "entity_id", "value"}


def read_events(path: Path, report: Report) -> Iterator[Document]:
    """Every event with its arguments. Raises CorpusError where the path does not exist or holds no such file."""
    files = sources(path, ending(".jsonl", ".json"), "train, dev and test of PHEE (*.jsonl, *.json)")
    second = [file for file in files if "v2" in file.path.name.lower()]
    return _read(second or files, report)


def read(path: Path, report: Report) -> Iterator[Document]:
    """What is said of drugs. Raises CorpusError where the path does not exist or holds no such file."""
    return map(of_drugs, read_events(path, report))


def read_cues(path: Path, report: Report) -> Iterator[Document]:
    """Cues of negation and doubt. Raises CorpusError where the path does not exist or holds no such file."""
    return map(_cues, read_events(path, report))


def _cues(document: Document) -> Document:
    cues = tuple(entity for entity in document.entities if entity.type in ASSERTIONS)
    return replace(document, entities=cues, relations=(), groups=())


def of_drugs(document: Document) -> Document:
    """The document of `phee` that one of `phee-events` makes."""
    entities = {entity.id: entity for entity in document.entities}
    arguments: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for relation in document.relations:
        arguments[relation.head][relation.type].append(relation.tail)
    kept = _Kept()
    for id, roles in arguments.items():
        event = entities[id]
        if event.type not in EFFECTS:
            continue
        drugs = [kept.add("Drug", entities[drug]) for drug in roles["Treatment_Drug"]]
        for role, type in OF_DRUGS.items():
            for argument in roles[role]:
                kept.relate(type, kept.add(type, entities[argument]), drugs, {})
        said = {name: one for name, one in event.attributes.items() if name == "assertion"}
        for effect in roles["Effect"]:
            mention = kept.add(EFFECTS[event.type], entities[effect])
            kept.said[mention].append(said)
            kept.relate(EFFECTS[event.type], mention, drugs, said)
    return Document(document.id, document.text, kept.entities(), tuple(kept.relations.values()), meta=document.meta)


class _Kept:
    """Entities by type and fragments, and relations by type and ends, each once."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, tuple[Span, ...]], str] = {}
        self.relations: dict[tuple[str, str, str], Relation] = {}
        self.said: defaultdict[str, list[Mapping[str, Attribute]]] = defaultdict(list)

    def add(self, type: str, entity: Entity) -> str:
        return self.ids.setdefault((type, entity.fragments), f"T{len(self.ids) + 1}")

    def relate(self, type: str, id: str, drugs: Sequence[str], attributes: Mapping[str, Attribute]) -> None:
        for drug in drugs:
            self.relations.setdefault((type, id, drug), Relation(f"{type}-Drug", id, drug, attributes=attributes))

    def entities(self) -> tuple[Entity, ...]:
        return tuple(
            Entity(type, fragments, id, attributes=self._agreed(self.said[id]))
            for (type, fragments), id in self.ids.items()
        )

    def _agreed(self, said: Sequence[Mapping[str, Attribute]]) -> Mapping[str, Attribute]:
        """What all events say of an effect."""
        values = {one["assertion"].value if "assertion" in one else None for one in said}
        return said[0] if len(values) == 1 else {}


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


DRUG_TYPES = {
    "Drug": 6016,
    "ADE": 4506,
    "Reason": 1689,
    "Route": 609,
    "Dosage": 457,
    "Time_elapsed": 348,
    "Duration": 266,
    "Effect": 123,
    "Frequency": 114,
}
EVENT_TYPES = {
    "Adverse_event": 4485,
    "Potential_therapeutic_event": 532,
    "Combination": 659,
    "Treatment": 5003,
    "Drug": 6016,
    "Disorder": 2052,
    "Route": 609,
    "Dosage": 457,
    "Time_elapsed": 348,
    "Duration": 266,
    "Frequency": 114,
    "Subject": 2395,
    "Age": 690,
    "Gender": 562,
    "Population": 450,
    "Race": 64,
    "ADE": 4506,
    "Effect": 123,
    "Severity": 418,
    "Speculated": 638,
    "Negated": 76,
}
"""Different mentions: those that several events share stand once."""

CORPUS = Corpus(
    name="phee",
    title="PHEE 2: sentences of case reports with drugs, their use and their effects",
    read=read,
    licence="MIT",
    citation="Sun et al. 2022, EMNLP; Sun et al. 2024, EACL",
    languages=("en",),
    where="https://github.com/ZhaoyueSun/phee-with-chatgpt (data/datasets/phee2/source)",
    counts={"documents": 4827, "entities": 14128, "relations": 9906},
    types=DRUG_TYPES,
    folders=("PHEE",),
    has_split=True,
)
EVENTS = replace(
    CORPUS,
    name="phee-events",
    title="PHEE 2: the same sentences as events with arguments",
    read=read_events,
    counts={"documents": 4827, "entities": 30463, "events": 4485 + 532 + 659, "event arguments": 28218},
    types=EVENT_TYPES,
    folders=("phee", "PHEE"),
)
CUES = replace(
    CORPUS,
    name="phee-cues",
    title="PHEE 2: the same sentences with cues of negation and doubt alone",
    read=read_cues,
    counts={"documents": 4827, "entities": EVENT_TYPES["Speculated"] + EVENT_TYPES["Negated"]},
    types={type: EVENT_TYPES[type] for type in ASSERTIONS},
    folders=("phee", "PHEE"),
)
