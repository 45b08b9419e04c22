import re

from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Document, Entity, Relation
from epicrisis.text.marking import mark


def test_a_mention_stands_between_marks_that_name_its_type() -> None:
    dose, drug = Entity("Dose", ((5, 9),), "d"), Entity("Sign_symptom", ((13, 21),), "w")
    note = Document("n", "took 5 mg of warfarin.", (dose, drug), (Relation("OF", "d", "w"),))
    found = mark(note)
    assert found.text == "took  * dose * 5 mg *  of  * sign symptom * warfarin * ."
    assert [found.words(entity) for entity in found.entities] == ["* dose *", "* sign symptom *"]
    assert found.relations == note.relations
    assert [entity.id for entity in found.entities] == ["d", "w"]


def test_marks_nest_as_mentions_do() -> None:
    outer, inner, split = (
        Entity("A", ((0, 9),), "1"),
        Entity("B", ((5, 9),), "2"),
        Entity("C", ((10, 11), (12, 13)), "3"),
    )
    found = mark(Document("n", "left arms x y", (outer, inner, split)))
    assert found.text == " * a * left  * b * arms *  *   * c * x y * "
    assert [found.words(one) for one in found.entities] == ["* a *", "* b *", "* c *"]


@given(st.text("ab \n头", max_size=20), st.lists(st.tuples(st.integers(0, 19), st.integers(1, 6)), max_size=6))
def test_without_its_marks_the_text_is_the_note(text: str, spans: list[tuple[int, int]]) -> None:
    entities = tuple(
        Entity(f"T{n}", ((start, start + length),))
        for n, (start, length) in enumerate(spans)
        if start + length <= len(text)
    )
    note = Document("n", text, entities)
    found = mark(note)
    assert re.sub(r" \*(?: t\d \*)? ", "", found.text) == text
    assert [found.words(one) for one in found.entities] == [f"* {one.type.lower()} *" for one in note.entities]
    assert [one.id for one in found.entities] == [one.id for one in note.entities]
