"""Parts put together. Needs torch."""

from epicrisis.models.build import (
    find_vectors,
    fit_indexers,
    make_codec,
    make_tagger,
    parts_and_settings,
    start_from_vectors,
)
from epicrisis.models.tagger import Tagger

__all__ = [
    "Tagger",
    "find_vectors",
    "fit_indexers",
    "make_codec",
    "make_tagger",
    "parts_and_settings",
    "start_from_vectors",
]
