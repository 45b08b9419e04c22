"""Word vectors from plain text: skip-gram with negative sampling, trained by gensim.

Mikolov et al. (2013), "Distributed Representations of Words and Phrases and their Compositionality". Chinese is
learned by its characters and, with a lexicon, by its words, too: taggers that use a lexicon want both (Ma et al. 2020,
"Simplify the Usage of Lexicon in Chinese NER").
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern

import numpy as np

from epicrisis.document import Document
from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import Vectors
from epicrisis.text import tokens
from epicrisis.training.lexicon import Lexicon

SHINGLE = 8
"""Words that two texts must share in a row to count as the same stretch."""
SHARED_STRETCHES, SHARED_PART = 5, 0.05
"""A text with this many stretches, or this part of its own, in common with a held-out one is left out."""
REPEATED = 8
"""A sentence of at least so many words is learned from once, however often it stands in the texts."""
STRETCH = 1000
"""Words of a text that gensim is given at once."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True)
class VectorSettings:
    """size, window and negative as in the paper; at_least: how often a word must occur; own: how often the texts of
    the corpus to be trained on later are repeated among the others"""

    size: int = 200
    window: int = 5
    negative: int = 8
    sample: float = 1e-4
    at_least: int = 3
    epochs: int = 8
    own: int = 3
    seed: int = 1


def train_vectors(
    texts: Iterable[Document],
    own: Sequence[Document],
    held_out: Sequence[Document],
    settings: VectorSettings,
    lexicon: Lexicon | None = None,
) -> tuple[Vectors, Counter[str]]:
    """Vectors, the most frequent word first, and counts of what was read and left out.

    own       documents of the corpus that the vectors are for: its training part alone
    held_out  documents that must not be learned from: a text with one of their ids, or much in common with one, is
              left out
    lexicon   has every text read twice, as its tokens and cut into the lexicon's words. Both share one space, for a
              Chinese character is often a word, too
    One thread, so that the same texts and seed give the same vectors.
    """
    from gensim.models import Word2Vec

    counts: Counter[str] = Counter()
    seen: set[int] = set()
    kept = without_near_copies(texts, held_out, counts)
    streams = [stream for document in (*kept, *own) for stream in _streams(document, seen, lexicon)]
    streams += [stream for document in own for stream in _streams(document, set(), lexicon)] * (settings.own - 1)
    lines = [stream[n : n + STRETCH] for stream in streams for n in range(0, len(stream), STRETCH)]
    counts["words"] = sum(map(len, lines))
    random.Random(settings.seed).shuffle(lines)
    model = Word2Vec(
        lines,
        vector_size=settings.size,
        window=settings.window,
        min_count=settings.at_least,
        sg=1,
        negative=settings.negative,
        sample=settings.sample,
        epochs=settings.epochs,
        seed=settings.seed,
        workers=1,
    )
    return Vectors(tuple(model.wv.index_to_key), np.asarray(model.wv.vectors, np.float32)), counts


def without_near_copies(
    texts: Iterable[Document], held_out: Sequence[Document], counts: Counter[str]
) -> Iterator[Document]:
    """The texts that are no copy of a held-out document, nor share much with one; counts gets how many were not."""
    ids = {document.id for document in held_out}
    theirs = {stretch for document in held_out for stretch in _stretches(document)}
    for document in texts:
        own = _stretches(document)
        shared = len(own & theirs)
        if document.id in ids or shared >= SHARED_STRETCHES or shared > SHARED_PART * max(len(own), 1):
            counts["left out: like a held-out document"] += 1
        else:
            counts["texts"] += 1
            yield document


def _streams(document: Document, seen: set[int], lexicon: Lexicon | None) -> list[list[str]]:
    """The normalised tokens of a document, and its words if there is a lexicon, but for long sentences that were seen
    before; `seen` is added to."""
    words: list[str] = []
    longest: list[str] = []
    for sentence in _SENTENCE_END.split(document.text):
        spans = list(tokens(sentence))
        found = [normalise(sentence[start:end]) for start, end in spans]
        key = hash(tuple(found))
        if len(found) < REPEATED or key not in seen:
            words += map(intern, found)
            longest += map(intern, lexicon.segment(sentence, spans) if lexicon else ())
        seen.add(key)
    return [words, longest] if lexicon else [words]


def _stretches(document: Document) -> set[int]:
    words = [normalise(document.text[start:end]) for start, end in tokens(document.text)]
    return {hash(tuple(words[n : n + SHINGLE])) for n in range(len(words) - SHINGLE + 1)}
