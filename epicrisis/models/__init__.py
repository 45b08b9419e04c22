"""Parts put together. Needs torch."""

from epicrisis.models.build import (
    codec_of,
    fit_heads,
    fit_indexers,
    make_classifier,
    make_tagger,
    parts_and_settings,
    start_from_pretrained,
)
from epicrisis.models.classifier import Classifier
from epicrisis.models.joint import Joint
from epicrisis.models.tagger import Tagger
from epicrisis.models.template import Template

__all__ = [
    "Classifier",
    "Joint",
    "Tagger",
    "Template",
    "codec_of",
    "fit_heads",
    "fit_indexers",
    "make_classifier",
    "make_tagger",
    "parts_and_settings",
    "start_from_pretrained",
]
