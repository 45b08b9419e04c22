"""Gold and predicted documents -> scores of their relations and groups.

A relation is its type and the mentions of its head and its tail; ids, scores, attributes and notes play no part. Of
relations that are the same in this, one counts, on either side. Under `strict` the arguments' characters and types
have to be right, under `boundary` their characters alone; the relation's own type always, and its direction, unless
its type is a symmetric one. Taillé et al. (2020), "Let's Stop Incorrect Comparisons in End-to-end Relation
Extraction!", EMNLP, section 2, call these Strict and Boundaries.

Where the predicted documents have entities of their own, these are scores end to end: a relation whose argument was
not found is a false negative, and one between wrong mentions a false positive.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document, Relation, Span
from epicrisis.errors import CorpusError
from epicrisis.evaluation.matching import Mention, Outcome, mention
from epicrisis.evaluation.scores import DocumentScores, MeasureScores, count_table, listed, measured, paired, summed

Link = tuple[str, tuple[Mention, ...]]
"""A type and what it joins: a relation's head and tail, in this order; in a fixed order what has no direction."""


@dataclass(frozen=True)
class LinkScores:
    """strict and boundary, over all documents and (`documents`) of each. What is counted is different links."""

    strict: MeasureScores
    boundary: MeasureScores
    documents: tuple[DocumentScores, ...]

    def counts(self, measure: str = "strict", *, types: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, types, 3): tp, fp and fn of every document, for `significance`, as `Scores.counts`"""
        return count_table(self.documents, measure, types)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        """per_document: add a list of each document's id and micro scores"""
        data: dict[str, Any] = {"strict": self.strict.to_dict(), "boundary": self.boundary.to_dict()}
        if per_document:
            data["per_document"] = listed(self.documents)
        return data


@dataclass(frozen=True)
class GroupScores:
    """whole: a group is right if all its members are and no other is; pairs: every two members of a group count."""

    whole: LinkScores
    pairs: LinkScores

    def to_dict(self) -> dict[str, Any]:
        return {"whole": self.whole.to_dict(), "pairs": self.pairs.to_dict()}


def evaluate_relations(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    symmetric: Collection[str] = (),
    given_gold: bool = False,
) -> LinkScores:
    """Score the predicted relations of every gold document.

    symmetric   types of relation whose head and tail may change places
    given_gold  the relations were predicted between gold's entities; that it is so is checked

    Raises CorpusError where documents do not pair up, as `evaluate` does, or where gold's entities were to be given
    and a document has others.
    """
    pairs = paired(gold, predicted)
    if given_gold:
        _check_entities(pairs)
    return _scores((right.id, relations(right, symmetric), relations(ours, symmetric)) for right, ours in pairs)


def evaluate_groups(gold: Sequence[Document], predicted: Sequence[Document]) -> GroupScores:
    """Score the predicted groups of every gold document. Raises CorpusError where documents do not pair up."""
    pairs = paired(gold, predicted)
    return GroupScores(
        _scores((right.id, groups(right), groups(ours)) for right, ours in pairs),
        _scores((right.id, _in_pairs(groups(right)), _in_pairs(groups(ours))) for right, ours in pairs),
    )


def relations(document: Document, symmetric: Collection[str] = ()) -> set[Link]:
    """The different relations of a document."""
    return {link for link, _ in _links(document, symmetric)}


def scored_relations(document: Document, symmetric: Collection[str] = ()) -> dict[Link, float]:
    """The different relations of a document and the highest score of each. Raises CorpusError where one has none."""
    found: dict[Link, float] = {}
    for link, relation in _links(document, symmetric):
        if relation.score is None:
            raise CorpusError(f"document {document.id}: relation {relation.id} has no score")
        found[link] = max(relation.score, found.get(link, 0.0))
    return found


def _links(document: Document, symmetric: Collection[str]) -> Iterator[tuple[Link, Relation]]:
    of = _mentions(document)
    for relation in document.relations:
        both = of[relation.head], of[relation.tail]
        yield (relation.type, _ordered(both) if relation.type in symmetric else both), relation


def groups(document: Document) -> set[Link]:
    """The different groups of a document, each with its different members."""
    of = _mentions(document)
    return {(group.type, _ordered({of[member] for member in group.members})) for group in document.groups}


def strict(gold: Collection[Link], predicted: Collection[Link]) -> Outcome:
    """Right: the same type between the same mentions."""
    return _outcome(gold, predicted)


def boundary(gold: Collection[Link], predicted: Collection[Link]) -> Outcome:
    """Right: the same type between the same characters, whatever the entities' types.

    Gold relations that differ in these types only are still several, and each takes a prediction of its own.
    """
    return _outcome(map(_untyped, gold), map(_untyped, predicted))


LINK_MEASURES = {"strict": strict, "boundary": boundary}


def _scores(sides: Iterable[tuple[str, set[Link], set[Link]]]) -> LinkScores:
    documents = tuple(
        DocumentScores(id_, measured([*gold], [*predicted], LINK_MEASURES)) for id_, gold, predicted in sides
    )
    totals = {name: summed(document.measures[name] for document in documents) for name in LINK_MEASURES}
    return LinkScores(**totals, documents=documents)


def _outcome(gold: Iterable[Any], predicted: Iterable[Any]) -> Outcome:
    left, right = Counter(gold), Counter(predicted)
    correct = (left & right).total()
    return Outcome(correct=correct, missed=left.total() - correct, spurious=right.total() - correct)


def _mentions(document: Document) -> Mapping[str, Mention]:
    return {entity.id: mention(entity) for entity in document.entities}


def _ordered(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """By characters first, so that the order is the same where types are not looked at."""
    return tuple(sorted(mentions, key=lambda one: (one[1], one[0])))


def _untyped(link: Link) -> tuple[str, tuple[tuple[Span, ...], ...]]:
    return link[0], tuple(fragments for _, fragments in link[1])


def _in_pairs(links: Iterable[Link]) -> set[Link]:
    return {(type_, pair) for type_, members in links for pair in itertools.combinations(members, 2)}


def _check_entities(pairs: Iterable[tuple[Document, Document]]) -> None:
    other = [right.id for right, ours in pairs if _count(right) != _count(ours)]
    if other:
        raise CorpusError(
            f"document {other[0]}{f' and {len(other) - 1} more' if len(other) > 1 else ''}: scores given gold's "
            f"entities need predictions between them, and there are others"
        )


def _count(document: Document) -> Counter[Mention]:
    return Counter(_every(document))


def _every(document: Document) -> Iterator[Mention]:
    return map(mention, document.entities)
