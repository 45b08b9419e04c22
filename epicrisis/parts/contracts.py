"""What the parts of a network promise each other.

B is the passages of a batch, T the tokens of the longest, K the scores of a token. A mask is (B, T), true for real
tokens, which come first in their row; padding changes no result. A part takes plain arguments, moves nothing between
devices, prints nothing and reads no files. Every part can be exported: its `forward` is made of operators that depend
on no value of a batch. `flops` is the floating-point operations of a forward pass over one passage of so many tokens.
A multiply-add counts 2. Products of matrices, convolutions and the products of attention count; look-ups, biases,
activations and normalisation do not, nor does what is element-wise, unless a recurrence is so by nature.
"""

from typing import Protocol

from torch import Tensor


class Embedder(Protocol):
    """Numbered tokens -> vectors."""

    output_size: int

    def __call__(self, inputs: dict[str, Tensor]) -> Tensor:
        """the arrays of the indexer of the same name -> (B, T, output_size)"""
        ...

    def flops(self, tokens: int) -> int: ...


class Encoder(Protocol):
    """Vectors -> states that know their neighbours."""

    output_size: int

    def __call__(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T) -> (B, T, output_size)"""
        ...

    def flops(self, tokens: int) -> int: ...


class Attention(Protocol):
    """States -> states that have looked at the whole passage; `embedded` is what the encoder was given."""

    output_size: int

    def __call__(self, states: Tensor, embedded: Tensor, mask: Tensor) -> Tensor:
        """(B, T, input_size), (B, T, embedded_size), (B, T) -> (B, T, output_size)"""
        ...

    def flops(self, tokens: int) -> int: ...


class Decoder(Protocol):
    """States -> scores, and what there is to learn from them. Its way out, `decode`, is numpy: see `decoding`."""

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, K): what decoding has to know of each token, alone"""
        ...

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """(B, T, K), (B, T), (B, T, ...) targets of the codec -> (), the sum over the batch"""
        ...

    def weights(self) -> dict[str, Tensor]:
        """What decoding needs beside the scores."""
        ...

    def flops(self, tokens: int) -> int:
        """Of the scores alone: decoding is not the network's."""
        ...


class RelationDecoder(Protocol):
    """Mentions and candidates -> scores of relations. Its way out is numpy: see `decoding/relations.py`.

    M is the mentions of a batch, N the most partners of one, E the width of a mention's vector; `pairs` holds the
    arrays of `encode_pairs`, and allowed (M, N, R), which of the R relations the types of head and partner allow.
    """

    classes_beside: int
    """Scores before those of relations: 1 where a softmax has a class of none."""

    def scores(self, mentions: Tensor, states: Tensor, pairs: dict[str, Tensor]) -> Tensor:
        """(M, E), (T, H) -> (M, N, classes_beside + R): of mention m as head and its n-th partner as tail"""
        ...

    def loss(self, scores: Tensor, pairs: dict[str, Tensor], targets: Tensor) -> Tensor:
        """(M, N, R) targets -> (), the sum over the candidates"""
        ...

    def flops(self, mentions: int, partners: int) -> int: ...


class Pooling(Protocol):
    """The states of a text, in all its passages -> one vector. D is texts, P the most passages of one."""

    output_size: int

    def __call__(self, states: Tensor, mask: Tensor) -> Tensor:
        """(D, P, T, input_size), (D, P, T) -> (D, output_size)

        mask: the tokens that the passages answer for, in every text one at least
        """
        ...

    # An attention also has read(states, mask), which gives the tokens' shares (D, P, T) beside.

    def flops(self, tokens: int) -> int: ...


class Head(Protocol):
    """The vector of a text -> scores of its labels. Its way out is numpy: see `decoding/labels.py`."""

    def scores(self, pooled: Tensor) -> Tensor:
        """(D, input_size) -> (D, columns)"""
        ...

    def loss(self, scores: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """(D, columns), twice (D, width) -> (), a sum; the weight of what is not known is 0"""
        ...

    def flops(self) -> int: ...
