import json
import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment
from epicrisis.errors import DocumentError

TEXT = "Zyxoprolol given,\r\nno 头痛 😀."
"""17 characters, two of line break, then "no 头痛 😀." up to 28: a word that no message may hold."""
DRUG = Entity("Drug", ((0, 10),), id="T1")
PAIN = Entity("Problem", ((22, 24),), id="T2")


def broken(**changes: Any) -> Callable[[], Document]:
    return lambda: Document("d7", **{"text": TEXT, "entities": (DRUG, PAIN), **changes})


def from_changed(**changes: Any) -> Callable[[], Document]:
    return lambda: Document.from_dict({**Document("d7", TEXT, (DRUG, PAIN)).to_dict(), **changes})


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "entity without a type": (lambda: Entity("", ((0, 1),)), "its type is empty"),
    "entity without characters": (lambda: Entity("Drug", (), id="T9"), "T9 (Drug): it covers no characters"),
    "empty fragment": (lambda: Entity("Drug", ((3, 3),)), "fragment 3-3"),
    "fragment that ends before it starts": (lambda: Entity("Drug", ((5, 3),)), "fragment 5-3"),
    "negative fragment": (lambda: Entity("Drug", ((-1, 3),)), "fragment -1-3"),
    "fragments out of order": (lambda: Entity("Drug", ((4, 6), (0, 2))), "fragment 0-2"),
    "overlapping fragments": (lambda: Entity("Drug", ((0, 4), (3, 6))), "fragment 3-6"),
    "relation without a type": (lambda: Relation("", "T1", "T2", id="R3"), "relation R3: its type is empty"),
    "group without a type": (lambda: Group("", ("T1", "T2")), "a group has no type"),
    "group of one": (lambda: Group("SAME", ("T1", "T1")), "group SAME: it needs two different members"),
    "lone surrogate": (broken(text="Zyxoprolol \ud83d", entities=()), "character 11 is a lone surrogate"),
    "entity behind the text": (
        broken(entities=(Entity("Drug", ((20, 40),), id="T4"),)),
        "document d7: entity T4 (Drug) covers characters 20-40, but the text has 27",
    ),
    "cue behind the text": (
        broken(entities=(Entity("Drug", ((0, 10),), attributes={"assertion": Attribute("negated", cue=(20, 40))}),)),
        "the cue of T1's assertion lies outside the text",
    ),
    "empty cue": (
        broken(entities=(Entity("Drug", ((0, 10),), attributes={"assertion": Attribute("negated", cue=(3, 3))}),)),
        "the cue of T1's assertion lies outside the text",
    ),
    "cue of a relation behind the text": (
        broken(relations=(Relation("OF", "T1", "T2", "R1", attributes={"TREND": Attribute("INC", cue=(0, 99))}),)),
        "the cue of R1's TREND lies outside the text",
    ),
    "entity with a score above one": (lambda: Entity("Drug", ((0, 1),), id="T9", score=1.2), "entity T9: a score is"),
    "relation with a negative score": (lambda: Relation("OF", "T1", "T2", "R9", -0.1), "relation R9: a score is"),
    "attribute with a score that is no number": (lambda: Attribute("x", float("nan")), "attribute: a score is"),
    "segment behind the text": (broken(segments=(Segment((0, 99), "section"),)), "section covers characters 0-99"),
    "segment backwards": (broken(segments=(Segment((5, 2), "section"),)), "section covers characters 5-2"),
    "entity id twice": (broken(entities=(DRUG, DRUG, PAIN)), "entity id T1 stands twice"),
    "relation id twice": (
        broken(relations=(Relation("A", "T1", "T2", id="R1"), Relation("B", "T1", "T2", id="R1"))),
        "relation id R1 stands twice",
    ),
    "relation from nothing": (broken(relations=(Relation("OF", "T8", "T2", id="R1"),)), "R1 (OF) refers to 'T8'"),
    "relation to nothing": (broken(relations=(Relation("OF", "T1", "T8", id="R1"),)), "R1 (OF) refers to 'T8'"),
    "group of nothing": (broken(groups=(Group("SAME", ("T1", "T8")),)), "group SAME refers to 'T8'"),
    "newer schema": (from_changed(schema=2), "schema 2, but this version reads 1 to 1: update epicrisis"),
    "schema that is a truth value": (from_changed(schema=True), "must be a whole number, such as 1, and it is of type"),
    "schema that is no number": (from_changed(schema="1"), "must be a whole number, such as 1, and it is of type str"),
    "half a character in the document's id": (lambda: Document("d\ud83d", ""), "'d\\ud83d': its id holds a lone"),
    "half a character in an entity's id": (broken(entities=(Entity("Drug", ((0, 1),), "T\ud83d"),)), "'T\\ud83d'"),
    "half a character in an entity's type": (broken(entities=(Entity("\ud83d", ((0, 1),), "T8"),)), "type of 'T8'"),
    "half a character in a relation's type": (
        broken(relations=(Relation("\ud83d", "T1", "T2", "R1"),)),
        "the id or type of 'R1' ('\\ud83d') holds a lone surrogate",
    ),
    "half a character in a group's type": (broken(groups=(Group("\ud83d", ("T1", "T2")),)), "holds a lone surrogate"),
    "entity with a score in words": (
        from_changed(entities=[{"type": "Drug", "fragments": [[0, 1]], "id": "T9", "score": "high"}]),
        "entity T9: a score is a number from 0 to 1, and this is of type str",
    ),
    "entity with a truth value for a score": (
        lambda: Entity("Drug", ((0, 1),), "T9", True),
        "and this is of type bool",
    ),
    "label with a score in words": (
        from_changed(labels={"mood": {"value": "bad", "score": "high"}}),
        "label: its score is no number",
    ),
    "label with an intensity in words": (
        from_changed(labels={"mood": {"value": "bad", "intensity": "high"}}),
        "label: its intensity is no number",
    ),
    "evidence outside the text": (
        from_changed(labels={"mood": {"value": "bad", "evidence": {"by": "attention", "words": [[0, 999, 0.5]]}}}),
        "the evidence for mood lies outside the text",
    ),
    "evidence of a segment outside the text": (
        broken(segments=(Segment((0, 2), "sentence", {"a": Label(1, evidence=Evidence("x", ((3, 3, 0.1),)))}),)),
        "the evidence for a lies outside the text",
    ),
    "evidence without a weight": (
        from_changed(labels={"mood": {"value": "bad", "evidence": {"by": "attention", "words": [[0, 1]]}}}),
        "document d7: a value has the wrong shape",
    ),
    "evidence of a weight in words": (
        lambda: Evidence("attention", ((0, 1, "much"),)),  # type: ignore[arg-type]
        "the weight of a word of its evidence is no number",
    ),
    "label without end": (lambda: Label("bad", intensity=float("inf")), "label: its intensity is no number"),
    "group of a type that is no string": (
        from_changed(groups=[{"type": 7, "members": ["T1", "T2"]}]),
        "the value of 'type' is no string",
    ),
    "segment of a kind that is no string": (
        from_changed(segments=[{"span": [0, 1], "kind": 7}]),
        "the value of 'kind' is no string",
    ),
    "code that is no string": (
        from_changed(entities=[{"type": "Drug", "fragments": [[0, 1]], "codes": [{"system": "ATC", "code": 7}]}]),
        "the value of 'code' is no string",
    ),
    "role that is no string": (
        from_changed(relations=[{"type": "OF", "head": "T1", "tail": "T2", "roles": ["Arg1", 2]}]),
        "the value of 'roles' is no string",
    ),
    "id that is no string": (from_changed(id=7), "the value of 'id' is no string"),
    "text that is no string": (from_changed(text=None), "the value of 'text' is no string"),
    "entity that is no mapping": (from_changed(entities=["Zyxoprolol"]), "document d7: a value has the wrong shape"),
    "fragments that are no pairs": (
        from_changed(entities=[{"type": "Drug", "fragments": [[1, 2, 3]]}]),
        "document d7: a value has the wrong shape",
    ),
    "offset that is no whole number": (
        from_changed(entities=[{"type": "Drug", "fragments": [[0.5, 2]]}]),
        "document d7: a value has the wrong shape",
    ),
    "offset without end": (
        lambda: Document.from_json('{"id":"d7","text":"ab","entities":[{"type":"A","fragments":[[0,Infinity]]}]}'),
        "document d7: a value has the wrong shape",
    ),
    "entity without fragments": (from_changed(entities=[{"type": "Drug"}]), "document d7: there is no key 'fragments'"),
    "relation without tail": (
        from_changed(relations=[{"type": "OF", "head": "T1"}]),
        "document d7: there is no key 'tail'",
    ),
    "labels that are no mapping": (from_changed(labels=["good"]), "document d7: a value has the wrong shape"),
    "no text": (lambda: Document.from_dict({"id": "d7"}), "document d7: there is no key 'text'"),
    "no JSON": (lambda: Document.from_json('{"id": "d7", "text": "Zyxoprolol'), "no JSON: "),
    "no object": (lambda: Document.from_json('["Zyxoprolol"]'), "a JSON object was expected"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_broken_document_cannot_be_made_and_the_message_says_why_without_a_word_of_the_text(name: str) -> None:
    make, expected = MISTAKES[name]
    with pytest.raises(DocumentError) as raised:
        make()
    assert expected in str(raised.value)
    assert "Zyxo" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_document_keeps_its_text_as_it_is_and_cuts_words_from_it() -> None:
    document = Document("d", TEXT, (PAIN, DRUG, Entity("Problem", ((19, 21), (22, 24)), id="T3")))
    assert [document.words(entity) for entity in document.entities] == ["Zyxoprolol", "no 头痛", "头痛"]
    assert document.text == TEXT


def test_entities_are_in_reading_order_a_longer_one_before_those_inside_it() -> None:
    spans = [(3, 5), (0, 4), (0, 9), (3, 7)]
    document = Document("d", TEXT, tuple(Entity("A", (span,)) for span in spans))
    assert [(e.start, e.end) for e in document.entities] == [(0, 9), (0, 4), (3, 7), (3, 5)]


def test_entities_and_relations_without_an_id_get_the_first_free_one() -> None:
    entities = (Entity("A", ((4, 5),)), Entity("A", ((0, 1),)), Entity("A", ((2, 3),), id="T1"))
    relations = (Relation("OF", "T1", "T2"), Relation("OF", "T1", "T3", id="R2"), Relation("OF", "T3", "T1"))
    document = Document("d", TEXT, entities, relations)
    assert [(e.id, e.start) for e in document.entities] == [("T2", 0), ("T1", 2), ("T3", 4)]
    assert sorted((r.id, r.head) for r in document.relations) == [("R1", "T1"), ("R2", "T1"), ("R3", "T3")]


def test_relations_are_in_the_order_of_their_numbers() -> None:
    relations = [Relation("OF", "T1", "T2", id=f"R{number}") for number in (10, 2, 1)]
    document = Document("d", TEXT, (DRUG, PAIN), tuple(relations))
    assert [relation.id for relation in document.relations] == ["R1", "R2", "R10"]


def test_the_json_form_is_the_one_that_the_design_promises() -> None:
    negated = Attribute("negated", score=0.93, cue=(19, 21))
    pain = Entity("Problem", ((22, 24),), "T2", 0.97, {"assertion": negated}, (Code("ICD-10", "R51", "pain"),), "seen")
    document = Document(
        "d1",
        TEXT,
        (DRUG, pain),
        (Relation("CAUSES", "T1", "T2", "R1", 0.9),),
        (Group("OVERLAP", ("T2", "T1")),),
        {"sentiment": Label("negative", 0.8, 2.1)},
        (Segment((0, 17), "section"),),
        {"model": "en"},
    )
    assert document.to_dict() == {
        "schema": 1,
        "id": "d1",
        "text": TEXT,
        "entities": [
            {"id": "T1", "type": "Drug", "fragments": [[0, 10]]},
            {
                "id": "T2",
                "type": "Problem",
                "fragments": [[22, 24]],
                "score": 0.97,
                "attributes": {"assertion": {"value": "negated", "score": 0.93, "cue": [19, 21]}},
                "codes": [{"system": "ICD-10", "code": "R51", "text": "pain"}],
                "note": "seen",
            },
        ],
        "relations": [{"id": "R1", "type": "CAUSES", "head": "T1", "tail": "T2", "score": 0.9}],
        "groups": [{"type": "OVERLAP", "members": ["T1", "T2"]}],
        "labels": {"sentiment": {"value": "negative", "score": 0.8, "intensity": 2.1}},
        "segments": [{"span": [0, 17], "kind": "section", "labels": {}}],
        "meta": {"model": "en"},
    }


def test_the_evidence_of_a_label_survives_json_and_labels_of_before_have_none() -> None:
    label = Label("negative", 0.8, evidence=Evidence("occlusion", ((19, 21, 1.25), (0, 3, -0.5))))
    document = Document("d", TEXT, labels={"sentiment": label})
    data = document.to_dict()
    evidence = {"by": "occlusion", "words": [[19, 21, 1.25], [0, 3, -0.5]]}
    assert data["labels"] == {"sentiment": {"value": "negative", "score": 0.8, "evidence": evidence}}
    assert Document.from_json(document.to_json()) == document
    del data["labels"]["sentiment"]["evidence"]
    assert Document.from_dict(data).labels["sentiment"] == Label("negative", 0.8)
    assert hash(label)


def test_an_empty_document_is_short_in_json() -> None:
    assert Document("d", "").to_json() == '{"schema":1,"id":"d","text":"","entities":[]}'


def test_what_is_given_as_a_mapping_is_copied() -> None:
    attributes, labels, meta = {"TREND": Attribute("INC")}, {"mood": Label("bad")}, {"model": "en"}
    drug = Entity("Drug", ((0, 10),), "T1", attributes=attributes)
    relation = Relation("OF", "T1", "T2", "R1", attributes=attributes)
    document = Document("d", TEXT, (drug, PAIN), (relation,), (), labels, (Segment((0, 5), "section", labels),), meta)
    before = document.to_dict()
    for mapping in (attributes, labels, meta):
        mapping.clear()
    assert document.to_dict() == before


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_of_json_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        Document("d", "", meta={"k": value}).to_json()


# Any document: nested, crossing and discontinuous entities over text with line breaks of every kind.

WORDS = st.text("ab 头😀\r\n\t\x0b\u2028é", min_size=1, max_size=30)
NAMES = st.sampled_from(["Drug", "Problem", "检查"])
SCORES = st.none() | st.floats(0, 1)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.integers() | st.booleans()
LABELS = st.dictionaries(NAMES, st.builds(Label, VALUES, SCORES, SCORES), max_size=2)
CODES = st.lists(st.builds(Code, NAMES, NAMES, st.sampled_from(["", "pain"])), max_size=2)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(WORDS)
    span = st.lists(st.integers(0, len(text)), min_size=2, max_size=2, unique=True).map(lambda s: (min(s), max(s)))
    attributes = st.dictionaries(NAMES, st.builds(Attribute, VALUES, SCORES, st.none() | span), max_size=2)
    cuts = st.lists(st.integers(0, len(text)), min_size=2, max_size=4, unique=True).map(sorted)
    fragments = cuts.map(lambda c: tuple(zip(c[::2], c[1::2], strict=False)))
    some = st.builds(
        Entity,
        NAMES,
        fragments,
        score=SCORES,
        attributes=attributes,
        codes=CODES,
        note=st.sampled_from(["", "see\nabove"]),
        event=st.booleans(),
    )
    entities = draw(st.lists(some, max_size=5, unique_by=lambda e: (e.type, e.fragments)))
    ids = [entity.id for entity in Document("", text, tuple(entities)).entities]
    relations, groups = [], []
    if len(ids) > 1:
        end = st.sampled_from(ids)
        roles = st.sampled_from([("Arg1", "Arg2"), ("Drug", "Reason")])
        relation = st.builds(Relation, NAMES, end, end, attributes=attributes, roles=roles, event=st.booleans())
        relations = draw(st.lists(relation, max_size=3, unique_by=lambda r: (r.type, r.head, r.tail)))
        members = st.lists(end, min_size=2, max_size=3, unique=True)
        groups = draw(st.lists(st.builds(Group, NAMES, members), max_size=2))
    segment = st.builds(Segment, span, NAMES, LABELS)
    segments = draw(st.lists(segment, max_size=2, unique_by=lambda s: (s.span, s.kind)))
    meta = draw(st.dictionaries(NAMES, VALUES | st.none() | st.lists(VALUES, max_size=2), max_size=2))
    return Document(
        "d/1",
        text,
        tuple(entities),
        tuple(relations),
        tuple(groups),
        draw(LABELS),
        tuple(segments),
        meta,
    )


@given(documents())
def test_a_document_survives_json(document: Document) -> None:
    line = document.to_json()
    assert "\n" not in line
    assert "\r" not in line
    again = Document.from_json(line)
    assert again == document
    assert again.to_json() == line


@given(documents(), st.randoms(use_true_random=False))
def test_documents_are_equal_whatever_the_order_in_which_they_were_given(
    document: Document, chance: random.Random
) -> None:
    parts = {name: list(getattr(document, name)) for name in ("entities", "relations", "groups", "segments")}
    for part in parts.values():
        chance.shuffle(part)
    again = Document(document.id, document.text, labels=document.labels, meta=document.meta, **parts)  # type: ignore[arg-type]
    assert again == document
    assert hash(again) == hash(document)


@given(documents())
def test_a_document_survives_pickling(document: Document) -> None:
    assert pickle.loads(pickle.dumps(document)) == document


def test_documents_that_differ_anywhere_are_not_equal() -> None:
    document = Document("d", TEXT, (DRUG, PAIN))
    assert document != Document("e", TEXT, (DRUG, PAIN))
    assert document != Document("d", TEXT + " ", (DRUG, PAIN))
    assert document != Document("d", TEXT, (DRUG,))
    assert document != Document("d", TEXT, (DRUG, PAIN), meta={"model": "en"})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
FULL = Document(
    "d7",
    TEXT,
    (DRUG, Entity("Problem", ((22, 24),), "T2", 0.5, {"a": Attribute(1, 0.5, (0, 1))}, (Code("s", "c"),), "n", True)),
    (Relation("OF", "T1", "T2", "R1", attributes={"a": Attribute("x")}, roles=("Drug", "Reason")),),
    (Group("SAME", ("T1", "T2")),),
    {"mood": Label("bad", 0.5, 1.0)},
    (Segment((0, 5), "section", {"mood": Label("bad")}),),
    {"model": "en"},
).to_dict()


def places(data: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way] * bool(way) + [place for key, value in items for place in places(value, (*way, key))]


def message_of(line: str) -> str:
    """What is wrong with the line; "" where it is a document."""
    try:
        Document.from_json(line)
    except DocumentError as error:
        return str(error)
    return ""


@given(st.sampled_from(places(FULL)), JUNK)
def test_json_of_the_wrong_shape_is_a_document_error_and_nothing_else(place: tuple[Any, ...], junk: Any) -> None:
    data = json.loads(json.dumps(FULL))
    here = data
    for key in place[:-1]:
        here = here[key]
    here[place[-1]] = junk
    assert "Zyxo" not in message_of(json.dumps(data))
