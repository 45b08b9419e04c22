"""Documents that hypothesis makes: nested, discontinuous, crossing mentions; every alphabet and line end."""

from typing import Any

from hypothesis import strategies as st

from epicrisis.document import Attribute, Code, Document, Entity, Evidence, Group, Label, Relation, Segment, Span

TEXT = st.text(st.sampled_from("ab ,\t\n\r\x0b\x00é胃\u0301\u2028\u3000\ufeff😀𠮷"), min_size=2, max_size=30)
WORDS = st.text(st.sampled_from("ab \t\n\r:é胃\u2028😀"), max_size=6)
NAMES = st.sampled_from(["Drug", "症状", "ICD:10", "two words", "Theme2", "Theme", "2", "\u3000"])
VALUES = st.one_of(st.just(True), st.booleans(), st.integers(-3, 3), st.sampled_from(["NEG", "two words", " x", ""]))
SCORES = st.one_of(st.none(), st.floats(0, 1))
EVIDENCE = st.one_of(st.none(), st.builds(Evidence, WORDS, st.just(((0, 1, 0.1), (1, 2, -3.0)))))
LABELS = st.dictionaries(NAMES, st.builds(Label, VALUES, SCORES, SCORES, EVIDENCE), max_size=1)


@st.composite
def documents(draw: Any) -> Document:
    text = draw(TEXT)
    entities = tuple(draw(st.lists(_entities(text), max_size=5, unique_by=lambda entity: entity.id)))
    ids = [entity.id for entity in entities]
    relations: list[Relation] = []
    groups: list[Group] = []
    if ids:
        relations = draw(st.lists(_relations(ids), max_size=4, unique_by=lambda relation: relation.id))
    if len(ids) > 1:
        members = st.lists(st.sampled_from(ids), min_size=2, unique=True).map(tuple)
        groups = draw(st.lists(st.builds(Group, NAMES, members), max_size=2))
    labels = draw(LABELS)
    segments = draw(st.lists(st.builds(Segment, st.just((0, len(text))), NAMES, LABELS), max_size=1))
    meta = draw(st.dictionaries(NAMES, VALUES, max_size=2))
    return Document("ward/note", text, entities, tuple(relations), tuple(groups), labels, tuple(segments), meta)


@st.composite
def _spans(draw: Any, length: int) -> tuple[Span, ...]:
    pieces = draw(st.integers(1, min(2, length // 2)))
    ends = sorted(draw(st.lists(st.integers(0, length), min_size=2 * pieces, max_size=2 * pieces, unique=True)))
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def _entities(text: str) -> st.SearchStrategy[Entity]:
    return st.builds(
        Entity,
        type=NAMES,
        fragments=_spans(len(text)),
        id=st.sampled_from(["T1", "T2", "T10", "T007", "a", "E1", "实体"]),
        score=SCORES,
        attributes=st.dictionaries(
            NAMES, st.builds(Attribute, VALUES, SCORES, st.sampled_from([None, (0, 1)])), max_size=3
        ),
        codes=st.lists(st.builds(Code, WORDS, WORDS, WORDS), max_size=2).map(tuple),
        note=WORDS,
        event=st.booleans(),
    )


def _relations(ids: list[str]) -> st.SearchStrategy[Relation]:
    return st.builds(
        Relation,
        type=NAMES,
        head=st.sampled_from(ids),
        tail=st.sampled_from(ids),
        id=st.sampled_from(["R1", "R2", "R10", "x", "E1.Theme"]),
        score=SCORES,
        attributes=st.dictionaries(NAMES, st.builds(Attribute, VALUES), max_size=2),
        note=WORDS,
        roles=st.sampled_from([("Arg1", "Arg2"), ("Arg2", "Arg1"), ("Subject", "Object"), ("x", "x"), ("", "a b")]),
        event=st.booleans(),
    )
