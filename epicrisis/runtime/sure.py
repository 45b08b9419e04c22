"""Of what was found, what is sure enough: from one score on, or from that on which its type was right often enough."""

from collections.abc import Callable
from dataclasses import replace

from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import ModelError
from epicrisis.rules import with_entities
from epicrisis.runtime.annotator import Annotator


def at_least(document: Document, score: float) -> Document:
    """The document without entities and relations below the score."""

    def sure(one: Entity | Relation) -> bool:
        return one.score is None or one.score >= score

    return _kept(document, sure, sure)


def precise(document: Document, annotator: Annotator, precision: float) -> Document:
    """The document, as the annotator left it, without what was right less often than that on the dev part.

    Every type has a score of its own from which on it stays; those that were found too seldom there share one. A type
    that was never so precise is left out whole. What has no score stays, and what is said of an entity that stays.

    Raises ModelError where the model tells no such scores, or none for this precision.
    """
    known = annotator.precise_from
    if str(precision) not in known:
        told = f"it does for {', '.join(known)}" if known else "train it again"
        raise ModelError(
            f"{annotator.name}: the model does not tell which scores give a precision of {precision}; {told}"
        )
    found = known[str(precision)]

    def sure(kind: str) -> Callable[[Entity | Relation], bool]:
        least = found.get(kind, {})
        of_all = least.get("")

        def enough(one: Entity | Relation) -> bool:
            score = least.get(one.type, of_all)
            return one.score is None or (score is not None and one.score >= score)

        return enough

    return _kept(document, sure("entities"), sure("relations"))


def _kept(
    document: Document, entity: Callable[[Entity | Relation], bool], relation: Callable[[Entity | Relation], bool]
) -> Document:
    document = with_entities(document, list(filter(entity, document.entities)))
    return replace(document, relations=tuple(filter(relation, document.relations)))
