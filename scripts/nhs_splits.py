"""The splits of nhs-feedback and nhs-criticality that ship with the package, 7:1:2, made together.

    python scripts/nhs_splits.py FOLDER

FOLDER holds both tables. Texts that stand in both corpora are on the same side in both, and so are near-duplicates and
the answers of one person. Answers that say nothing join nobody: else a third of all would be one group. Comments
without a sentiment are in training where no labelled one is a copy of them, those without a word are left out.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from epicrisis.corpora import Split, make_split, near_duplicates, read
from epicrisis.corpora.labels import SENTIMENT
from epicrisis.corpora.report import Report
from epicrisis.corpora.splits import LEFT_OUT
from epicrisis.document import Document

NAMES = ("nhs-feedback", "nhs-criticality")
PARTS = {"train": 0.7, "dev": 0.1, "test": 0.2}
RULE = (
    "labelled comments 7:1:2, seed 1, nhs-feedback and nhs-criticality together (scripts/nhs_splits.py): copies "
    "but for case, white space and punctuation, near-duplicates and the answers of one person on one side, the "
    "sentiments of both in proportion; what has no sentiment and no labelled copy is in training, what has no word is "
    "left out"
)
OUT = Path(__file__).parents[1] / "epicrisis" / "corpora" / "splits"


def together(corpora: Mapping[str, Sequence[Document]]) -> dict[str, Split]:
    """A split for each of the corpora, none of which has in training what another one tests."""
    documents = [_named(name, document) for name, own in corpora.items() for document in own]
    silent = {document.id for document in documents if not re.search(r"\w", document.text)}
    documents = [document for document in documents if document.id not in silent]
    labelled = {document.id for document in documents if document.labels}
    copies = (id for group in near_duplicates(documents) if not labelled.isdisjoint(group) for id in group)
    placed = labelled.union(copies)
    split = make_split([d for d in documents if d.id in placed], parts=PARTS, seed=1, by="patient")
    parts = {part: {*ids} for part, ids in split.items()}
    parts["train"] |= {document.id for document in documents} - placed
    parts[LEFT_OUT] = silent
    return {
        name: {
            part: tuple(document.id for document in own if f"{name}/{document.id}" in ids)
            for part, ids in parts.items()
        }
        for name, own in corpora.items()
    }


def _named(name: str, document: Document) -> Document:
    nothing = "says_nothing" in document.meta
    meta = {key: value for key, value in document.meta.items() if key == "patient" and not nothing}
    # Of topics there are fifty, so that the classes would be three voices among many.
    labels = {name: document.labels[SENTIMENT]} if SENTIMENT in document.labels else {}
    return replace(document, id=f"{name}/{document.id}", meta=meta, labels=labels)


def main() -> None:
    folder = Path(sys.argv[1])
    for name, split in together({name: list(read(name, folder, Report())) for name in NAMES}).items():
        made = {"rule": RULE, **{part: ids for part, ids in split.items() if ids}}
        (OUT / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(name, {part: len(ids) for part, ids in split.items()})


if __name__ == "__main__":
    main()
