"""Codecs: what the mentions of a text look like to a decoder that is to learn them, and which of them it can express.

Every decoder has one. `encode` turns entities into targets, one row a token, so that the targets of a window are those
of its tokens; and it says of every entity whether the targets express it. What decoding reads from perfect scores is
exactly what `encode` kept or snapped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Entity, Span
from epicrisis.text.spans import covering

Mention = tuple[int, int, str]
"""First token, token after the last, type."""


@dataclass(frozen=True)
class Encoded:
    """The targets of one sequence of tokens, and the fate of each entity that was to be expressed.

    targets  (T, ...) numbers, 0 where there is nothing to find
    kept     entities whose exact characters the targets express
    snapped  entities whose targets cover whole tokens, while they begin or end inside one
    dropped  entities that the targets say nothing of
    """

    targets: NDArray[np.int64]
    kept: tuple[Entity, ...]
    snapped: tuple[Entity, ...]
    dropped: tuple[Entity, ...]


class Codec(Protocol):
    """types: the entity types, in the order of their numbers; made with the settings that a recipe gives the decoder"""

    types: tuple[str, ...]

    def __init__(self, types: Sequence[str]) -> None: ...

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments that it was made with."""
        ...

    def encode(self, tokens: Sequence[Span], entities: Iterable[Entity]) -> Encoded:
        """tokens: character spans of a sequence; entities that lie outside it are dropped"""
        ...


@dataclass(frozen=True, order=True)
class Placed:
    """An entity on tokens. They sort the longest first, exact ones first among equals."""

    length: int
    inexact: bool
    start: int
    type: str
    span: Span
    entity: Entity

    @property
    def mention(self) -> Mention:
        return (*self.span, self.type)


def place(
    tokens: Sequence[Span], entities: Iterable[Entity], types: Iterable[str]
) -> tuple[list[Placed], list[Entity]]:
    """The entities on the tokens that cover them, the longest first; and those that no range of tokens stands for.

    Those are discontinuous, of another type, or without a token.
    """
    known = set(types)
    placed: list[Placed] = []
    nowhere: list[Entity] = []
    for entity in entities:
        span = covering(tokens, (entity.start, entity.end)) if len(entity.fragments) == 1 else None
        if span is None or entity.type not in known:
            nowhere.append(entity)
            continue
        exact = (tokens[span[0]][0], tokens[span[1] - 1][1]) == (entity.start, entity.end)
        placed.append(Placed(span[0] - span[1], not exact, entity.start, entity.type, span, entity))
    return sorted(placed), nowhere


def encoded(
    targets: NDArray[np.int64], placed: Iterable[Placed], dropped: Iterable[Entity], expressed: Iterable[Placed]
) -> Encoded:
    """Sort entities into their fates; expressed: those of `placed` that the targets say."""
    said = {id(one) for one in expressed}
    placed = list(placed)
    return Encoded(
        targets,
        tuple(one.entity for one in placed if id(one) in said and not one.inexact),
        tuple(one.entity for one in placed if id(one) in said and one.inexact),
        (*dropped, *(one.entity for one in placed if id(one) not in said)),
    )
