"""Whole texts -> the arrays that a classifier takes: their passages in a row, and which belong to which text.

Nothing of a text is cut off. A text with more than LONGEST tokens is read in chapters, each of as many passages as
that allows; what is said of it is the mean of what is said of its chapters, by their tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.encoding.batch import Indexer, encode, own_mask
from epicrisis.encoding.pieces import PieceIndexer
from epicrisis.text import Passage, PassageRule, passages

LONGEST = 8192
"""Tokens of a chapter: it bounds what a network has to hold at once."""

Chapter = list[Passage]


def chapters(text: str, rule: PassageRule, indexers: Iterable[Indexer], *, opens: bool) -> Iterator[Chapter]:
    """The passages of a text; none of a text without tokens.

    opens: every passage begins with a token of no characters, which stands for the whole, and is short enough for that
    token to see all of it
    """
    rooms = [indexer for indexer in indexers if isinstance(indexer, PieceIndexer)] if opens else []
    chapter: Chapter = []
    held = 0
    for passage in passages(text, rule):
        for part in _fitting(passage, rooms):
            if chapter and held + len(part.tokens) > LONGEST:
                yield chapter
                chapter, held = [], 0
            chapter.append(opened(part) if opens else part)
            held += len(part.tokens)
    if chapter:
        yield chapter


def opened(passage: Passage) -> Passage:
    """The passage with a token of no characters before its first one."""
    start = passage.tokens[0][0]
    first, after = passage.own
    return Passage(passage.text, [(start, start), *passage.tokens], (first + 1, after + 1), passage.continues)


def unseen(chapter: Iterable[Passage], indexers: Iterable[Indexer]) -> int:
    """How many characters of the passages a network does not see: of single tokens too long for any window."""
    rooms = [indexer for indexer in indexers if isinstance(indexer, PieceIndexer)]
    return sum(
        indexer.beyond(Passage(passage.text, [token], (0, 1)))
        for passage in chapter
        if rooms
        for token in passage.tokens[passage.own[0] : passage.own[1]]
        for indexer in rooms
    )


def encode_documents(texts: Sequence[Sequence[Passage]], indexers: Iterable[Indexer]) -> dict[str, NDArray[Any]]:
    """D chapters of one passage or more -> `encode` of all R passages, and

    own    (R, T) the tokens that a passage answers for
    rows   (D, P) the passages of each chapter, by their numbers; 0 where there are no more
    there  (D, P) where there are
    """
    cut = [passage for text in texts for passage in text]
    counts = np.array([len(text) for text in texts])
    there = np.arange(counts.max()) < counts[:, None]
    rows = np.zeros(there.shape, np.int64)
    rows[there] = np.arange(len(cut))
    return {**encode(cut, indexers), "own": own_mask(cut), "rows": rows, "there": there}


def _fitting(passage: Passage, rooms: Sequence[PieceIndexer]) -> Iterator[Passage]:
    """The passage in halves, and those in halves, until each fits a window of every encoder of word pieces."""
    count = len(passage.tokens)
    if count == 1 or not any(indexer.beyond(passage) for indexer in rooms):
        yield passage
        return
    first, after = passage.own
    middle = count // 2
    for start, end, continues in ((0, middle, passage.continues), (middle, count, True)):
        own = max(first, start) - start, min(after, end) - start
        if own[0] < own[1]:
            yield from _fitting(Passage(passage.text, passage.tokens[start:end], own, continues), rooms)
