"""Few shots: how well types are found of which the model has seen a handful of examples and no training.

Support is sampled greedily, as Yang and Katiyar (2020), "Simple and Effective Few-Shot Named Entity Recognition with
Structured Nearest Neighbor Learning", sample sentences; here a document is what is drawn. The rest is to be annotated.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from epicrisis.document import Document
from epicrisis.errors import CorpusError


@dataclass(frozen=True)
class Episode:
    """types: those to find; support: documents that show them; query: the others. Entities are of the types alone."""

    types: tuple[str, ...]
    support: tuple[Document, ...]
    query: tuple[Document, ...]


def episodes(
    documents: Sequence[Document], types: Collection[str], *, ways: int, shots: int, count: int, seed: int
) -> Iterator[Episode]:
    """`count` episodes, each with `ways` of the types and at least `shots` mentions of each of them in its support.

    The same documents and seed give the same episodes, and the first of them are those of a smaller count.

    Raises CorpusError where there are fewer types than `ways`, fewer mentions of one than `shots`, or no document is
    left to annotate.
    """
    names = sorted(types)
    if not 1 <= ways <= len(names):
        raise CorpusError(f"{ways} types were asked for, and there are {len(names)}: {', '.join(names) or 'none'}")
    chance = random.Random(seed)
    for _ in range(count):
        chosen = tuple(sorted(chance.sample(names, ways)))
        shown = [restricted(document, chosen) for document in documents]
        support = set(sample_support(shown, chosen, shots, chance))
        query = tuple(document for n, document in enumerate(shown) if n not in support)
        if not any(document.entities for document in query):
            raise CorpusError(f"no document with an entity of {', '.join(chosen)} is left beside the support")
        yield Episode(chosen, tuple(shown[n] for n in sorted(support)), query)


def sample_support(documents: Sequence[Document], types: Sequence[str], shots: int, chance: random.Random) -> list[int]:
    """The positions of documents that hold `shots` mentions of each type, none of which could be left out.

    The rarest type is served first: what is drawn for it holds mentions of the others, too. Raises CorpusError where
    there are too few mentions.
    """
    mentions = [Counter(entity.type for entity in document.entities) for document in documents]
    total = sum(mentions, Counter[str]())
    held: Counter[str] = Counter()
    chosen: list[int] = []
    for type_ in sorted(types, key=lambda name: (total[name], name)):
        if total[type_] < shots:
            raise CorpusError(f"{shots} mentions of {type_} were asked for, and the documents hold {total[type_]}")
        holders = [n for n, own in enumerate(mentions) if own[type_] and n not in chosen]
        chance.shuffle(holders)
        while held[type_] < shots:
            chosen.append(holders.pop())
            held += mentions[chosen[-1]]
    for n in list(chosen):
        if all(held[type_] - mentions[n][type_] >= shots for type_ in types):
            chosen.remove(n)
            held -= mentions[n]
    return chosen


def restricted(document: Document, types: Collection[str]) -> Document:
    """The document with only its entities of these types; its relations and groups are left out."""
    kept = tuple(entity for entity in document.entities if entity.type in types)
    return replace(document, entities=kept, relations=(), groups=())


def without(document: Document, types: Collection[str]) -> Document:
    """The document without its entities of these types; if there are any, its relations and groups are left out."""
    others = {entity.type for entity in document.entities} - set(types)
    return restricted(document, others) if types else document
