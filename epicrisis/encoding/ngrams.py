"""A text as its n-grams, weighted by how rare they are: what a linear classifier reads.

Salton and Buckley (1988), "Term-weighting approaches in automatic text retrieval". Of each kind, words and characters,
the weights of a text have length 1 of their own: long words with their many characters do not outweigh the rest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.spellings import normalise
from epicrisis.text import tokens

LEAST_CHARACTERS = 2
KINDS = ("words", "characters")
_JOIN = " "

Row = tuple[NDArray[np.int64], NDArray[np.float64]]
"""The numbers of the n-grams of a text, and their weights."""


@dataclass(frozen=True)
class NgramIndexer:
    """words, characters: n-grams of up to so many, 0 for none of the kind; known: those of each kind, in their order

    rarity  (n-grams of both kinds,), ln((1 + documents) / (1 + documents with it)) + 1
    """

    words: int
    characters: int
    known: Mapping[str, Mapping[str, int]]
    rarity: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Sequence[str], *, words: int, characters: int, least: int, most: int) -> "NgramIndexer":
        """The n-grams that at least so many texts hold, of each kind the `most` that stand in most texts."""
        known: dict[str, dict[str, int]] = {}
        rarity: list[float] = []
        for kind, found in zip(
            KINDS, zip(*(_kinds(text, words, characters) for text in texts), strict=True), strict=True
        ):
            held = Counter(ngram for counts in found for ngram in counts)
            common = sorted((ngram for ngram, count in held.items() if count >= least), key=lambda n: (-held[n], n))
            chosen = sorted(common[:most])
            known[kind] = {ngram: len(rarity) + number for number, ngram in enumerate(chosen)}
            rarity += [math.log((1 + len(texts)) / (1 + held[ngram])) + 1 for ngram in chosen]
        return cls(words, characters, known, np.array(rarity, np.float32))

    def row(self, text: str) -> Row:
        """1 + ln(how often), times how rare; n-grams that are not known are passed over."""
        parts = [self._kind(*one) for one in zip(KINDS, _kinds(text, self.words, self.characters), strict=True)]
        numbers, weights = zip(*parts, strict=True)
        return np.concatenate(numbers), np.concatenate(weights)

    def _kind(self, kind: str, counts: Mapping[str, int]) -> Row:
        numbered = self.known[kind]
        pairs = [(number, count) for ngram, count in counts.items() if (number := numbered.get(ngram)) is not None]
        numbers, often = np.array(pairs, np.int64).reshape(-1, 2).T
        weights: NDArray[np.float64] = (1 + np.log(np.maximum(often, 1))) * self.rarity[numbers].astype(np.float64)
        return numbers, weights / max(float(np.linalg.norm(weights)), 1e-12)

    def to_dict(self) -> dict[str, Any]:
        """All but the rarities, which stand in a file of numbers."""
        known = {kind: list(self.known[kind]) for kind in KINDS}
        return {"words": self.words, "characters": self.characters, "known": known}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], rarity: NDArray[np.float32]) -> "NgramIndexer":
        known: dict[str, dict[str, int]] = {}
        for kind in KINDS:
            before = sum(map(len, known.values()))
            known[kind] = {ngram: before + number for number, ngram in enumerate(data["known"][kind])}
        if sum(map(len, known.values())) != len(rarity):
            raise ValueError("as many rarities as n-grams are expected")
        return cls(data["words"], data["characters"], known, rarity)


def _kinds(text: str, words: int, characters: int) -> tuple[Counter[str], Counter[str]]:
    return Counter(word_ngrams(text, words)), Counter(character_ngrams(text, characters))


def word_ngrams(text: str, most: int) -> Iterator[str]:
    """Of 1 to `most` tokens, as words are looked up: without case, all digits alike."""
    read = [normalise(text[start:end]) for start, end in tokens(text)] if most else []
    for n in range(1, most + 1):
        yield from (_JOIN.join(read[k : k + n]) for k in range(len(read) - n + 1))


def character_ngrams(text: str, most: int) -> Iterator[str]:
    """Of 2 to `most` characters between white space, the ends of which count as a space."""
    pieces: Iterable[str] = text.lower().split() if most >= LEAST_CHARACTERS else ()
    for piece in pieces:
        piece = f" {piece} "
        for n in range(LEAST_CHARACTERS, most + 1):
            yield from (piece[k : k + n] for k in range(len(piece) - n + 1))
