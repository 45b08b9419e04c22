"""JSON of tokens, as the repositories of span and relation models read it: SpERT, DyGIE++ and PURE, MRC-NER and others.

Which of them a record is, its keys say; what counts differs in each:

SpERT, PIQN        {"tokens", "entities": [{"type", "start", "end"}], "relations": [{"type", "head", "tail"}],
                   "orig_id"}   a sentence; end exclusive; head and tail are places in the list of entities
CNN-Nested-NER     {"tokens", "entity_mentions": [{"entity_type", "start", "end"}], "doc_id", "sent_id"}   end exclusive
DyGIE++, PURE      {"doc_key", "sentences", "ner": [[[first, last, type]]], "relations": [[[f, l, f, l, type]]],
                   "clusters"}   a document; tokens counted over all its sentences, the last included
biaffine-ner       {"doc_key", "sentences", "ners": [[[first, last, type]]]}   counted in the sentence, last included
MRC-NER            {"context", "entity_label", "start_position", "end_position", "span_position", "qas_id"}   words of
                   the context by spaces, the last included; the records of one sentence and all types are one document
MRC-NER, raw       {"context", "label": {type: ["first;last"]}}

Files are arrays or JSON lines, packed (.gz) or not. There is no text: tokens are joined by spaces (Chinese characters
by nothing) and sentences by line breaks, so offsets count in that. Clusters are groups of type COREFERENCE; events are
counted and left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.layout import Sentence, covering, joined
from epicrisis.corpora.files.records import Record, is_whole, made, objects
from epicrisis.corpora.files.sources import Source, ending, sources, split_of
from epicrisis.corpora.labels import COREFERENCE
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity, Group, Relation, Span

Place = tuple[str, int]


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    wanted = "JSON of tokens (*.json, *.jsonl, *.jsonlines)"
    return _read(sources(path, ending(".json", ".jsonl", ".jsonlines"), wanted), report)


def _read(files: Sequence[Source], report: Report) -> Iterator[Document]:
    seen: dict[str, int] = {}
    for file in files:
        for number, (line, record) in enumerate(_merged(objects(file, report)), start=1):
            place = (file.name, line)
            reading = _Reading(record, place, report)
            if not reading.take():
                continue
            id = reading.id or f"{file.id}-{number}"
            seen[id] = seen.get(id, 0) + 1
            if seen[id] > 1:
                report.count("documents whose id another one has, numbered")
                id = f"{id}-{seen[id]}"
            document = reading.document(id, split_of(file))
            if document is not None:
                yield document


def _merged(records: Iterator[tuple[int, Record]]) -> Iterator[tuple[int, Record]]:
    """The records of MRC-NER that ask one sentence for one type after the other become one, `asked`."""
    held: dict[str, Any] = {}
    began = 0
    for line, record in records:
        asked = "context" in record and ("start_position" in record or "span_position" in record)
        number = str(record.get("qas_id", "")).partition(".")[0]
        if held and not (asked and record["context"] == held["context"] and number == held["number"]):
            yield began, held
            held = {}
        if not asked:
            yield line, record
        elif held:
            held["asked"].append(record)
        else:
            began, held = line, {"context": record["context"], "number": number, "asked": [record]}
    if held:
        yield began, held


class _Reading:
    """One record: its text first, then what is said of it. What cannot be read is a problem of the record's line."""

    def __init__(self, record: Record, place: Place, report: Report) -> None:
        self.record, self.place, self.report = record, place, report
        self.id = ""
        self.text = ""
        self.rows: list[Sentence] = []
        self.good = False
        self.entities: list[Entity | None] = []
        self.at: dict[Span, str] = {}
        self.relations: list[Relation] = []
        self.groups: list[Group] = []

    def problem(self, cause: str) -> None:
        self.report.add(*self.place, cause)

    def take(self) -> bool:
        """Whether the record is of a known form, and its tokens are such."""
        record = self.record
        for keys, take in (
            (("sentences",), self.sentences),
            (("tokens", "entity_mentions"), self.mentions),
            (("tokens", "entities"), self.spert),
            (("context", "asked"), self.asked),
            (("context", "label"), self.labelled),
        ):
            if all(key in record for key in keys):
                take()
                return self.good
        self.problem(
            "it is of no known form: neither sentences, nor tokens with entities, nor a context with positions"
        )
        return False

    def put(self, sentences: object) -> bool:
        self.good = isinstance(sentences, list) and all(
            isinstance(tokens, list) and all(isinstance(token, str) and token for token in tokens)
            for tokens in sentences
        )
        if self.good and isinstance(sentences, list):
            self.text, self.rows = joined(sentences)
        else:
            self.problem("its tokens are not lists of words, or one of them is empty")
        return self.good

    def add(self, type: object, row: Sentence, first: object, last: object) -> str:
        """The id of the entity from one token to another, both included; "" where it cannot be."""
        self.entities.append(None)
        number = len(self.entities)
        if not isinstance(type, str) or not type or not is_whole(first) or not is_whole(last):
            self.problem(f"entity {number}: its type is no name, or its tokens are not whole numbers")
            return ""
        try:
            span = covering(row, first, last)
        except IndexError:
            self.problem(f"entity {number}: it covers tokens {first}-{last}, but there are {len(row)}")
            return ""
        self.entities[-1] = Entity(type, (span,), f"T{number}")
        self.at.setdefault(span, f"T{number}")
        return f"T{number}"

    def relate(self, type: object, head: str, tail: str) -> None:
        number = len(self.relations) + 1
        if not isinstance(type, str) or not type or not head or not tail:
            self.problem("a relation has no type, or refers to an entity that is not there")
        else:
            self.relations.append(Relation(type, head, tail, f"R{number}"))

    def spert(self) -> None:
        self.id = _name(self.record.get("orig_id") or self.record.get("org_id"))
        if not self.put([self.record["tokens"]]):
            return
        ids = [
            self.add(item.get("type"), self.rows[0], item.get("start"), _before(item.get("end")))
            for item in _items(self.record["entities"])
        ]
        for item in _items(self.record.get("relations")):
            ends = [ids[n] if is_whole(n) and 0 <= n < len(ids) else "" for n in (item.get("head"), item.get("tail"))]
            self.relate(item.get("type"), *ends)

    def mentions(self) -> None:
        names = [_name(self.record.get(key)) for key in ("doc_id", "sent_id")]
        self.id = "-".join(name for name in names if name)
        if self.put([self.record["tokens"]]):
            for item in _items(self.record["entity_mentions"]):
                self.add(item.get("entity_type"), self.rows[0], item.get("start"), _before(item.get("end")))

    def sentences(self) -> None:
        self.id = _name(self.record.get("doc_key"))
        if not self.put(self.record["sentences"]):
            return
        whole = tuple(span for row in self.rows for span in row)
        if "ners" in self.record:
            for row, mentions in zip(self.rows, _lists(self.record["ners"]), strict=False):
                for item in _lists(mentions):
                    self.add(*_three(item, row))
        for mentions in _lists(self.record.get("ner")):
            for item in _lists(mentions):
                self.add(*_three(item, whole))
        for relations in _lists(self.record.get("relations")):
            for item in _lists(relations):
                ends = [self.named(whole, *item[at : at + 2]) if len(item) >= 5 else "" for at in (0, 2)]
                self.relate(item[4] if len(item) >= 5 else None, *ends)
        for _ in (event for events in _lists(self.record.get("events")) for event in events):
            self.report.count("events, not read")
        for cluster in _lists(self.record.get("clusters")):
            members = {self.named(whole, *item[:2]) for item in _lists(cluster) if len(item) >= 2} - {""}
            if len(members) > 1:
                self.groups.append(Group(COREFERENCE, tuple(members)))
            else:
                self.report.count("clusters of mentions that are no entities, left out")

    def named(self, row: Sentence, first: object, last: object) -> str:
        try:
            return self.at.get(covering(row, first, last), "") if is_whole(first) and is_whole(last) else ""
        except IndexError:
            return ""

    def context(self) -> bool:
        context = self.record["context"]
        self.id = _name(self.record.get("number"))
        return self.put([[word for word in context.split(" ") if word]] if isinstance(context, str) else None)

    def asked(self) -> None:
        if not self.context():
            return
        for record in self.record["asked"]:
            type = record.get("entity_label") or record.get("label")
            pairs = _pairs(record.get("span_position"))
            starts, ends = record.get("start_position"), record.get("end_position")
            if not pairs and isinstance(starts, list) and isinstance(ends, list):
                if len(starts) != len(ends):
                    self.problem("there are not as many starts as ends; those without a partner were left out")
                pairs = list(zip(starts, ends, strict=False))
            for first, last in pairs:
                self.add(type, self.rows[0], first, last)

    def labelled(self) -> None:
        label = self.record["label"]
        if self.context() and isinstance(label, Mapping):
            for type, spans in label.items():
                for first, last in _pairs(spans):
                    self.add(type, self.rows[0], first, last)

    def document(self, id: str, meta: Mapping[str, str]) -> Document | None:
        entities = tuple(entity for entity in self.entities if entity is not None)
        found = {"entities": entities, "relations": tuple(self.relations), "groups": tuple(self.groups)}
        return made(self.place, self.report, id, self.text, **found, meta=meta)


def _name(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _before(end: Any) -> object:
    return end - 1 if is_whole(end) else end


def _items(value: object) -> list[Mapping[str, Any]]:
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else []


def _lists(value: object) -> list[list[Any]]:
    return [item if isinstance(item, list) else [] for item in value] if isinstance(value, list) else []


def _three(item: list[Any], row: Sentence) -> tuple[object, Sentence, object, object]:
    first, last, type = (*item, None, None, None)[:3]
    return type, row, first, last


def _pairs(value: object) -> list[tuple[object, object]]:
    """Of "first;last" each."""
    spans = value if isinstance(value, list) else []
    pairs: list[tuple[object, object]] = []
    for span in spans:
        match = re.fullmatch(r"(\d{1,9})[;,](\d{1,9})", span) if isinstance(span, str) else None
        pairs.append((int(match[1]), int(match[2])) if match else (json.dumps(span), None))
    return pairs


CORPUS = Corpus(
    name="token-json",
    title="JSON of tokens: SpERT, DyGIE++ and PURE, MRC-NER, biaffine-ner, PIQN, CNN-Nested-NER",
    read=read,
    where="your own files",
)
