"""Label Studio: its JSON export, an array of tasks, or tasks line by line.

https://labelstud.io/guide/export. A task is {"id", "data": {"text"}, "annotations": [{"result": [...]}]}, a result
{"id", "type": "labels", "value": {"start", "end", "text", "labels"}}, the end exclusive, or {"type": "relation",
"from_id", "to_id", "labels", "direction"}. Offsets count characters or, where the words fit only so, the UTF-16 units
of a browser. The text is the only string of `data`, or the one called text. Of several annotations the first that was
not cancelled is read, and the others are counted. A result with several labels is an entity for each; further results
on one region (choices, ratings) are attributes. A relation without a label has the type `relation`. A region's `score`
is the entity's, its `meta.text` the note. Of a task that nobody annotated the first prediction is read, and counted.
The export JSON-MIN, {"id", "text", "NAME OF THE LABELS": [{"start", "end", "text", "labels"}]}, has no relations.

A document is called what `data` calls it in `id`, for that outlives an import, else by the number of its task; `meta`
of `data` is the document's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.alignment import Stated, in_code_points, squeezed
from epicrisis.corpora.files.records import Record, entity, in_part, is_whole, made, name_of, objects
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.errors import DocumentError


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return _read(sources(path, ending(".json", ".jsonl"), "exports of Label Studio (*.json, *.jsonl)"), report)


def _read(files: Sequence[Source], report: Report) -> Iterator[Document]:
    seen: set[str] = set()
    for file in files:
        for number, (line, record) in enumerate(objects(file, report), start=1):
            id = _named(record, f"{file.id}-{number}", seen, report)
            if id in seen:
                report.add(file.name, line, "another task has this id; this one was not read")
                continue
            seen.add(id)
            document = _document(record, id, (file.name, line), report)
            if document is not None:
                yield in_part(document, file)


def _named(record: Record, default: str, seen: set[str], report: Report) -> str:
    """As the data say, unless another task's say the same, be it a ward's or a patient's id; then as the task says."""
    data = record.get("data")
    own = name_of(record, default)
    named = name_of(data, own) if isinstance(data, Mapping) else own
    if named in seen and own != named:
        report.count("tasks whose data have an id that another has, called by their own number")
        return own
    return named


def _document(record: Record, id: str, place: tuple[str, int], report: Report) -> Document | None:
    data = record.get("data")
    strings = {key: value for key, value in data.items() if isinstance(value, str)} if isinstance(data, Mapping) else {}
    given = data.get("meta") if isinstance(data, Mapping) else None
    meta = given if isinstance(given, Mapping) else {}
    text = record.get("text", strings.get("text"))
    if not isinstance(text, str) and len(strings) == 1:
        text = next(iter(strings.values()))
    if not isinstance(text, str):
        report.add(*place, "a task needs data with a text")
        return None
    held = _several(record, "annotations") or _several(record, "completions")
    if not held and (held := _several(record, "predictions")[:1]):
        report.count("tasks that nobody annotated, of which the first prediction was read")
    kept = [one for one in held if not one.get("was_cancelled") and isinstance(one.get("result"), list)]
    for _ in kept[1:]:
        report.count("annotations beside the first of a task, not read")
    results = [one for one in (kept[0]["result"] if kept else ()) if isinstance(one, Mapping)]
    if "data" not in record and not held:
        results = [
            {"type": "labels", "value": one} for key in record for one in _several(record, key) if "labels" in one
        ]
    entities = _entities([one for one in results if one.get("type") != "relation"], text, place, report)
    first: dict[str, str] = {}
    for one in entities:
        first.setdefault(one.id.partition("#")[0], one.id)
    first |= {one.id: one.id for one in entities}
    relations = _relations([one for one in results if one.get("type") == "relation"], first, place, report)
    return made(place, report, id, text, entities=tuple(entities), relations=tuple(relations), meta=meta)


