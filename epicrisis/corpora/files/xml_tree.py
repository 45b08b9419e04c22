"""XML from anyone -> a tree with line numbers. It never expands, loads or runs anything.

A document that declares an entity is refused: that is how a short file becomes gigabytes, or reads another file of the
machine. External document types are named by ACE and GENIA; they are not loaded. Of a file that was cut off or is
damaged, what stands before is given, and elements that were not closed say so (`complete`).
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from xml.parsers import expat

from epicrisis.corpora.report import Report

DEEPEST = 200
CHUNK = 1 << 16
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


@dataclass(slots=True)
class Node:
    """An element. content: its elements and the text between them, in order; line: that of its opening tag."""

    tag: str
    attributes: dict[str, str]
    line: int
    content: list["Node | str"] = field(default_factory=list)
    complete: bool = False

    def each(self, *tags: str) -> Iterator["Node"]:
        """The complete elements right below that have one of the tags; without tags, all of them."""
        for child in self.content:
            if isinstance(child, Node) and child.complete and (not tags or child.tag in tags):
                yield child

    def every(self, *tags: str) -> Iterator["Node"]:
        """The complete elements with one of the tags, at any depth, in the order of their opening tags."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            if node.tag in tags and node.complete:
                yield node
            waiting.extend(child for child in reversed(node.content) if isinstance(child, Node))

    def find(self, tag: str) -> "Node | None":
        """The first element right below with this tag, complete or not."""
        return next((child for child in self.content if isinstance(child, Node) and child.tag == tag), None)

    @property
    def text(self) -> str:
        """All text within, at any depth."""
        parts: list[str] = []
        waiting: list[Node | str] = [self]
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                parts.append(part)
            else:
                waiting.extend(reversed(part.content))
        return "".join(parts)

    def text_of(self, tag: str) -> str:
        """The text of the first such element right below, without white space at its edges; "" if there is none."""
        child = self.find(tag)
        return "" if child is None else child.text.strip()


def parse(data: bytes, name: str, report: Report) -> Node | None:
    """The root, or None where there is none to be had; what is wrong with the file goes to the report."""
    builder = _Builder()
    for _ in _built(builder, data, name, report):
        pass
    return builder.root


def stream(data: bytes, name: str, report: Report, root: str, tag: str) -> Iterator[Node]:
    """Every complete element of a tag, one at a time, for files of which the tree would be large.

    root: what the outermost element has to be; another one is a problem, and nothing is given
    """
    builder = _Builder(tag)
    for node in _built(builder, data, name, report):
        if builder.root is None or builder.root.tag != root:
            break
        yield node
    if builder.root is not None and builder.root.tag != root:
        report.add(name, builder.root.line, f"the outermost element is not <{root}>; the file is of another kind")


def _built(builder: "_Builder", data: bytes, name: str, report: Report) -> Iterator[Node]:
    """Lets the builder see the file; gives what it sets aside, as soon as it does."""
    encoded = _decoded(data, name, report).encode("utf-8", "replace")
    parser = expat.ParserCreate(encoding="utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: builder.start(tag, attributes, parser.CurrentLineNumber)
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.SkippedEntityHandler = lambda entity, is_parameter: builder.characters(f"&{entity};")
    parser.EntityDeclHandler = _refuse
    try:
        for place in range(0, len(encoded) + 1, CHUNK):
            part = encoded[place : place + CHUNK]
            parser.Parse(part, place + CHUNK > len(encoded))
            yield from builder.taken()
    except _Refused as refused:
        report.add(name, parser.CurrentLineNumber, str(refused))
        builder.root = None
    except expat.ExpatError as error:
        yield from builder.taken()
        cause = expat.errors.messages.get(error.code, "an error")
        kept = "; what stands before was read" if builder.root else ""
        report.add(
            name, error.lineno, f"no well-formed XML from here on ({cause}): the file is cut off or damaged{kept}"
        )


class _Refused(Exception):
    """Its message is a problem's cause."""


def _refuse(*_: object) -> None:
    raise _Refused("it declares an entity, which may expand without bounds or read other files; it was not read")


class _Builder:
    """aside: the tag of elements that are kept apart from the tree"""

    def __init__(self, aside: str = "") -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        self.aside = aside
        self.ready: list[Node] = []

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        node = Node(tag, attributes, line)
        if self.open:
            self.open[-1].content.append(node)
        else:
            self.root = node
        self.open.append(node)
        if len(self.open) > DEEPEST:
            raise _Refused(f"its elements are nested more than {DEEPEST} deep; it was not read")

    def end(self, tag: str) -> None:
        node = self.open.pop()
        node.complete = True
        if tag == self.aside and self.open:
            self.open[-1].content.pop()
            self.ready.append(node)

    def taken(self) -> list[Node]:
        ready, self.ready = self.ready, []
        return ready

    def characters(self, text: str) -> None:
        if self.open:
            self.open[-1].content.append(text)


def _decoded(data: bytes, name: str, report: Report) -> str:
    """The file's text; a byte that its encoding does not have becomes one U+FFFD, so that the rest keeps its place."""
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif match := _ENCODING.match(data.removeprefix(codecs.BOM_UTF8)):
        encoding = match[1].decode("ascii")
        encoding = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        shown = encoding.upper().removesuffix("-SIG")
        report.add(name, None, f"not {shown}: byte {error.start} begins no character; it was read with U+FFFD instead")
        with suppress(UnicodeError):  # of a codec that is strict whatever it is told: idna
            return data.decode(encoding, "replace")
    except (LookupError, UnicodeError):  # Python has codecs that are no encodings, such as undefined
        report.add(name, 1, "it declares an encoding that is not known; it was read as UTF-8")
    return data.decode("utf-8-sig", "replace")
