"""States -> scores, and the lesson. The way out, under the same name, is in `decoding`."""

from torch import nn

from epicrisis.parts.decoders.biaffine import Biaffine
from epicrisis.parts.decoders.crf import CRF
from epicrisis.parts.decoders.crf_per_type import CRFPerType
from epicrisis.parts.decoders.nearest_neighbour import NearestNeighbour
from epicrisis.parts.decoders.softmax import Softmax
from epicrisis.parts.decoders.span import SpanEdges
from epicrisis.parts.decoders.span_match import SpanMatch

DECODERS: dict[str, type[nn.Module]] = {
    "crf": CRF,
    "softmax": Softmax,
    "crf_per_type": CRFPerType,
    "biaffine": Biaffine,
    "span": SpanEdges,
    "nearest_neighbour": NearestNeighbour,
    "span_match": SpanMatch,
}

__all__ = ["CRF", "DECODERS", "Biaffine", "CRFPerType", "NearestNeighbour", "Softmax", "SpanEdges", "SpanMatch"]
