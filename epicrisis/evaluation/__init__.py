"""Gold and predicted documents -> scores, how sure they are, and whether the model knows it."""

from collections.abc import Callable, Sequence

from epicrisis.document import Document
from epicrisis.evaluation.agreement import Agreement, TypeAgreement, agreement
from epicrisis.evaluation.attributes import AttributeScores, evaluate_attributes
from epicrisis.evaluation.calibration import Calibration, calibration
from epicrisis.evaluation.concepts import ConceptScores, evaluate_concepts
from epicrisis.evaluation.counts import Average, Counts
from epicrisis.evaluation.episodes import Episode, episodes, restricted, without
from epicrisis.evaluation.matching import MEASURES, Outcome
from epicrisis.evaluation.n2c2_2018 import N2C2Scores, evaluate_n2c2_2018
from epicrisis.evaluation.relations import GroupScores, LinkScores, evaluate_groups, evaluate_relations
from epicrisis.evaluation.scores import CodecScores, DocumentScores, MeasureScores, Scores, evaluate
from epicrisis.evaluation.significance import (
    Comparison,
    Interval,
    approximate_randomisation,
    bootstrap,
    holm,
    mean_interval,
)
from epicrisis.evaluation.structure import StructureScores, evaluate_structure
from epicrisis.evaluation.tagger import evaluate_tagger
from epicrisis.evaluation.tokens import TokenScores, token_scores

SCHEMES: dict[str, Callable[[Sequence[Document], Sequence[Document]], ConceptScores | N2C2Scores]] = {
    "concepts": evaluate_concepts,
    "n2c2-2018": evaluate_n2c2_2018,
}
"""Rules of scoring with a name of their own."""

__all__ = [
    "MEASURES",
    "SCHEMES",
    "Agreement",
    "AttributeScores",
    "Average",
    "Calibration",
    "CodecScores",
    "Comparison",
    "ConceptScores",
    "Counts",
    "DocumentScores",
    "Episode",
    "GroupScores",
    "Interval",
    "LinkScores",
    "MeasureScores",
    "N2C2Scores",
    "Outcome",
    "Scores",
    "StructureScores",
    "TokenScores",
    "TypeAgreement",
    "agreement",
    "approximate_randomisation",
    "bootstrap",
    "calibration",
    "episodes",
    "evaluate",
    "evaluate_attributes",
    "evaluate_concepts",
    "evaluate_groups",
    "evaluate_n2c2_2018",
    "evaluate_relations",
    "evaluate_structure",
    "evaluate_tagger",
    "holm",
    "mean_interval",
    "restricted",
    "token_scores",
    "without",
]
