"""Vectors -> states that know their neighbours."""

from torch import nn

from epicrisis.parts.encoders.bigru import BiGRU
from epicrisis.parts.encoders.bilstm import BiLSTM
from epicrisis.parts.encoders.cnn import CNN
from epicrisis.parts.encoders.cross_lstm import CrossLSTM
from epicrisis.parts.encoders.dilated_cnn import DilatedCNN
from epicrisis.parts.encoders.gated_feedback import GatedFeedback
from epicrisis.parts.encoders.gru import GRU
from epicrisis.parts.encoders.indrnn import IndRNN
from epicrisis.parts.encoders.lstm import LSTM
from epicrisis.parts.encoders.ngram_cnn import NgramCNN
from epicrisis.parts.encoders.nothing import Nothing
from epicrisis.parts.encoders.rnn import RNN
from epicrisis.parts.encoders.sru import SRU
from epicrisis.parts.encoders.transformer_encoder import TransformerEncoder

ENCODERS: dict[str, type[nn.Module]] = {
    "rnn": RNN,
    "lstm": LSTM,
    "bilstm": BiLSTM,
    "gru": GRU,
    "bigru": BiGRU,
    "sru": SRU,
    "gated_feedback": GatedFeedback,
    "indrnn": IndRNN,
    "cross_lstm": CrossLSTM,
    "cnn": CNN,
    "dilated_cnn": DilatedCNN,
    "ngram_cnn": NgramCNN,
    "transformer_encoder": TransformerEncoder,
    "nothing": Nothing,
}

__all__ = [
    "CNN",
    "ENCODERS",
    "GRU",
    "LSTM",
    "RNN",
    "SRU",
    "BiGRU",
    "BiLSTM",
    "CrossLSTM",
    "DilatedCNN",
    "GatedFeedback",
    "IndRNN",
    "NgramCNN",
    "Nothing",
    "TransformerEncoder",
]
