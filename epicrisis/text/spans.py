"""Spans: between the characters of a document and the token positions of a passage."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from epicrisis.document import Span


def covering(tokens: Sequence[Span], span: Span) -> Span | None:
    """The smallest range of token positions that covers a character span, None where no token lies in it.

    tokens: in order, not overlapping
    """
    first = bisect_right(tokens, span[0], key=lambda token: token[1])
    after = bisect_left(tokens, span[1], key=lambda token: token[0])
    return (first, after) if first < after else None
