"""Sentiment by a list of words of praise and complaint: weak labels, to have something to train on. English.

Weights of the words that a text holds are added up; a negation at most three words before a word, in the same clause,
turns it round. Above nothing is positive, below negative, and neutral is what comes to nothing or holds no such word.

A label that was made so is a guess. The document says `meta["weak"] = True`, and no split puts it where scores are
measured (`corpora.splits`).
"""

from collections import Counter
from dataclasses import replace
from functools import cache
from importlib import resources

from epicrisis.document import Document, Label
from epicrisis.rules.phrases import Phrases, words_of
from epicrisis.text import language
from epicrisis.text.foreign import foreign

LABEL, WEAK = "sentiment", "weak"
REACH = 3
NEGATIONS = frozenset(("not", "no", "never", "without", "hardly", "barely", "nobody", "none", "cannot", "t"))
"""t: of "don't", which is three words here."""
BREAKS = frozenset((".", ",", ";", ":", "!", "?", "but", "however", "although", "though"))


class Polarity:
    """Gives documents that lack one the label `sentiment`, by a list of words.

    counts  what became of the documents: labelled by class, left as they were and why
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def annotate(self, document: Document) -> Document:
        """The document with a weak label; as it is where it has a sentiment, holds no word, or is not in English."""
        if LABEL in document.labels:
            self.counts["has a sentiment"] += 1
            return document
        text = document.text
        if language(text) != "en" or foreign(text) or not any(map(str.isalpha, text)):
            self.counts["no English words"] += 1
            return document
        value = sentiment(text)
        self.counts[f"weakly {value}"] += 1
        return replace(document, labels={**document.labels, LABEL: Label(value)}, meta={**document.meta, WEAK: True})


def sentiment(text: str) -> str:
    """negative, neutral or positive"""
    words = words_of(text)
    total = 0
    for first, _, weight in _weights().find(words, bytes(len(words) + 1)):
        before = words[max(0, first - REACH) : first]
        while (stop := next((place for place, word in enumerate(before) if word in BREAKS), None)) is not None:
            before = before[stop + 1 :]
        total += -weight if NEGATIONS.intersection(before) else weight
    return "positive" if total > 0 else "negative" if total < 0 else "neutral"


@cache
def _weights() -> Phrases[int]:
    lines = resources.files("epicrisis.rules").joinpath("polarity-en.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return Phrases((words_of(phrase), int(weight)) for weight, phrases in rows for phrase in phrases.split("|"))
