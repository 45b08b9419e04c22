"""How CCKS2017 and CCKS2019 score entities of Chinese records.

Han et al. (2020), "Overview of the CCKS 2019 Knowledge Graph Evaluation Track", arXiv:2003.03875. `strict`: the same
type, start and end; the tasks ranked by its micro F1. `relaxed`: the same type and a character in common; every mention
is in at most one pair, and as many pairs are made as possible (the overview does not say which).
"""

from collections.abc import Sequence

from epicrisis.document import Document
from epicrisis.evaluation.matching import mention, same_type, strict
from epicrisis.evaluation.schemes import SchemeScores
from epicrisis.evaluation.scores import DocumentScores, measured, paired

MEASURES = {"strict": strict, "relaxed": same_type}


def evaluate_ccks(gold: Sequence[Document], predicted: Sequence[Document]) -> SchemeScores:
    """Raises CorpusError where documents do not pair up, as `evaluate` does."""
    documents = []
    for pair in paired(gold, predicted):
        right, ours = ([mention(entity) for entity in document.entities] for document in pair)
        documents.append(DocumentScores(pair[0].id, measured(right, ours, MEASURES)))
    return SchemeScores(tuple(MEASURES), tuple(documents))
