"""Documents -> batches: passages of similar length together, as many as a budget of tokens allows."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from epicrisis.document import Document
from epicrisis.encoding import Indexer, Words, encode, own_mask, tag_targets
from epicrisis.text import Codec, Fates, Passage, PassageRule, own_tokens, tag_document

SHUFFLE = 0.15
"""How far apart in length, as a share, passages may be that an epoch puts in one batch."""


@dataclass(frozen=True)
class Example:
    """A passage to learn from: its words, and a tag for each."""

    words: list[str]
    passage: Passage
    tags: NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """inputs: the indexers' arrays and the mask; own: (B, T) tokens to learn from; targets: (B, T) tags"""

    inputs: Mapping[str, Tensor]
    own: Tensor
    targets: Tensor


def examples(documents: Iterable[Document], codec: Codec, rule: PassageRule) -> tuple[list[Example], Fates]:
    """The passages of documents with their tags, and what became of the entities."""
    found: list[Example] = []
    fates = Fates()
    for document in documents:
        for sequence, tagged in tag_document(document, codec, rule):
            fates.add(tagged)
            start = 0
            for passage in sequence:
                first, after = passage.own
                tags = np.zeros(len(passage.tokens), np.int64)
                tags[first:after] = tagged.tags[start : start + after - first]
                start += after - first
                found.append(Example([document.text[a:b] for a, b in passage.tokens], passage, tags))
            assert start == len(own_tokens(sequence))
    return found, fates


def words_of(found: Sequence[Example]) -> Words:
    return [example.words for example in found]


def epoch_batches(found: Sequence[Example], tokens: int, seed: int) -> Iterator[list[Example]]:
    """Every example once, in an order that the seed determines."""
    chance = random.Random(seed)
    length = [len(example.words) * (1 + SHUFFLE * chance.random()) for example in found]
    batches: list[list[Example]] = [[]]
    longest = 0
    for n in sorted(range(len(found)), key=length.__getitem__):
        longest = max(longest, len(found[n].words))
        if batches[-1] and longest * (len(batches[-1]) + 1) > tokens:
            batches.append([])
            longest = len(found[n].words)
        batches[-1].append(found[n])
    chance.shuffle(batches)
    yield from batches


def make_batch(chosen: Sequence[Example], indexers: Iterable[Indexer], codec: Codec) -> Batch:
    inputs = encode([example.words for example in chosen], indexers)
    return Batch(
        {name: torch.from_numpy(array) for name, array in inputs.items()},
        torch.from_numpy(own_mask([example.passage for example in chosen])),
        torch.from_numpy(tag_targets([example.tags for example in chosen], codec)),
    )
