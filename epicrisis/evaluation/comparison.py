"""Two models on the same documents: whether one is better, or only luckier."""

from collections.abc import Collection, Sequence

from epicrisis.document import Document
from epicrisis.evaluation.labels import ClassScores, Table, evaluate_labels
from epicrisis.evaluation.relations import evaluate_relations
from epicrisis.evaluation.scores import evaluate
from epicrisis.evaluation.significance import Comparison, approximate_randomisation

Predictions = tuple[Sequence[Document], Sequence[Document] | None]
"""What a model finds in the text alone, and given gold's entities; None where it relates nothing."""


def compare(
    gold: Sequence[Document], first: Predictions, second: Predictions, *, symmetric: Collection[str] = ()
) -> dict[str, Comparison]:
    """Strict micro F1 of the first less that of the second, with the p value of a paired test, by what is scored:
    entities and, where gold and both have relations, relations end to end and given gold's entities.

    Raises CorpusError where documents do not pair up.
    """
    (ours, ours_given), (theirs, theirs_given) = first, second
    found = {
        "entities": approximate_randomisation(
            evaluate(gold, ours).counts("strict"), evaluate(gold, theirs).counts("strict")
        )
    }
    if ours_given is None or theirs_given is None or not any(document.relations for document in gold):
        return found
    for name, given, pair in (
        ("relations, end to end", False, (ours, theirs)),
        ("relations, given gold's entities", True, (ours_given, theirs_given)),
    ):
        scores = [evaluate_relations(gold, one, symmetric=symmetric, given_gold=given) for one in pair]
        found[name] = approximate_randomisation(*(one.counts("strict") for one in scores))
    return found


def compare_labels(
    gold: Sequence[Document],
    first: Sequence[Document],
    second: Sequence[Document],
    *,
    names: Sequence[str] | None = None,
) -> dict[str, Comparison]:
    """Macro F1 of the first less that of the second, with the p value of a paired test, for each label with classes.

    names: the labels that both models give, by default all that gold has

    Raises CorpusError where documents do not pair up.
    """
    ours, theirs = (evaluate_labels(gold, one, names=names, topics=False).labels for one in (first, second))
    both = [name for name in ours if name in theirs]
    return {name: approximate_randomisation(*_same_classes(ours[name], theirs[name])) for name in both}


def _same_classes(first: ClassScores, second: ClassScores) -> list[Table]:
    """The counts of both with a column for every class that either has."""
    values = list(dict.fromkeys([*first.values, *second.values]))
    return [scores.counts_of(values) for scores in (first, second)]
