"""The way out of a network, one class per decoder: scores of a sequence in, mentions out.

The torch half of each, under the same name in `parts/decoders`, makes the scores and learns from them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.linear_chain import Array, Chain, Found
from epicrisis.decoding.type_chains import TypeChains
from epicrisis.text import Codec, TagCodec, TypeTagsCodec


class Decoder(Protocol):
    """codec: what there is to find, made by `make_codec`; weights: those that `decoder.safetensors` holds"""

    make_codec: ClassVar[type[Codec]]
    """The class of the codec. Its keyword-only arguments are settings of the decoder in a recipe."""

    def __init__(self, codec: Any, weights: Mapping[str, Array]) -> None: ...

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        """(B, T, K) scores and a mask whose true tokens come first -> each sequence's mentions, by their first token"""
        ...


class CRF:
    """The best path of a linear-chain CRF (Lafferty et al. 2001), illegal transitions excluded."""

    make_codec: ClassVar[type[Codec]] = TagCodec

    def __init__(self, codec: TagCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec
        self.chain = Chain(weights["transitions"], weights["start"], weights["end"], codec)

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        return self.chain.mentions(scores, mask, self.codec)


class Softmax:
    """Each token on its own, but for the scheme's rules: a chain in which every legal transition is free."""

    make_codec: ClassVar[type[Codec]] = TagCodec

    def __init__(self, codec: TagCodec, weights: Mapping[str, Array]) -> None:
        self.codec = codec
        self.chain = Chain.free(codec)

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        return self.chain.mentions(scores, mask, self.codec)


class CRFPerType:
    """The best path of a linear-chain CRF for each type, illegal transitions excluded."""

    make_codec: ClassVar[type[Codec]] = TypeTagsCodec

    def __init__(self, codec: TypeTagsCodec, weights: Mapping[str, Array]) -> None:
        self.chains = TypeChains(weights["transitions"], weights["start"], weights["end"], codec)

    def decode(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        return self.chains.mentions(scores, mask)
