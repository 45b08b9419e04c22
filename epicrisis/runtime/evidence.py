"""The words that a label was decided by, where no attention says so: those without which its score falls most.

Zeiler and Fergus (2014), "Visualizing and Understanding Convolutional Networks", section 4.2, where parts of an image
are hidden; here words, one by one. In a long text, sentences are hidden first, and then the words of the weightiest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import LabelHead
from epicrisis.decoding.labels import split_columns
from epicrisis.document import Evidence, Label, Span
from epicrisis.text import sentences, tokens

MOST_WORDS = 5
"""Words that are named."""
MOST_HIDDEN = 200
"""Words that are hidden at the most, and sentences."""
WEIGHTY = 3
"""Sentences of a long text whose words are hidden."""

Word = tuple[int, int, float]
Scores = Callable[[Sequence[str]], Sequence[NDArray[np.float64] | None]]


def by_occlusion(
    text: str, labels: Mapping[str, Label], whole: NDArray[np.float64], heads: Sequence[LabelHead], scores: Scores
) -> dict[str, Label]:
    """The labels of a text with their evidence.

    whole: (K,) its scores; scores: those of other texts, None for a text without words
    """
    found: dict[tuple[Span, ...], dict[str, list[Word]]] = {}

    def hidden(units: Sequence[Span]) -> dict[str, list[Word]]:
        key = tuple(units)
        if key not in found:
            found[key] = _falls(text, key, labels, whole, heads, scores)
        return found[key]

    units = list(islice(tokens(text), MOST_HIDDEN + 1))
    if len(units) <= MOST_HIDDEN:
        each = {name: hidden(units)[name] for name in labels}
    else:
        falls = hidden(list(islice(sentences(text), MOST_HIDDEN)))
        each = {name: hidden(_words_of(text, _for(labels[name], falls[name])))[name] for name in labels}
    return {
        name: replace(label, evidence=Evidence("occlusion", weightiest(_for(label, each[name]), MOST_WORDS)))
        for name, label in labels.items()
    }


def weightiest(words: Sequence[Word], most: int) -> tuple[Word, ...]:
    """Those of the largest weights, as they go into the document; of equals the first."""
    chosen = sorted(words, key=lambda word: (-abs(word[2]), word[0]))[:most]
    return tuple((start, end, round(weight, 4)) for start, end, weight in chosen if round(weight, 4))


def _for(label: Label, words: list[Word]) -> list[Word]:
    """Of a label with a probability, the words that speak for it."""
    return words if label.score is None else [word for word in words if word[2] > 0]


def _words_of(text: str, falls: Sequence[Word]) -> list[Span]:
    units: list[Span] = []
    for start, end, _ in weightiest(falls, WEIGHTY):
        units += [(start + a, start + b) for a, b in islice(tokens(text[start:end]), MOST_HIDDEN - len(units))]
    return units


def _falls(
    text: str,
    units: Sequence[Span],
    labels: Mapping[str, Label],
    whole: NDArray[np.float64],
    heads: Sequence[LabelHead],
    scores: Scores,
) -> dict[str, list[Word]]:
    """By label, each stretch with what of the label's worth is gone without it."""
    without = scores([text[:start] + " " * (end - start) + text[end:] for start, end in units])
    rows = np.stack([whole, *(np.zeros_like(whole) if row is None else row for row in without)])
    worth: dict[str, NDArray[np.float64]] = {}
    for head, columns in zip(heads, split_columns(heads, rows), strict=True):
        for name, label in labels.items():
            if head.owns(name) and name not in worth:  # the first head gives the label its value
                worth[name] = head.worth(columns, name, label)
    return {
        name: [(*unit, float(of[0] - rest)) for unit, rest in zip(units, of[1:], strict=True)]
        for name, of in worth.items()
    }
