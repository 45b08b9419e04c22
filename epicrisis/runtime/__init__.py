"""A model folder -> an Annotator. Needs numpy and onnxruntime, never torch."""

from epicrisis.runtime.annotator import Annotator, Network
from epicrisis.runtime.by_language import AnnotatorByLanguage, load_by_language
from epicrisis.runtime.model import load, model_folder, read_description, shipped_models
from epicrisis.runtime.relater import PairNetwork, Relater

__all__ = [
    "Annotator",
    "AnnotatorByLanguage",
    "Network",
    "PairNetwork",
    "Relater",
    "load",
    "load_by_language",
    "model_folder",
    "read_description",
    "shipped_models",
]
