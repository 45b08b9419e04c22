"""A user's list of terms, found in notes: case and inflection tolerant, with the terms' codes.

The list is a CSV file with a heading; columns `term` and `type`, and, if it has them, `system`, `code` and `name`. It
is read as a stream into two MARISA tries (Yata 2011; the library marisa-trie), which keep a term in a few bytes:
docs/rules.md says what millions of terms take.

A term is compared word by word, as the tokens of the text: in lower case, without hyphens and possessive 's, and each
word without its ending of number ("biopsies" is "biopsy", "diagnoses" "diagnosis", "thrombi" "thrombus"). A term of up
to five capitals ("ALL", "MS") is found only in capitals, which an "s" may follow. Of terms that begin at one place the
longest is taken, and the search goes on behind it.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import marisa_trie

from epicrisis.document import Attribute, Code, Document, Entity, Span
from epicrisis.errors import CorpusError
from epicrisis.text.tokens import lowered, tokens

NAME = "terms"
REQUIRED, OPTIONAL = ("term", "type"), ("system", "code", "name")
LONGEST = 300
"""Characters that a term has at the most: a place in a text is compared with no more."""
SHOWN = 20
"""Rows that are named when they are passed over; all are counted."""
ACRONYM = 5
SEPARATOR = "\x1f"
_HYPHENS = frozenset("-‐‑–")
_IRREGULAR = {
    **{"feet": "foot", "teeth": "tooth", "calves": "calf", "children": "child", "women": "woman", "men": "man"},
    **{"foci": "focus", "loci": "locus", "ova": "ovum", "sera": "serum", "appendices": "appendix", "lenses": "lens"},
    **{"gases": "gas", "biases": "bias", "pelvises": "pelvis", "irises": "iris", "penises": "penis", "buses": "bus"},
}
"""Plural -> singular, where no ending tells."""


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the list. An empty code is none."""

    term: str
    type: str
    system: str = ""
    code: str = ""
    name: str = ""


