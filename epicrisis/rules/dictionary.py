"""A user's list of terms, found in notes: case and inflection tolerant, with the terms' codes.

The list is a CSV file with a heading; columns `term` and `type`, and, if it has them, `system`, `code` and `name`. It
is read as a stream into two MARISA tries (Yata 2011; the library marisa-trie), which keep a term in a few bytes:
docs/rules.md says what millions of terms take.

A term is compared word by word, as the tokens of the text: in lower case, without hyphens and possessive 's, and each
word without its ending of number ("biopsies" is "biopsy", "diagnoses" "diagnosis", "thrombi" "thrombus"). A term of up
to five capitals ("ALL", "MS") is found only in capitals. Of terms that begin at one place the longest is taken, and the
search goes on behind it.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

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

        A row without a term or type, or with one that is too long, is passed over and counted.

        Raises CorpusError where the file cannot be read, lacks a column, is no CSV, or holds no term.
        """
        path = Path(path)
        problems: list[tuple[int, str]] = []
        passed_over = 0

        def rows(lines: Any, places: dict[str, int]) -> Iterator[Term]:
            nonlocal passed_over
            for cells in lines:
                term, cause = _row(cells, places)
                if term is not None:
                    yield term
                elif cause:
                    passed_over += 1
                    if len(problems) < SHOWN:
                        problems.append((lines.line_num, cause))

        line = 1
        try:
            with _opened(path) as file:
                heading = file.readline()
                delimiter = max(",;\t", key=heading.count)
                names = [name.strip().lower() for name in next(csv.reader([heading], delimiter=delimiter), [])]
                if missing := [name for name in REQUIRED if name not in names]:
                    raise CorpusError(
                        f"{path}: there is no column {' and no column '.join(map(repr, missing))} in its first line. "
                        f"A term list has the columns {', '.join(REQUIRED)} and may have {', '.join(OPTIONAL)}; found "
                        f"{', '.join(map(repr, names)) or 'nothing'}"
                    )
                places = {name: names.index(name) for name in (*REQUIRED, *OPTIONAL) if name in names}
                reader = csv.reader(file, delimiter=delimiter)
                try:
                    dictionary = cls(rows(reader, places))
                finally:
                    line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise CorpusError(f"{path}: not UTF-8 after line {line} ({error.reason}); convert it first") from None
        except csv.Error as error:
            raise CorpusError(f"{path}, line {line}: {error}") from None
        except (OSError, EOFError, zlib.error) as error:
            raise CorpusError(
                f"{path}: cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}"
            ) from None
        if not len(dictionary):
            raise CorpusError(
                f"{path}: it holds no term" + (f"; line {problems[0][0] + 1}: {problems[0][1]}" if problems else "")
            )
        dictionary.problems = [(number + 1, cause) for number, cause in problems]
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
            if exact and text[slice(*span)] != exact:
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
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "i"
    for ending in ("es", "is", "s"):
        if word.endswith(ending) and not word.endswith(("ss", "us")) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    for ending in ("us", "um", "ae", "a", "i", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word[:-1] + "i" if word.endswith("y") else word


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
            words.append(stem(word))
            spans.append((start, end))
        possessive = word == "'" and start > 0 and not text[start - 1].isspace()
    return words, spans


def _key(term: str) -> str:
    words, _ = _words(term)
    return " ".join(words) + " " if any(word[0].isalnum() for word in words) else ""


def _entry(key: str, term: Term) -> tuple[str, bytes]:
    exact = term.term if len(term.term) <= ACRONYM and term.term.isupper() and term.term.isalpha() else ""
    return key, SEPARATOR.join((term.type, term.system, term.code, term.name, exact)).encode()


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
