"""Gold and predicted documents -> scores, how sure they are, and whether the model knows it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from epicrisis.document import Document
from epicrisis.evaluation.agreement import Agreement, TypeAgreement, agreement
from epicrisis.evaluation.attributes import AttributeScores, evaluate_attributes
from epicrisis.evaluation.calibration import Calibration, calibration, calibration_errors
from epicrisis.evaluation.ccks import evaluate_ccks
from epicrisis.evaluation.clinical_tempeval import TempEvalScores, evaluate_clinical_tempeval
from epicrisis.evaluation.comparison import compare, compare_labels
from epicrisis.evaluation.concepts import ConceptScores, evaluate_concepts
from epicrisis.evaluation.counts import Average, Counts
from epicrisis.evaluation.episodes import Episode, episodes, restricted, without
from epicrisis.evaluation.i2b2_2010 import evaluate_i2b2_2010
from epicrisis.evaluation.matching import MEASURES, Outcome
from epicrisis.evaluation.n2c2_2018 import N2C2Scores, evaluate_n2c2_2018
from epicrisis.evaluation.relations import GroupScores, LinkScores, evaluate_groups, evaluate_relations
from epicrisis.evaluation.schemes import SchemeScores
from epicrisis.evaluation.scores import CodecScores, DocumentScores, MeasureScores, Scores, evaluate
from epicrisis.evaluation.share import evaluate_share_2014, evaluate_share_2015
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


class Official(Protocol):
    """What the rules of a shared task give."""

    def to_dict(self, *, per_document: bool = False) -> dict[str, Any]: ...


SCHEMES: dict[str, Callable[[Sequence[Document], Sequence[Document]], Official]] = {
    "ccks": evaluate_ccks,
    "clinical-tempeval": evaluate_clinical_tempeval,
    "concepts": evaluate_concepts,
    "i2b2-2010": evaluate_i2b2_2010,
    "n2c2-2018": evaluate_n2c2_2018,
    "share-2014": evaluate_share_2014,
    "share-2015": evaluate_share_2015,
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
    "Official",
    "Outcome",
    "SchemeScores",
    "Scores",
    "StructureScores",
    "TempEvalScores",
    "TokenScores",
    "TypeAgreement",
    "agreement",
    "approximate_randomisation",
    "bootstrap",
    "calibration",
    "calibration_errors",
    "compare",
    "compare_labels",
    "episodes",
    "evaluate",
    "evaluate_attributes",
    "evaluate_ccks",
    "evaluate_clinical_tempeval",
    "evaluate_concepts",
    "evaluate_groups",
    "evaluate_i2b2_2010",
    "evaluate_n2c2_2018",
    "evaluate_relations",
    "evaluate_share_2014",
    "evaluate_share_2015",
    "evaluate_structure",
    "evaluate_tagger",
    "holm",
    "mean_interval",
    "restricted",
    "token_scores",
    "without",
]
