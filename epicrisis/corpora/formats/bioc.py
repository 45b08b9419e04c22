"""BioC, as XML or as JSON: collections of documents of passages, with annotations and relations.

Comeau et al. (2013), "BioC: a minimalist approach to interoperability for biomedical text processing", Database.
Offsets count from the document's beginning, the end is offset + length, several locations are several fragments. The
text is put together from the passages, or their sentences, each at its offset; a gap is a line break and spaces. What
a key file says of the unit of offsets nobody reads: where the stored words fit only if bytes or UTF-16 units are
counted, that is what is done, of passages as of annotations, and said so.

The infon `type` is an annotation's type, `identifier` or the name of a terminology (MESH, OMIM, ...) give codes, other
infons are attributes. A relation of two nodes is a relation, of more a group; one of none, which holds between
concepts, is left to the corpora that have such. The JSON of PubTator 3, whose list of documents is called so, is read.

What our own writer wrote (`writers/bioc.py` says which infons it uses) comes back as it was, but that every value is a
string: codes, scores, cues, notes, events, groups of two, labels.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files import xml_tree
from epicrisis.corpora.files.alignment import UNITS, Stated, checked, in_code_points, misfits
from epicrisis.corpora.files.records import in_part, made
from epicrisis.corpora.files.sources import BOM, Source, decode, ending, loaded, sources
from epicrisis.corpora.files.xml_tree import Node
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Group, Label, Relation, Span

SUFFIXES = (".xml", ".bioc", ".json")
SYSTEMS = {"mesh": "MESH", "omim": "OMIM", "umls": "UMLS", "cui": "UMLS", "chebi": "CHEBI", "ncbi gene": "NCBIGene"}
CODED = ("identifier", *SYSTEMS)
"""Infons, in any case, whose values are codes."""
TYPE = "type"
Raw = Mapping[str, Any]
"""A part of a collection in the form of BioC JSON; `line` is where it stands, if the file says so."""


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return _read(sources(path, ending(*SUFFIXES), "BioC files (*.xml or *.json)"), report)


def _read(files: list[Source], report: Report) -> Iterator[Document]:
    seen: set[str] = set()
    for file in files:
        for raw in collection(file, report):
            id = str(raw.get("id") or f"{file.path.stem}-{len(seen) + 1}")
            if id in seen:
                report.add(file.name, raw.get("line"), "another document has this id; this one was not read")
                continue
            seen.add(id)
            document = _Reading(raw, file.name, report, _measure(raw, file.name)).document(id)
            if document is not None:
                yield in_part(document, file)


def collection(file: Source, report: Report) -> Iterator[Raw]:
    """The documents of a file. What is not of the form that BioC has goes to the report."""
    data = loaded(file, report)
    if data is None:
        return
    if data.removeprefix(BOM.encode()).lstrip()[:1] in (b"{", b"["):
        yield from _of_json(data, file.name, report)
        return
    yield from map(_raw, xml_tree.stream(data, file.name, report, "collection", "document"))


def _of_json(data: bytes, name: str, report: Report) -> Iterator[Raw]:
    text = decode(data, name, report)
    try:
        whole = json.loads((text or "{}").removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        report.add(name, line, f"no JSON ({type(error).__name__}): the file is cut off or damaged")
        return
    held = whole.get("documents", whole.get("PubTator3")) if isinstance(whole, dict) else whole
    if text is not None and not isinstance(held, list):
        report.add(name, None, "it is no BioC: there is no list of documents")
    for number, raw in enumerate(held if isinstance(held, list) else (), start=1):
        if isinstance(raw, dict) and isinstance(raw.get("passages", []), list):
            yield raw
        else:
            report.add(name, None, f"document {number} is no object with passages")


def _raw(node: Node) -> Raw:
    """An element of BioC XML in the form of BioC JSON."""
    raw: dict[str, Any] = {**node.attributes, "line": node.line, "infons": {}}
    for child in node.each():
        if child.tag == "infon":
            raw["infons"][child.attributes.get("key", "")] = child.text
        elif child.tag in ("id", "offset", "text"):
            raw[child.tag] = child.text
        else:
            raw.setdefault(f"{child.tag}s", []).append(_raw(child))
    return raw


def _measure(raw: Raw, file: str) -> Callable[[str], int]:
    """The length of a text in what the document's offsets count."""
    wrong: dict[Callable[[str], int], int] = {len: _Reading(raw, file, Report()).misfits()}
    if wrong[len]:
        wrong |= {size: _Reading(raw, file, Report(), size).misfits() for size in UNITS.values()}
    return min(wrong, key=lambda size: wrong[size])


