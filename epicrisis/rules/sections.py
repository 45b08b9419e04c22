"""Where a note's sentences end, and what its headings say of what stands under them.

A sentence ends at `.`, `!` or `?` before white space and what is no lower-case letter (or between a word and a capital
letter), at `。！？`, and at a line break; but a line that goes on in lower case was only wrapped. Semicolons are no
ends; the assertion rules know them.

A heading stands at the beginning of a line or of a sentence: a name that the trigger list knows, with a colon behind
it, in square brackets, or on a line of its own, whatever numbers and bullets are before it. Its section goes to the
next heading, known or of the form of one (a short line beginning `Name:`), or to an empty line after its first words.
"""

import re
from collections.abc import Iterator, Mapping

from epicrisis.document import Span
from epicrisis.rules.phrases import lowered
from epicrisis.text.tokens import HAN

_END = re.compile(r"[\n.!?。！？]")  # one set of characters: nothing is found faster
_JOINED = re.compile(r"[a-z]{2}\.[A-Z]")
_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "vs", "e.g", "i.e", "fig", "approx", "st", "prof", "resp", "cf", "ca", "no")
)
_COLON = re.compile(r"[:：】]")
_SHORT_LINE = re.compile(r"\n[^\n:：】]{1,60}+(?=\n|$)")
_BEFORE = re.compile(r"[^\n.;!?。；！？:：】]*$")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*(?=\n)")
_UNKNOWN = re.compile(rf"[A-Z][A-Za-z/&()\-]*(?: [A-Za-z/&()\-]+){{0,3}}|[{HAN}]{{2,6}}")
_AROUND = " \t\r#*•-【[(（】])）"


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


def sections(text: str, headings: Mapping[str, str]) -> Iterator[tuple[Span, str, Span]]:
    """(where the section lies, the value that its heading sets, where the heading stands), in order."""
    opened: tuple[int, str, Span] | None = None
    for end, after in _candidates(text):
        colon = after > end
        before = _BEFORE.search(text, max(0, end - 70), end)
        start = before.start() if before else end
        at_line = start == 0 or text[start - 1] == "\n"
        if not at_line and text[start - 1] not in ".;!?。；！？】":
            continue
        name = text[start:end]
        start += len(name) - len(name.lstrip(_AROUND))
        name = name.strip(_AROUND)
        known = headings.get("".join(lowered(name).split())) if name else None
        if known == "inside" or (known is None and not (at_line and colon and _UNKNOWN.fullmatch(name))):
            continue
        if opened is not None:
            yield _section(text, opened, start)
        opened = (after, known, (start, start + len(name))) if known not in (None, "none") else None
    if opened is not None:
        yield _section(text, opened, len(text))


def _candidates(text: str) -> list[Span]:
    """Where a heading may end, and where what stands under it may begin: around a colon, or behind a short line."""
    colons = [found.span() for found in _COLON.finditer(text)]
    lines = [found.end() for found in _SHORT_LINE.finditer(text)]
    first = text.find("\n")
    if 0 < first <= 60:
        lines.append(first)
    return sorted([*colons, *((end, end) for end in lines)])


def _section(text: str, opened: tuple[int, str, Span], limit: int) -> tuple[Span, str, Span]:
    start, value, cue = opened
    first = start + len(text[start:limit]) - len(text[start:limit].lstrip())
    empty = _EMPTY_LINE.search(text, first, limit)
    return (start, empty.start() if empty else limit), value, cue
