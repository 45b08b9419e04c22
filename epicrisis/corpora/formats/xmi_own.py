"""Documents from a CAS with the types of our own writer (`writers/cas.py`): all that a document holds comes back."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from epicrisis.corpora.files.records import is_value, made, value_of
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment, Span
from epicrisis.errors import DocumentError

PREFIX = "epicrisis."
WHOLE = f"{PREFIX}Document"

Part = TypeVar("Part")


def whole_of(annotations: Iterable[Any]) -> Any:
    """The annotation that says of what document the CAS is, None in those of others."""
    return next((fs for fs in annotations if fs.type.name == WHOLE), None)


class OwnReading:
    """One CAS. What is wrong with a part of it costs that part."""

    def __init__(self, annotations: Iterable[Any], text: str, file: str, report: Report) -> None:
        self.text, self.file, self.report = text, file, report
        self.all: dict[str, list[Any]] = {}
        for fs in annotations:
            self.all.setdefault(fs.type.name, []).append(fs)
        self.ids: dict[int, str] = {}
        self.taken: set[tuple[str, str]] = set()

    def document(self, default: str) -> Document | None:
        """default: its id where it has none"""
        (whole, *_) = self.all[WHOLE]
        parts: dict[str, Any] = {
            "entities": tuple(self.kept("Entity", self.entity)),
            "relations": tuple(self.kept("Relation", self.relation)),
            "groups": tuple(
                self.kept("Group", lambda fs: Group(fs.kind or "", tuple(map(self.end, _array(fs.members)))))
            ),
            "labels": self.labels(whole),
            "segments": tuple(self.kept("Segment", self.segment)),
            "meta": dict(self.valid(_array(whole.meta), lambda fs: (fs.name or "", value_of(fs.value)))),
        }
        return made((self.file, 1), self.report, whole.identifier or default, self.text, **parts)

    def kept(self, name: str, make: Callable[[Any], Part]) -> Iterator[Part]:
        yield from self.valid(self.all.get(PREFIX + name, ()), make)

    def valid(self, found: Iterable[Any], make: Callable[[Any], Part]) -> Iterator[Part]:
        for fs in found:
            try:
                yield make(fs)
            except DocumentError as error:
                self.report.add(self.file, None, f"{fs.type.name} {fs.xmiID}: {error}; it was left out")
            except (TypeError, ValueError, RecursionError):
                cause = "a value is missing, or is no JSON; it was left out"
                self.report.add(self.file, None, f"{fs.type.name} {fs.xmiID}: {cause}")

    def segment(self, fs: Any) -> Segment:
        return Segment(self.span(fs, empty=True), fs.kind or "", self.labels(fs))

    def span(self, fs: Any, *, empty: bool = False) -> Span:
        start, end = fs.begin, fs.end
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end + empty <= len(self.text) + empty):
            raise DocumentError("its offsets are no place in the text")
        return start, end

    def entity(self, fs: Any) -> Entity:
        fragments = tuple(map(self.span, _array(fs.fragments))) or (self.span(fs),)
        codes = tuple(Code(one.codeSystem or "", one.code or "", one.text or "") for one in _array(fs.codes))
        entity = Entity(fragments=fragments, codes=codes, **self.about(fs))
        self.ids[fs.xmiID] = entity.id
        return entity

    def relation(self, fs: Any) -> Relation:
        head, tail = self.end(fs.head), self.end(fs.tail)
        return Relation(head=head, tail=tail, roles=(fs.headRole or "", fs.tailRole or ""), **self.about(fs))

    def end(self, fs: Any) -> str:
        id = self.ids.get(getattr(fs, "xmiID", 0))
        if id is None:
            raise DocumentError("it refers to an entity that is not there")
        return id

    def about(self, fs: Any) -> dict[str, Any]:
        id = fs.identifier or f"xmi-{fs.xmiID}"
        if (fs.type.name, id) in self.taken:
            raise DocumentError("its id stands twice")
        self.taken.add((fs.type.name, id))
        attributes = dict(self.valid(_array(fs.attributes), self.attribute))
        more = {"score": fs.score, "attributes": attributes, "note": fs.note or "", "event": bool(fs.event)}
        return {"id": id, "type": fs.kind or "", **more}

    def attribute(self, fs: Any) -> tuple[str, Attribute]:
        cue = None if fs.cue is None else self.span(fs.cue)
        return fs.name or "", Attribute(_scalar(fs.value), fs.score, cue)

    def labels(self, fs: Any) -> dict[str, Label]:
        return dict(self.valid(_array(fs.labels), lambda one: (one.name or "", _label(one))))


def _array(array: Any) -> list[Any]:
    return [one for one in getattr(array, "elements", None) or () if one is not None]


def _label(fs: Any) -> Label:
    written = getattr(fs, "evidence", None)  # what version 0.1.0 wrote has no such feature
    evidence = None if written is None else Evidence(*value_of(written))
    return Label(_scalar(fs.value), fs.score, fs.intensity, evidence)


def _scalar(text: str) -> Any:
    value = value_of(text)
    if not is_value(value):
        raise DocumentError("its value is no string, number or truth value")
    return value
