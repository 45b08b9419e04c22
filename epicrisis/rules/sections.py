"""Where a note's sentences end, and what its headings say of what stands under them.

A sentence ends at `.`, `!` or `?` before white space and what is no lower-case letter (or between a word and a capital
letter), at `。！？`, and at a line break; but a line that goes on in lower case was only wrapped. Semicolons are no
ends; the assertion rules know them.

A heading stands at the beginning of a line or of a sentence: a name that the trigger list knows, with a colon behind it
or a line of its own, whatever numbers, bullets or brackets are around it. Its section goes to the next heading, known or
of the form of one (a short line beginning `Name:`), or to an empty line after its first words.
"""

import re
from collections.abc import Iterator, Mapping

from epicrisis.document import Span
from epicrisis.rules.phrases import words_of
from epicrisis.text.tokens import HAN

_END = re.compile(r"\n|[.!?](?=\s|$)|[。！？]|(?<=[a-z]{2})\.(?=[A-Z])")
_ABBREVIATIONS = re.compile(
    r"(?:^|[^\w.])(?:dr|mr|mrs|ms|vs|e\.g|i\.e|fig|approx|st|prof|resp|cf|ca|no)$", re.IGNORECASE
)
_NAME = rf"[^\W\d_][^\n:：.;。；]{{0,50}}?|[{HAN}]{{1,12}}"
_HEADING = re.compile(
    rf"(?P<start>^|(?<=[.;!?。；！？]))[^\S\n]*(?P<before>[\d一二三四五六七八九十]{{1,3}}[.、)）][^\S\n]*|[#*•\-【\[(（]+[^\S\n]*)?"
    rf"(?P<name>{_NAME})[^\S\n]*[*】\])）]*[^\S\n]*(?P<colon>[:：]|$|(?<=[】\]]))",
    re.MULTILINE,
)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*(?=\n)")
_UNKNOWN = re.compile(rf"[A-Z][A-Za-z/&()\-]*(?: [A-Za-z/&()\-]+){{0,3}}|[{HAN}]{{2,6}}")


def sentence_ends(text: str) -> list[int]:
    """The places behind which a new sentence begins, in order."""
    ends = []
    for found in _END.finditer(text):
        at, after = found.span()
        mark = found.group()
        if mark == "\n":
            if not _wrapped(text, at):
                ends.append(after)
        elif mark == "?" and not text[max(0, at - 1) : at].strip():
            continue  # "? pneumonia"
        elif mark in "。！？" or not (
            text[after : after + 40].lstrip()[:1].islower()
            or (mark == "." and _ABBREVIATIONS.search(text, max(0, at - 8), at))
        ):
            ends.append(after)
    return ends


def _wrapped(text: str, at: int) -> bool:
    """Whether the sentence goes on behind this line break: in lower case, and the line did not end in a full stop."""
    following = text[at + 1 : at + 60].lstrip(" \t")[:1]
    before = text[max(0, at - 60) : at].rstrip()[-1:]
    return following.islower() and before not in ".!?:;。！？：；"


def sections(text: str, headings: Mapping[str, str]) -> Iterator[tuple[Span, str, Span]]:
    """(where the section lies, the value that its heading sets, where the heading stands), in order."""
    opened: tuple[int, str, Span] | None = None
    for found in _HEADING.finditer(text):
        name = found["name"]
        known = headings.get(" ".join(words_of(name)))
        at_line = found.start() == 0 or text[found.start() - 1] == "\n"
        if known is None and not (at_line and found["colon"] and _UNKNOWN.fullmatch(name.strip())):
            continue
        if known == "inside":
            continue
        if opened is not None:
            yield _section(text, opened, found.start())
        start, end = found.span("name")
        opened = (found.end(), known, (start, end)) if known not in (None, "none") else None
    if opened is not None:
        yield _section(text, opened, len(text))


def _section(text: str, opened: tuple[int, str, Span], limit: int) -> tuple[Span, str, Span]:
    start, value, cue = opened
    first = start + len(text[start:limit]) - len(text[start:limit].lstrip())
    empty = _EMPTY_LINE.search(text, first, limit)
    return (start, empty.start() if empty else limit), value, cue
