import io

from rich.console import Console

from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.page import rows, table

DOCUMENT = Document(
    "note-1",
    "no [red]fever\nat all\x1b[31m",
    (
        Entity("Problem", ((3, 13),), score=0.5, attributes={"assertion": Attribute("negated")}),
        Entity("Phrase", ((0, 2), (14, 25))),
    ),
)


def test_a_row_has_all_that_is_known_of_an_entity() -> None:
    assert list(rows([DOCUMENT])) == [
        ("note-1", "Phrase", "no … at all␛[31m", "", "0-2, 14-25", ""),
        ("note-1", "Problem", "[red]fever", "negated", "3-13", "0.50"),
    ]


def test_the_table_shows_words_as_they_are_and_runs_no_codes_in_them() -> None:
    written = io.StringIO()
    Console(file=written, width=120, force_terminal=True).print(table([DOCUMENT], title="[b]Found"))
    assert "[red]fever" in written.getvalue()
    assert "␛[31m" in written.getvalue()
    assert "[b]Found" in written.getvalue()


def test_a_column_in_which_nothing_stands_is_left_out() -> None:
    plain = Document("a", "fever", (Entity("Problem", ((0, 5),)),))
    assert [column.header for column in table([plain]).columns] == ["Document", "Type", "Words", "Offsets"]
    assert [column.header for column in table([plain], title="a").columns] == ["Type", "Words", "Offsets"]
    assert len(table([plain], title="b").columns) == 4
    assert len(table([]).columns) == 2


def test_a_relation_stands_beside_its_head() -> None:
    dose, drug, often = (
        Entity("Dose", ((0, 4),), "d", attributes={"assertion": Attribute("uncertain")}),
        Entity("Drug", ((5, 13),), "w"),
        Entity("Often", ((14, 19),), "o"),
    )
    related = (Relation("OF", "d", "w", score=0.876), Relation("SAME", "d", "o"))
    found = list(rows([Document("a", "5 mg warfarin daily", (dose, drug, often), related)]))
    assert [row[3] for row in found] == ["uncertain; OF → warfarin (0.88); SAME → daily", "", ""]
