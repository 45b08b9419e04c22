"""Gold and predicted documents -> scores of their entities' attributes, such as assertion = negated.

Of every attribute that gold has, up to three settings. `found`: over entities that were found strictly, in pairs of a
gold and a predicted one, which tells how well values are chosen. `end_to_end`: over all entities; the value of one that
was missed is a false negative, that of one that is wrong a false positive. `given_gold_entities`: of what was said of
gold's entities when they were told.

An entity without the attribute has the value ABSENT. It takes part in the accuracy, but is no value of its own with an
F1. Values are compared as they are written: true and "true" are the same. Where a mention stands several times, as many
of its values as possible agree.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document, Value
from epicrisis.evaluation.matching import Mention, Outcome, mention
from epicrisis.evaluation.scores import DocumentScores, MeasureScores, count_table, listed, paired, summed

ABSENT = None
Pair = tuple[str | None, str | None]
"""The values of a gold entity and of the predicted one that is the same mention."""


@dataclass(frozen=True)
class ValueScores:
    """One attribute in one setting.

    right     entities whose value is that of gold, ABSENT included
    entities  all there are: those found, or, end to end, those of gold
    stated    right ones and all, of those where gold or the prediction has a value
    values    the values as what is to be found: micro, macro over the values, and of each
    """

    right: int
    entities: int
    stated: tuple[int, int]
    values: MeasureScores

    @property
    def accuracy(self) -> float:
        """Of all entities; 0 over none. Where few entities have the attribute, it is high whatever a model does."""
        return self.right / self.entities if self.entities else 0.0

    @property
    def accuracy_stated(self) -> float:
        """Of those where gold or the prediction has a value; 0 over none."""
        right, entities = self.stated
        return right / entities if entities else 0.0

    def to_dict(self) -> dict[str, Any]:
        scores = self.values.to_dict()
        return {
            "accuracy": self.accuracy,
            "accuracy_stated": self.accuracy_stated,
            "entities": self.entities,
            "stated": self.stated[1],
            "micro": scores["micro"],
            "macro": scores["macro"],
            "per_value": scores["per_type"],
        }


@dataclass(frozen=True)
class AttributeScores:
    """One attribute. documents: the values end to end (`end_to_end`) and of those found (`found`), of each document."""

    found: ValueScores
    end_to_end: ValueScores
    documents: tuple[DocumentScores, ...]
    given_gold: ValueScores | None = None

    def counts(self, setting: str = "end_to_end", *, values: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, values, 3): tp, fp and fn of every document, for `significance`; without values, of all"""
        return count_table(self.documents, setting, values)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        """per_document: add a list of each document's id and micro scores"""
        data: dict[str, Any] = {"found": self.found.to_dict(), "end_to_end": self.end_to_end.to_dict()}
        if self.given_gold is not None:
            data["given_gold_entities"] = self.given_gold.to_dict()
        if per_document:
            data["per_document"] = listed(self.documents)
        return data


def evaluate_attributes(
    gold: Sequence[Document], predicted: Sequence[Document], *, given_gold: Sequence[Document] | None = None
) -> dict[str, AttributeScores]:
    """The scores of every attribute that an entity of gold has, by its name.

    given_gold: what was said of gold's entities, which are all there is in them

    Raises CorpusError where documents do not pair up, as `evaluate` does.
    """
    pairs = paired(gold, predicted)
    names = sorted({name for document in gold for entity in document.entities for name in entity.attributes})
    scores = {name: _attribute(name, pairs) for name in names}
    if given_gold is None:
        return scores
    told = paired(gold, given_gold)
    return {name: replace(one, given_gold=_attribute(name, told).found) for name, one in scores.items()}


def _attribute(name: str, pairs: Sequence[tuple[Document, Document]]) -> AttributeScores:
    documents: list[DocumentScores] = []
    both: Counter[Pair] = Counter()
    missed: Counter[str | None] = Counter()
    spurious: Counter[str | None] = Counter()
    for right, ours in pairs:
        here, only_gold, only_ours = _matched(_values(right, name), _values(ours, name))
        both, missed, spurious = both + here, missed + only_gold, spurious + only_ours
        measures = {"found": _measured(here), "end_to_end": _measured(here, only_gold, only_ours)}
        documents.append(DocumentScores(right.id, measures))
    right_ones = sum(number for (a, b), number in both.items() if a == b)
    right_stated = right_ones - both[ABSENT, ABSENT]
    found, stated = both.total(), both.total() - both[ABSENT, ABSENT]
    alone = missed.total() - missed[ABSENT], spurious.total() - spurious[ABSENT]
    values = {name: summed(one.measures[name] for one in documents) for name in ("found", "end_to_end")}
    return AttributeScores(
        ValueScores(right_ones, found, (right_stated, stated), values["found"]),
        ValueScores(right_ones, found + missed.total(), (right_stated, stated + sum(alone)), values["end_to_end"]),
        tuple(documents),
    )


def _values(document: Document, name: str) -> dict[Mention, list[str | None]]:
    """The values of every mention, one for each time that it stands there."""
    values: defaultdict[Mention, list[str | None]] = defaultdict(list)
    for entity in document.entities:
        attribute = entity.attributes.get(name)
        values[mention(entity)].append(ABSENT if attribute is None else written(attribute.value))
    return values


def written(value: Value) -> str:
    """By which values are compared."""
    return value if isinstance(value, str) else json.dumps(value)


def _matched(
    gold: Mapping[Mention, Sequence[str | None]], predicted: Mapping[Mention, Sequence[str | None]]
) -> tuple[Counter[Pair], Counter[str | None], Counter[str | None]]:
    """Pairs of values on mentions that are the same, and the values of those without a partner on either side.

    Of a mention that stands several times, equal values make a pair first, then the others in their order.
    """
    pairs: Counter[Pair] = Counter()
    missed: Counter[str | None] = Counter()
    spurious: Counter[str | None] = Counter()
    for one in gold.keys() | predicted.keys():
        left, right = Counter(gold.get(one, ())), Counter(predicted.get(one, ()))
        same = left & right
        pairs.update({(value, value): number for value, number in same.items()})
        left_rest, right_rest = _in_order(left - same), _in_order(right - same)
        shorter = min(len(left_rest), len(right_rest))
        pairs.update(zip(left_rest[:shorter], right_rest[:shorter], strict=True))
        missed.update(left_rest[shorter:])
        spurious.update(right_rest[shorter:])
    return pairs, missed, spurious


def _in_order(values: Counter[str | None]) -> list[str | None]:
    """Those that say something before ABSENT."""
    return sorted(values.elements(), key=lambda value: (value is ABSENT, value or ""))


def _measured(
    pairs: Mapping[Pair, int],
    missed: Mapping[str | None, int] | None = None,
    spurious: Mapping[str | None, int] | None = None,
) -> MeasureScores:
    """Every value as something to be found."""
    gold: Counter[str | None] = Counter(missed or {})
    predicted: Counter[str | None] = Counter(spurious or {})
    correct: Counter[str | None] = Counter()
    for (left, right), number in pairs.items():
        gold[left] += number
        predicted[right] += number
        correct[left] += number * (left == right)
    per_value = {
        value: Outcome(correct[value], missed=gold[value] - correct[value], spurious=predicted[value] - correct[value])
        for value in _in_order(Counter({**gold, **predicted}.keys()))
        if value is not ABSENT
    }
    return MeasureScores(sum(per_value.values(), Outcome()), per_value)
