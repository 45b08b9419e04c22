"""A model folder -> an Annotator or a Classifier. Needs numpy and onnxruntime, never torch."""

from epicrisis.runtime.annotator import Annotator, Network
from epicrisis.runtime.by_language import AnnotatorByLanguage, load_by_language
from epicrisis.runtime.classifier import Classifier, LabelNetwork, NetworkReader
from epicrisis.runtime.classifiers import ClassifiersByLanguage, load_classifiers
from epicrisis.runtime.model import (
    is_classifier,
    load,
    load_annotator,
    load_classifier,
    model_folder,
    read_description,
    shipped_models,
)
from epicrisis.runtime.relater import PairNetwork, Relater
from epicrisis.runtime.sure import at_least, precise

__all__ = [
    "Annotator",
    "AnnotatorByLanguage",
    "Classifier",
    "ClassifiersByLanguage",
    "LabelNetwork",
    "Network",
    "NetworkReader",
    "PairNetwork",
    "Relater",
    "at_least",
    "is_classifier",
    "load",
    "load_annotator",
    "load_by_language",
    "load_classifier",
    "load_classifiers",
    "model_folder",
    "precise",
    "read_description",
    "shipped_models",
]
