"""How i2b2/VA 2010 scored concepts, assertions and relations.

Uzuner, South, Shen and DuVall (2011), "2010 i2b2/VA challenge on concepts, assertions, and relations in clinical text",
JAMIA 18(5); the official i2b2va-eval.jar, option `-ex all`. The headline is micro F1 of each:

exact concepts     the same class and the same span ("Class Exact Span")
inexact concepts   the same class and a character in common; every mention is in at most one pair, and as many pairs are
                   made as possible, exact ones first
assertions         the value of a problem with exactly this span; a problem that says nothing is present
relations          the type and both spans; PIP in either direction

The value is that of the attribute `ast`, or else `assertion` (the package's own names).
"""

from collections.abc import Sequence

from epicrisis.document import Document, Entity, Span
from epicrisis.evaluation.matching import Mention, Outcome, mention, same_type, strict
from epicrisis.evaluation.schemes import SchemeScores
from epicrisis.evaluation.scores import DocumentScores, measured, paired

PROBLEM = "problem"
SYMMETRIC = ("PIP",)
ATTRIBUTES = ("ast", "assertion")
MEASURES = ("exact concepts", "inexact concepts", "assertions", "relations")
Tie = tuple[str, tuple[Span, ...], tuple[Span, ...]]


def evaluate_i2b2_2010(gold: Sequence[Document], predicted: Sequence[Document]) -> SchemeScores:
    """Raises CorpusError where documents do not pair up, as `evaluate` does."""
    documents = []
    for right, ours in paired(gold, predicted):
        theirs, found = ([mention(entity) for entity in document.entities] for document in (right, ours))
        measures = {
            **measured(theirs, found, {"exact concepts": strict, "inexact concepts": same_type}),
            **measured(_assertions(right), _assertions(ours), {"assertions": strict}),
            **measured(_ties(right), _ties(ours), {"relations": _in_both}),
        }
        documents.append(DocumentScores(right.id, measures))
    return SchemeScores(MEASURES, tuple(documents))


def _assertions(document: Document) -> list[Mention]:
    return [(_value(entity), mention(entity)[1]) for entity in document.entities if entity.type == PROBLEM]


def _value(entity: Entity) -> str:
    said = next((entity.attributes[name].value for name in ATTRIBUTES if name in entity.attributes), "present")
    return str(said)


def _ties(document: Document) -> list[Tie]:
    spans = {entity.id: mention(entity)[1] for entity in document.entities}
    ties: set[Tie] = set()
    for relation in document.relations:
        first, second = spans[relation.head], spans[relation.tail]
        if relation.type in SYMMETRIC:
            first, second = sorted((first, second))
        ties.add((relation.type, first, second))
    return sorted(ties)


def _in_both(gold: Sequence[Tie], predicted: Sequence[Tie]) -> Outcome:
    correct = len({*gold} & {*predicted})
    return Outcome(correct, missed=len(gold) - correct, spurious=len(predicted) - correct)
