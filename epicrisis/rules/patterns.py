"""Patterns: regular expressions of a user's, found in notes.

A file has one pattern a line, `TYPE TAB EXPRESSION`, perhaps `TAB SYSTEM TAB CODE` behind it; `#` begins a comment
line. The expressions are Python's (`re`, with MULTILINE). A group named `entity` marks the part that is the mention.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from epicrisis.document import Attribute, Code, Document, Entity
from epicrisis.errors import CorpusError
from epicrisis.rules.merging import merged

NAME = "patterns"


@dataclass(frozen=True)
class Pattern:
    """Raises ValueError where the expression is none, or would match nothing at all."""

    type: str
    expression: str
    code: Code | None = None

    def __post_init__(self) -> None:
        if not self.type:
            raise ValueError("its type is empty")
        try:
            matches_nothing = re.compile(self.expression, re.MULTILINE).search("") is not None
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"no regular expression: {error}") from None
        if matches_nothing:
            raise ValueError("the expression matches empty text")


class Patterns:
    """Finds what patterns match. Where two overlap, the earlier of the list wins."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._compiled = [(p, re.compile(p.expression, re.MULTILINE)) for p in self.patterns]

    @classmethod
    def from_file(cls, path: str | Path) -> "Patterns":
        """Raises CorpusError where the file cannot be read or holds no pattern, and names every line that is none."""
        try:
            lines = Path(path).read_text("utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{path}: not UTF-8 (byte {error.start}); convert it first") from None
        except OSError as error:
            raise CorpusError(f"{path}: cannot be read: {error.strerror}") from None
        patterns: list[Pattern] = []
        wrong: list[str] = []
        for number, line in enumerate(lines, start=1):
            line = line.rstrip("\r")
            if not line.strip() or line.startswith("#"):
                continue
            try:
                patterns.append(_pattern(line))
            except ValueError as error:
                wrong.append(f"{path}, line {number}: {error}")
        if wrong:
            raise CorpusError("\n".join(wrong))
        if not patterns:
            raise CorpusError(f"{path}: it holds no pattern")
        return cls(patterns)

    def annotate(self, document: Document) -> Document:
        """The document with what was found added to its entities."""
        return replace(document, entities=(*document.entities, *self.find(document.text)))

    def find(self, text: str) -> list[Entity]:
        found = []
        for pattern, expression in self._compiled:
            group = "entity" if "entity" in expression.groupindex else 0
            codes = (pattern.code,) if pattern.code else ()
            spans = [match.span(group) for match in expression.finditer(text)]
            attributes = {"source": Attribute(NAME)}
            found.append([Entity(pattern.type, (s,), attributes=attributes, codes=codes) for s in spans if s[0] < s[1]])
        return sorted(merged(text, found))


def _pattern(line: str) -> Pattern:
    cells = line.split("\t")
    if len(cells) not in (2, 4):
        raise ValueError(
            f"TYPE TAB EXPRESSION, or two more cells, SYSTEM and CODE, are expected; found {len(cells)} cells"
        )
    return Pattern(cells[0].strip(), cells[1], Code(cells[2].strip(), cells[3].strip()) if len(cells) == 4 else None)
