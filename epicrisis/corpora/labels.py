"""The labels of documents: what they are called, which sentiments there are, and which labels are only guessed.

Gold is `labels["sentiment"]`, one of SENTIMENTS with an intensity where the corpus has one, and `labels["topic:NAME"]`
for every topic that the document has. A document whose labels were made by rules and not by people says
`meta["weak"] = True`. It may be trained on; no split puts it where scores are measured.
"""

from collections.abc import Mapping

from epicrisis.document import Document

SENTIMENT, TOPIC = "sentiment", "topic:"
SENTIMENTS = ("negative", "neutral", "positive")
WEAK = "weak"


def label_names(document: Document) -> list[str]:
    """`sentiment=positive` for a label with a value; the name alone for one that simply holds, such as a topic."""
    return [name if one.value is True else f"{name}={one.value}" for name, one in document.labels.items()]


def is_weak(document: Document) -> bool:
    return bool(document.meta.get(WEAK))


def scored(parts: Mapping[str, object]) -> list[str]:
    """The parts of a split that something is chosen or scored with: all but those for training and what is left out."""
    return [part for part in parts if part not in ("train", "left_out")]
