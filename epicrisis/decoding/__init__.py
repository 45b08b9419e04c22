"""Arrays -> mentions. Numpy only: training, evaluation and the installed product decode with the same code."""

from collections.abc import Mapping, Sequence
from typing import Any

from epicrisis.decoding.decoders import CRF, CRFPerType, Decoder, Softmax
from epicrisis.decoding.labels import LABEL_HEADS, LabelHead, decode_labels, heads_from
from epicrisis.decoding.linear_chain import Chain, Found
from epicrisis.decoding.nearest_neighbour import NearestNeighbour
from epicrisis.decoding.relations import Relations
from epicrisis.decoding.span_match import SpanMatch
from epicrisis.decoding.spans import Biaffine, SpanEdges, Template
from epicrisis.text import Codec

DECODERS: dict[str, type[Decoder]] = {
    "crf": CRF,
    "softmax": Softmax,
    "crf_per_type": CRFPerType,
    "biaffine": Biaffine,
    "span": SpanEdges,
    "nearest_neighbour": NearestNeighbour,
    "span_match": SpanMatch,
    "template": Template,
}


def make_codec(decoder: Mapping[str, Any], types: Sequence[str]) -> Codec:
    """decoder: {"type": ..., settings of its codec ...}, as a recipe and model.json say it"""
    settings = {key: value for key, value in decoder.items() if key != "type"}
    return DECODERS[decoder["type"]].make_codec(types, **settings)


__all__ = [
    "CRF",
    "DECODERS",
    "LABEL_HEADS",
    "Biaffine",
    "CRFPerType",
    "Chain",
    "Decoder",
    "Found",
    "LabelHead",
    "NearestNeighbour",
    "Relations",
    "Softmax",
    "SpanEdges",
    "SpanMatch",
    "Template",
    "decode_labels",
    "heads_from",
    "make_codec",
]
