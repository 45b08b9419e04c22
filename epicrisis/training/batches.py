"""Documents -> batches: passages of similar length together, as many as a budget of tokens allows."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from epicrisis.document import Document
from epicrisis.encoding import Indexer, encode, encode_documents, own_mask, pad_targets
from epicrisis.models.joint import Stretches
from epicrisis.text import (
    Codec,
    Facts,
    Fates,
    Passage,
    PassageRule,
    RelationCodec,
    RelationFates,
    encode_document,
    own_tokens,
)

SHUFFLE = 0.15
"""How far apart in length, as a share, passages may be that an epoch puts in one batch."""


@dataclass(frozen=True)
class Example:
    """A passage to learn from, and the targets of its own tokens."""

    passage: Passage
    targets: NDArray[np.int64]

    @property
    def examples(self) -> "list[Example]":
        return [self]


@dataclass(frozen=True)
class Stretch:
    """Passages of one document that follow each other, and what is to be learned of their mentions."""

    examples: list[Example]
    facts: Facts


@dataclass(frozen=True)
class Case:
    """A chapter of a document, whose passages have no targets of their own, and what is to be learned of it.

    targets, weights  (numbers of all heads,); the weight of what is not known is 0
    """

    examples: list[Example]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]


Item = Example | Stretch | Case


@dataclass(frozen=True)
class Batch:
    """inputs: the indexers' arrays and the mask; own: (B, T) tokens to learn from; targets: (B, own tokens, ...);
    stretches: what is to be learned of the mentions, where there is something
    """

    inputs: Mapping[str, Tensor]
    own: Tensor
    targets: Tensor
    stretches: Stretches | None = None

    @property
    def count(self) -> int:
        """Tokens that are learned from: the loss is a mean over them."""
        return int(self.own.sum())

    def to(self, device: torch.device) -> "Batch":
        inputs = {name: tensor.to(device) for name, tensor in self.inputs.items()}
        return Batch(inputs, self.own.to(device), self.targets.to(device), self.stretches)


@dataclass(frozen=True)
class LabelBatch:
    """inputs: the arrays of `encode_documents`; targets, weights: (D, numbers of all heads)"""

    inputs: Mapping[str, Tensor]
    targets: Tensor
    weights: Tensor

    @property
    def count(self) -> int:
        """Chapters that are learned from."""
        return len(self.targets)

    def to(self, device: torch.device) -> "LabelBatch":
        inputs = {name: tensor.to(device) for name, tensor in self.inputs.items()}
        return LabelBatch(inputs, self.targets.to(device), self.weights.to(device))


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


def stretches(
    documents: Iterable[Document],
    codec: Codec,
    relations: RelationCodec,
    rule: PassageRule,
    tokens: int,
    ruled: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> tuple[list[Stretch], Fates, RelationFates]:
    """As `examples`, but as many passages of a document together as a batch of so many tokens holds.

    ruled: id of a document -> what rules say of its entities: id -> value
    """
    found: list[Stretch] = []
    fates, related = Fates(), RelationFates()
    for document in documents:
        here, fate = examples([document], codec, rule)
        fates += fate
        reached = 0
        for group in _grouped(here, tokens):
            own = own_tokens([example.passage for example in group])
            inside = [e for e in document.entities if own[0][0] <= e.start and e.end <= own[-1][1]]
            ids = {entity.id for entity in inside}
            both = [relation for relation in document.relations if {relation.head, relation.tail} <= ids]
            facts, fate_of_relations = relations.encode(own, inside, both, ruled.get(document.id, {}))
            related += fate_of_relations
            reached += len(both)
            found.append(Stretch(group, facts))
        related += RelationFates(far=len(document.relations) - reached)
    return found, fates, related


def _grouped(found: Sequence[Example], tokens: int) -> Iterator[list[Example]]:
    group: list[Example] = []
    longest = 0
    for example in found:
        longest = max(longest, len(example.passage.tokens))
        if group and longest * (len(group) + 1) > tokens:
            yield group
            group, longest = [], len(example.passage.tokens)
        group.append(example)
    if group:
        yield group


def mixed_batches(found: Sequence[Item], tokens: int, seed: int) -> Iterator[list[Item]]:
    """As `epoch_batches`, but stretches and single passages do not share a batch."""
    singly: list[Item] = [item for item in found if not isinstance(item, Stretch)]
    together: list[Item] = [item for item in found if isinstance(item, Stretch)]
    batches = [batch for kind in (singly, together) if kind for batch in epoch_batches(kind, tokens, seed)]
    if singly and together:
        random.Random(seed).shuffle(batches)
    yield from batches


def longest_passage(item: Item) -> int:
    return max(len(example.passage.tokens) for example in item.examples)


def epoch_batches(found: Sequence[Item], tokens: int, seed: int) -> Iterator[list[Item]]:
    """Every example once, in an order that the seed determines."""
    chance = random.Random(seed)
    length = [longest_passage(item) * (1 + SHUFFLE * chance.random()) for item in found]
    batches: list[list[Item]] = [[]]
    longest = passages = 0
    for n in sorted(range(len(found)), key=length.__getitem__):
        longest, passages = max(longest, longest_passage(found[n])), passages + len(found[n].examples)
        if batches[-1] and longest * passages > tokens:
            batches.append([])
            longest, passages = longest_passage(found[n]), len(found[n].examples)
        batches[-1].append(found[n])
    chance.shuffle(batches)
    yield from batches


def make_batch(chosen: Sequence[Item], indexers: Iterable[Indexer]) -> Batch:
    found = [example for item in chosen for example in item.examples]
    passages = [example.passage for example in found]
    return Batch(
        {name: torch.from_numpy(array) for name, array in encode(passages, indexers).items()},
        torch.from_numpy(own_mask(passages)),
        torch.from_numpy(pad_targets([example.targets for example in found])),
        _joined([item for item in chosen if isinstance(item, Stretch)]),
    )


def _joined(chosen: Sequence[Stretch]) -> Stretches | None:
    """The facts of stretches in a row, their positions and mentions counted through."""
    if not chosen:
        return None
    tokens = mentions = 0
    parts: list[tuple[NDArray[np.int64], ...]] = []
    for number, stretch in enumerate(chosen):
        facts = stretch.facts
        relations = facts.relations + np.array([mentions, mentions, 0])
        of_stretch = np.full(len(facts.types), number)
        parts.append((facts.spans + tokens, facts.types, relations, facts.attributes, facts.ruled, of_stretch))
        tokens += sum(len(example.targets) for example in stretch.examples)
        mentions += len(facts.types)
    spans, types, relations, attributes, ruled, number_of = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    of_passage = np.repeat(np.arange(len(chosen)), [len(stretch.examples) for stretch in chosen])
    return Stretches(Facts(spans, types, relations, attributes, ruled), number_of, of_passage)


def make_label_batch(chosen: Sequence[Item], indexers: Iterable[Indexer]) -> LabelBatch:
    cases = [item for item in chosen if isinstance(item, Case)]
    inputs = encode_documents([[example.passage for example in case.examples] for case in cases], indexers)
    return LabelBatch(
        {name: torch.from_numpy(array) for name, array in inputs.items()},
        torch.from_numpy(np.stack([case.targets for case in cases])),
        torch.from_numpy(np.stack([case.weights for case in cases])),
    )
