"""Reading brat: what each line becomes, and which version of the text its offsets mean."""

from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import brat
from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError


def pair(folder: Path, text: str, *lines: str, name: str = "note", end: str = "\n") -> Path:
    (folder / f"{name}.txt").write_bytes(text.encode())
    (folder / f"{name}.ann").write_bytes("".join(line + end for line in lines).encode())
    return folder


def test_a_note_with_every_kind_of_line_gives_this_document(fixtures: Path) -> None:
    admission, _ = read("brat", fixtures / "brat")
    assert admission == Document(
        "admission",
        "Man, 58, was given oral velotrine 15 mg.\nNight sweats and right arm pain settled.\n",
        (
            Entity("Sex", ((0, 3),), "T1"),
            Entity("Age", ((5, 7),), "T2"),
            Entity("Medication", ((24, 33),), "T3", codes=(Code("MADEUP", "V07.1", "velotrine, oral"),), event=True),
            Entity("Dosage", ((34, 39),), "T4"),
            Entity(
                "Sign_symptom",
                ((41, 53),),
                "T5",
                attributes={"TREND": Attribute("DEC")},
                note="looked at twice",
                event=True,
            ),
            Entity("Sign_symptom", ((58, 72),), "T6", attributes={"POLARITY": Attribute(True)}, event=True),
            Entity("Biological_structure", ((58, 67),), "T7"),
        ),
        (Relation("MODIFY", "T4", "T3", "R1", note="by hand"),),
        (Group("OVERLAP", ("T5", "T6")),),
    )


def test_folders_nest_and_spans_may_do_what_they_like(fixtures: Path) -> None:
    _, second = read("brat", fixtures / "brat")
    assert second.id == "ward/day-2"
    assert [(entity.type, entity.fragments, second.words(entity)) for entity in second.entities] == [
        ("Sign_symptom", ((2, 13), (23, 27)), "Swelling of foot"),  # after an emoji, one code point
        ("Sign_symptom", ((2, 18),), "Swelling of hand"),
        ("Detailed_description", ((14, 22), (23, 27)), "hand and foot"),  # the gap is a newline
        ("Disease_disorder", ((29, 37),), "low mood"),
        ("History", ((29, 37),), "low mood"),  # two types on one span
        ("Time", ((33, 44),), "mood, worse"),  # crosses it
    ]


def test_arguments_of_events_become_relations_to_their_triggers(fixtures: Path) -> None:
    (document,) = read("brat", fixtures / "bionlp")
    assert [entity.id for entity in document.entities if entity.event] == ["T3", "T4"]
    assert [(r.id, r.type, r.head, r.tail, r.event) for r in document.relations] == [
        ("E1.Theme", "Theme", "T3", "T1", True),
        ("E1.Theme2", "Theme", "T3", "T2", True),  # the digit is no part of the role
        ("E2.Cause", "Cause", "T4", "T3", True),  # E1 means its trigger
        ("E2.Theme", "Theme", "T4", "T2", True),
    ]


def test_a_second_event_on_one_trigger_is_an_entity_of_its_own(tmp_path: Path) -> None:
    pair(
        tmp_path,
        "pain",
        "T9\tSign 0 4\tpain",
        "E1\tSign:T9",
        "E2\tSign:T9",
        "A1\tTREND E1 INC",
        "A2\tTREND E2 DEC",
        "R1\tBEFORE Arg1:E1 Arg2:E2",
    )
    (document,) = read("brat", tmp_path)
    first, second = document.entities
    assert (first.id, second.id, first.fragments == second.fragments) == ("T9", "T10", True)
    assert (first.attributes["TREND"].value, second.attributes["TREND"].value) == ("INC", "DEC")
    assert (document.relations[0].head, document.relations[0].tail) == ("T9", "T10")


