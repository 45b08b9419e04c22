"""Scores of all that gold documents have beside entities: relations, groups, attributes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epicrisis.document import Document
from epicrisis.evaluation.attributes import AttributeScores, evaluate_attributes
from epicrisis.evaluation.relations import GroupScores, LinkScores, evaluate_groups, evaluate_relations

END_TO_END, GIVEN_GOLD = "end_to_end", "given_gold_entities"


@dataclass(frozen=True)
class StructureScores:
    """relations: by END_TO_END, and by GIVEN_GOLD where such predictions were made; what gold lacks is empty"""

    relations: Mapping[str, LinkScores]
    groups: GroupScores | None
    attributes: Mapping[str, AttributeScores]

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]:
        """The keys "relations", "groups" and "attributes" of `evaluate --json`, each only where gold has some."""
        data: dict[str, Any] = {}
        for name in ("relations", "attributes"):
            scores: Mapping[str, LinkScores | AttributeScores] = getattr(self, name)
            if scores:
                data[name] = {key: one.to_dict(per_document=per_document) for key, one in scores.items()}
        if self.groups is not None:
            data["groups"] = self.groups.to_dict()
        return data


def evaluate_structure(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    *,
    given_gold: Sequence[Document] | None = None,
    symmetric: Collection[str] = (),
) -> StructureScores:
    """Score the relations, groups and attributes of predicted documents, each where gold has any.

    given_gold  what was predicted between gold's entities, beside what was predicted from the text alone
    symmetric   types of relation whose head and tail may change places

    Raises CorpusError where documents do not pair up, or `given_gold` has other entities than gold.
    """
    relations: dict[str, LinkScores] = {}
    if any(document.relations for document in gold):
        relations[END_TO_END] = evaluate_relations(gold, predicted, symmetric=symmetric)
        if given_gold is not None:
            relations[GIVEN_GOLD] = evaluate_relations(gold, given_gold, symmetric=symmetric, given_gold=True)
    groups = evaluate_groups(gold, predicted) if any(document.groups for document in gold) else None
    return StructureScores(relations, groups, evaluate_attributes(gold, predicted, given_gold=given_gold))