class _Reading:
    """One document: its text first, then what is annotated in it.

    size: the length of a text in what offsets count
    """

    def __init__(self, raw: Raw, file: str, report: Report, size: Callable[[str], int] = len) -> None:
        self.raw, self.file, self.report, self.size = raw, file, report, size
        self.line: int = raw.get("line") or 1
        self.text = ""
        self.stated: dict[str, tuple[Stated, Raw]] = {}
        self.links: list[Raw] = items(raw, "relations")
        for passage in items(raw, "passages"):
            self.passage(passage)

    def problem(self, raw: Raw, cause: str) -> None:
        self.report.add(self.file, raw.get("line"), cause)

    def passage(self, raw: Raw) -> None:
        """Puts the passage or sentence where its offset says, or at the end where something stands there already."""
        offset, text = number(raw.get("offset")), raw.get("text")
        if offset is None:
            self.problem(raw, "a passage or sentence has no offset; it was put at the end")
            offset = self.size(self.text) + bool(self.text)
        shift = 0
        if isinstance(text, str) and text:
            gap = offset - self.size(self.text)
            if gap < 0 or gap > 1000:
                self.report.count("passages whose offsets overlap or leave a large gap, put one after the other")
                gap = bool(self.text)
            self.text += ("\n" + " " * (gap - 1) if gap else "") + text
            shift = self.size(self.text) - self.size(text) - offset
        for annotation in items(raw, "annotations"):
            self.annotation(annotation, shift)
        self.links += items(raw, "relations")
        for sentence in items(raw, "sentences") if not text else ():
            self.passage(sentence)
        for sentence in items(raw, "sentences") if text else ():
            for annotation in items(sentence, "annotations"):
                self.annotation(annotation, shift)
            self.links += items(sentence, "relations")

    def annotation(self, raw: Raw, shift: int) -> None:
        id = str(raw.get("id") or f"T{len(self.stated) + 1}")
        spans = [(number(at.get("offset")), number(at.get("length"))) for at in items(raw, "locations")]
        pairs = [(s + shift, s + shift + n) for s, n in spans if s is not None and n is not None]
        if id in self.stated:
            self.problem(raw, f"{id} stands twice; the first was kept")
        elif not pairs or len(pairs) < len(spans):
            self.problem(raw, f"{id}: it has no location, or one that is not of whole numbers")
        else:
            words = raw.get("text")
            words = words if isinstance(words, str) and words else None
            self.stated[id] = (Stated(self.file, raw.get("line"), id, tuple(pairs), words), raw)

    def placed(self, report: Report) -> list[Stated]:
        return in_code_points([one for one, _ in self.stated.values()], self.text, self.file, self.line, report)

    def misfits(self) -> int:
        return 0 if self.text.isascii() else misfits(self.placed(Report()), self.text)

    def document(self, id: str) -> Document | None:
        stated = self.placed(self.report)
        entities = []
        for one, (_, raw) in zip(stated, self.stated.values(), strict=True):
            fragments = checked(one, self.text, self.report)
            infons = infons_of(raw)
            type = infons.pop(TYPE, "") or infons.pop("Type", "")
            if fragments and not type:
                self.problem(raw, f"{one.id}: it has no infon 'type', and was left out")
            elif fragments:
                codes = _codes(infons)
                entities.append(Entity(type, fragments, one.id, codes=codes, **self.about(infons)))
        relations, groups = self.related({entity.id for entity in entities})
        infons = infons_of(self.raw)
        labels = {key[6:]: Label(infons.pop(key)) for key in [*infons] if key.startswith("label:")}
        meta = {key.removeprefix("meta:"): value for key, value in infons.items()}
        found = {"entities": tuple(entities), "relations": tuple(relations), "groups": tuple(groups)}
        return made((self.file, self.line), self.report, id, self.text, **found, labels=labels, meta=meta)

    def about(self, infons: dict[str, str]) -> dict[str, Any]:
        """Score, note, event and attributes of an entity or relation."""
        score = _score(infons.get("score"))
        if score is not None:
            del infons["score"]
        note = infons.pop("note", "")
        event = infons.get("event") == "true" and bool(infons.pop("event"))
        cues = {key[4:]: cue for key, value in infons.items() if key.startswith("cue:") and (cue := self.cue(value))}
        scores = {key[6:]: _score(value) for key, value in infons.items() if key.startswith("score:")}
        attributes = {}
        for key in [key for key in infons if not key.startswith(("score:", "cue:"))]:
            name = key.removeprefix("attribute:")
            attributes[name] = Attribute(infons.pop(key), scores.get(name), cues.get(name))
        said = {f"cue:{n}" for n in cues} | {f"score:{n}" for n, score in scores.items() if score is not None}
        rest = {
            key: Attribute(value)
            for key, value in infons.items()
            if key not in said or key.partition(":")[2] not in attributes
        }
        return {"score": score, "note": note, "event": event, "attributes": attributes | rest}

    def cue(self, written: str) -> Span | None:
        match = re.fullmatch(r"(\d{1,15})-(\d{1,15})", written)
        cue = (int(match[1]), int(match[2])) if match else (0, 0)
        return cue if cue[0] < cue[1] <= len(self.text) else None

    def related(self, ids: set[str]) -> tuple[list[Relation], list[Group]]:
        relations: list[Relation] = []
        groups: list[Group] = []
        for raw in self.links:
            infons = infons_of(raw)
            type = infons.pop(TYPE, "") or infons.pop("relation", "") or infons.pop("relation type", "") or "relation"
            nodes = [(str(node.get("refid", "")), str(node.get("role", ""))) for node in items(raw, "nodes")]
            together = len(nodes) > 2 or infons.get("group") == "true"
            missing = [refid for refid, _ in nodes if refid not in ids]
            id = str(raw.get("id") or f"R{len(relations) + 1}")
            if len(nodes) < 2:
                self.report.count("relations that are not between mentions, left out")
            elif missing:
                self.problem(raw, f"{id}: it refers to an annotation that is not there")
            elif together:
                if len({refid for refid, _ in nodes}) > 1:
                    groups.append(Group(type, tuple(refid for refid, _ in nodes)))
            elif any(relation.id == id for relation in relations):
                self.problem(raw, f"{id} stands twice; the first was kept")
            else:
                (head, first), (tail, second) = nodes
                roles = (first, second) if first or second else ("Arg1", "Arg2")
                relations.append(Relation(type, head, tail, id, roles=roles, **self.about(infons)))
        return relations, groups


