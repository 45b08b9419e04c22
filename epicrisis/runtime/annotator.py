"""Annotator: texts in, documents with entities out.

    passages -> arrays -> network -> scores -> decoder -> entities

The network is any function from named arrays to tag scores: an ONNX graph in the installed product, a torch module
while one is trained. All else is the same code for both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import Decoder, Found, NearestNeighbour
from epicrisis.decoding.odds import Odds
from epicrisis.document import Document, Entity, Relation, Span
from epicrisis.encoding import Indexer, encode
from epicrisis.errors import CorpusError, ModelError
from epicrisis.runtime.relater import Relater
from epicrisis.runtime.stream import in_order, processors, works
from epicrisis.text import Passage, PassageRule, TagCodec, encode_document, mark, own_tokens, passages, sequences

Network = Callable[[dict[str, NDArray[Any]]], NDArray[np.float32]]
"""The arrays of `encode` for B passages -> (B, T, K) scores."""

BATCH_TOKENS = 2048
"""Tokens that the decoder sees at once, and the network where its model does not say fewer, padding counted: enough to
keep a core busy, little to hold."""
BATCH_SEQUENCES = 128
"""Sequences that the network sees at once: a decoder compares tags in a (sequences, tags, tags) table."""
BATCHES = 16
WORK_TOKENS = BATCHES * BATCH_TOKENS
"""Tokens that a thread takes at once, to sort by length; of a network that sees fewer at once, so many batches."""

Chained = list[Passage]
Work = list[tuple[Document, Chained | None]]
"""A stretch of the stream of sequences; None marks the end of its document."""
Place = tuple[Span, str, float]
"""The characters of an entity, its type and the decoder's probability of it."""


