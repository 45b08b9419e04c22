"""The rules by which n2c2 2018 track 2 was scored: medications, their attributes and the relations between them.

Henry, Buchan, Filannino, Stubbs and Uzuner (2020), "2018 n2c2 shared task on adverse drug events and medication
extraction in electronic health records", JAMIA 27(1); the rules are those of the official track2-evaluate-ver4.py:

1. A mention reaches from its first character to its last: fragments and gaps are not looked at.
2. `strict`: the same type, start and end. `lenient`: the same type and a character in common. A relation is right if
   its type is and both its arguments are, under the same mode.
3. Predictions are taken in their order. Each takes every gold item that it matches. One that matches an item already
   taken is thrown away, though it takes the rest of what it matches; it is neither right nor wrong.
4. tp are the predictions left that match gold, fp the others left, and fn is the number of gold items less tp, so
   that a prediction over two gold items is one tp and one fn.
5. "Macro" is the mean over documents, one without gold and predictions being 0. The challenge ranked by lenient micro
   F1.

Scores so depend on the order of the predictions; here it is that of the document, in which the brat writer has them,
too. The script reads a mention of more than three fragments as the one before it; here it is read as it stands. See
`matching` and `relations` for scores that throw nothing away.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.evaluation.counts import Average, mean, to_dict
from epicrisis.evaluation.matching import Outcome
from epicrisis.evaluation.scores import DocumentScores, MeasureScores, count_table, listed, paired, summed

Stretch = tuple[str, int, int]
"""A mention as the rules see it: type, start, end."""
Tie = tuple[str, Stretch, Stretch]
T = TypeVar("T", Stretch, Tie)


@dataclass(frozen=True)
class N2C2Scores:
    """documents: the measures of each, by "strict entities", "strict relations", "lenient entities" and so on."""

    documents: tuple[DocumentScores, ...]

    def measure(self, name: str = "lenient relations") -> MeasureScores:
        """Micro and per type. Its macro is over types, which is not what the challenge calls so."""
        return summed(document.measures[name] for document in self.documents)

    def macro(self, name: str = "lenient relations") -> Average:
        """The mean over documents."""
        counts = [document.measures[name].micro for document in self.documents]
        return mean(counts, [1.0] * len(counts))

    def counts(self, measure: str = "lenient relations", *, types: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, types, 3): tp, fp and fn of every document, for `significance`, as `Scores.counts`"""
        return count_table(self.documents, measure, types)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name in MEASURES:
            scores = self.measure(name).to_dict()
            data[name] = {**scores, "macro": to_dict(self.macro(name))}
        if per_document:
            data["per_document"] = listed(self.documents)
        return data


def evaluate_n2c2_2018(gold: Sequence[Document], predicted: Sequence[Document]) -> N2C2Scores:
    """Score entities and relations by the official rules.

    Raises CorpusError where a document stands on one side only or twice on one, or its texts differ. (The script
    passes over the former.)
    """
    documents = []
    for right, ours in paired(gold, predicted):
        entities, ties = (_stretches(right), _stretches(ours)), (_ties(right), _ties(ours))
        measures = {
            "strict entities": _scores(*entities, _same),
            "strict relations": _scores(*ties, _both(_same)),
            "lenient entities": _scores(*entities, _overlap),
            "lenient relations": _scores(*ties, _both(_overlap)),
        }
        documents.append(DocumentScores(right.id, measures))
    return N2C2Scores(tuple(documents))


MEASURES = ("strict entities", "strict relations", "lenient entities", "lenient relations")


def _stretches(document: Document) -> list[Stretch]:
    return [(entity.type, entity.start, entity.end) for entity in document.entities]


def _ties(document: Document) -> list[Tie]:
    of = {entity.id: (entity.type, entity.start, entity.end) for entity in document.entities}
    return [(relation.type, of[relation.head], of[relation.tail]) for relation in document.relations]


def _same(one: Stretch, other: Stretch) -> bool:
    return one == other


def _overlap(one: Stretch, other: Stretch) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def _both(match: Callable[[Stretch, Stretch], bool]) -> Callable[[Tie, Tie], bool]:
    return lambda one, other: match(one[1], other[1]) and match(one[2], other[2])


def _scores(gold: Sequence[T], predicted: Sequence[T], match: Callable[[T, T], bool]) -> MeasureScores:
    """Only items of one type can match, so every type is looked at by itself."""
    by_type: defaultdict[str, tuple[list[T], list[T]]] = defaultdict(lambda: ([], []))
    for side, items in enumerate((gold, predicted)):
        for item in items:
            by_type[item[0]][side].append(item)
    per_type = {type_: _outcome(*by_type[type_], match) for type_ in sorted(by_type)}
    return MeasureScores(sum(per_type.values(), Outcome()), per_type)


def _outcome(gold: Sequence[T], predicted: Sequence[T], match: Callable[[T, T], bool]) -> Outcome:
    """Rules 3 and 4."""
    taken: set[int] = set()
    right = wrong = 0
    for ours in predicted:
        partners = {number for number, theirs in enumerate(gold) if match(theirs, ours)}
        if not partners:
            wrong += 1
        elif taken.isdisjoint(partners):
            right += 1
        taken |= partners
    return Outcome(correct=right, missed=len(gold) - right, spurious=wrong)
