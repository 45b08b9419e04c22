"""Arrays -> mentions. Numpy only: training, evaluation and the installed product decode with the same code."""

from epicrisis.decoding.decoders import CRF, Decoder, Softmax
from epicrisis.decoding.linear_chain import Chain, Found

DECODERS: dict[str, type[Decoder]] = {"crf": CRF, "softmax": Softmax}

__all__ = ["CRF", "DECODERS", "Chain", "Decoder", "Found", "Softmax"]
