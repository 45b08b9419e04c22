"""The words that a label was decided by, where no attention says so: those without which its score falls most.

Zeiler and Fergus (2014), "Visualizing and Understanding Convolutional Networks", section 4.2, where parts of an image
are hidden; here words, one by one. Of a long text, stretches are hidden first, and then what the weightiest hold.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import LabelHead
from epicrisis.decoding.labels import split_columns
from epicrisis.document import Evidence, Label, Span
from epicrisis.text import tokens

MOST_WORDS = 5
"""Words that are named."""
MOST_HIDDEN, LEAST_HIDDEN = 200, 20
"""Words or stretches that are hidden one after the other: as many as READ allows, within these bounds."""
READ = 1_000_000
"""Characters that are read to learn what each of them is worth."""

Word = tuple[int, int, float]
Stretch = tuple[Span, ...]
Scores = Callable[[Sequence[str]], Sequence[NDArray[np.float64] | None]]


def by_occlusion(
    text: str, labels: Mapping[str, Label], whole: NDArray[np.float64], heads: Sequence[LabelHead], scores: Scores
) -> dict[str, Label]:
    """The labels of a text with their evidence.

    whole: (K,) its scores; scores: those of other texts, None for a text without words
    """
    at_once = max(1, READ // max(len(text), 1))
    most = min(MOST_HIDDEN, max(LEAST_HIDDEN, at_once))
    known: dict[tuple[Stretch, ...], dict[str, list[float]]] = {}

    def hidden(stretches: Sequence[Stretch], name: str) -> list[float]:
        key = tuple(stretches)
        if key not in known:
            rows: list[NDArray[np.float64] | None] = []
            for first in range(0, len(key), at_once):
                rows += scores([_without(text, stretch) for stretch in key[first : first + at_once]])
            known[key] = _falls(rows, labels, whole, heads)
        return known[key][name]

    def words(name: str, label: Label) -> tuple[Word, ...]:
        units = list(tokens(text))
        while (size := math.ceil(len(units) / most)) > 1:
            stretches = [tuple(units[start : start + size]) for start in range(0, len(units), size)]
            falls = _for(label, [(k, k, fall) for k, fall in enumerate(hidden(stretches, name))])
            kept = sorted(k for k, _, _ in weightiest(falls, max(MOST_WORDS, most // size)))
            units = [unit for k in kept for unit in stretches[k]]
        falls = [(*unit, fall) for unit, fall in zip(units, hidden([(unit,) for unit in units], name), strict=True)]
        return weightiest(_for(label, falls), MOST_WORDS)

    return {name: replace(label, evidence=Evidence("occlusion", words(name, label))) for name, label in labels.items()}


def weightiest(words: Sequence[Word], most: int) -> tuple[Word, ...]:
    """Those of the largest weights, as they go into the document; of equals the first."""
    chosen = sorted(words, key=lambda word: (-abs(word[2]), word[0]))[:most]
    return tuple((start, end, round(weight, 4)) for start, end, weight in chosen if round(weight, 4))


def _for(label: Label, words: list[Word]) -> list[Word]:
    """Of a label with a probability, the words that speak for it."""
    return words if label.score is None else [word for word in words if word[2] > 0]


def _without(text: str, stretch: Stretch) -> str:
    """The text with blanks in place of these tokens."""
    pieces, done = [], 0
    for start, end in stretch:
        pieces += [text[done:start], " " * (end - start)]
        done = end
    return "".join([*pieces, text[done:]])


def _falls(
    without: Sequence[NDArray[np.float64] | None],
    labels: Mapping[str, Label],
    whole: NDArray[np.float64],
    heads: Sequence[LabelHead],
) -> dict[str, list[float]]:
    """By label, how much of its worth is gone without each stretch."""
    rows = np.stack([whole, *(np.zeros_like(whole) if row is None else row for row in without)])
    worth: dict[str, NDArray[np.float64]] = {}
    for head, columns in zip(heads, split_columns(heads, rows), strict=True):
        for name, label in labels.items():
            if head.owns(name) and name not in worth:  # the first head gives the label its value
                worth[name] = head.worth(columns, name, label)
    return {name: (of[0] - of[1:]).tolist() for name, of in worth.items()}
