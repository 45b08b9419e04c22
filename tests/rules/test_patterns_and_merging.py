from pathlib import Path

import pytest

from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError
from epicrisis.rules import Pattern, Patterns, combined, merged, with_entities


def entity(start: int, end: int, type_: str = "X", **more: object) -> Entity:
    return Entity(type_, ((start, end),), **more)  # type: ignore[arg-type]


def test_patterns_find_what_they_match_and_the_named_group_is_the_mention() -> None:
    patterns = Patterns(
        [Pattern("Score", r"GCS (?P<entity>\d+)", Code("LOINC", "9269-2")), Pattern("Dose", r"\d+ ?mg")]
    )
    text = "GCS 15, 5 mg, GCS 3"
    document = patterns.annotate(Document("d", text))
    assert [(e.type, document.words(e)) for e in document.entities] == [
        ("Score", "15"),
        ("Dose", "5 mg"),
        ("Score", "3"),
    ]
    assert document.entities[0].codes == (Code("LOINC", "9269-2"),)
    assert document.entities[0].attributes["source"].value == "patterns"


def test_the_earlier_pattern_wins_where_two_overlap() -> None:
    patterns = Patterns([Pattern("A", "b+"), Pattern("B", "ab+c")])
    assert [(e.type, e.start) for e in patterns.find("abc bb")] == [("A", 1), ("A", 4)]


def test_a_group_that_took_no_part_is_no_mention() -> None:
    assert Patterns([Pattern("A", r"x(?P<entity>y)?")]).find("x xy") == [
        *Patterns([Pattern("A", "(?<=x)y")]).find("x xy")
    ]


def test_a_file_of_patterns_is_read(tmp_path: Path) -> None:
    file = tmp_path / "patterns.tsv"
    file.write_bytes("\ufeff# doses\r\nDose\t\\d+ ?mg\r\n\r\nScore\tNYHA [IV]+\tSNOMED\t420816009\r\n".encode())
    assert Patterns.from_file(file).patterns == (
        Pattern("Dose", r"\d+ ?mg"),
        Pattern("Score", "NYHA [IV]+", Code("SNOMED", "420816009")),
    )


def test_every_line_that_is_no_pattern_is_named_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "patterns.tsv"
    file.write_text("Dose\t\\d+ ?mg\nDose\t[a-\nDose\nDose\tx*\n\tmg\nA\tb\tc\n")
    with pytest.raises(CorpusError) as raised:
        Patterns.from_file(file)
    lines = str(raised.value).splitlines()
    assert [line.partition(f"{file}, line ")[2][:2] for line in lines] == ["2:", "3:", "4:", "5:", "6:"]
    for line, cause in zip(
        lines, ["unterminated", "found 1 cells", "empty text", "type is empty", "found 3"], strict=True
    ):
        assert cause in line


@pytest.mark.parametrize(("content", "cause"), [(b"# none\n", "no pattern"), (b"A\t\xff\n", "not UTF-8")])
def test_a_file_without_patterns_says_so(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(CorpusError, match=cause):
        Patterns.from_file(tmp_path / "p")
    with pytest.raises(CorpusError, match="No such file"):
        Patterns.from_file(tmp_path / "none")


def test_an_entity_gives_way_to_an_earlier_source_wherever_they_share_a_character() -> None:
    model, terms = [entity(0, 5, id="T1"), entity(2, 4, id="T2")], [entity(4, 8), entity(5, 8), entity(9, 10)]
    assert merged("x" * 10, [model, terms]) == [*model, entity(5, 8), entity(9, 10)]
    assert merged("x" * 10, [terms, model]) == [*terms, model[1]]


def test_what_one_source_finds_stays_though_it_nests() -> None:
    nested = [entity(0, 5), entity(2, 4), entity(0, 5, "Y")]
    assert merged("x" * 5, [[], nested]) == nested


def test_an_entity_of_the_same_characters_leaves_its_codes() -> None:
    terms = [entity(0, 5, codes=(Code("S", "1"), Code("S", "2")))]
    (kept,) = merged("x" * 5, [[entity(0, 5, "Model", id="T9", codes=(Code("S", "2"),))], terms])
    assert (kept.type, kept.id, kept.codes) == ("Model", "T9", (Code("S", "2"), Code("S", "1")))


def test_of_the_same_characters_relations_groups_and_attributes_stay() -> None:
    negated = Attribute("negated", 0.9, (0, 1))
    a = entity(2, 5, "Model", id="T1", score=0.9, attributes={"assertion": negated, "source": Attribute("other")})
    b, c = entity(6, 9, "Model", id="T2"), entity(2, 5, "Part", id="T3", attributes={"grade": Attribute(2)})
    relations = (Relation("R", "T2", "T1", id="R4", score=0.5), Relation("S", "T3", "T2"), Relation("SAME", "T1", "T3"))
    document = Document("d", "x" * 10, (a, b, c), relations, (Group("G", ("T2", "T3")),))
    source = {"source": Attribute("terms")}
    terms = [
        entity(2, 5, "Term", codes=(Code("S", "1"),), attributes=source),
        entity(2, 5, "Topic", attributes=source),
    ]
    new, gone = combined(document, [terms, document.entities])
    said = {**source, "assertion": negated, "grade": Attribute(2)}
    by_type = {entity.type: entity for entity in new.entities}
    assert by_type["Model"] == b
    assert by_type["Term"] == entity(2, 5, "Term", id="T1", codes=(Code("S", "1"),), attributes=said)
    assert (by_type["Topic"].attributes, by_type["Topic"].id in ("T1", "T2")) == (said, False)
    assert new.relations == (Relation("S", "T1", "T2", id="R1"), Relation("R", "T2", "T1", id="R4", score=0.5))
    assert new.groups == (Group("G", ("T1", "T2")),)
    assert gone == {"relations": 1}  # of T1 with T3, which are one now


def test_what_is_gone_with_an_entity_that_gave_way_is_counted() -> None:
    a, b = (entity(n, n + 4, id=id, attributes={"x": Attribute(True)}) for n, id in ((0, "T1"), (5, "T2")))
    document = Document("d", "x" * 10, (a, b), (Relation("R", "T1", "T2"),), (Group("G", ("T1", "T2")),))
    new, gone = combined(document, [[entity(0, 3, "Term")], document.entities])
    assert (new.relations, new.groups, gone) == ((), (), {"relations": 1, "groups": 1, "attributes": 1})
    assert combined(document, [document.entities, [entity(0, 3, "Term")]]) == (document, {})


def test_between_the_fragments_of_an_entity_there_is_room() -> None:
    gaps = [Entity("X", ((0, 2), (6, 8)))]
    assert merged("x" * 8, [gaps, [entity(3, 5), entity(1, 3)]]) == [*gaps, entity(3, 5)]


def test_relations_and_groups_lose_what_is_gone() -> None:
    a, b, c = (entity(n, n + 1, id=f"T{n}") for n in range(3))
    relations = (Relation("R", "T0", "T1"), Relation("R", "T1", "T2"))
    document = Document("d", "abc", (a, b, c), relations, (Group("G", ("T0", "T1", "T2")), Group("G", ("T0", "T2"))))
    left = with_entities(document, [a, b])
    assert left.relations == (Relation("R", "T0", "T1", id="R1"),)
    assert left.groups == (Group("G", ("T0", "T1")),)
