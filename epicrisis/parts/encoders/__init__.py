"""Vectors -> states that know their neighbours."""

from torch import nn

from epicrisis.parts.encoders.bilstm import BiLSTM
from epicrisis.parts.encoders.cross_lstm import CrossLSTM
from epicrisis.parts.encoders.gated_feedback import GatedFeedback
from epicrisis.parts.encoders.indrnn import IndRNN
from epicrisis.parts.encoders.nothing import Nothing
from epicrisis.parts.encoders.sru import SRU

ENCODERS: dict[str, type[nn.Module]] = {
    "bilstm": BiLSTM,
    "sru": SRU,
    "indrnn": IndRNN,
    "gated_feedback": GatedFeedback,
    "cross_lstm": CrossLSTM,
    "nothing": Nothing,
}

__all__ = ["ENCODERS", "SRU", "BiLSTM", "CrossLSTM", "GatedFeedback", "IndRNN", "Nothing"]
