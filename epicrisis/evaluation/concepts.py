"""Relations between the concepts of a document, whichever mentions say so: how BC5CDR is scored.

A relation between two mentions is one between every concept (`Entity.codes`) of its head and every one of its tail; a
mention without a code takes part in none. Where a relation holds between some of the concepts only, its attribute
CONCEPTS says which: "MESH:D1 MESH:D2; MESH:D1 MESH:D3". However many mentions say the same, it counts once a document.
Wei et al. (2016), "Assessing the state of the art in biomedical relation extraction: overview of the BioCreative V
chemical-disease relation (CDR) task", Database, baw032: precision, recall and F1 of the pairs of all documents.
"""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document
from epicrisis.evaluation.matching import Outcome
from epicrisis.evaluation.scores import DocumentScores, MeasureScores, count_table, listed, measured, paired, summed

CONCEPTS = "concepts"
Fact = tuple[str, str, str]
"""The relation's type, and the concepts of its head and its tail as SYSTEM:CODE."""


@dataclass(frozen=True)
class ConceptScores:
    """pairs: micro, macro and per type over all documents"""

    pairs: MeasureScores
    documents: tuple[DocumentScores, ...]

    def counts(self, measure: str = "pairs", *, types: Sequence[str] = ()) -> NDArray[np.float64]:
        """(documents, types, 3): tp, fp and fn of every document, for `significance`, as `Scores.counts`"""
        return count_table(self.documents, measure, types)

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        data: dict[str, Any] = {"pairs": self.pairs.to_dict()}
        if per_document:
            data["per_document"] = listed(self.documents)
        return data


def evaluate_concepts(gold: Sequence[Document], predicted: Sequence[Document]) -> ConceptScores:
    """Score the pairs of concepts that are related in a document.

    Raises CorpusError where documents do not pair up, as `evaluate` does.
    """
    documents = tuple(
        DocumentScores(right.id, measured(sorted(facts(right)), sorted(facts(ours)), {"pairs": _same}))
        for right, ours in paired(gold, predicted)
    )
    return ConceptScores(summed(document.measures["pairs"] for document in documents), documents)


def facts(document: Document) -> set[Fact]:
    """What a document says of concepts."""
    codes = {entity.id: [f"{code.system}:{code.code}" for code in entity.codes] for entity in document.entities}
    found: set[Fact] = set()
    for relation in document.relations:
        if CONCEPTS in relation.attributes:
            pairs = [pair.split() for pair in str(relation.attributes[CONCEPTS].value).split(";")]
            found |= {(relation.type, pair[0], pair[1]) for pair in pairs if len(pair) == 2}
        else:
            both = itertools.product(codes[relation.head], codes[relation.tail])
            found |= {(relation.type, head, tail) for head, tail in both}
    return found


def _same(gold: Collection[Fact], predicted: Collection[Fact]) -> Outcome:
    correct = len({*gold} & {*predicted})
    return Outcome(correct=correct, missed=len(gold) - correct, spurious=len(predicted) - correct)