def infons_of(raw: Raw) -> dict[str, str]:
    infons = raw.get("infons")
    return {str(key): str(value) for key, value in infons.items()} if isinstance(infons, Mapping) else {}


def items(raw: Raw, key: str) -> list[Raw]:
    items = raw.get(key)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def number(value: object) -> int | None:
    """A whole number, in JSON or in XML."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\s*\d{1,15}\s*", value) else None


def _codes(infons: dict[str, str]) -> tuple[Code, ...]:
    """Takes them out of the infons."""
    codes: list[Code] = []
    for name in [name for name in infons if name.lower() in CODED]:
        for code in re.split(r"[|;,+]", infons.pop(name)):
            system, colon, rest = code.strip().partition(":")
            if code.strip() not in ("", "-", "-1"):
                codes.append(Code(system, rest) if colon else Code(SYSTEMS.get(name.lower(), ""), code.strip()))
    more = ""
    while {f"code{more}", f"code system{more}"} <= infons.keys():
        codes.append(Code(*(infons.pop(f"code{part}{more}", "") for part in (" system", "", " text"))))
        number = int(more or 1) + 1
        more = f" {number}"
    return tuple(codes)


def _score(written: str | None) -> float | None:
    try:
        score = float(written or "nan")
    except ValueError:
        return None
    return score if 0 <= score <= 1 else None


CORPUS = Corpus(
    name="bioc",
    title="BioC XML and BioC JSON",
    read=read,
    where="your own files",
)
