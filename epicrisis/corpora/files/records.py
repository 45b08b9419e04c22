"""JSON lines: one object a line, each read on its own, so that a bad line costs one line. Arrays of objects, too."""

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NoReturn, TypeGuard

from epicrisis.corpora.files.sources import BOM, Source, lines, said_part, text_of
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity, Value
from epicrisis.errors import DocumentError

Record = Mapping[str, Any]


def records(file: Source, report: Report) -> Iterator[tuple[int, Record]]:
    """The number and the object of every line that is one; blank lines are passed over."""
    for number, line in lines(file, report):
        record = parsed(line, file.name, number, report) if line.strip() else None
        if record is not None:
            yield number, record


def parsed(line: str, file: str, number: int, report: Report) -> Record | None:
    try:
        record = _JSON.decode(line)
        key = _halved(record) if "\\u" in line and isinstance(record, dict) else None
    except json.JSONDecodeError as error:
        report.add(file, number, f"no JSON: {error.msg} at column {error.colno}")
    except _NotFinite as error:
        report.add(file, number, str(error))
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; a thousand brackets
        report.add(file, number, f"no JSON that can be read ({type(error).__name__})")
    else:
        if key is not None:
            cause = "half of a character outside the basic plane; it was cut or decoded wrongly before it came here"
            report.add(file, number, f"{key!r} or its value holds a lone surrogate, {cause}")
        elif isinstance(record, dict):
            return record
        else:
            report.add(file, number, "a JSON object was expected")
    return None


def entity(type: Any, start: Any, end: Any, text: str, **rest: Any) -> Entity:
    """An entity from the values of a record; rest: what else `Entity` takes.

    Raises DocumentError where its type is no name or its offsets are none within the text.
    """
    if not isinstance(type, str) or not type:
        raise DocumentError("its type is no name")
    if not is_whole(start) or not is_whole(end):
        raise DocumentError("its offsets are not whole numbers")
    if not 0 <= start < end <= len(text):
        raise DocumentError(f"it covers characters {start}-{end}, but the text has {len(text)}")
    return Entity(type, ((start, end),), **rest)


def made(place: tuple[str, int], report: Report, id: str, text: str, **parts: Any) -> Document | None:
    """The document, or a problem that says why it cannot exist."""
    try:
        return Document(id, text, **parts)
    except DocumentError as error:
        report.add(*place, str(error))
        return None


class Ids:
    """The ids of the documents that a reader gave. Of two with one id the second is called after its place."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.given: set[str] = set()

    def once(self, document: Document, place: tuple[str, int], default: str) -> Document:
        if document.id in self.given:
            self.report.add(*place, f"document id {document.id!r} stands twice; the second is called after its place")
            names = (default if number == 1 else f"{default}-{number}" for number in itertools.count(1))
            document = replace(document, id=next(name for name in names if name not in self.given))
        self.given.add(document.id)
        return document


def name_of(record: Record, default: str) -> str:
    """The record's own id, which may be a number, or the given one."""
    id = record.get("id")
    return str(id) if isinstance(id, str | int) and not isinstance(id, bool) and id != "" else default


def in_part(document: Document, source: Source, *, file: bool = True) -> Document:
    """The document with the part that its file's name, or a folder's, says, where it does not say one itself."""
    part = "" if "split" in document.meta else said_part(source.path, file=file)
    return replace(document, meta={**document.meta, "split": part}) if part else document


def is_value(value: object) -> bool:
    return isinstance(value, Value)


class _NotFinite(ValueError):
    """A number that JSON does not have: its message is a problem's cause."""


def _constant(name: str) -> NoReturn:
    raise _NotFinite(f"no JSON: {name} is no number of JSON; null says that there is none")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _NotFinite("a number is too large: it would be read as Infinity")
    return number


_JSON = json.JSONDecoder(parse_constant=_constant, parse_float=_float)


def value_of(text: str) -> Any:
    """What a piece of JSON says. Raises ValueError, TypeError or RecursionError where it is none that can be read."""
    return _JSON.decode(text)


def _halved(record: Record) -> str | None:
    """The first key that is or holds half a character; that of the text is left to `Document`, which says where."""
    for key, value in record.items():
        try:
            json.dumps(key if key == "text" else {key: value}, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            return key
    return None


def is_whole(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool)


def objects(file: Source, report: Report) -> Iterator[tuple[int, Record]]:
    """The objects of a file with their line: of JSON lines, of an array, or of the array in {"data": [...]}.

    An array is read object by object, so that one that was cut off gives those before.
    """
    text = (text_of(file, report) or "").removeprefix(BOM)
    begin = re.match(r'\s*(\{\s*"data"\s*:\s*)?\[', text)
    if begin is None:
        for number, line in enumerate(text.split("\n"), start=1):
            record = parsed(line, file.name, number, report) if line.strip() else None
            if record is not None:
                yield number, record
        return
    yield from _elements(text, begin.end(), file.name, report)


def _elements(text: str, place: int, file: str, report: Report) -> Iterator[tuple[int, Record]]:
    while True:
        gap = re.compile(r"[\s,]*").match(text, place)
        place = gap.end() if gap else place
        number = text.count("\n", 0, place) + 1
        if text[place : place + 1] == "]":
            return
        try:
            record, place = _JSON.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            cause = "the array ends here; it was cut off" if place == len(text) else f"no JSON ({type(error).__name__})"
            report.add(file, number, f"{cause}; what stands before was read")
            return
        if isinstance(record, dict) and _halved(record) is None:
            yield number, record
        else:
            report.add(file, number, "a JSON object without lone surrogates was expected")
