"""Documents -> one HTML page that needs nothing else: no server, no network, no script to be read.

Each note with its entities marked, the facts found in it as a table, its relations, its labels and those of its
sentences; beside them a legend of all types.
The page comes in pieces, one document at a time, so that an archive can be written without being held in memory.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from epicrisis.document import Document, Entity
from epicrisis.page.labels import course, labels_of, main_label, stretches
from epicrisis.page.look import LAYERS, SCRIPT, Looks, style
from epicrisis.page.marks import layers, marked, plain
from epicrisis.page.words import attributes, codes, number, value

ARCS = '<p class="quiet hint"><button type="button" class="arcs">Draw all of them</button> or point at an entity.</p>\n'
"""Above a note's relations."""
DRAWN = '<svg class="drawn" aria-hidden="true"></svg>'
"""Where the script draws them, over the note."""
SKIP = '<a class="skip" href="#types">To the types of entities</a>\n'
LINKED = 500
"""Up to so many notes are listed beside the page."""


def page(documents: Iterable[Document], *, title: str = "Epicrisis") -> Iterator[str]:
    """The page in chunks of HTML; joined, or written one after the other (as UTF-8), they are the file.

    Opened from disk it loads nothing, and its security policy keeps a browser from loading or running anything that
    was not there when it was made.
    """
    looks = Looks()
    counts: Counter[str] = Counter()
    notes: list[tuple[str, str]] = []
    total = 0
    yield head(title, SCRIPT) + SKIP + _header(title)
    for total, document in enumerate(documents, start=1):
        counts.update(entity.type for entity in document.entities)
        if total <= LINKED:
            said = document.labels.get(main_label(document))
            notes.append((document.id, "" if said is None else value(said.value)))
        yield from _batches(_article(document, looks, f"d{total}"))
    yield "</main>\n"
    yield from _batches(_aside(looks, counts, notes, total))
    yield f"<script>{SCRIPT}</script>\n</body>\n</html>\n"


def head(title: str, script: str = "") -> str:
    """All above the page's content, `<body>` included; script: the one that the page may run"""
    policy = (
        f"default-src 'none'; style-src '{_hash(style())}'; "
        + (f"script-src '{_hash(script)}'; " if script else "")
        + "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n'
        f"<title>{plain(title)}</title>\n<style>{style()}</style>\n</head>\n<body>\n"
    )


def _header(title: str) -> str:
    return f'<header><h1 dir="auto">{plain(title)}</h1></header>\n<main>\n'


def _hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()


def _article(document: Document, looks: Looks, prefix: str) -> Iterator[str]:
    for type_ in sorted({entity.type for entity in document.entities}):
        looks.classes(type_)
    places = layers(document.entities)
    deepest = max((layer for layer in places if layer is not None), default=0)
    depth = "" if deepest < 3 else " deep1" if deepest < 6 else " deep2"
    language = _language(document)
    yield f'<article aria-labelledby="{prefix}">\n<h2 id="{prefix}" dir="auto">{plain(document.id)}</h2>\n'
    yield (
        f'<p class="quiet">{_count(len(document.text), "character")}, '
        f"{_count(len(document.entities), 'entity', 'entities')}, "
        f"{_count(len(document.relations), 'relation')}</p>\n"
    )
    yield _said(document, prefix)
    yield f'<div class="note{depth}" lang="{language}" dir="auto">'
    yield from marked(document, looks, places, prefix, stretches(document, prefix))
    yield f"{DRAWN}</div>\n" if document.relations else "</div>\n"
    if hidden := sum(place is None for place in places):
        yield (
            f'<p class="quiet">{_count(hidden, "entity", "entities")} more than {LAYERS} deep: not underlined, but in '
            f"the table.</p>\n"
        )
    yield from _facts(document, looks, places, prefix, language)
    yield from _relations(document, places, prefix, language)
    yield from course(document, prefix)
    yield "</article>\n"


def _said(document: Document, prefix: str) -> str:
    """Labels of the document and their words, and what its reader or model noted."""
    said = list(labels_of(document, prefix, weak=bool(document.meta.get("weak"))))
    said += [
        (name, plain(value(what)))
        for name, what in sorted(document.meta.items())
        if isinstance(what, str | int | float) and what not in ("", 0)
    ]
    if not said:
        return ""
    rows = "".join(f'<div><dt>{plain(n)}</dt><dd dir="auto">{what}</dd></div>' for n, what in said)
    return f"<dl>{rows}</dl>\n"


