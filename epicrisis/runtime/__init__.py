"""A model folder -> an Annotator. Needs numpy and onnxruntime, never torch."""

from epicrisis.runtime.annotator import Annotator, Network
from epicrisis.runtime.model import load, model_folder, read_description, shipped_models

__all__ = ["Annotator", "Network", "load", "model_folder", "read_description", "shipped_models"]
