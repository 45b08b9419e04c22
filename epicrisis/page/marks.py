"""A note's text with its entities marked: HTML elements that nest, whatever the entities do.

A mention that lies within another one is an element within its element. One that crosses another is cut in two where
the other ends. Between the fragments of a discontinuous mention runs a dotted line. Each mention has a layer of its own
for its underline, and a tag that names its type where it (or a fragment of it) ends; the tag is an empty element,
so that the text of the elements is the note's, character by character. Further stretches of the text (sentences, words
that carried a label) are elements in the same way.
"""

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from epicrisis.document import Document, Entity
from epicrisis.page.look import DOUBTED, LAYERS, Looks
from epicrisis.page.words import facts, tag

PICTURES: dict[int, int] = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF], 0xFFFD),
}
"""Characters that HTML has no place for, or that turn the direction of what follows, and what is shown instead."""


def visible(text: str) -> str:
    """The text with a picture for every control character; as long as before. A CR before LF stays."""
    return re.sub(r"\r(?!\n)", "\u240d", text).translate(PICTURES)


def plain(text: str) -> str:
    """Escaped for use in HTML, as content or in quotes."""
    return escape(visible(text)).replace("\r", "&#13;")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of the note that are an element of their own, beside the entities; `name` is the element's.

    first, again  its opening tag and what stands before its text, where it begins and where it goes on after a cut
    last          what stands behind its text where it ends, inside the element
    """

    start: int
    end: int
    name: str
    first: str
    again: str
    last: str = ""


@dataclass(slots=True)
class Piece:
    """A fragment of an entity, the gap before its next one (gap), or a stretch, from where it opens to `end`.

    number: of the entity, or of the stretch
    """

    number: int
    fragment: int
    gap: bool
    end: int
    opened: bool = False
    stretch: Stretch | None = None

    @property
    def closing(self) -> str:
        return f"</{self.stretch.name if self.stretch else 'span' if self.gap else 'mark'}>"


def layers(entities: Sequence[Entity]) -> list[int | None]:
    """For each entity (in reading order) the layer of its underline, 0 the nearest to the text; None: no room for it.

    Entities that share a place have different layers. In a heap of mentions those that begin last are nearest to the
    text, as far as room allows. O(n log n).
    """
    found: list[int | None] = []
    free = list(range(LAYERS))
    busy: list[tuple[int, int]] = []
    cluster, reach = 0, 0

    def turn(first: int, last: int) -> None:
        deepest = max((layer for layer in found[first:last] if layer is not None), default=0)
        for number in range(first, last):
            layer = found[number]
            found[number] = None if layer is None else deepest - layer

    for number, entity in enumerate(entities):
        if entity.start >= reach:
            turn(cluster, number)
            cluster = number
        while busy and busy[0][0] <= entity.start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        layer = heapq.heappop(free) if free else None
        if layer is not None:
            heapq.heappush(busy, (entity.end, layer))
        found.append(layer)
        reach = max(reach, entity.end)
    turn(cluster, len(found))
    return found


def marked(
    document: Document,
    looks: Looks,
    places: Sequence[int | None],
    prefix: str,
    stretches: Sequence[Stretch] = (),
) -> Iterator[str]:
    """The note in small strings of HTML.

    places     the layers of the entities
    prefix     what the elements' ids begin with; entity number n has the id prefix + "e" + n
    stretches  none of them empty; of things that cover the same characters, they are the outer ones
    """
    text = visible(document.text)
    entities = document.entities
    changes: dict[int, list[Piece]] = {}
    ends = {stretch.end for stretch in stretches}
    for number, stretch in enumerate(stretches):
        changes.setdefault(stretch.start, []).append(Piece(number, 0, False, stretch.end, stretch=stretch))
    for number, entity in enumerate(entities):
        if places[number] is None:
            continue
        for fragment, (start, end) in enumerate(entity.fragments):
            changes.setdefault(start, []).append(Piece(number, fragment, False, end))
            ends.add(end)
            if fragment + 1 < len(entity.fragments) and entity.fragments[fragment + 1][0] > end:
                following = entity.fragments[fragment + 1][0]
                changes.setdefault(end, []).append(Piece(number, fragment, True, following))
    stack: list[Piece] = []
    done = 0
    for position in sorted(ends | changes.keys()):
        yield _content(text[done:position])
        done = position
        cut = len(stack)
        for depth in range(len(stack) - 1, -1, -1):
            if stack[depth].end == position:
                cut = depth
                yield _tag(document, stack[depth], looks)
        again = [piece for piece in stack[cut:] if piece.end != position]
        yield "".join(piece.closing for piece in reversed(stack[cut:]))
        del stack[cut:]
        for piece in sorted(again + changes.get(position, []), key=lambda piece: -piece.end):
            yield _opening(document, piece, looks, places, prefix)
            stack.append(piece)
    yield _content(text[done:])


def _content(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;")


def _opening(document: Document, piece: Piece, looks: Looks, places: Sequence[int | None], prefix: str) -> str:
    again, piece.opened = piece.opened, True
    if piece.stretch:
        return piece.stretch.again if again else piece.stretch.first
    entity = document.entities[piece.number]
    classes = f"{looks.classes(entity.type)} l{places[piece.number]}"
    if piece.gap:
        return f'<span class="gap {classes}">'
    first = not again and piece.fragment == 0
    handle = f' id="{prefix}e{piece.number}" tabindex="0"' if first else ""
    assertion = entity.attributes.get("assertion")
    if assertion is not None and assertion.value in DOUBTED:
        classes += f" {assertion.value}"
    return f'<mark class="{classes}"{handle} title="{plain(facts(entity, document.text))}">'


def _tag(document: Document, piece: Piece, looks: Looks) -> str:
    if piece.stretch or piece.gap:
        return piece.stretch.last if piece.stretch else ""
    entity = document.entities[piece.number]
    return f'<b class="tag {looks.classes(entity.type)}" data-tag="{plain(tag(entity, piece.fragment))}"></b>'
