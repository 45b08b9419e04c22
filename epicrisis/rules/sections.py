"""Where a note's sentences end, and what its headings say of what stands under them.

A sentence ends at `.`, `!` or `?` before white space and what is no lower-case letter (or between a word and a capital
letter), at `。！？`, and at a line break; but a line that goes on in lower case was only wrapped. Semicolons are no
ends; the assertion rules know them.

What a heading is stands in `text.sections`. Here its section goes to the next heading, or to an empty line after its
first words.
"""

import re
from collections.abc import Iterator, Mapping

from epicrisis.document import Span
from epicrisis.text.sections import headings

_END = re.compile(r"[\n.!?。！？]")  # one set of characters: nothing is found faster
_JOINED = re.compile(r"[a-z]{2}\.[A-Z]")
_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "vs", "e.g", "i.e", "fig", "approx", "st", "prof", "resp", "cf", "ca", "no")
)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*(?=\n)")


def sentence_ends(text: str) -> list[int]:
    """The places behind which a new sentence begins, in order."""
    ends = []
    for found in _END.finditer(text):
        at, after = found.span()
        mark, following = text[at], text[after : after + 1]
        if mark == "\n":
            if not _wrapped(text, at):
                ends.append(after)
        elif mark in "。！？":
            ends.append(after)
        elif following and not following.isspace():
            if following.isupper() and _JOINED.match(text, max(0, at - 2)):
                ends.append(after)
        elif mark == "?" and not text[max(0, at - 1) : at].strip():
            continue  # "? pneumonia"
        elif not text[after : after + 40].lstrip()[:1].islower() and not (
            mark == "." and text[max(0, at - 8) : at].rpartition(" ")[2].lower() in _ABBREVIATIONS
        ):
            ends.append(after)
    return ends


def _wrapped(text: str, at: int) -> bool:
    """Whether the sentence goes on behind this line break: in lower case, and the line did not end in a full stop."""
    following = text[at + 1 : at + 60].lstrip(" \t")[:1]
    before = text[max(0, at - 60) : at].rstrip()[-1:]
    return following.islower() and before not in ".!?:;。！？：；"


def valued(text: str, names: Mapping[str, str], values: Mapping[str, str]) -> Iterator[tuple[Span, str, Span]]:
    """(where the section lies, the value of its kind, where the heading stands) of kinds that have a value, in order.

    names: heading -> kind; values: kind -> value
    """
    opened: tuple[int, str, Span] | None = None
    for name, under, kind in headings(text, names):
        if opened is not None:
            yield _section(text, opened, name[0])
        value = values.get(kind) if kind else None
        opened = (under, value, name) if value else None
    if opened is not None:
        yield _section(text, opened, len(text))


def _section(text: str, opened: tuple[int, str, Span], limit: int) -> tuple[Span, str, Span]:
    start, value, cue = opened
    first = start + len(text[start:limit]) - len(text[start:limit].lstrip())
    empty = _EMPTY_LINE.search(text, first, limit)
    return (start, empty.start() if empty else limit), value, cue
