"""What a heading is, and the sections that a note's headings cut it into.

A heading stands at the beginning of a line or of a sentence: a name that the list of its language knows, with a colon
behind it, in square brackets, or on a line of its own, whatever numbers and bullets are before it. A short line
beginning `Name:` is one, too, of a kind that nobody knows.

All headings are found, and then the text is cut: nobody looks for "from this heading to that one", which takes the
rest of the note where the second is missing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from epicrisis.document import Span
from epicrisis.text.headings import INSIDE, ORGAN_SYSTEM, key, load
from epicrisis.text.language import language
from epicrisis.text.tokens import HAN

OTHER = "other"
"""The kind of a section whose heading is in no list."""

_COLON = re.compile(r"[:：】]")
_SHORT_LINE = re.compile(r"\n[^\n:：】]{1,60}+(?=\n|$)")
_BEFORE = re.compile(r"[^\n.;!?。；！？:：】]*\Z")
_UNKNOWN = re.compile(rf"[A-Z][A-Za-z/&()\-]*(?: [A-Za-z/&()\-]+){{0,3}}|[{HAN}]{{2,6}}")
_TITLE = re.compile(r"\S+(?: (?:of|and|or|on|for|the|in|to|at|by|with|[^a-z ]\S*))*")
_AROUND = " \t\r#*•-【[(（】])）"


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a text from its heading to the next one.

    kind     "" before the first heading, OTHER under one that no list knows
    span     where it lies, its heading included
    body     what stands under the heading
    heading  where the heading's name stands; None before the first heading
    """

    kind: str
    span: Span
    body: Span
    heading: Span | None = None


def sections(text: str, names: Mapping[str, str] | None = None) -> list[Section]:
    """The sections of a text, in order: each begins where the one before it ends, and together they are the text.

    names: a list of headings (`headings.load`, `headings.extended`); without one, that of the text's language

    A heading for an organ system begins no section of its own: "CV:" belongs to the hospital course around it. An
    unknown name does where it is written like a title: not "He was worried:", which would cut off what he said.
    """
    found: list[Section] = []
    start, body, kind, heading = 0, 0, "", None
    for name, under, known in headings(text, load(language(text)) if names is None else names):
        if known == ORGAN_SYSTEM or (known is None and not _TITLE.fullmatch(text[slice(*name)])):
            continue
        at = max(_line_start(text, name[0]), body)
        if at > start or heading is not None:
            found.append(Section(kind, (start, at), (body, at), heading))
        start, body, kind, heading = at, under, known or OTHER, name
    if start < len(text) or heading is not None:
        found.append(Section(kind, (start, len(text)), (body, len(text)), heading))
    return found


def headings(text: str, names: Mapping[str, str]) -> Iterator[tuple[Span, int, str | None]]:
    """(where the name stands, where begins what stands under it, its kind or None where no list knows it), in order."""
    for end, under in _candidates(text):
        before = _BEFORE.search(text, max(0, end - 70), end)
        start = before.start() if before else end
        at_line = start == 0 or text[start - 1] == "\n"
        if not at_line and text[start - 1] not in ".;!?。；！？】":
            continue
        name = text[start:end]
        start += len(name) - len(name.lstrip(_AROUND))
        name = name.strip(_AROUND)
        kind = names.get(key(name)) if name else None
        if kind != INSIDE and (kind is not None or (at_line and under > end and _UNKNOWN.fullmatch(name))):
            yield (start, start + len(name)), under, kind


def _candidates(text: str) -> list[Span]:
    """Where a heading may end, and where what stands under it may begin: around a colon, or behind a short line."""
    colons = [found.span() for found in _COLON.finditer(text)]
    lines = [found.end() for found in _SHORT_LINE.finditer(text)]
    first = text.find("\n")
    if 0 < first <= 60:
        lines.append(first)
    return sorted([*colons, *((end, end) for end in lines)])


def _line_start(text: str, start: int) -> int:
    """Where the bullets and brackets before a name begin."""
    while start > 0 and text[start - 1] in _AROUND:
        start -= 1
    return start
