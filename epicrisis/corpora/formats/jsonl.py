"""JSON lines: our own documents, and the shapes in which annotation tools give spans.

Written is one `Document.to_json` a line, which loses nothing. Read is that, and:

spans    {"text", "entities": [{"start", "end", "type"}]}, with "id" and "relations" [{"head", "tail", "type"}]
labels   {"text", "labels": {"sentiment": {"value": "negative", "intensity": 4}}}, of the text, with any other shape
Prodigy  {"text", "spans": [{"start", "end", "label"}], "relations": [{"head_span", "child_span", "label"}],
         "answer"}; an example that was not accepted is counted and passed over
Doccano  {"text", "label": [[start, end, "type"]]} (older: "labels"; "data"), or "entities" with "start_offset" and
         "end_offset" and "relations" with "from_id" and "to_id"; "annotations" have no types, which is a problem

Offsets are code points, the end exclusive. A further key of an entity becomes an attribute, one of the record goes to
`meta`, and so does a `label` that is no list, but not Doccano's `Comments` where there are none. A record without an id
is named after its file and line.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus, Format
from epicrisis.corpora.files.output import encode, one_file, writing
from epicrisis.corpora.files.records import Ids, Record, entity, in_part, is_value, made, name_of, records
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document, Entity, Label, Relation
from epicrisis.errors import CorpusError, DocumentError

STARTS, ENDS, TYPES = ("start", "start_offset"), ("end", "end_offset"), ("type", "label")
SPANS = ("entities", "spans", "label", "labels")
ENTITY_KEYS = {*STARTS, *ENDS, *TYPES, "id", "score", "text", "entity", "attributes", "token_start", "token_end"}
RECORD_KEYS = {*SPANS, "id", "text", "relations", "meta", "tokens", "answer"}
HEADS, TAILS = ("head", "from_id"), ("tail", "to_id")


def read(path: Path, report: Report) -> Iterator[Document]:
    """A file of any name or every `*.jsonl` of a folder. Raises CorpusError where there is none."""
    return documents(sources(path, ending(".jsonl"), "JSON lines (*.jsonl)"), report)


def documents(files: Iterable[Source], report: Report) -> Iterator[Document]:
    """The documents of files; corpora that come as such records are read by it, too."""
    ids = Ids(report)
    for file in files:
        for number, record in records(file, report):
            default, place = f"{file.id}-{number}", (file.name, number)
            document = of_record(record, default, place, report)
            if document is not None:
                yield in_part(ids.once(document, place, default), file)


def write(documents: Iterable[Document], path: Path) -> Counter[str]:
    """One file; a path that is a folder or has no suffix gets `documents.jsonl`. Nothing is lost: the count is empty.

    Raises CorpusError where a document cannot be written.
    """
    with writing(one_file(path, ".jsonl")) as lines:
        for document in documents:
            lines.write(encode(line(document) + "\n", f"document {document.id!r}"))
    return Counter()


def line(document: Document) -> str:
    """The document on one line, without the newline.

    Raises CorpusError where `meta`, or the value of an attribute or label, is what JSON cannot hold.
    """
    try:
        return document.to_json()
    except (TypeError, ValueError, RecursionError) as error:
        raise CorpusError(
            f"document {document.id!r}: its meta, or a value of an attribute or label, is what JSON cannot hold "
            f"(a set, NaN, an object of a program): {type(error).__name__}"
        ) from None


def of_record(record: Record, default: str, place: tuple[str, int], report: Report) -> Document | None:
    """The document of a record in any of the shapes; default: its id where it has none."""
    if _is_ours(record):
        try:
            return Document.from_dict({**record, "id": record.get("id", default)})
        except DocumentError as error:
            report.add(*place, str(error))
            return None
    if record.get("answer", "accept") != "accept":
        report.count("examples that were not accepted")
        return None
    name = "data" if isinstance(record.get("data"), str) and "text" not in record else "text"
    text = record.get(name)
    if not isinstance(text, str):
        report.add(*place, "a record needs the key text, a string")
        return None
    labels = _labels(record, text, place, report)
    numbered = record.get("annotations")
    if isinstance(numbered, list) and any(isinstance(one, Mapping) and "start_offset" in one for one in numbered):
        report.add(*place, "its annotations name no types; export it from Doccano as JSONL with the text of the labels")
    entities = _entities(record, text, place, report)
    relations = _relations(record, entities, place, report)
    rest = {key: value for key, value in record.items() if key != name and not (is_taken(key) and _is_read(key, value))}
    meta = {key: value for key, value in rest.items() if (key, value) != ("Comments", [])}
    given = record.get("meta")
    meta = {**meta, **given} if isinstance(given, Mapping) else meta
    return made(
        place,
        report,
        name_of(record, default),
        text,
        entities=tuple(entities),
        relations=relations,
        labels=labels,
        meta=meta,
    )


def is_taken(key: str) -> bool:
    """Whether the key of a record is read as something, or passed over, and so does not go to `meta`."""
    return key in RECORD_KEYS or key.startswith("_")


def _is_read(key: str, value: object) -> bool:
    """Not the class of a text, which some call its label, or whatever else than a list stands in the place of one."""
    read = isinstance(value, list) or (key == "labels" and isinstance(value, Mapping))
    return value is None or read or key not in (*SPANS, "relations")


def _is_ours(record: Record) -> bool:
    if "schema" in record:
        return True
    items = record.get("entities")
    return isinstance(items, list) and any(isinstance(item, Mapping) and "fragments" in item for item in items)


def _labels(record: Record, text: str, place: tuple[str, int], report: Report) -> Mapping[str, Label]:
    """Those of the whole text, as we write them."""
    if isinstance(record.get("label"), str | int | float):
        report.count("labels of whole texts, left in meta: `table` reads them as labels")
    given = record.get("labels")
    if not isinstance(given, Mapping):
        return {}
    try:
        return Document.from_dict({"id": "", "text": text, "labels": given}).labels
    except DocumentError:
        report.add(*place, 'its labels are no labels, as in {"sentiment": {"value": "negative"}}; kept without them')
        return {}


def _entities(record: Record, text: str, place: tuple[str, int], report: Report) -> list[Entity]:
    """The entities that can be kept, every one with an id."""
    kept: list[Entity] = []
    seen: set[str] = set()
    items = [item for key in SPANS if isinstance(record.get(key), list) for item in record[key]]
    for index, item in enumerate(items, start=1):
        try:
            new = _entity(item, text)
            if new.id in seen:
                raise DocumentError(f"its id {new.id!r} stands twice")
        except DocumentError as error:
            report.add(*place, f"entity {index}: {error}")
            continue
        stored = _first(item, ("text", "entity")) if isinstance(item, Mapping) else None
        if isinstance(stored, str) and stored != text[new.start : new.end]:
            report.add(*place, f"entity {index}: its words are not those at its offsets; kept by its offsets")
        seen |= {new.id} - {""}
        kept.append(new)
    free = (name for number in range(1, len(kept) + len(seen) + 1) if (name := f"T{number}") not in seen)
    return [new if new.id else replace(new, id=next(free)) for new in kept]


def _entity(item: object, text: str) -> Entity:
    """Raises DocumentError where the item is no span of the text with a type."""
    if isinstance(item, list) and len(item) == 3:
        return entity(item[2], item[0], item[1], text)
    if not isinstance(item, Mapping):
        raise DocumentError("it is neither an object nor [start, end, type]")
    score = item.get("score")
    if score is not None and (not isinstance(score, int | float) or isinstance(score, bool)):
        raise DocumentError("its score is no number")
    given = item.get("attributes")
    others = {key: value for key, value in item.items() if key not in ENTITY_KEYS}
    values = {**others, **given} if isinstance(given, Mapping) else others
    attributes = {name: Attribute(value) for name, value in values.items() if is_value(value)}
    span = (_first(item, STARTS), _first(item, ENDS))
    return entity(_first(item, TYPES), *span, text, id=name_of(item, ""), score=score, attributes=attributes)


def _relations(record: Record, entities: list[Entity], place: tuple[str, int], report: Report) -> tuple[Relation, ...]:
    ids = {new.id for new in entities}
    spans = {(new.start, new.end, new.type): new.id for new in entities}
    kept: list[Relation] = []
    items = record.get("relations")
    for index, item in enumerate(items if isinstance(items, list) else (), start=1):
        type = _first(item, TYPES) if isinstance(item, Mapping) else None
        if not isinstance(type, str) or not type:
            report.add(*place, f"relation {index}: it is no object with a type")
            continue
        if "head_span" in item or "child_span" in item:  # Prodigy: head and child are numbers of tokens
            head, tail = (_of_span(item.get(end), spans) for end in ("head_span", "child_span"))
        else:
            head, tail = str(_first(item, HEADS)), str(_first(item, TAILS))
        if head not in ids or tail not in ids:
            report.add(*place, f"relation {index}: it refers to an entity that is not there")
            continue
        id = name_of(item, "")
        if id and any(id == relation.id for relation in kept):
            report.add(*place, f"relation {index}: its id stands twice")
            continue
        kept.append(Relation(type, head, tail, id))
    return tuple(kept)


def _of_span(span: object, spans: Mapping[tuple[Any, Any, Any], str]) -> str:
    """The id of the entity with exactly this span and label, or "" if there is none."""
    if not isinstance(span, Mapping):
        return ""
    key = (span.get("start"), span.get("end"), span.get("label"))
    return spans.get(key, "") if all(isinstance(part, str | int) for part in key) else ""


def _first(item: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((item[key] for key in keys if item.get(key) is not None), None)


CORPUS = Corpus(
    name="jsonl",
    title="JSON lines: our own documents; spans as Prodigy, Doccano and others write them",
    read=read,
    where="your own files",
)
FORMAT = Format("jsonl", "JSON lines: our own documents", write, suffix=".jsonl")
