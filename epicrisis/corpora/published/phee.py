"""PHEE: 4,827 sentences of case reports with what drugs did to patients, as drug relations or as events.

Source    github.com/ZhaoyueSun/phee-with-chatgpt, data/datasets/phee2/source/ (version 2, 2024, with disorders,
          durations and times corrected); github.com/ZhaoyueSun/PHEE, data/json/ (version 1, 2022)
Licence   MIT; the sentences come from MEDLINE
Cite      Sun et al. (2022), "PHEE: A Dataset for Pharmacovigilance Event Extraction from Text", EMNLP; for version 2
          Sun et al. (2024), "Leveraging ChatGPT in Pharmacovigilance Event Extraction", EACL (short papers)
Files     `train`, `dev` and `test` as JSON lines, packed or not, such as phee_v2_train.jsonl.gz. Where files of both
          versions lie in a folder, those with v2 in their name are read; name a file to read another one

The parts are the official ones, and no report stands in two of them. `meta` holds `split` and `pmid`; 1,615 of the
1,838 reports are in the ADE corpus, too, and 21 in BC5CDR.

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

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.published import phee_events
from epicrisis.corpora.published.phee_events import ASSERTIONS, EFFECTS
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Relation, Span

OF_DRUGS = {
    "Treatment_Dosage": "Dosage",
    "Treatment_Route": "Route",
    "Treatment_Freq": "Frequency",
    "Treatment_Duration": "Duration",
    "Treatment_Time_elapsed": "Time_elapsed",
    "Treatment_Disorder": "Reason",
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """What is said of drugs. Raises CorpusError where the path does not exist or holds no such file."""
    return map(of_drugs, phee_events.read(path, report))


def read_cues(path: Path, report: Report) -> Iterator[Document]:
    """Cues of negation and doubt. Raises CorpusError where the path does not exist or holds no such file."""
    return map(_cues, phee_events.read(path, report))


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
    read=phee_events.read,
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
