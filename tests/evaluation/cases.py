"""Invented documents for the tests of evaluation: text of the letter x, entities drawn at random."""

import random
from collections.abc import Sequence

from epicrisis.document import Document, Entity
from epicrisis.evaluation.matching import Mention

TYPES = ("Drug", "Problem", "Test")
LENGTH = 12


def document(mentions: Sequence[Mention], *, id: str = "d", scores: Sequence[float] = ()) -> Document:
    entities = [
        Entity(type_, fragments, score=scores[number] if scores else None)
        for number, (type_, fragments) in enumerate(mentions)
    ]
    return Document(id=id, text="x" * 60, entities=tuple(entities))


def any_mentions(generator: random.Random, *, most: int = 6) -> list[Mention]:
    """Nested, crossing, discontinuous, doubled: whatever comes."""
    found: list[Mention] = []
    for _ in range(generator.randint(0, most)):
        if found and generator.random() < 0.15:
            found.append(generator.choice(found))
            continue
        cuts = sorted(generator.sample(range(LENGTH), 2 if generator.random() < 0.75 else 4))
        fragments = tuple(zip(cuts[::2], cuts[1::2], strict=True))
        found.append((generator.choice(TYPES), fragments))
    return found


def flat_mentions(generator: random.Random, *, length: int = LENGTH) -> list[Mention]:
    """In order, no two with a character in common."""
    found: list[Mention] = []
    start = 0
    while start < length:
        end = min(length, start + generator.randint(1, 4))
        if generator.random() < 0.6:
            found.append((generator.choice(TYPES), ((start, end),)))
        start = end
    return found


def tags(generator: random.Random, length: int, prefixes: str = "BI") -> list[str]:
    """Any sequence at all, stray I- tags included."""
    return [
        "O" if generator.random() < 0.35 else f"{generator.choice(prefixes)}-{generator.choice(TYPES)}"
        for _ in range(length)
    ]
