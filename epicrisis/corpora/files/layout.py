"""Lines and tokens of a text, with their offsets; and texts made of tokens, for formats that have no text."""

import re
from collections.abc import Iterable, Sequence

from epicrisis.document import Span

_TOKEN = re.compile(r"[^ \t\r\x0b\x0c]+")  # not \S: what a hospital's text holds of other spaces belongs to its tokens
_CLOSE = re.compile(r"[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")

Sentence = tuple[Span, ...]
"""The offsets of its tokens."""


def lines_of(text: str) -> list[Span]:
    """The lines without their line breaks, which are "\\n" and nothing else."""
    spans: list[Span] = []
    start = 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def tokens_of(text: str, line: Span, *, runs: bool = True) -> list[Span]:
    """The tokens of a line, between runs of white space; runs=False: every single space ends one, be it empty."""
    if runs:
        return [match.span() for match in _TOKEN.finditer(text, *line)]
    spans: list[Span] = []
    start = line[0]
    for token in text[slice(*line)].split(" "):
        spans.append((start, start + len(token)))
        start += len(token) + 1
    return spans


def joined(sentences: Iterable[Sequence[str]]) -> tuple[str, list[Sentence]]:
    """A text of one sentence a line and the offsets of its tokens.

    Between tokens is one space, but none between two Chinese characters or marks, where nobody writes one.
    """
    parts: list[str] = []
    spans: list[Sentence] = []
    length = 0

    def put(part: str) -> None:
        nonlocal length
        parts.append(part)
        length += len(part)

    for number, tokens in enumerate(sentences):
        if number:
            put("\n")
        sentence: list[Span] = []
        for token in tokens:
            if sentence and not (_CLOSE.match(parts[-1][-1:]) and _CLOSE.match(token)):
                put(" ")
            sentence.append((length, length + len(token)))
            put(token)
        spans.append(tuple(sentence))
    return "".join(parts), spans


def covering(sentence: Sequence[Span], first: int, last: int) -> Span:
    """The characters from one token to another, both included. Raises IndexError where there are no such tokens."""
    if not 0 <= first <= last:
        raise IndexError
    return sentence[first][0], sentence[last][1]
