"""What a run is trained and chosen on."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epicrisis.document import Document


@dataclass(frozen=True)
class Data:
    """What a run is trained and chosen on.

    train, dev  documents, their gold entities among them
    split       the ids of every part, test among them
    about       corpus, data, split_hash, licence ...: goes into run.json and the model as it is
    """

    train: Sequence[Document]
    dev: Sequence[Document]
    split: Mapping[str, Sequence[str]]
    about: Mapping[str, Any]


def documents_hash(data: Data) -> str:
    """Of the training and dev documents, texts and labels and all: a run goes on with these only."""
    digest = hashlib.sha256()
    for part in (data.train, data.dev):
        for document in part:
            digest.update(document.to_json().encode("utf-8") + b"\n")
        digest.update(b"\n")
    return digest.hexdigest()
