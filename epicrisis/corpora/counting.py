"""How much a corpus holds: documents, words, mentions per type and part, relations, lengths, overlaps."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from epicrisis.corpora.labels import is_weak, label_names
from epicrisis.corpora.splits import Split
from epicrisis.document import Document, Entity, Relation

WHOLE = "all"
OVERLAPS = {
    "discontinuous": "discontinuous mentions",
    "nested": "pairs of mentions, one within the other",
    "crossing": "pairs of mentions that cross",
    "same span": "pairs of mentions of two types on one span",
    "duplicate": "pairs of mentions that are the same",
}
"""What `overlaps` counts, in words."""
USUAL = ("train", "dev", "test")


def totals(documents: Iterable[Document]) -> Counter[str]:
    """The numbers that corpora publish. An argument of an event is no relation; every line of a note counts.

    words are what white space separates, tokens what networks see (`text.tokens`): of Chinese, the characters
    """
    number: Counter[str] = Counter()
    for document in documents:
        relations = [relation for relation in document.relations if not relation.event]
        described = _described(document)
        number["documents"] += 1
        number["characters"] += len(document.text)
        number["words"] += len(document.text.split())
        number["tokens"] += tokens_of(document)
        number["entities"] += len(document.entities)
        number["events"] += sum(entity.event for entity in document.entities)
        number["relations"] += len(relations)
        number["event arguments"] += len(document.relations) - len(relations)
        number["groups"] += len(document.groups)
        number["attributes"] += sum(len(item.attributes) for item in described)
        number["codes"] += sum(len(entity.codes) for entity in document.entities)
        number["weakly labelled documents"] += is_weak(document)
        number["labels"] += len(document.labels)
        number["notes"] += sum(item.note.count("\n") + 1 for item in described if item.note)
    return number


def tokens_of(document: Document) -> int:
    from epicrisis.text.tokens import tokens  # here, for numpy comes with it, which commands do not wait for

    return sum(1 for _ in tokens(document.text))


def overlaps(documents: Iterable[Document]) -> Counter[str]:
    """Mentions that one row of tags cannot hold, by kind. A mention reaches from its first to its last character.

    nested: pairs, one within the other and longer; crossing: pairs of which each has characters of its own;
    "same span": pairs of two types; duplicate: pairs of one type and the same fragments
    """
    number: Counter[str] = Counter()
    for document in documents:
        number["discontinuous"] += sum(len(entity.fragments) > 1 for entity in document.entities)
        open_: list[Entity] = []
        for entity in document.entities:  # by start, the longer first
            open_ = [other for other in open_ if other.end > entity.start]
            for other in open_:
                number[_relation(other, entity)] += 1
            open_.append(entity)
    return number


def _described(document: Document) -> list[Entity | Relation]:
    return [*document.entities, *document.relations]


def _relation(first: Entity, second: Entity) -> str:
    if first.fragments == second.fragments:
        return "duplicate" if first.type == second.type else "same span"
    if (first.start, first.end) == (second.start, second.end) or second.end <= first.end:
        return "nested"
    return "crossing"


def statistics_of(documents: Sequence[Document], parts: Mapping[str, str]) -> dict[str, Any]:
    """All of it, as `corpus stats --json` gives it; parts: the part of each document by id, as far as it has one."""
    names = sorted({*parts.values()}, key=lambda name: (USUAL.index(name) if name in USUAL else len(USUAL), name))
    by_part: dict[str, list[Document]] = {WHOLE: list(documents), **{name: [] for name in names}}
    for document in documents:
        if document.id in parts:
            by_part[parts[document.id]].append(document)
    return {
        "parts": {part: dict(totals(held)) for part, held in by_part.items()},
        "types": _per_part(by_part, lambda document: (entity.type for entity in document.entities)),
        "relation_types": _per_part(by_part, lambda document: (r.type for r in document.relations if not r.event)),
        "attributes": _per_part(
            by_part,
            lambda document: (
                f"{name}={item.attributes[name].value}" for item in _described(document) for name in item.attributes
            ),
        ),
        "labels": _per_part(by_part, label_names),
        "lengths": {
            "characters of a document": _spread(len(document.text) for document in documents),
            "tokens of a document": _spread(map(tokens_of, documents)),
            "characters of a mention": _spread(e.end - e.start for document in documents for e in document.entities),
        },
        "overlaps": dict(overlaps(documents)),
    }


def parts_of(documents: Iterable[Document], split: Split | None) -> dict[str, str]:
    """The part of every document: what the split says, or else what its reader put in `meta`."""
    if split is not None:
        return {id: part for part, ids in split.items() for id in ids}
    return {document.id: str(document.meta["split"]) for document in documents if "split" in document.meta}


def _per_part(
    by_part: Mapping[str, list[Document]], names: Callable[[Document], Iterable[str]]
) -> dict[str, dict[str, int]]:
    counts = {part: Counter(name for document in held for name in names(document)) for part, held in by_part.items()}
    ordered = sorted(counts[WHOLE], key=lambda name: (-counts[WHOLE][name], name))
    return {name: {part: count[name] for part, count in counts.items()} for name in ordered}


def _spread(numbers: Iterable[int]) -> dict[str, float]:
    ordered = sorted(numbers)
    if not ordered:
        return {}
    return {"least": ordered[0], "median": statistics.median(ordered), "most": ordered[-1]}
