"""How disorders were scored in ShARe/CLEF 2013 and SemEval-2014 task 7 (`eval.pl`) and SemEval-2015 task 14.

The mentions of a file are a table from spans to CUI, so that of two on the same spans the last counts; a mention
without a CUI is CUI-less. Types play no part.

`share-2014`. strict: the same list of fragments, whatever the CUI. relaxed: any fragment shares a character with any
fragment of any mention of the other side; tp and fp count predictions, fn gold mentions that nothing touches, so that
one prediction may find several. The accuracy of CUIs: strict, right ones on the same fragments of all gold mentions;
relaxed, of those only whose fragments were found, so that finding fewer may raise it.

`share-2015`. The CUI has to be right, too. strict: the same fragments. relaxed: mentions with exactly gold's fragments
go first; then every gold mention, in order, takes all predictions left that touch it (ends count as included, so that
neighbours touch): that of the longest common stretch is right, the others are false. A gold mention that was matched
exactly takes them as well, and the longest goes unpunished. (The script takes gold in an order that is random.)
"""

from collections.abc import Mapping, Sequence

from epicrisis.document import Document, Span
from epicrisis.evaluation.matching import Outcome
from epicrisis.evaluation.schemes import SchemeScores
from epicrisis.evaluation.scores import DocumentScores, MeasureScores, paired

DISORDER = "Disease_Disorder"
LESS = "cui-less"
Fragments = tuple[Span, ...]
Disorders = Mapping[Fragments, str]
"""From fragments to CUI, in lower case."""


def evaluate_share_2014(gold: Sequence[Document], predicted: Sequence[Document]) -> SchemeScores:
    """Raises CorpusError where documents do not pair up, as `evaluate` does."""
    documents = []
    right = found = every = 0
    for pair in paired(gold, predicted):
        theirs, ours = map(_disorders, pair)
        same = theirs.keys() & ours.keys()
        right += sum(theirs[spans] == ours[spans] for spans in same)
        found, every = found + len(same), every + len(theirs)
        strict = Outcome(len(same), missed=len(theirs) - len(same), spurious=len(ours) - len(same))
        touching = sum(_touched(spans, theirs) for spans in ours)
        missed = sum(not _touched(spans, ours) for spans in theirs)
        relaxed = Outcome(touching, missed=missed, spurious=len(ours) - touching)
        documents.append(_scores(pair[0].id, strict, relaxed))
    accuracy = {"strict": right / every if every else 0.0, "relaxed": right / found if found else 0.0}
    return SchemeScores(("strict", "relaxed"), tuple(documents), accuracy)


def evaluate_share_2015(gold: Sequence[Document], predicted: Sequence[Document]) -> SchemeScores:
    """Raises CorpusError where documents do not pair up, as `evaluate` does."""
    documents = []
    for pair in paired(gold, predicted):
        theirs, ours = map(_disorders, pair)
        same = {spans for spans, cui in theirs.items() if ours.get(spans) == cui}
        strict = Outcome(len(same), missed=len(theirs) - len(same), spurious=len(ours) - len(same))
        documents.append(_scores(pair[0].id, strict, _relaxed_2015(theirs, ours, same)))
    return SchemeScores(("strict", "relaxed"), tuple(documents))


def _scores(id: str, strict: Outcome, relaxed: Outcome) -> DocumentScores:
    measures = {"strict": strict, "relaxed": relaxed}
    return DocumentScores(id, {name: MeasureScores(one, {DISORDER: one}) for name, one in measures.items()})


def _disorders(document: Document) -> Disorders:
    return {entity.fragments: entity.codes[0].code.lower() if entity.codes else LESS for entity in document.entities}


def _touched(spans: Fragments, others: Disorders) -> bool:
    return any(a < d and c < b for a, b in spans for other in others for c, d in other)


def _relaxed_2015(gold: Disorders, predicted: Disorders, same: set[Fragments]) -> Outcome:
    left = [spans for spans in predicted if spans not in same]
    found = {*same}
    wrong = 0
    for spans, cui in gold.items():
        touching = [other for other in left if predicted[other] == cui and _stretch(spans, other)]
        if touching:
            found.add(spans)
            wrong += len(touching) - 1
            left = [other for other in left if other not in touching]
    return Outcome(len(found), missed=len(gold) - len(found), spurious=wrong + len(left))


def _stretch(one: Fragments, other: Fragments) -> int:
    """The longest common stretch of two fragments, their ends included; 0 where none touch."""
    return max(max(0, min(b, d) - max(a, c) + 1) for a, b in one for c, d in other)
