"""Gold and predicted documents -> scores, how sure they are, and whether the model knows it."""

from epicrisis.evaluation.calibration import Calibration, calibration
from epicrisis.evaluation.counts import Average, Counts
from epicrisis.evaluation.episodes import Episode, episodes, restricted, without
from epicrisis.evaluation.matching import MEASURES, Outcome
from epicrisis.evaluation.scores import CodecScores, DocumentScores, MeasureScores, Scores, evaluate
from epicrisis.evaluation.significance import (
    Comparison,
    Interval,
    approximate_randomisation,
    bootstrap,
    holm,
    mean_interval,
)
from epicrisis.evaluation.tagger import evaluate_tagger
from epicrisis.evaluation.tokens import TokenScores, token_scores

__all__ = [
    "MEASURES",
    "Average",
    "Calibration",
    "CodecScores",
    "Comparison",
    "Counts",
    "DocumentScores",
    "Episode",
    "Interval",
    "MeasureScores",
    "Outcome",
    "Scores",
    "TokenScores",
    "approximate_randomisation",
    "bootstrap",
    "calibration",
    "episodes",
    "evaluate",
    "evaluate_tagger",
    "holm",
    "mean_interval",
    "restricted",
    "token_scores",
    "without",
]
