"""All the scores of a system that tags tokens: over mentions, over tokens, and against what its tags can express."""

from collections.abc import Sequence

from epicrisis.document import Document
from epicrisis.evaluation.scores import Scores, evaluate
from epicrisis.text import Codec, PassageRule, expressible, token_tags


def evaluate_tagger(
    gold: Sequence[Document], predicted: Sequence[Document], codec: Codec | None = None, rule: PassageRule | None = None
) -> Scores:
    """`evaluate` with token scores over the types of both sides and, given a model's codec and passage rule, the
    strict scores against what they can express. Raises CorpusError as `evaluate` does."""
    types = {entity.type for document in (*gold, *predicted) for entity in document.entities}
    return evaluate(
        gold,
        predicted,
        tags=lambda document: token_tags(document, types),
        codec=None if codec is None or rule is None else lambda document: expressible(document, codec, rule),
    )