def test_relations_point_from_arg1_to_arg2_in_whatever_order_they_stand(tmp_path: Path) -> None:
    pair(
        tmp_path,
        "a b",
        "T1\tX 0 1\ta",
        "T2\tX 2 3\tb",
        "R1\tREL Arg2:T1 Arg1:T2",
        "R2\tREL Whole:T1 Part:T2",
    )
    (document,) = read("brat", tmp_path)
    assert [(r.head, r.tail, r.roles) for r in document.relations] == [
        ("T2", "T1", ("Arg1", "Arg2")),
        ("T1", "T2", ("Whole", "Part")),
    ]


def test_notes_on_one_target_are_joined_line_by_line(tmp_path: Path) -> None:
    lines = ["T1\tX 0 1\ta", *(f"#{n}\tAnnotatorNotes T1\t{text}" for n, text in enumerate(["one", "", "two\tx"], 1))]
    (document,) = read("brat", pair(tmp_path, "a", *lines))
    assert document.entities[0].note == "one\n\ntwo\tx"


def test_lines_end_at_newlines_only(tmp_path: Path) -> None:
    text = "a\x0b\x0c\x1c\x85\u2028b\x00c"
    (document,) = read("brat", pair(tmp_path, text, f"T1\tX 0 {len(text)}\t{text}"))
    assert document.words(document.entities[0]) == text


def test_crlf_counts_as_two_characters(tmp_path: Path) -> None:
    pair(tmp_path, "one\r\ntwo\r\n", "T1\tX 5 8\ttwo", end="\r\n")
    (document,) = read("brat", tmp_path)
    assert document.text == "one\r\ntwo\r\n"
    assert document.words(document.entities[0]) == "two"


@pytest.mark.parametrize(
    ("text", "line", "read_as", "cause"),
    [
        ("one\r\ntwo", "T1\tX 4 7\ttwo", "one\ntwo", "after CRLF -> LF; it was read with LF"),
        ("one\ntwo", "T1\tX 5 8\ttwo", "one\r\ntwo", "after LF -> CRLF; it was read with CRLF"),
        ("\ufeffone two", "T1\tX 4 7\ttwo", "one two", "without its byte order mark (U+FEFF); it was read without"),
        (
            "\ufeffone\r\ntwo",
            "T1\tX 4 7\ttwo",
            "one\ntwo",
            "without its byte order mark and after CRLF -> LF; it was read so",
        ),
    ],
)
def test_a_text_that_changed_since_it_was_annotated_is_named(
    tmp_path: Path, text: str, line: str, read_as: str, cause: str
) -> None:
    report = Report()
    (document,) = read("brat", pair(tmp_path, text, line), report)
    assert document.text == read_as
    assert str(report) == f"{tmp_path / 'note.txt'}: 1 of 1 mentions match the text only {cause}"
    with pytest.raises(CorpusError, match="1 of 1 mentions"):
        list(read("brat", tmp_path))


def test_a_byte_order_mark_that_was_counted_stays(tmp_path: Path) -> None:
    (document,) = read("brat", pair(tmp_path, "\ufeffone two", "T1\tX 5 8\ttwo"))
    assert document.text == "\ufeffone two"


def test_white_space_case_and_gaps_are_counted_and_no_problem(tmp_path: Path) -> None:
    pair(
        tmp_path,
        "Low  mood and LOW mood\nx",
        "T1\tX 0 9\tLow mood",
        "T2\tX 14 22\tlow mood",
        "T3\tX 0 3;14 22\tLow  mood and LOW mood",
        "T4\tX 0 3;14 17\tLowLOW",
        "T5\tX 10 13\tand",
    )
    report = Report()
    (document,) = read("brat", tmp_path, report)
    assert len(document.entities) == 5
    assert not report.problems
    assert report.counts == {
        "mentions whose words differ from the text in white space only": 2,
        "mentions whose words differ from the text in case only": 1,
        "mentions whose words hold the gap between the fragments": 1,
    }


