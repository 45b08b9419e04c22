"""Label Studio's JSON: an array of tasks to import, https://labelstud.io/guide/tasks.

The project's labelling configuration names its text `text`, its labels `label`, and has `<Choices name="ATTRIBUTE"
toName="text" perRegion="true">` for each attribute. Spans are code points, the end exclusive (Label Studio before
October 2021 counted UTF-16). What a model found, as scores tell, is a prediction, anything else an annotation.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Format
from epicrisis.corpora.files.output import json_bytes, one_file, writing
from epicrisis.corpora.writers.losses import as_text, without
from epicrisis.document import Document

HELD = ("entities", "ids of entities", "scores", "attributes of entities", "notes of entities", "relations", "meta")


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """Raises CorpusError where the file cannot be written."""
    lost: Counter[str] = Counter()
    with writing(one_file(path, ".json")) as file:
        file.write(b"[")
        for number, document in enumerate(documents):
            file.write(b",\n" if number else b"\n")
            file.write(json_bytes(_task(document, lost), f"document {document.id!r}"))
        file.write(b"\n]\n")
    return +lost


def _task(document: Document, lost: Counter[str]) -> dict[str, Any]:
    lost.update(without(document, *HELD))
    lost["scores"] += sum(relation.score is not None for relation in document.relations)
    result: list[dict[str, Any]] = []
    for entity in document.entities:
        span = {"start": entity.start, "end": entity.end, "text": document.text[entity.start : entity.end]}
        region: dict[str, Any] = {"id": entity.id, "from_name": "label", "to_name": "text", "type": "labels"}
        region["value"] = {**span, "labels": [entity.type]}
        if entity.score is not None:
            region["score"] = entity.score
        if entity.note:
            region["meta"] = {"text": [entity.note]}
        result.append(region)
        for name in sorted(entity.attributes):
            choices = {**span, "choices": [as_text(entity.attributes[name].value, lost)]}
            result.append({"id": entity.id, "from_name": name, "to_name": "text", "type": "choices", "value": choices})
    for relation in document.relations:
        ends = {"from_id": relation.head, "to_id": relation.tail}
        result.append({**ends, "type": "relation", "direction": "right", "labels": [relation.type]})
    data: dict[str, Any] = {"text": document.text, "id": document.id}
    if document.meta:
        data["meta"] = dict(document.meta)
    if any(entity.score is not None for entity in document.entities):
        model = str(document.meta.get("model", "epicrisis"))
        return {"data": data, "predictions": [{"model_version": model, "result": result}]}
    return {"data": data, "annotations": [{"result": result}]}


LABEL_STUDIO = Format("label-studio", "Label Studio JSON: tasks with spans and relations", write, suffix=".json")
