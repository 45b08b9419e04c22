"""The steps that prepare a text for a classifier, by name. Each is a function of a text and the settings.

A step gives the edits that it makes, (start, end, what stands there instead), in order and not overlapping; or a text
of the same length, whose characters stand for those at their places.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from epicrisis.text import headings, spelling, wording
from epicrisis.text.language import language
from epicrisis.text.sections import sections
from epicrisis.text.tokens import HAN, lowered, tokens

if TYPE_CHECKING:
    from epicrisis.text.clean import Preparation

Edit = tuple[int, int, str]


Step = Callable[[str, "Preparation"], list[Edit] | str]

_PLACEHOLDER = re.compile(r"\[\*\*[^\[\]]{0,200}?\*\*\]|(?<!_)___(?!_)")
_MEANINGLESS = re.compile(
    r"(?P<entity>&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});)"
    r"|(?P<quote>[‘’‛`´])|(?P<double>[“”„«»])|(?P<dash>[‐-―−])|(?P<dots>…)"
    r"|(?P<again>(?P<mark>[!?.,;:])(?P=mark)+)"
    r"|(?P<hidden>[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    r"\ufeff\ufffc\ufffd\ue000-\uf8ff]+)"
    r"|(?P<space>(?:\s|(?P<line>[-=*#~|+<>•·])(?P=line){2,}|_{4,})+)"  # white space and drawn lines
)
_WRITTEN = {"quote": "'", "double": '"', "dash": "-", "dots": ".", "hidden": "", "space": " "}
_CANDIDATE = re.compile(rf"[^\W_{HAN}]+(?:[./&'’][^\W_{HAN}]+)*/?")
_PART = re.compile(rf"[^\W_{HAN}]+")
_WORD = re.compile(r"(?<![\w.'’/-])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w/-])")
_HAN = re.compile(f"[{HAN}]")


def select(text: str, settings: "Preparation") -> list[Edit]:
    """Only what stands under the headings of the kinds to keep; all of it where there is no such heading."""
    names = headings.extended(headings.load(language(text)), settings.headings)
    kept = [found.body for found in sections(text, names) if found.kind in settings.keep]
    if not any(text[start:end].strip() for start, end in kept):
        return []
    edits, done = [], 0
    for start, end in kept:
        if start > done:
            edits.append((done, start, "\n" if done else ""))
        done = end
    return [*edits, (done, len(text), "")] if done < len(text) else edits


def placeholders(text: str, settings: "Preparation") -> list[Edit]:
    """Without what de-identification left: `[**...**]` of MIMIC-III, `___` of MIMIC-IV."""
    edits = []
    for found in _PLACEHOLDER.finditer(text):
        start, end = found.span()
        joined = text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()
        edits.append((start, end, " " if joined else ""))
    return edits


def characters(text: str, settings: "Preparation") -> list[Edit]:
    """Without characters that mean nothing: what is not printed, drawn lines, white space and marks that repeat.

    Entities of HTML, quotation marks and dashes become plain ones. Emoji stay.
    """
    edits: list[Edit] = []
    for found in _MEANINGLESS.finditer(text):
        kind = str(found.lastgroup)
        start, end = found.span()
        if kind == "entity":
            new = html.unescape(found.group())
            new = " " if new.isspace() else new
        else:
            new = found.group()[0] if kind == "again" else _WRITTEN[kind]
        if kind == "space" and (start == 0 or end == len(text)):
            new = ""
        if new != found.group():
            edits.append((start, end, new))
    return edits


def case(text: str, settings: "Preparation") -> str:
    """In lower case, every character where it was."""
    return lowered(text)


def terms(text: str, settings: "Preparation") -> list[Edit]:
    """Abbreviations of medicine written out, by the list of the text's language and terms of your own."""
    of = language(text)
    table = _terms(of, tuple(settings.terms.items()))
    edits = []
    for found in _CANDIDATE.finditer(text):
        if (new := _meant(found.group(), table)) is not None:
            end = found.end() + (text[found.end() : found.end() + 1] == "." and "." in found.group())  # b.i.d.
            edits.append((found.start(), end, new))
            continue
        for part in _PART.finditer(text, *found.span()):
            if (new := _meant(part.group(), table)) is not None:
                edits.append((*part.span(), new))
    pattern = _han(tuple(key for key in table if _HAN.search(key)))
    if pattern is None:
        return edits
    return sorted(
        [*edits, *((*found.span(), table[found.group().replace(" ", "")]) for found in pattern.finditer(text))]
    )


def spell(text: str, settings: "Preparation") -> list[Edit]:
    """English words spelt as the dictionary has them (`text.spelling`)."""
    if language(text) != "en":
        return []
    return [(*span, right) for span, right in spelling.corrections(text, _familiar(settings))]


def segment(text: str, settings: "Preparation") -> list[Edit]:
    """One space between tokens and none elsewhere: words in English, characters in Chinese."""
    edits, done = [], 0
    for start, end in tokens(text):
        if text[done:start] != (space := " " if done else ""):
            edits.append((done, start, space))
        done = end
    return [*edits, (done, len(text), "")] if done < len(text) else edits


def stop_words(text: str, settings: "Preparation") -> list[Edit]:
    """Without words that say little, and the space behind them; all of it where nothing else would be left."""
    words = wording.load(language(text)).stop_words if settings.stop_words is None else settings.stop_words
    found = [one.span() for one in _WORD.finditer(text) if lowered(one.group()) in words]
    pattern = _han(tuple(sorted(word for word in words if _HAN.search(word))))
    if pattern is not None:
        found = sorted({*found, *(one.span() for one in pattern.finditer(text))})
    edits, done = [], 0
    for start, end in found:
        if start >= done:
            done = end + (text[end : end + 1] == " ")
            edits.append((start, done, ""))
    rest = "".join(text[a:b] for a, b in _between(edits, len(text)))
    return edits if any(map(str.isalnum, rest)) else []


STEPS: Mapping[str, Step] = {
    "sections": select,
    "placeholders": placeholders,
    "characters": characters,
    "case": case,
    "terms": terms,
    "spelling": spell,
    "segmentation": segment,
    "stop_words": stop_words,
}


def _between(edits: Sequence[Edit], length: int) -> Iterator[tuple[int, int]]:
    done = 0
    for start, end, _ in edits:
        yield done, start
        done = end
    yield done, length


def _meant(word: str, table: Mapping[str, str]) -> str | None:
    word = word.replace("’", "'")
    return table.get(word) or table.get(word.lower())


@lru_cache(maxsize=64)
def _terms(of: str, own: tuple[tuple[str, str | None], ...]) -> Mapping[str, str]:
    return {key: value for key, value in {**wording.load(of).abbreviations, **dict(own)}.items() if value}


@lru_cache(maxsize=64)
def _han(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Chinese words, the longest first; a space may be between their characters, where they were segmented."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(" ?".join(map(re.escape, word)) for word in ordered)) if ordered else None


def _familiar(settings: "Preparation") -> frozenset[str]:
    return _with_terms(settings.known, tuple(settings.terms))


@lru_cache(maxsize=64)
def _with_terms(known: frozenset[str], own: tuple[str, ...]) -> frozenset[str]:
    return known.union(map(str.lower, own), map(str.lower, wording.load("en").abbreviations))