class Dictionary:
    """Finds terms in documents.

    problems     line and cause of the rows that were passed over, the first ones
    passed_over  how many there were
    columns      of the file that were not read
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.problems: list[tuple[int, str]] = []
        self.passed_over = 0
        self.columns: tuple[str, ...] = ()
        self._entries = marisa_trie.BytesTrie(_entry(key, term) for term in terms if (key := _key(term.term)))
        # Every key once; a term with several codes stands in the other trie several times.
        self._keys = marisa_trie.Trie(self._entries.iterkeys())
        self._longest = max(map(len, self._keys.iterkeys()), default=0)

    def __len__(self) -> int:
        """How many terms there are, different spellings of one counted once."""
        return len(self._keys)

    @classmethod
    def from_csv(cls, path: str | Path) -> "Dictionary":
        """Read a list; a name that ends in .gz is unpacked, columns are parted by comma, semicolon or tab.

        A row is one line. Without a term or type, with one that is too long, or with a quotation mark that nothing
        closes it is passed over and counted.

        Raises CorpusError where the file cannot be read, lacks a column, or holds no term.
        """
        path = Path(path)
        problems: list[tuple[int, str]] = []
        passed_over, line = 0, 1

        def rows(lines: Iterable[str], places: dict[str, int]) -> Iterator[Term]:
            nonlocal passed_over, line
            for line, text in enumerate(lines, start=2):
                cells, cause = _cells(text, delimiter)
                term = None
                if not cause:
                    term, cause = _row(cells, places)
                if term is not None:
                    yield term
                elif cause:
                    passed_over += 1
                    if len(problems) < SHOWN:
                        problems.append((line, cause))

        try:
            with _opened(path) as file:
                heading = file.readline()
                delimiter = max(",;\t", key=heading.count)
                names = [name.strip().lower() for name in _cells(heading, delimiter)[0]]
                if missing := [name for name in REQUIRED if name not in names]:
                    raise CorpusError(
                        f"{path}: there is no column {' and no column '.join(map(repr, missing))} in its first line. "
                        f"A term list has the columns {', '.join(REQUIRED)} and may have {', '.join(OPTIONAL)}; found "
                        f"{', '.join(map(repr, names)) or 'nothing'}"
                    )
                places = {name: names.index(name) for name in (*REQUIRED, *OPTIONAL) if name in names}
                dictionary = cls(rows(file, places))
        except UnicodeDecodeError as error:
            raise CorpusError(f"{path}: not UTF-8 after line {line} ({error.reason}); convert it first") from None
        except (OSError, EOFError, zlib.error) as error:
            raise CorpusError(
                f"{path}: cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}"
            ) from None
        if not len(dictionary):
            raise CorpusError(
                f"{path}: it holds no term" + (f"; line {problems[0][0]}: {problems[0][1]}" if problems else "")
            )
        dictionary.problems = problems
        dictionary.passed_over = passed_over
        dictionary.columns = tuple(name for name in names if name not in places)
        return dictionary

    def annotate(self, document: Document) -> Document:
        """The document with what was found added to its entities."""
        return replace(document, entities=(*document.entities, *self.find(document.text)))

    def find(self, text: str) -> list[Entity]:
        """The terms in a text, in order: one entity for each type that a term has, with its codes."""
        words, spans = _words(text)
        found: list[Entity] = []
        line = " ".join(words) + " "
        place = free = 0
        for number, word in enumerate(words):
            if number >= free:
                for key in reversed(self._keys.prefixes(line[place : place + self._longest])):
                    after = number + key.count(" ")
                    span = (spans[number][0], spans[after - 1][1])
                    if entities := self._entities(key, text, span):
                        found += entities
                        free = after
                        break
            place += len(word) + 1
        return found

    def _entities(self, key: str, text: str, span: Span) -> list[Entity]:
        codes: dict[str, list[Code]] = {}
        for entry in sorted(self._entries[key]):
            type_, system, code, name, exact = entry.decode().split(SEPARATOR)
            if exact and text[slice(*span)] not in (exact, exact + "s"):
                continue
            known = codes.setdefault(type_, [])
            if code:
                known.append(Code(system, code, name))
        return [
            Entity(type_, (span,), attributes={"source": Attribute(NAME)}, codes=tuple(dict.fromkeys(known)))
            for type_, known in codes.items()
        ]


def stem(word: str) -> str:
    """A lower-case word without what tells singular from plural; no word that anybody writes."""
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("is"):
        word = word[:-2] + "e"  # "axis" is "axes"; of one with "es" nobody knows whether it was "is" or "e"
    elif word.endswith("s") and not word.endswith(("ss", "us")):
        word = word[:-1]
    if word.endswith("ie") and len(word) > 4:
        return word[:-1]
    if word.endswith("xe") or (word.endswith(("sse", "she", "che", "ze", "use")) and len(word) > 4):
        word = word[:-1]  # "boxes", "masses", "viruses": their "e" is of the ending
    elif word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "i"
    elif word.endswith("ae"):
        word = word[:-1]
    for ending in ("us", "um", "a", "i"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _words(text: str) -> tuple[list[str], list[Span]]:
    """The stems that are compared, and where their words stand."""
    low = lowered(text)
    words: list[str] = []
    spans: list[Span] = []
    possessive = False
    for start, end in tokens(text):
        word = low[start:end]
        if word in _HYPHENS:
            continue
        if possessive and word == "s":
            words.pop()
            spans.pop()
        else:
            several = word[-1] == "s" and end - start == 3 and text[start : end - 1].isupper()  # "MIs"
            words.append(word[:-1] if several else stem(word))
            spans.append((start, end))
        possessive = word == "'" and start > 0 and not text[start - 1].isspace()
    return words, spans


def _key(term: str) -> str:
    words, _ = _words(term)
    return " ".join(words) + " " if any(word[0].isalnum() for word in words) else ""


def _entry(key: str, term: Term) -> tuple[str, bytes]:
    exact = term.term if len(term.term) <= ACRONYM and term.term.isupper() and term.term.isalpha() else ""
    return key, SEPARATOR.join((term.type, term.system, term.code, term.name, exact)).encode()


def _cells(line: str, delimiter: str) -> tuple[list[str], str]:
    """The cells of a line, or why it has none. Read alone, for a stray quotation mark would swallow the lines below."""
    if '"' not in line:
        return line.rstrip("\r\n").split(delimiter), ""
    reader = csv.reader([line, ""], delimiter=delimiter)
    try:
        cells = next(reader)
    except csv.Error as error:
        return [], str(error)
    return (cells, "") if reader.line_num == 1 else ([], "a quotation mark opens a cell, and nothing closes it")


def _row(cells: list[str], places: dict[str, int]) -> tuple[Term | None, str]:
    """The term of a row, or why there is none; an empty line is no row."""
    if not any(cell.strip() for cell in cells):
        return None, ""
    values = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
    for name in REQUIRED:
        if not values[name]:
            return None, f"the {name} is empty"
    if len(values["term"]) > LONGEST:
        return None, f"the term has {len(values['term']):,} characters; up to {LONGEST} are compared"
    if any(SEPARATOR in value for value in values.values()):
        return None, "it holds the control character U+001F"
    if not _key(values["term"]):
        return None, "the term has no letter and no digit"
    return Term(**values), ""


def _opened(path: Path) -> IO[str]:
    raw = gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # noqa: SIM115 (the caller closes it)
    return io.TextIOWrapper(raw, "utf-8-sig", newline="")
