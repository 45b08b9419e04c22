"""Are the scores of predicted entities probabilities? Of those with 0.8, are four in five right?

An entity is right if gold has a mention of the same characters and type. Guo, Pleiss, Sun and Weinberger (2017), "On
calibration of modern neural networks"; Brier (1950).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.errors import CorpusError
from epicrisis.evaluation.attributes import written
from epicrisis.evaluation.matching import mention
from epicrisis.evaluation.relations import relations, scored_relations
from epicrisis.evaluation.scores import paired


class Judged(NamedTuple):
    """Something predicted: what it is, how sure of it the model was, and whether gold has it."""

    what: str
    score: float
    right: bool


@dataclass(frozen=True)
class Bin:
    """Entities with low < score <= high (the first bin holds 0 too).

    score, accuracy: their mean score, and the share of them that is right; both 0 in an empty bin
    """

    low: float
    high: float
    count: int
    score: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """error: expected calibration error, the mean over entities of |score - accuracy| of their bin
    brier: mean squared difference between the score and 1 (right) or 0 (wrong)
    """

    error: float
    brier: float
    count: int
    bins: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"bins": [asdict(one) for one in self.bins]}


def calibration(gold: Sequence[Document], predicted: Sequence[Document], *, bins: int = 10) -> Calibration:
    """Compare the scores of predicted entities with how often they are right. Without entities all is 0.

    Raises CorpusError where documents do not pair up, or a predicted entity has no score between 0 and 1.
    """
    return _reliability(judged_entities(gold, predicted), bins)


def relation_calibration(
    gold: Sequence[Document], predicted: Sequence[Document], *, symmetric: Collection[str] = (), bins: int = 10
) -> Calibration:
    """As `calibration`, of predicted relations: one is right if gold relates the same mentions so."""
    return _reliability(judged_relations(gold, predicted, symmetric=symmetric), bins)


def attribute_calibration(
    gold: Sequence[Document], predicted: Sequence[Document], name: str, *, bins: int = 10
) -> Calibration:
    """As `calibration`, of an attribute's predicted values, on entities that gold has, too."""
    return _reliability(judged_attributes(gold, predicted, name), bins)


def calibration_errors(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    symmetric: Collection[str] = (),
    attributes: Iterable[str] = (),
) -> dict[str, float]:
    """The error of entities, of relations and of each of these attributes, so far as some were predicted."""
    found = {
        "entities": calibration(gold, predicted),
        "relations": relation_calibration(gold, predicted, symmetric=symmetric),
        **{name: attribute_calibration(gold, predicted, name) for name in attributes},
    }
    return {name: one.error for name, one in found.items() if one.count}


def judged_entities(gold: Sequence[Document], predicted: Sequence[Document]) -> list[Judged]:
    """Every predicted entity by its type.

    If a mention is predicted more often than it stands in gold, those with the highest scores are right.
    """
    found: list[Judged] = []
    for document, ours in paired(gold, predicted):
        unused = Counter(mention(entity) for entity in document.entities)
        scored = [(_score(ours, number), mention(entity)) for number, entity in enumerate(ours.entities)]
        for score, one in sorted(scored, key=lambda pair: -pair[0]):
            found.append(Judged(one[0], score, unused[one] > 0))
            unused[one] -= 1
    return found


def judged_relations(
    gold: Sequence[Document], predicted: Sequence[Document], *, symmetric: Collection[str] = ()
) -> list[Judged]:
    """Every predicted relation by its type."""
    return [
        Judged(link[0], score, link in wanted)
        for right, ours in paired(gold, predicted)
        for wanted in [relations(right, symmetric)]
        for link, score in scored_relations(ours, symmetric).items()
    ]


def judged_attributes(gold: Sequence[Document], predicted: Sequence[Document], name: str) -> list[Judged]:
    """Every predicted value of an attribute, on entities that gold has, too, by the value."""
    found: list[Judged] = []
    for right, ours in paired(gold, predicted):
        values = {mention(entity): entity.attributes.get(name) for entity in right.entities}
        for entity in ours.entities:
            said, key = entity.attributes.get(name), mention(entity)
            if said is not None and said.score is not None and key in values:
                expected = values[key]
                is_right = expected is not None and written(expected.value) == written(said.value)
                found.append(Judged(written(said.value), said.score, is_right))
    return found


def _reliability(found: Sequence[Judged], bins: int) -> Calibration:
    scores, right = ([getattr(one, name) for one in found] for name in ("score", "right"))
    return reliability(np.array(scores, np.float64), np.array(right, np.float64), bins=bins)


def reliability(scores: NDArray[np.float64], right: NDArray[np.float64], *, bins: int = 10) -> Calibration:
    """(entities,), (entities,) -> the table of `bins` bins of equal width"""
    edges = np.linspace(0, 1, bins + 1)
    number = np.clip(np.searchsorted(edges, scores, side="left") - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins)
    some = np.maximum(counts, 1)
    score = np.bincount(number, weights=scores, minlength=bins) / some
    accuracy = np.bincount(number, weights=right, minlength=bins) / some
    count = len(scores)
    return Calibration(
        error=float((counts * np.abs(score - accuracy)).sum() / max(count, 1)),
        brier=float(((scores - right) ** 2).sum() / max(count, 1)),
        count=count,
        bins=tuple(
            Bin(float(edges[i]), float(edges[i + 1]), int(counts[i]), float(score[i]), float(accuracy[i]))
            for i in range(bins)
        ),
    )


def _score(document: Document, number: int) -> float:
    entity = document.entities[number]
    if entity.score is None:
        raise CorpusError(
            f"document {document.id}: entity {entity.id} has no score, and calibration needs one of every predicted "
            f"entity"
        )
    return entity.score
