"""Two annotators of the same notes -> how far they agree, by type.

F1 takes one annotator as gold and the other as predicted; which is which makes no difference. Hripcsak and Rothschild
(2005), "Agreement, the F-Measure, and Reliability in Information Retrieval", JAMIA, show that where nobody can say how
many spans were not marked, it is what kappa comes to. Kappa (Cohen 1960) is given of tokens: whether a token lies in a
mention of the type, and over all types, in mentions of which types it lies.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from epicrisis.document import Document
from epicrisis.evaluation.relations import evaluate_relations
from epicrisis.evaluation.scores import evaluate, paired
from epicrisis.text import covering, tokens

Types = frozenset[str]


@dataclass(frozen=True)
class TypeAgreement:
    """both, only_first, only_second: mentions, or relations, by the same span (or arguments) and type

    boundary_f1: of mentions by their spans alone; of relations by their arguments' spans and their own type
    kappa: of tokens; None for relations, and where both annotators say the same one thing of every token
    """

    both: int
    only_first: int
    only_second: int
    f1: float
    boundary_f1: float
    kappa: float | None = None


@dataclass(frozen=True)
class Agreement:
    documents: int
    tokens: int
    all: TypeAgreement
    types: dict[str, TypeAgreement]
    relations: dict[str, TypeAgreement]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def agreement(first: Sequence[Document], second: Sequence[Document], *, symmetric: Collection[str] = ()) -> Agreement:
    """Compare two annotations of the same documents, which are paired by id.

    symmetric: types of relation whose head and tail may change places

    Raises CorpusError where documents do not pair up or differ in their text.
    """
    pairs: Counter[tuple[Types, Types]] = Counter()
    for one, other in paired(first, second):
        pairs.update(zip(_types(one), _types(other), strict=True))
    scores = evaluate(first, second)
    links = evaluate_relations(first, second, symmetric=symmetric)
    related = {
        type: _agreement(counts, links.boundary.per_type[type].f1) for type, counts in links.strict.per_type.items()
    }
    return Agreement(
        documents=len(first),
        tokens=pairs.total(),
        all=_agreement(scores.strict.micro, scores.boundary.micro.f1, cohens_kappa(pairs)),
        types={
            type: _agreement(counts, scores.boundary.per_type[type].f1, cohens_kappa(_of_type(pairs, type)))
            for type, counts in scores.strict.per_type.items()
        },
        relations=related,
    )


def cohens_kappa(pairs: Counter[tuple[Any, Any]]) -> float | None:
    """Kappa of the numbers of times that the annotators said (this, that); None where it is 0/0."""
    total = pairs.total()
    firsts: Counter[Any] = Counter()
    seconds: Counter[Any] = Counter()
    for (one, other), number in pairs.items():
        firsts[one] += number
        seconds[other] += number
    # In whole numbers, so that agreement by chance alone of 1 is found exactly.
    by_chance = sum(number * seconds[value] for value, number in firsts.items())
    agreed = sum(number for (one, other), number in pairs.items() if one == other)
    if by_chance == total * total:
        return None
    return (total * agreed - by_chance) / (total * total - by_chance)


def _of_type(pairs: Counter[tuple[Types, Types]], type: str) -> Counter[tuple[bool, bool]]:
    found: Counter[tuple[bool, bool]] = Counter()
    for (one, other), number in pairs.items():
        found[type in one, type in other] += number
    return found


def _types(document: Document) -> list[Types]:
    """For each token of the text, the types of the mentions that cover any of it."""
    spans = list(tokens(document.text))
    types: list[set[str]] = [set() for _ in spans]
    for entity in document.entities:
        for fragment in entity.fragments:
            first, after = covering(spans, fragment) or (0, 0)
            for number in range(first, after):
                types[number].add(entity.type)
    return [frozenset(found) for found in types]


def _agreement(counts: Any, boundary_f1: float, kappa: float | None = None) -> TypeAgreement:
    return TypeAgreement(int(counts.tp), int(counts.fn), int(counts.fp), counts.f1, boundary_f1, kappa)
