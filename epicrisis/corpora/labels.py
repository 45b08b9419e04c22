"""Names that corpora share: the labels of documents, which sentiments there are, and which labels are only guessed.

Gold is `labels["sentiment"]`, one of SENTIMENTS with an intensity where the corpus has one, and `labels["topic:NAME"]`
for every topic that the document has. A document whose labels were made by rules and not by people says
`meta["weak"] = True`. It may be trained on; no split puts it where scores are measured.
"""

from collections.abc import Iterable, Mapping, Sequence

from epicrisis.document import Document
from epicrisis.errors import CorpusError

SENTIMENT, TOPIC = "sentiment", "topic:"
SENTIMENTS = ("negative", "neutral", "positive")
WEAK = "weak"
COREFERENCE = "COREFERENCE"
"""The type of a group of mentions of one thing."""


def label_names(document: Document) -> list[str]:
    """`sentiment=positive` for a label with a value; the name alone for one that simply holds, such as a topic."""
    return [name if one.value is True else f"{name}={one.value}" for name, one in document.labels.items()]


def is_weak(document: Document) -> bool:
    return bool(document.meta.get(WEAK))


def refuse_weak(documents: Iterable[Document], name: str) -> None:
    """Raises CorpusError where a document that something is to be chosen or scored with has weak labels."""
    if ids := [document.id for document in documents if is_weak(document)]:
        shown = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
        raise CorpusError(
            f"{name}: the labels of {len(ids)} documents are weak, made by rules and not by people ({shown}); nothing "
            f"is scored or chosen with them: they may only be in `train`"
        )


def refuse_weak_parts(split: Mapping[str, Sequence[str]], documents: Iterable[Document], name: str) -> None:
    """Raises CorpusError where a part of a split other than `train` and `left_out` has documents with weak labels."""
    weak = {document.id: document for document in documents if is_weak(document)}
    for part, ids in split.items():
        if part not in ("train", "left_out"):
            refuse_weak((weak[id] for id in ids if id in weak), f"{name}, {part}")
