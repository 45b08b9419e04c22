"""What a writer drops is in its count: a document with less in it gives another file or another count."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from epicrisis.corpora.writers import WRITERS, find_writer
from epicrisis.corpora.writers.losses import contents, without
from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment
from epicrisis.errors import CorpusError

TEXT = "😀 左腿 leg and\r\narm hurt; no fever after aspirin 5 mg. "
EVIDENCE = Evidence("attention", ((5, 8, 0.75),))
FULL = Document(
    "ward/note",
    TEXT,
    (
        Entity(
            "Symptom",
            ((5, 8), (18, 22)),
            "T1",
            score=0.5,
            attributes={
                "assertion": Attribute("negated", 0.25, (24, 26)),
                "TREND": Attribute("DEC"),
                "count": Attribute(3),
                "sure": Attribute(True),
            },
            codes=(Code("ICD-10", "R52", "pain"),),
            note="seen; twice=2",
            event=True,
        ),
        Entity("Drug", ((39, 46),), "T2"),
        Entity("Dosage", ((47, 51),), "T3"),
        Entity("Body", ((2, 4),), "T4"),
    ),
    (
        Relation("Dosage-Drug", "T3", "T2", "R1"),
        Relation("SITE", "T4", "T1", "R2", 0.75, {"side": Attribute("left", 0.5, (2, 3))}, "why", ("Whole", "Part")),
        Relation("Cause", "T1", "T2", "E1.Cause", event=True),
    ),
    (Group("OVERLAP", ("T1", "T2")),),
    {"mood": Label("low", 0.5, 2.0, EVIDENCE)},
    (Segment((0, 20), "section", {"name": Label("history")}),),
    {"patient": "p1", "date": "2020-01-02", "model": "en", "ward": 7},
)
FIRST = next(entity for entity in FULL.entities if entity.id == "T1")
SITE = next(relation for relation in FULL.relations if relation.id == "R2")


def with_first(**changes: object) -> Document:
    changed = replace(FIRST, **changes)
    return replace(FULL, entities=tuple(changed if e.id == "T1" else e for e in FULL.entities))


def with_site(**changes: object) -> Document:
    changed = replace(SITE, **changes)
    return replace(FULL, relations=tuple(changed if r.id == "R2" else r for r in FULL.relations))


def without_attribute(name: str) -> Document:
    return with_first(attributes={key: one for key, one in FIRST.attributes.items() if key != name})


SAID = FIRST.attributes["assertion"]
LESS = {
    "a gap": with_first(fragments=((5, 22),)),
    "a score": with_first(score=None),
    "an assertion": without_attribute("assertion"),
    "an attribute": without_attribute("TREND"),
    "a number among attributes": without_attribute("count"),
    "a flag among attributes": without_attribute("sure"),
    "an attribute's score": with_first(attributes={**FIRST.attributes, "assertion": replace(SAID, score=None)}),
    "an attribute's cue": with_first(attributes={**FIRST.attributes, "assertion": replace(SAID, cue=None)}),
    "a number's type": with_first(attributes={**FIRST.attributes, "count": Attribute("3")}),
    "a code": with_first(codes=()),
    "a note": with_first(note=""),
    "an event": with_first(event=False),
    "an entity of a group": replace(FULL, groups=()),
    "a relation": replace(FULL, relations=tuple(r for r in FULL.relations if r.id != "R1")),
    "a relation between others": replace(FULL, relations=tuple(r for r in FULL.relations if r.id != "R2")),
    "an event's argument": replace(FULL, relations=tuple(r for r in FULL.relations if not r.event)),
    "a relation's score": with_site(score=None),
    "a relation's attribute": with_site(attributes={}),
    "a relation's attribute's score": with_site(attributes={"side": Attribute("left", None, (2, 3))}),
    "a relation's attribute's cue": with_site(attributes={"side": Attribute("left", 0.5)}),
    "a relation's note": with_site(note=""),
    "a relation's roles": with_site(roles=("Arg1", "Arg2")),
    "a label": replace(FULL, labels={}),
    "a label's score": replace(FULL, labels={"mood": Label("low", None, 2.0, EVIDENCE)}),
    "a label's intensity": replace(FULL, labels={"mood": Label("low", 0.5, None, EVIDENCE)}),
    "a label's evidence": replace(FULL, labels={"mood": Label("low", 0.5, 2.0)}),
    "a segment": replace(FULL, segments=()),
    "a segment's label": replace(FULL, segments=(Segment((0, 20), "section"),)),
    "a patient": replace(FULL, meta={key: value for key, value in FULL.meta.items() if key != "patient"}),
    "a date": replace(FULL, meta={key: value for key, value in FULL.meta.items() if key != "date"}),
    "a ward": replace(FULL, meta={key: value for key, value in FULL.meta.items() if key != "ward"}),
    "an entity": replace(FULL, entities=tuple(e for e in FULL.entities if e.id != "T3"), relations=FULL.relations[:0]),
}
LOST_WHOLE = {
    "brat": {
        "an event",
        "a label's score",
        "a label's intensity",
        "a label's evidence",
        "a segment's label",
    },  # E1.Cause makes it one anyway
    "conll": {"a number's type"},
    "doccano": {"a number's type"},
    "fhir-r4b": {"a number's type"},
    "fhir-r5": {"a number's type"},
    "text": {*LESS},
}
"""What is no further loss, because that of which it is a part is counted."""
WHO_AND_WHEN = {"patient": "1", "date": "2020-01-02"}
CASES = [(name, less) for name in WRITERS for less in LESS if less not in LOST_WHOLE.get(name, ())]


def written(name: str, document: Document, folder: Path) -> tuple[dict[str, bytes], dict[str, int]]:
    """The files, without the time of writing, and the count."""
    lost = WRITERS[name].write([document], folder / f"out{WRITERS[name].suffix}")
    when = re.compile(rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\+00:00)?")
    files = {file.name: when.sub(b"NOW", file.read_bytes()) for file in sorted(folder.rglob("*")) if file.is_file()}
    return files, dict(lost)


@pytest.mark.parametrize(("name", "less"), [case for case in CASES if case[0] != "omop-parquet"])
def test_nothing_is_dropped_in_silence(name: str, less: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "less").mkdir()
    full = written(name, FULL, tmp_path / "full")
    assert written(name, LESS[less], tmp_path / "less") != full


@pytest.mark.parametrize("name", WRITERS)
def test_a_plain_note_costs_nothing_but_names(name: str, tmp_path: Path) -> None:
    plain = Document(
        "n", "Aspirin helps", (Entity("Drug", ((0, 7),), "T1"),), meta={"patient": "1", "date": "2020-01-02"}
    )
    lost = WRITERS[name].write([plain], tmp_path / f"out{WRITERS[name].suffix}")
    names = {"text": {"entities": 1, "meta": 2}, "brat": {"meta": 2}, "conll": {"ids of entities": 1, "meta": 2}}
    names |= {"doccano": {"ids of entities": 1}, "omop": {"ids of entities": 1}, "omop-parquet": {"ids of entities": 1}}
    names |= {"fhir-r4b": {"meta": 1}, "fhir-r5": {"meta": 1}}
    assert dict(lost) == names.get(name, {})


@pytest.mark.parametrize("name", WRITERS)
def test_what_fails_half_way_leaves_no_half_file(name: str, tmp_path: Path) -> None:
    def documents():  # type: ignore[no-untyped-def]
        yield FULL
        raise CorpusError("the reader stops here")

    path = tmp_path / f"out{WRITERS[name].suffix}"
    with pytest.raises(CorpusError, match="stops here"):
        WRITERS[name].write(documents(), path)
    left = [file.name for file in tmp_path.rglob("*") if file.is_file()]
    if WRITERS[name].write_document is None:
        assert left == []
    assert not [file for file in left if file.endswith(".part")]


@pytest.mark.parametrize("name", WRITERS)
def test_writing_below_a_file_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"cannot be written"):
        WRITERS[name].write([FULL], tmp_path / "file" / f"out{WRITERS[name].suffix}")


@pytest.mark.parametrize("name", WRITERS)
def test_no_document_is_no_mistake(name: str, tmp_path: Path) -> None:
    assert not WRITERS[name].write([], tmp_path / f"out{WRITERS[name].suffix}")
    empty = Document(
        "empty", "", meta={"patient": "1", "date": "2020-01-02"} if name.startswith(("omop", "fhir")) else {}
    )
    lost = WRITERS[name].write([empty], tmp_path / f"out{WRITERS[name].suffix}")
    assert dict(lost) == ({"meta": 1} if name.startswith("fhir") else {})


def test_a_format_that_there_is_not_gets_a_suggestion() -> None:
    with pytest.raises(CorpusError, match=r"no format 'bioc'.* Did you mean 'bioc-xml'\?"):
        find_writer("bioc")


def test_a_writer_that_misspells_what_it_holds_is_told() -> None:
    assert set(without(FULL)) == {kind for kind, number in contents(FULL).items() if number}
    assert contents(FULL)["cues of attributes"] == 2
    with pytest.raises(ValueError, match="has no 'entites'"):
        without(FULL, "entites")
