"""Vectors -> states that know their neighbours."""

from torch import nn

from epicrisis.parts.encoders.bilstm import BiLSTM
from epicrisis.parts.encoders.nothing import Nothing

ENCODERS: dict[str, type[nn.Module]] = {"bilstm": BiLSTM, "nothing": Nothing}

__all__ = ["ENCODERS", "BiLSTM", "Nothing"]
