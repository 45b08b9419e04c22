"""Documents -> batches: passages of similar length together, as many as a budget of tokens allows."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from epicrisis.document import Document
from epicrisis.encoding import Indexer, encode, own_mask, pad_targets
from epicrisis.text import Codec, Fates, Passage, PassageRule, encode_document, own_tokens

SHUFFLE = 0.15
"""How far apart in length, as a share, passages may be that an epoch puts in one batch."""


@dataclass(frozen=True)
class Example:
    """A passage to learn from, and the targets of its own tokens."""

    passage: Passage
    targets: NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """inputs: the indexers' arrays and the mask; own: (B, T) tokens to learn from; targets: (B, own tokens, ...)"""

    inputs: Mapping[str, Tensor]
    own: Tensor
    targets: Tensor


def examples(documents: Iterable[Document], codec: Codec, rule: PassageRule) -> tuple[list[Example], Fates]:
    """The passages of documents with their targets, and what became of the entities."""
    found: list[Example] = []
    fates = Fates()
    for document in documents:
        for sequence, encoded in encode_document(document, codec, rule):
            fates.add(encoded)
            start = 0
            for passage in sequence:
                first, after = passage.own
                found.append(Example(passage, encoded.targets[start : start + after - first]))
                start += after - first
            assert start == len(own_tokens(sequence))
    return found, fates


def epoch_batches(found: Sequence[Example], tokens: int, seed: int) -> Iterator[list[Example]]:
    """Every example once, in an order that the seed determines."""
    chance = random.Random(seed)
    length = [len(example.passage.tokens) * (1 + SHUFFLE * chance.random()) for example in found]
    batches: list[list[Example]] = [[]]
    longest = 0
    for n in sorted(range(len(found)), key=length.__getitem__):
        longest = max(longest, len(found[n].passage.tokens))
        if batches[-1] and longest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
            longest = len(found[n].passage.tokens)
        batches[-1].append(found[n])
    chance.shuffle(batches)
    yield from batches


def make_batch(chosen: Sequence[Example], indexers: Iterable[Indexer]) -> Batch:
    passages = [example.passage for example in chosen]
    return Batch(
        {name: torch.from_numpy(array) for name, array in encode(passages, indexers).items()},
        torch.from_numpy(own_mask(passages)),
        torch.from_numpy(pad_targets([example.targets for example in chosen])),
    )
