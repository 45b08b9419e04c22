"""Parts put together. Needs torch."""

from epicrisis.models.build import codec_of, fit_indexers, make_tagger, parts_and_settings, start_from_pretrained
from epicrisis.models.joint import Joint
from epicrisis.models.tagger import Tagger
from epicrisis.models.template import Template

__all__ = [
    "Joint",
    "Tagger",
    "Template",
    "codec_of",
    "fit_indexers",
    "make_tagger",
    "parts_and_settings",
    "start_from_pretrained",
]
