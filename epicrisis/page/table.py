"""Documents -> a table for the terminal."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from epicrisis.document import Document, Label
from epicrisis.page.marks import visible
from epicrisis.page.words import WEAK, attributes, number, value

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from rich.table import Table

COLUMNS = ("Document", "Type", "Words", "Status", "Offsets", "Score")
WHOLE = ("Type", "Offsets", "Score")
"""Columns whose cells are not broken over lines where the terminal is narrow."""


def rows(documents: Iterable[Document]) -> Iterator[tuple[str, ...]]:
    """One for each label and entity, its cells in the order of COLUMNS; control characters are shown as pictures.

    Status is what is said of an entity, and its relations where it is their head. The words of a label are those that
    carried it.
    """
    for document in documents:
        for name, label in sorted(document.labels.items()):
            yield _shown(_label(document, name, label))
        if isinstance(reason := document.meta.get("no_label"), str):
            yield _shown((document.id, "no label", "", reason, "", ""))
        words = {entity.id: document.words(entity) for entity in document.entities} if document.relations else {}
        related: dict[str, list[str]] = {}
        for relation in document.relations:
            said = f" ({number(relation.score)})" if relation.score is not None else ""
            related.setdefault(relation.head, []).append(f"{relation.type} → {words[relation.tail]}{said}")
        for entity in document.entities:
            cells = (
                document.id,
                entity.type,
                " … ".join(document.text[start:end] for start, end in entity.fragments),
                "; ".join(filter(None, [attributes(entity.attributes, document.text), *related.get(entity.id, [])])),
                ", ".join(f"{start}-{end}" for start, end in entity.fragments),
                number(entity.score),
            )
            yield _shown(cells)


def _label(document: Document, name: str, label: Label) -> tuple[str, ...]:
    words = label.evidence.words if label.evidence else ()
    said = [value(label.value)]
    if label.intensity is not None and label.intensity is not label.value:
        said.append(f"intensity {value(label.intensity)}")
    if words and label.evidence:
        said.append(f"words by {label.evidence.by}")
    if document.meta.get("weak"):
        said.append(WEAK)
    return (
        document.id,
        name,
        " … ".join(document.text[start:end] for start, end, _ in words),
        ", ".join(said),
        "",  # of words from all over the note there are too many for a column
        number(label.score),
    )


def _shown(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(visible(" ".join(cell.split())) for cell in cells)


def table(documents: Iterable[Document], *, title: str | None = None) -> "Table":
    """A rich table; a column that would be empty throughout is left out, as is that of documents where the title names
    the only one. It holds all rows in memory."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    lines = list(rows(documents))
    named = {row[0] for row in lines} <= {title and visible(title)}
    always = COLUMNS[1:3] if named else COLUMNS[:3]
    shown = [
        number
        for number, name in enumerate(COLUMNS)
        if name in always or (number and any(row[number] for row in lines))
    ]
    made = Table(
        title=None if title is None else Text(visible(title)), title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    for number_ in shown:
        name = COLUMNS[number_]
        justify: JustifyMethod = "right" if name == "Score" else "left"
        made.add_column(name, justify=justify, overflow="fold", no_wrap=name in WHOLE)
    for row in lines:
        made.add_row(*(Text(row[number_]) for number_ in shown))
    return made
