"""Do the mentions that a file states fit the text, and if not, which version of the text were they made on?

The offsets decide, the stored words only check them. Where a text was changed on its way (line ends, a byte order
mark), every later offset is wrong: if another version of it makes the mentions fit, that one is used, and said so.
Formats that store no words are judged by the edges of their mentions: one that cuts a word or begins at white space
does not fit.
"""

import bisect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epicrisis.corpora.files.sources import BOM
from epicrisis.corpora.report import Report
from epicrisis.document import Span

CERTAIN = 3
"""Without stored words, so many mentions more have to fit, and half of those that did not, before a text is taken for
another than it is; or all of them, once it has the marks of having been changed (CRLF, a byte order mark)."""

UNITS: Mapping[str, Callable[[str], int]] = {
    "UTF-8 bytes": lambda text: len(text.encode()),
    "UTF-16 units": lambda text: len(text.encode("utf-16-le")) // 2,
}
"""What offsets may count beside characters, and the length of a text in it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A mention as a file states it.

    id     what to call it in a problem: never its words
    pairs  its fragments in the order of the file, which is that of the stored words
    words  None where the format stores none
    """

    file: str
    line: int | None
    id: str
    pairs: tuple[Span, ...]
    words: str | None


def annotated_version(text: str, name: str, mentions: Sequence[Stated], report: Report) -> str:
    """The text as it is, or as it was when it was annotated if that makes more of the mentions fit."""
    missing = best = misfits(mentions, text)
    if not missing:
        return text
    version, cause = text, ""
    worded = any(mention.words is not None for mention in mentions)
    for other, why in _versions(text):
        wrong = misfits(mentions, other)
        clear = (
            worded or (wrong <= missing - CERTAIN and 2 * wrong <= missing) or (not wrong and len(other) < len(text))
        )
        if wrong < best and clear:
            best, version, cause = wrong, other, why
    if cause:
        report.add(name, None, f"{missing - best} of {len(mentions)} mentions match the text only {cause}")
    return version


def checked(mention: Stated, text: str, report: Report) -> tuple[Span, ...]:
    """The mention's fragments in order, () where it cannot be kept; what is wrong with it goes to the report."""
    pairs = tuple(sorted(mention.pairs))
    place = (mention.file, mention.line)
    for start, end in pairs:
        if start >= end:
            report.add(*place, f"{mention.id}: fragment {start}-{end} ends where it starts or before")
            return ()
        if start < 0 or end > len(text):
            report.add(*place, f"{mention.id}: fragment {start}-{end} is out of range; the text has {len(text)}")
            return ()
    if any(start < end for (_, end), (start, _) in itertools.pairwise(pairs)):
        report.add(*place, f"{mention.id}: its fragments overlap")
        return ()
    if mention.words is None:
        return pairs
    agreement = agreed(mention, text)
    if not agreement:
        report.add(*place, f"{mention.id}: its words are not those at its offsets; kept by its offsets")
    elif agreement == "gap":
        report.count("mentions whose words hold the gap between the fragments")
    elif agreement != "exact":
        report.count(f"mentions whose words differ from the text in {agreement} only")
    return pairs


def agreed(mention: Stated, text: str) -> str:
    """How the stored words agree with the text: exact, white space, gap, case, or "" where they do not."""
    parts = [text[start:end] for start, end in mention.pairs]
    stored = mention.words
    if stored is not None and " ".join(parts) == stored:
        return "exact"
    if any(not 0 <= start < end <= len(text) for start, end in mention.pairs):
        return ""
    if stored is None:
        return "exact" if all(_on_words(start, end, text) for start, end in mention.pairs) else ""
    found, wanted = squeezed("".join(parts)), squeezed(stored)
    if found == wanted:
        return "white space"  # brat before 1.3 joined fragments with nothing
    if squeezed(text[min(start for start, _ in mention.pairs) : max(end for _, end in mention.pairs)]) == wanted:
        return "gap"  # n2c2 2018 stores what lies between the fragments, too
    return "case" if found.casefold() == wanted.casefold() else ""


def squeezed(words: str) -> str:
    return "".join(words.split())


def misfits(mentions: Sequence[Stated], text: str) -> int:
    """How many mentions the text does not bear out."""
    return sum(agreed(mention, text) == "" for mention in mentions)


def _versions(text: str) -> Iterator[tuple[str, str]]:
    without = text.removeprefix(BOM)
    marked = without != text
    if marked:
        yield without, "without its byte order mark (U+FEFF); it was read without"
    if "\r\n" in text:
        yield text.replace("\r\n", "\n"), "after CRLF -> LF; it was read with LF"
        if marked:
            yield without.replace("\r\n", "\n"), "without its byte order mark and after CRLF -> LF; it was read so"
    elif "\n" in text:
        yield text.replace("\n", "\r\n"), "after LF -> CRLF; it was read with CRLF"


def _on_words(start: int, end: int, text: str) -> bool:
    """Whether the fragment has no white space at its edges and none of them is within a word of letters or digits."""
    if text[start].isspace() or text[end - 1].isspace():
        return False
    return not (_within(start, text) or _within(end, text))


def _within(place: int, text: str) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def in_code_points(mentions: Sequence[Stated], text: str, name: str, line: int | None, report: Report) -> list[Stated]:
    """The mentions with offsets in code points, where those that store words fit better in bytes or UTF-16 units."""
    given = list(mentions)
    worded = [mention for mention in given if mention.words is not None]
    missing = best = misfits(worded, text)
    if not missing or text.isascii():
        return given
    kept, cause = given, ""
    for unit in UNITS:
        place = _places(text, unit)
        moved = [replace(m, pairs=tuple((place(start), place(end)) for start, end in m.pairs)) for m in given]
        wrong = misfits([mention for mention in moved if mention.words is not None], text)
        if wrong < best:
            best, kept, cause = wrong, moved, unit
    if cause:
        number = f"{missing - best} of {len(worded)}"
        report.add(name, line, f"{number} mentions match the text only if their offsets count {cause}; read so")
    return kept


def _places(text: str, unit: str) -> Callable[[int], int]:
    """From an offset in a unit to the one in characters; beyond the end it stays beyond."""
    ends = [0, *itertools.accumulate(map(UNITS[unit], text))]
    return lambda offset: bisect.bisect_left(ends, offset)
