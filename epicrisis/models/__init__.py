"""Parts put together. Needs torch."""

from epicrisis.models.build import codec_of, fit_indexers, make_tagger, parts_and_settings, start_from_pretrained
from epicrisis.models.tagger import Tagger

__all__ = ["Tagger", "codec_of", "fit_indexers", "make_tagger", "parts_and_settings", "start_from_pretrained"]