def _several(record: Record, key: str) -> list[Mapping[str, Any]]:
    held = record.get(key)
    return [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []


def _entities(results: Sequence[Mapping[str, Any]], text: str, place: tuple[str, int], report: Report) -> list[Entity]:
    """One for every label of a region, the second of id REGION#2; then what else is said of the region."""
    made_of: dict[str, Entity] = {}
    spans = _spans(results, text, place, report)
    for number, result in enumerate(results, start=1):
        value = _value(result)
        id = str(result.get("id") or f"T{number}")
        kind = str(result.get("type", ""))
        said = value.get(kind)
        if kind not in ("labels", "hypertextlabels"):
            written = " ".join(map(str, said)) if isinstance(said, list) else said
            if id in made_of and isinstance(written, str | int | float):
                name = str(result.get("from_name") or kind)
                attributes = {**made_of[id].attributes, name: Attribute(written)}
                made_of[id] = replace(made_of[id], attributes=attributes)
            else:
                report.count("results that are neither labels nor about one, left out")
            continue
        labels = value.get("labels") or value.get("hypertextlabels")
        for copy, label in enumerate(labels if isinstance(labels, list) and labels else [None], start=1):
            name = id if copy == 1 else f"{id}#{copy}"
            try:
                if name in made_of:
                    raise DocumentError("its id stands twice")
                start, end = spans.get(number, (value.get("start"), value.get("end")))
                about = {"score": _score(result), "note": _note(result)}
                made_of[name] = entity(label, start, end, text, id=name, **about)
            except DocumentError as error:
                report.add(*place, f"result {number}: {error}")
                continue
            if isinstance(value.get("text"), str) and squeezed(value["text"]) != squeezed(text[start:end]):
                report.add(*place, f"result {number}: its words are not those at its offsets; kept by its offsets")
    return list(made_of.values())


def _value(result: Mapping[str, Any]) -> Mapping[str, Any]:
    value = result.get("value")
    return value if isinstance(value, Mapping) else {}


def _score(result: Mapping[str, Any]) -> float | None:
    score = result.get("score")
    return score if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1 else None


def _note(result: Mapping[str, Any]) -> str:
    meta = result.get("meta")
    said = meta.get("text") if isinstance(meta, Mapping) else None
    return "\n".join(map(str, said)) if isinstance(said, list) else str(said or "")


def _spans(
    results: Sequence[Mapping[str, Any]], text: str, place: tuple[str, int], report: Report
) -> dict[int, tuple[int, int]]:
    """By the number of a result its offsets in characters: browsers count UTF-16 units."""
    stated: dict[int, Stated] = {}
    for number, result in enumerate(results, start=1):
        start, end, words = (_value(result).get(key) for key in ("start", "end", "text"))
        if is_whole(start) and is_whole(end):
            words = words if isinstance(words, str) else None
            stated[number] = Stated(*place, f"result {number}", ((start, end),), words)
    moved = in_code_points(list(stated.values()), text, *place, report)
    return {number: one.pairs[0] for number, one in zip(stated, moved, strict=True)}


def _relations(
    results: Sequence[Mapping[str, Any]], ids: Mapping[str, str], place: tuple[str, int], report: Report
) -> Iterator[Relation]:
    for number, result in enumerate(results, start=1):
        head, tail = (ids.get(str(result.get(key)), "") for key in ("from_id", "to_id"))
        if not head or not tail:
            report.add(*place, f"relation {number}: it refers to a region that is not there")
            continue
        if result.get("direction") == "left":
            head, tail = tail, head
        labels = result.get("labels")
        types = [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []
        for copy, type in enumerate(types or ["relation"], start=1):
            yield Relation(type, head, tail, f"R{number}" if copy == 1 else f"R{number}.{copy}")


CORPUS = Corpus(
    name="label-studio",
    title="Label Studio's JSON export",
    read=read,
    where="your own files",
)