@dataclass
class Finding:
    """What was found in a sequence; states: (T, H) of its own tokens, where relations are read from them."""

    places: Sequence[Place] = ()
    states: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Annotator:
    """A model ready for texts.

    name      what `meta["model"]` of its documents says
    network   the `states` graph
    indexers  in the order of the network's embedders
    decoder   scores -> mentions
    rule      how texts are cut into passages
    about     the content of model.json
    batch_tokens  how many tokens the network sees at once, padding counted; None for what the decoder sees
    relater   what relates the entities of a note to each other and says what holds of each; None for nothing
    reading   the `marked` graph, where the relater's states are those of the note read again with its entities marked
    """

    name: str
    network: Network
    indexers: Sequence[Indexer]
    decoder: Decoder
    rule: PassageRule
    about: Mapping[str, Any]
    batch_tokens: int | None = None
    relater: Relater | None = None
    reading: Network | None = None

    @property
    def decides(self) -> tuple[str, ...]:
        """Values of `assertion` that it says better alone than where rules add what they find, too: measured on dev."""
        return tuple(self.about.get("relations", {}).get("decides", ()))

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of those that it says of entities."""
        return tuple(self.about.get("relations", {}).get("attributes", ()))

    @cached_property
    def odds(self) -> Odds:
        """What makes the decoder's probabilities as often right as they say, measured on dev."""
        return Odds.from_dict(self.about.get("odds", {}))

    @property
    def precise_from(self) -> Mapping[str, Mapping[str, Mapping[str, float | None]]]:
        """Precision -> what it finds -> type -> the score from which on it is so precise, measured on dev."""
        return dict(self.about.get("precise_from", {}))

    def __call__(self, text: str | Document) -> Document:
        """Annotate one text. What entities and relations it has are replaced.

        Raises DocumentError where the text holds a lone surrogate.
        """
        (document,) = self.pipe([text], threads=1)
        return document

    def pipe(
        self, documents: Iterable[str | Document], *, threads: int | None = None, given: bool = False
    ) -> Iterator[Document]:
        """Annotate a stream, in its order and in constant memory.

        threads: how many work at once; by default one a processor
        given: keep the entities that the documents have, and find only their relations and attributes; what the
            documents say of those themselves is left out
        Where the iterator of the documents raises, it is raised on after the documents before it.
        """
        failures: list[Exception] = []
        most = WORK_TOKENS if self.batch_tokens is None else BATCHES * self.batch_tokens
        stream = works(_sequences(map(_as_document, documents), self.rule), _size, most, failures)
        findings: list[Finding] = []
        tokens: list[Span] = []
        for work, found in in_order(self._find, stream, threads or processors()):
            for (document, sequence), here in zip(work, found, strict=True):
                if sequence is None:
                    yield self._finished(document, tokens, findings, given)
                    findings, tokens = [], []
                else:
                    findings.append(here)
                    if self.relater is not None:
                        tokens.extend(own_tokens(sequence))
        if failures:
            raise failures[0]

    def with_support(self, documents: Iterable[Document]) -> "Annotator":
        """The same network, but it finds what the entities of these documents are examples of, and nothing else.

        documents: a handful, in which everything is marked that is to be found; what is not marked is an example, too.
        Their types need not be those that the network was trained for.

        Raises ModelError where the model knows its types by its weights, CorpusError where there is no entity.
        """
        if not isinstance(self.decoder, NearestNeighbour):
            raise ModelError(
                f"{self.name}: this model finds only the types that it was trained for, and cannot be shown others; "
                f"one with a nearest-neighbour decoder can: train the recipe container"
            )
        given = list(documents)
        types = sorted({entity.type for document in given for entity in document.entities})
        codec = TagCodec(types, **self.decoder.codec.settings)
        read = [pair for document in given for pair in encode_document(document, codec, self.rule) if pair[0]]
        tags = [encoded.targets for _, encoded in read]
        if not any(row.any() for row in tags):
            raise CorpusError(
                f"the {len(given)} support documents hold no entity that could be learned from; mark in them what is "
                f"to be found (discontinuous entities do not count)"
            )
        states = [self._scores([sequence]) for sequence, _ in read]
        weights = {"support": np.concatenate([row[mask] for row, mask in states]), "tags": np.concatenate(tags)}
        about = {key: value for key, value in self.about.items() if key not in ("odds", "precise_from")}
        return replace(self, decoder=NearestNeighbour(codec, weights), about={**about, "types": types})

    def _finished(self, document: Document, tokens: list[Span], findings: list[Finding], given: bool) -> Document:
        places = [place for found in findings for place in found.places]
        likely = [place[2] for place in places]
        scored = zip(places, self.odds(np.array(likely)).round(4).tolist(), strict=True)
        entities: Sequence[Entity] = [
            Entity(place[1], (place[0],), id=f"T{number}", score=score)
            for number, (place, score) in enumerate(scored, start=1)
        ]
        sure = {f"T{number}": share for number, share in enumerate(likely, start=1)}
        relations: Sequence[Relation] = ()
        if given:
            entities = [replace(entity, attributes={}) for entity in document.entities]
            sure = {entity.id: entity.score for entity in entities if entity.score is not None}
        if self.relater is not None and self.reading is not None:
            entities, relations = self._related_in_marked(self.relater, self.reading, document, entities, sure)
        elif self.relater is not None and findings and entities:
            states = np.concatenate([found.states for found in findings if found.states is not None])
            ruled = self.relater.ruled(document.text, entities)
            entities, relations = self.relater(tokens, states, entities, ruled, sure)
        meta = {**document.meta, "model": self.name}
        return replace(document, entities=tuple(entities), relations=tuple(relations), groups=(), meta=meta)

    def _related_in_marked(
        self,
        relater: Relater,
        reading: Network,
        document: Document,
        entities: Sequence[Entity],
        sure: Mapping[str, float],
    ) -> tuple[Sequence[Entity], Sequence[Relation]]:
        marked = mark(Document(document.id, document.text, tuple(entities)))
        read = list(sequences(passages(marked.text, self.rule)))
        reader = replace(self, network=reading)
        states: list[NDArray[np.float32]] = [np.zeros((0, relater.states_size), np.float32)]
        for batch in _batches(range(len(read)), [sum(len(p.tokens) for p in s) for s in read], BATCH_TOKENS):
            rows, mask = reader._scores([read[n] for n in batch])
            states += [row[real] for row, real in zip(rows, mask, strict=True)]
        tokens = [token for sequence in read for token in own_tokens(sequence)]
        ruled = relater.ruled(document.text, entities)
        found, relations = relater(tokens, np.concatenate(states), marked.entities, ruled, sure)
        said = {entity.id: entity.attributes for entity in found}
        return [replace(entity, attributes=said[entity.id]) for entity in entities], relations

    def _find(self, work: Work) -> list[Finding]:
        """What is in each sequence of the work, in its order."""
        found = [Finding() for _ in work]
        lengths = [sum(len(p.tokens) for p in sequence) if sequence else 0 for _, sequence in work]
        order = sorted((n for n, length in enumerate(lengths) if length), key=lengths.__getitem__)
        for batch in _batches(order, lengths, BATCH_TOKENS):
            chosen = [work[n][1] or [] for n in batch]
            scores, mask = self._scores(chosen)
            states: Sequence[NDArray[np.float32] | None] = [None] * len(batch)
            if self.relater is not None and self.reading is None:
                scores, behind = np.split(scores, [scores.shape[2] - self.relater.states_size], 2)
                states = [row[real] for row, real in zip(behind, mask, strict=True)]
            decoded = self.decoder.decode(scores, mask)
            for n, sequence, mentions, read in zip(batch, chosen, decoded, states, strict=True):
                found[n] = Finding(_places(mentions, own_tokens(sequence)) if mentions else (), read)
        return found

    def _scores(self, chosen: list[Chained]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Scores (S, T, K) and mask (S, T) of the own tokens of S sequences, their windows joined."""
        cut = [passage for sequence in chosen for passage in sequence]
        parts = [list(range(len(cut)))]
        if self.batch_tokens is not None:
            parts = list(_batches(parts[0], [len(passage.tokens) for passage in cut], self.batch_tokens))
        own: list[NDArray[np.float32]] = []
        for part in parts:
            inputs = encode([cut[n] for n in part], self.indexers)
            scores = self.network(inputs)
            if len(part) == len(chosen) == len(cut):
                return scores, inputs["mask"]
            own += [scores[row, slice(*cut[n].own)] for row, n in enumerate(part)]
        rows = iter(own)
        joined = [np.concatenate([next(rows) for _ in sequence]) for sequence in chosen]
        mask = np.arange(max(map(len, joined))) < np.array([len(row) for row in joined])[:, None]
        stitched = np.zeros((*mask.shape, scores.shape[2]), np.float32)
        stitched[mask] = np.concatenate(joined)
        return stitched, mask


def _as_document(text: str | Document) -> Document:
    return Document("", text) if isinstance(text, str) else text


def _sequences(documents: Iterable[Document], rule: PassageRule) -> Iterator[tuple[Document, Chained | None]]:
    for document in documents:
        for sequence in sequences(passages(document.text, rule)):
            yield document, sequence
        yield document, None


def _size(item: tuple[Document, Chained | None]) -> int:
    return sum(len(passage.tokens) for passage in item[1] or ()) + 1


def _batches(order: Iterable[int], lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Sequences in an order, best by length, so that a batch holds at most `most` tokens with its padding."""
    batch: list[int] = []
    longest = 0
    for n in order:
        longest = max(longest, lengths[n])
        full = len(batch) == BATCH_SEQUENCES or longest * (len(batch) + 1) > most
        if batch and full:
            yield batch
            batch, longest = [], lengths[n]
        batch.append(n)
    if batch:
        yield batch


def _places(mentions: list[Found], tokens: list[Span]) -> list[Place]:
    return [((tokens[m.first][0], tokens[m.after - 1][1]), m.type, m.score) for m in mentions]