def _facts(document: Document, looks: Looks, places: list[int | None], prefix: str, language: str) -> Iterator[str]:
    if not document.entities:
        return
    columns = {
        "Status": [plain(attributes(entity.attributes, document.text)) for entity in document.entities],
        "Codes": [plain(codes(entity)) for entity in document.entities],
        "Remark": [plain(entity.note) for entity in document.entities],
        "Score": [number(entity.score) for entity in document.entities],
    }
    columns = {name: cells for name, cells in columns.items() if any(cells)}
    heads = "".join(f'<th scope="col"{_kind(name)}>{name}</th>' for name in columns)
    yield (
        f'<details class="facts" open>\n<summary>Facts</summary>\n<table aria-label="Facts of {plain(document.id)}">\n'
        f'<thead><tr><th scope="col">Type</th><th scope="col">Words</th>{heads}'
        f'<th scope="col" class="number">Characters</th></tr></thead>\n<tbody>\n'
    )
    for row, entity in enumerate(document.entities):
        words = _words(document, entity)
        if places[row] is not None:
            words = f'<a href="#{prefix}e{row}">{words}</a>'
        classes = looks.classes(entity.type)
        cells = "".join(f"<td{_kind(name)}>{cells[row]}</td>" for name, cells in columns.items())
        offsets = ", ".join(f"{start}–{end}" for start, end in entity.fragments)
        yield (
            f'<tr class="{classes.split()[0]}"><td><span class="swatch {classes}"></span>{plain(entity.type)}</td>'
            f'<td class="words" lang="{language}" dir="auto">{words}</td>{cells}'
            f'<td class="number">{offsets}</td></tr>\n'
        )
    yield "</tbody>\n</table>\n</details>\n"


def _relations(document: Document, places: list[int | None], prefix: str, language: str) -> Iterator[str]:
    if not document.relations and not document.groups:
        return
    place = {entity.id: (row, entity) for row, entity in enumerate(document.entities)}

    def link(id_: str) -> str:
        row, entity = place[id_]
        words = f'<bdi lang="{language}">{_words(document, entity)}</bdi>'
        if places[row] is not None:
            words = f'<a href="#{prefix}e{row}">{words}</a>'
        return f'{words} <span class="quiet">{plain(entity.type)}</span>'

    yield f'<section class="facts" aria-labelledby="{prefix}r">\n<h3 id="{prefix}r">Relations</h3>\n'
    yield f"{ARCS}<ul>\n" if document.relations else "<ul>\n"
    for relation in document.relations:
        known = [attributes(relation.attributes, document.text), relation.note]
        if relation.score is not None:
            known.insert(0, f"score {number(relation.score)}")
        said = "; ".join(part for part in known if part)
        more = f' <span class="quiet">({plain(said)})</span>' if said else ""
        ends = (place[id_][0] for id_ in (relation.head, relation.tail))
        arc = " ".join(f'data-{end}="{prefix}e{row}"' for end, row in zip(("head", "tail"), ends, strict=True))
        arc += f' data-said="{plain(relation.type)} {number(relation.score)}"'
        yield f"<li {arc}>{link(relation.head)} → <b>{plain(relation.type)}</b> → {link(relation.tail)}{more}</li>\n"
    for group in document.groups:
        yield f"<li><b>{plain(group.type)}</b>: {', '.join(link(member) for member in group.members)}</li>\n"
    yield "</ul>\n</section>\n"


def _aside(looks: Looks, counts: Counter[str], notes: list[tuple[str, str]], total: int) -> Iterator[str]:
    yield '<aside aria-label="Legend">\n<h2>Types</h2>\n<p class="quiet hint">Click a type to hide or show it.</p>\n'
    yield '<ul id="types" tabindex="-1">\n'
    for type_, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield (
            f'<li><button type="button" disabled data-type="{looks.number[type_]}">'
            f'<span class="swatch {looks.classes(type_)}"></span><bdi>{plain(type_).replace("_", "_<wbr>")}</bdi> '
            f'<span class="number">{count:,}</span></button></li>\n'
        )
    yield "</ul>\n"
    if not counts:
        yield '<p class="quiet">There are no entities.</p>\n'
    if total > 1:
        more = f" (the first {len(notes)} of {total:,})" if total > len(notes) else ""
        yield f'<nav aria-label="Notes">\n<h2>Notes{more}</h2>\n<ul>\n'
        for place, (id_, said) in enumerate(notes, start=1):
            more = f' <span class="quiet">{plain(said)}</span>' if said else ""
            yield f'<li><a href="#d{place}"><bdi>{plain(id_)}</bdi></a>{more}</li>\n'
        yield "</ul>\n</nav>\n"
    yield "</aside>\n"


def _words(document: Document, entity: Entity) -> str:
    """A discontinuous mention's fragments with an ellipsis between them; a very long one is cut."""
    fragments = []
    for start, end in entity.fragments[:20]:
        words = " ".join(document.text[start : min(end, start + 300)].split())
        fragments.append(plain(words) + (" …" if end > start + 300 else ""))
    return " … ".join(fragments) + (" …" if len(entity.fragments) > 20 else "") or "␠"


def _kind(column: str) -> str:
    return ' class="number"' if column == "Score" else ""


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _language(document: Document) -> str:
    """What the file says; else Chinese where one letter in ten is, English where nearly all are Latin, or unknown."""
    said = document.meta.get("language")
    if isinstance(said, str) and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", said):
        return said
    start = document.text[:20_000]
    letters = sum(map(str.isalpha, start))
    if len(re.findall(r"[\u3400-\u9fff]", start)) * 10 > letters:
        return "zh-Hans"
    return "en" if len(re.findall(r"[A-Za-z]", start)) * 10 >= letters * 9 else ""


def _batches(pieces: Iterable[str], size: int = 2000) -> Iterator[str]:
    """Small strings -> fewer, longer ones."""
    waiting: list[str] = []
    for piece in pieces:
        waiting.append(piece)
        if len(waiting) == size:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)
