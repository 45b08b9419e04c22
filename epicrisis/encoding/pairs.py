"""Mentions -> the arrays that the graph `pairs` reads: where each stands, and which others it may be related to."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.text import RelationCodec

Numbers = NDArray[np.int64]


def encode_pairs(
    codec: RelationCodec, spans: Numbers, types: Numbers, ruled: Numbers, stretch: Numbers | None = None
) -> dict[str, NDArray[Any]]:
    """spans (M, 2), types and ruled (M,): mentions among T tokens, in reading order; see `Facts`

    stretch: see `RelationCodec.partners`

    -> first, after, types, ruled (M,); partners (M, N), padded with 0, and which of them are real; back (M, N), in the
    row of each partner the column in which the mention itself stands
    """
    partners = codec.partners(spans, types, stretch)
    return {
        "first": spans[:, 0],
        "after": spans[:, 1],
        "types": types,
        "ruled": ruled,
        "partners": np.maximum(partners, 0),
        "real": partners >= 0,
        "back": _back(partners),
    }


def _back(partners: Numbers) -> Numbers:
    rows, columns = np.nonzero(partners >= 0)  # sorted: partners rise within a row
    there = partners[rows, columns]
    keys = rows * len(partners) + there
    found = np.zeros_like(partners)
    found[rows, columns] = columns[np.searchsorted(keys, there * len(partners) + rows)]
    return found
