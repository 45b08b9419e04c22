"""How Clinical TempEval 2015 and 2016 scored events, times and their relations.

Bethard et al. (2015), SemEval-2015 task 6; Bethard et al. (2016), SemEval-2016 task 12; the rules of anafora.evaluate
(anaforatools). Annotations are compared as sets of a document, so that what stands twice counts once; their fragments
have to be the same.

TS, ES     spans of TIMEX3 and of EVENT
TA, EA     the span and the property: Class of times; Type, Degree, Polarity and ContextualModality of events
DR         the span of an event and its DocTimeRel
CR         CONTAINS, from the spans of the source to those of the target, with temporal closure: precision is the share
           of predicted relations that follow from gold's, recall that of gold's which follow from the predicted ones

Where nothing was predicted precision is 1, where gold has nothing recall is 1. An event without Polarity or
ContextualModality has what the package's `assertion` says, and without that POS and ACTUAL.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from epicrisis.document import Document, Entity, Span
from epicrisis.evaluation.scores import paired

EVENT, TIME, CONTAINS = "EVENT", "TIMEX3", "CONTAINS"
EVENT_PROPERTIES = ("Type", "Degree", "Polarity", "ContextualModality")
ASSERTED = {
    "Polarity": {"negated": "NEG", "": "POS"},
    "ContextualModality": {"uncertain": "HEDGED", "hypothetical": "HYPOTHETICAL", "": "ACTUAL"},
}
"""What `assertion` means, the empty one being any other value or none."""
Fragments = tuple[Span, ...]
Facts = set[tuple[Any, ...]]


@dataclass(frozen=True)
class Tally:
    """Numbers of gold and predicted facts; right: predicted ones that gold says, found: gold ones that are predicted.

    Without closure the last two are the same.
    """

    gold: int = 0
    predicted: int = 0
    right: int = 0
    found: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.gold + other.gold,
            self.predicted + other.predicted,
            self.right + other.right,
            self.found + other.found,
        )

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_dict(self) -> dict[str, float]:
        numbers = {"gold": self.gold, "predicted": self.predicted, "right": self.right, "found": self.found}
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1, **numbers}


@dataclass(frozen=True)
class TempEvalScores:
    """documents: the tallies of each, by its id and the name of the measure"""

    documents: Mapping[str, Mapping[str, Tally]]

    def measure(self, name: str) -> Tally:
        return sum((tallies[name] for tallies in self.documents.values()), Tally())

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        data: dict[str, Any] = {name: {"micro": self.measure(name).to_dict()} for name in MEASURES}
        if per_document:
            data["per_document"] = [
                {"id": id, **{name: tally.to_dict() for name, tally in tallies.items()}}
                for id, tallies in self.documents.items()
            ]
        return data


def evaluate_clinical_tempeval(gold: Sequence[Document], predicted: Sequence[Document]) -> TempEvalScores:
    """Raises CorpusError where documents do not pair up, as `evaluate` does."""
    documents = {
        right.id: {name: _tally(facts(right), facts(ours), closed=name == "CR") for name, facts in MEASURES.items()}
        for right, ours in paired(gold, predicted)
    }
    return TempEvalScores(documents)


def _tally(gold: Facts, predicted: Facts, *, closed: bool) -> Tally:
    right = len((closure(gold) if closed else gold) & predicted)
    found = len(gold & (closure(predicted) if closed else predicted))
    return Tally(len(gold), len(predicted), right, found)


def closure(relations: Iterable[tuple[Any, ...]]) -> Facts:
    """All pairs that follow: what contains something contains what that contains."""
    contained: dict[Any, set[Any]] = {}
    for source, target in relations:
        contained.setdefault(source, set()).add(target)
    closed: Facts = set()
    for source in contained:
        waiting, seen = [*contained[source]], set()
        while waiting:
            target = waiting.pop()
            if target not in seen:
                seen.add(target)
                waiting.extend(contained.get(target, ()))
        closed |= {(source, target) for target in seen}
    return closed


def _spans(document: Document, type: str) -> Facts:
    return {(entity.fragments,) for entity in document.entities if entity.type == type}


def _values(document: Document, type: str, names: Sequence[str]) -> Facts:
    return {
        (entity.fragments, name, value)
        for entity in document.entities
        for name in names
        if entity.type == type and (value := _said(entity, name))
    }


def _said(entity: Entity, name: str) -> str:
    if name in entity.attributes:
        return str(entity.attributes[name].value)
    meant = ASSERTED.get(name, {"": ""})
    said = str(entity.attributes["assertion"].value) if "assertion" in entity.attributes else ""
    return meant.get(said, meant[""])


def _containers(document: Document) -> Facts:
    spans = {entity.id: entity.fragments for entity in document.entities}
    return {(spans[r.head], spans[r.tail]) for r in document.relations if r.type == CONTAINS}


MEASURES: dict[str, Callable[[Document], Facts]] = {
    "TS": partial(_spans, type=TIME),
    "TA": partial(_values, type=TIME, names=("Class",)),
    "ES": partial(_spans, type=EVENT),
    **{f"EA {name}": partial(_values, type=EVENT, names=(name,)) for name in EVENT_PROPERTIES},
    "DR": partial(_values, type=EVENT, names=("DocTimeRel",)),
    "CR": _containers,
}
