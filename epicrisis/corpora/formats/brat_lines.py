"""brat's annotation lines -> a document. Nothing here touches a file.

The grammar is that of brat's own parser (`server/src/annotation.py`); `docs/formats.md` has it in a table. A line that
cannot be read becomes a problem with its number, and the others are kept. Mentions are read first, then events, then
what refers to both, so a line may point forward.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from epicrisis.corpora.files import alignment
from epicrisis.corpora.files.sources import BOM
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation, Span

KINDS = "TERAMN#*"
_ID = re.compile(r"[TERAMN#][0-9]{1,15}\S{0,15}")
_PLAIN_ID = re.compile(r"[A-Z#][0-9]{1,15}")
_OFFSETS = re.compile(r"[0-9]{1,15} [0-9]{1,15}(;[0-9]{1,15} [0-9]{1,15})*")


@dataclass(frozen=True, slots=True)
class Line:
    """One annotation: `id TAB body TAB text`; text is None where there is no third field."""

    file: str
    number: int
    id: str
    body: str
    text: str | None


@dataclass(slots=True)
class Found:
    """An entity or relation, and what later lines say of it."""

    id: str
    type: str
    fragments: tuple[Span, ...] = ()
    event: bool = False
    ends: tuple[str, str] = ("", "")
    roles: tuple[str, str] = ("Arg1", "Arg2")
    attributes: dict[str, Attribute] = field(default_factory=dict)
    codes: list[Code] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def entity(self) -> Entity:
        note = "\n".join(self.notes)
        return Entity(
            self.type, self.fragments, self.id, None, self.attributes, tuple(self.codes), note, event=self.event
        )

    def relation(self) -> Relation:
        note = "\n".join(self.notes)
        return Relation(self.type, *self.ends, self.id, None, self.attributes, note, roles=self.roles, event=self.event)


@dataclass(frozen=True, slots=True)
class Mention:
    """A T line taken apart. pairs: its fragments in the order of the line, which is that of the stored words."""

    line: Line
    type: str
    pairs: tuple[Span, ...]

    @property
    def stated(self) -> alignment.Stated:
        return alignment.Stated(self.line.file, self.line.number, _quoted(self.line.id), self.pairs, self.line.text)


def document(document_id: str, text: str, name: str, files: Sequence[tuple[str, str]], report: Report) -> Document:
    """The document of one text and its annotation files.

    name: of the text file, for problems; files: the name and content of each annotation file
    """
    lines: dict[str, list[Line]] = {kind: [] for kind in KINDS}
    for file, content in files:
        for line in _lines(file, content, report):
            lines[line.id[0]].append(line)
    mentions = list(_mentions(lines["T"], report))
    text = alignment.annotated_version(text, name, [mention.stated for mention in mentions], report)
    moved = alignment.in_code_points([mention.stated for mention in mentions], text, name, None, report)
    mentions = [replace(mention, pairs=one.pairs) for mention, one in zip(mentions, moved, strict=True)]
    taken = max((int(re.sub(r"\D.*", "", line.id[1:])) for line in lines["T"]), default=0)
    reading = _Reading(report, free=taken + 1)
    for mention in mentions:
        if _checked(mention, text, report):
            reading.mention(mention)
    reading.events(lines["E"])
    for line in lines["R"]:
        reading.relation(line)
    for line in lines["*"]:
        reading.group(line)
    for line in lines["A"] + lines["M"]:
        reading.attribute(line)
    for line in lines["N"]:
        reading.code(line)
    reading.notes(lines["#"])
    return Document(
        document_id,
        text,
        tuple(found.entity() for found in reading.entities.values()),
        tuple(found.relation() for found in reading.relations.values()),
        tuple(reading.groups),
    )


def _lines(file: str, content: str, report: Report) -> Iterator[Line]:
    raw = content.removeprefix(BOM).split("\n")
    if all(line.endswith("\r") for line in raw if line):  # the file has CRLF ends; elsewhere a CR belongs to the words
        raw = [line.removesuffix("\r") for line in raw]
    seen: set[str] = set()
    for number, line in enumerate(raw, start=1):
        if not line.strip():
            continue
        if line[0] not in KINDS:
            report.add(file, number, f"unknown kind of line: it begins with none of {' '.join(KINDS)}")
            continue
        fields = line.split("\t", 2)
        if fields[0] != "*" and (line[0] == "*" or not _ID.fullmatch(fields[0])):
            report.add(file, number, "its first field is no id (a letter or # and a number, then TAB)")
            continue
        if len(fields) < 2 or not fields[1].strip():
            report.add(file, number, f"{fields[0]}: too few fields: an id, TAB and its content were expected")
            continue
        if line[0] != "*" and fields[0] in seen:
            if line[0] in "TER":
                report.add(file, number, f"{_quoted(fields[0])} stands twice; the first was kept")
                continue
            report.add(file, number, f"{_quoted(fields[0])} stands twice; both were kept")
        seen.add(fields[0])
        if line[0] in "ERAM*" and len(fields) > 2 and fields[2].strip():
            report.add(file, number, f"{_quoted(fields[0])}: there is a third field, and it was not read")
        yield Line(file, number, fields[0], fields[1].strip(" \r"), fields[2] if len(fields) > 2 else None)


def _mentions(lines: Sequence[Line], report: Report) -> Iterator[Mention]:
    for line in lines:
        type, _, offsets = line.body.partition(" ")
        if not _OFFSETS.fullmatch(offsets.strip(" ")):
            report.add(line.file, line.number, f"{_quoted(line.id)}: its offsets are not pairs of whole numbers")
            continue
        pairs = [pair.split(" ") for pair in offsets.strip(" ").split(";")]
        yield Mention(line, type, tuple((int(start), int(end)) for start, end in pairs))


def _checked(mention: Mention, text: str, report: Report) -> bool:
    """Whether the mention can be kept; what is wrong with it goes to the report."""
    kept = bool(alignment.checked(mention.stated, text, report))
    if kept and mention.line.text is None:
        cause = "too few fields: its words are missing; kept by its offsets"
        report.add(mention.line.file, mention.line.number, f"{_quoted(mention.line.id)}: {cause}")
    return kept


def _quoted(id: str) -> str:
    """The id for a message; one of an odd form may hold words of the note, and is not shown."""
    return id if _PLAIN_ID.fullmatch(id) or id == "*" else "an id of an odd form"


class _Reading:
    """What has been found so far, by id, so that later lines can refer to it."""

    def __init__(self, report: Report, *, free: int) -> None:
        self.report = report
        self.free = free  # the first number that no T line has, readable or not
        self.entities: dict[str, Found] = {}
        self.relations: dict[str, Found] = {}
        self.groups: list[Group] = []
        self.triggers: dict[str, str] = {}  # event -> entity

    def problem(self, line: Line, cause: str) -> None:
        self.report.add(line.file, line.number, f"{_quoted(line.id)}: {cause}")

    def entity(self, id: str) -> Found | None:
        """The entity that an id means; that of an event is its trigger."""
        return self.entities.get(self.triggers.get(id, id))

    def target(self, line: Line, id: str) -> Found | None:
        found = self.entity(id) or self.relations.get(id)
        if found is None:
            self.problem(line, f"it refers to {_quoted(id)}, and there is no such annotation")
        return found

    def mention(self, mention: Mention) -> None:
        id = mention.line.id
        self.entities[id] = Found(id, mention.type, tuple(sorted(mention.pairs)))

    def events(self, lines: Sequence[Line]) -> None:
        arguments = []
        for line in lines:
            first, *rest = _split(line.body)
            type, _, trigger = first.rpartition(":")
            found = self.entities.get(trigger)
            if found is None:
                self.problem(line, f"its trigger is {_quoted(trigger)}, and there is no such mention")
                continue
            if type != found.type:
                self.problem(line, f"its type is not that of its trigger {_quoted(trigger)}, which was kept")
            if found.event:  # one mention triggers two events: the second is an entity of its own
                found = Found(f"T{self.free}", found.type, found.fragments)
                self.entities[found.id] = found
                self.free += 1
            found.event = True
            self.triggers[line.id] = found.id
            arguments.append((line, found, rest))
        for line, head, rest in arguments:
            for argument in rest:
                self.argument(line, head, argument)

    def argument(self, line: Line, trigger: Found, argument: str) -> None:
        role, _, id = argument.rpartition(":")
        type = role.rstrip("0123456789")
        if not type:
            self.problem(line, "an argument is not of the form ROLE:ID")
            return
        tail = self.entity(id)
        if tail is None:
            self.problem(line, f"an argument refers to {_quoted(id)}, and there is no such entity")
            return
        name, number = f"{line.id}.{role}", 1
        while name in self.relations:
            number += 1
            name = f"{line.id}.{type}{number}"
        self.relations[name] = Found(name, type, event=True, ends=(trigger.id, tail.id))

    def relation(self, line: Line) -> None:
        type, *arguments = _split(line.body)
        ends = [argument.rpartition(":") for argument in arguments]
        if len(ends) != 2 or not all(role and id for role, _, id in ends):
            self.problem(line, "a relation is TYPE ROLE:ID ROLE:ID")
            return
        if ends[0][0] == ends[1][0]:
            self.problem(line, "it names one role twice, so that its direction is not known")
            return
        if (ends[0][0], ends[1][0]) == ("Arg2", "Arg1"):
            ends.reverse()
        found = [self.entity(id) for _, _, id in ends]
        for entity, (_, _, id) in zip(found, ends, strict=True):
            if entity is None:
                self.problem(line, f"it refers to {_quoted(id)}, and there is no such entity")
        if found[0] and found[1]:
            roles = (ends[0][0], ends[1][0])
            self.relations[line.id] = Found(line.id, type, ends=(found[0].id, found[1].id), roles=roles)

    def group(self, line: Line) -> None:
        type, *ids = _split(line.body)
        members = []
        for id in ids:
            found = self.entity(id)
            if found is None:
                self.problem(line, f"it refers to {_quoted(id)}, and there is no such entity")
            elif found.id in members:
                self.problem(line, f"{_quoted(id)} is a member already")
            else:
                members.append(found.id)
        if len(members) < 2:
            self.problem(line, "it has fewer than two members")
        else:
            self.groups.append(Group(type, tuple(members)))

    def attribute(self, line: Line) -> None:
        name, id, value = _three(line.body)
        if not id:
            self.problem(line, "an attribute is NAME ID, or NAME ID VALUE")
            return
        found = self.target(line, id)
        if found is None:
            return
        if name in found.attributes:
            self.problem(line, f"{_quoted(id)} has this attribute already; the first was kept")
        else:
            found.attributes[name] = Attribute(value or True)

    def code(self, line: Line) -> None:
        kind, id, reference = _three(line.body)
        system, _, code = reference.partition(":")
        if kind != "Reference" or not system or not code:
            self.problem(line, "a normalisation is Reference ID SYSTEM:CODE")
            return
        found = self.entity(id)
        if found is None:
            self.problem(line, f"it refers to {_quoted(id)}, and there is no such entity")
        else:
            found.codes.append(Code(system, code, line.text or ""))

    def notes(self, lines: Sequence[Line]) -> None:
        empty: dict[str, tuple[Line, Found]] = {}
        for line in lines:
            kind, id, rest = _three(line.body)
            if not id or rest:
                self.problem(line, "a note is AnnotatorNotes ID, TAB and its words")
                continue
            found = self.target(line, id)
            if found is None:
                continue
            if kind != "AnnotatorNotes":
                self.problem(line, "it is no AnnotatorNotes; its words were kept as a note, its kind was not")
            found.notes.append(line.text or "")
            if not line.text:
                empty.setdefault(found.id, (line, found))
        for line, found in empty.values():
            if found.notes == [""]:
                self.problem(line, "the note is empty and cannot be kept")


def _split(body: str) -> list[str]:
    return [word for word in body.split(" ") if word]


def _three(body: str) -> tuple[str, str, str]:
    """The first two words and the rest, which may hold spaces."""
    words: Sequence[str] = re.split(" +", body, maxsplit=2)
    first, second, rest = (*words, "", "", "")[:3]
    return first, second, rest
