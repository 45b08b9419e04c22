"""Doccano's JSON lines, for a project of sequence labelling with relations: https://doccano.github.io/doccano.

An entity is one stretch of code points; entities and relations have numbers as ids, here counted through the whole
file. What a record holds beside is what Doccano calls metadata; `meta` there has those of our keys that mean something
else in a record.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import json_bytes, one_file, writing
from epicrisis.corpora.formats.jsonl import is_taken
from epicrisis.corpora.writers.losses import without
from epicrisis.document import Document


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Raises CorpusError where the file cannot be written."""
    lost: Counter[str] = Counter()
    entities, relations = count(1), count(1)
    with writing(one_file(path, ".jsonl")) as file:
        for document in documents:
            lost += without(document, "entities", "relations", "meta")
            numbers = {entity.id: next(entities) for entity in document.entities}
            taken = {name for name in document.meta if is_taken(name) or name in ("schema", "Comments")}
            meta = {name: value for name, value in document.meta.items() if name not in taken}
            if taken:
                meta["meta"] = {name: value for name, value in document.meta.items() if name in taken}
            record: dict[str, Any] = {
                "id": document.id,
                "text": document.text,
                **meta,
                "entities": [
                    {"id": numbers[e.id], "label": e.type, "start_offset": e.start, "end_offset": e.end}
                    for e in document.entities
                ],
                "relations": [
                    {"id": next(relations), "from_id": numbers[r.head], "to_id": numbers[r.tail], "type": r.type}
                    for r in document.relations
                ],
                "Comments": [],
            }
            file.write(json_bytes(record, f"document {document.id!r}") + b"\n")
    return +lost


DOCCANO = Format("doccano", "Doccano JSON lines: spans and relations", write, suffix=".jsonl")