def test_one_file_is_read_with_those_beside_it(fixtures: Path) -> None:
    for suffix in ("txt", "ann"):
        (document,) = read("brat", fixtures / "brat" / f"admission.{suffix}")
        assert (document.id, len(document.entities)) == ("admission", 7)


def test_texts_without_any_annotations_are_documents_without_entities(fixtures: Path) -> None:
    assert [(d.id, d.entities) for d in read("brat", fixtures / "text")] == [("first", ()), ("ward/second", ())]


def test_files_that_are_not_in_pairs_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    pair(tmp_path, "a", "T1\tX 0 1\ta", name="a")
    (tmp_path / "b.txt").write_text("b")
    (tmp_path / "c.ann").write_text("T1\tX 0 1\tc\n")
    (tmp_path / "d.txt").write_bytes(b"ok \xff")
    (tmp_path / "d.ann").write_bytes(b"")
    (tmp_path / "e.txt").write_bytes(b"e")
    (tmp_path / "e.ann").write_bytes(b"T1\tX 0 1\te\n\xe9")
    (tmp_path / "._a.txt").write_bytes(b"\x00\x05")
    report = Report()
    assert [document.id for document in read("brat", tmp_path, report)] == ["a", "b", "e"]
    assert str(report).replace(f"{tmp_path}/", "").split("\n") == [
        "b.txt: there are no annotations (.ann) beside this text, as others have",
        "c.ann: there is no text (.txt) beside these annotations",
        "d.txt: not UTF-8: byte 3 begins no character",
        "e.ann: not UTF-8: byte 11 begins no character",
    ]


def test_the_writer_cuts_mentions_at_line_breaks_and_says_so(tmp_path: Path) -> None:
    entities = (Entity("X", ((0, 8),)), Entity("Y", ((3, 5),)))
    lost = brat.write([Document("d", "one\r\n\ntwo", entities)], tmp_path)
    assert lost == {"entities cut into fragments at a line break": 1, "entities that cover line breaks only": 1}
    assert (tmp_path / "d.ann").read_bytes() == b"T1\tX 0 3;6 8\tone tw\n"
    assert (tmp_path / "d.txt").read_bytes() == b"one\r\n\ntwo"


@pytest.mark.parametrize("id", ["../x", "/etc/x", "a/../../x", "", "a//b", ".hidden", "a\\b", "C:x", "a\0b"])
def test_an_id_never_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    with pytest.raises(CorpusError, match="cannot be a file's name"):
        brat.write_document(Document(id, "text"), tmp_path / "out")
    assert list(tmp_path.rglob("*")) == []


def test_nor_does_a_link(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match="through a link"):
        brat.write_document(Document("link/x", "text"), tmp_path / "out")


def test_two_documents_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="stands twice"):
        brat.write([Document("d", "one"), Document("d", "two")], tmp_path)


@pytest.mark.parametrize(("encoding", "width", "unit"), [("utf-8", 1, "UTF-8 bytes"), ("utf-16-le", 2, "UTF-16 units")])
def test_offsets_of_other_programs_are_recognised(encoding: str, width: int, unit: str, tmp_path: Path) -> None:
    text = "😀é rash on 😀 left arm."

    def place(words: str) -> str:
        ends = (text.index(words), text.index(words) + len(words))
        return " ".join(str(len(text[:end].encode(encoding)) // width) for end in ends)

    annotations = f"T1\tSign {place('rash')}\trash\nT2\tBody {place('left')};{place('arm')}\tleft arm\n"
    (tmp_path / "a.txt").write_bytes(text.encode())
    (tmp_path / "a.ann").write_bytes(annotations.encode())
    report = Report()
    (document,) = read("brat", tmp_path, report)
    assert [document.words(entity) for entity in document.entities] == ["rash", "left arm"]
    assert str(report).endswith(f"a.txt: 2 of 2 mentions match the text only if their offsets count {unit}; read so")
