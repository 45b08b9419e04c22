"""BioC as XML and JSON: passages become one text, offsets of the document, locations fragments; units of offsets."""

import gzip
import json
from pathlib import Path

import pytest

from epicrisis.corpora import WRITERS, Report, read
from epicrisis.document import Attribute, Code, Document, Entity, Group, Relation


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    from_json, from_xml = read("bioc", fixtures / "bioc", report)
    codes = (Code("MESH", "D999991"),)
    assert from_xml == Document(
        "n1",
        "😀 Rash.\n  Left and right arm.\nCough.",
        (
            Entity("Sign", ((2, 6),), "T1", attributes={"sure": Attribute("yes")}, codes=codes),
            Entity("Body", ((10, 14), (25, 28)), "T2"),
            Entity("Body", ((19, 28),), "T3"),
        ),
        (Relation("AT", "T1", "T2", "R1", roles=("what", "where")),),
        (Group("SAME", ("T1", "T2", "T3")),),
        meta={"kind": "ward"},
    )
    assert from_json == Document("n2", "Rash.", (Entity("Sign", ((0, 4),), "1", codes=(*codes, Code("OMIM", "1"))),))
    assert not len(report)


def test_the_library_of_its_authors_reads_the_same(fixtures: Path) -> None:
    biocxml = pytest.importorskip("bioc.biocxml")
    (theirs,) = biocxml.load(str(fixtures / "bioc" / "notes.xml")).documents
    (ours,) = read("bioc", fixtures / "bioc" / "notes.xml")
    held = {
        (a.id, a.infons["type"], tuple((at.offset, at.end) for at in a.locations))
        for passage in theirs.passages
        for a in [*passage.annotations, *(b for sentence in passage.sentences for b in sentence.annotations)]
    }
    assert {(e.id, e.type, e.fragments) for e in ours.entities} == held
    for passage in theirs.passages:
        for part in (passage, *passage.sentences):
            assert not part.text or ours.text[part.offset :].startswith(part.text)


def test_the_library_writes_what_is_read(fixtures: Path, tmp_path: Path) -> None:
    bioc = pytest.importorskip("bioc")
    from bioc import biocjson, biocxml

    collection = biocxml.load(str(fixtures / "bioc" / "notes.xml"))
    assert bioc
    with (tmp_path / "a.json").open("w", encoding="utf-8") as file:
        biocjson.dump(collection, file)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(biocxml.dumps(collection).encode("utf-8")))
    (expected,) = read("bioc", fixtures / "bioc" / "notes.xml")
    for name in ("a.json", "b.xml.gz"):
        assert list(read("bioc", tmp_path / name)) == [expected]


def one(annotations: list[dict[str, object]], text: str = "Secret 😀é rash", **rest: object) -> str:
    return json.dumps(
        {"documents": [{"id": "n", "passages": [{"offset": 0, "text": text, "annotations": annotations}], **rest}]}
    )


def mention(id: str, start: int, length: int, words: str = "rash") -> dict[str, object]:
    return {"id": id, "infons": {"type": "Sign"}, "text": words, "locations": [{"offset": start, "length": length}]}


@pytest.mark.parametrize(("start", "unit"), [(14, "UTF-8 bytes"), (11, "UTF-16 units")])
def test_other_units_of_offsets_are_recognised(start: int, unit: str, tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text(one([mention("1", start, 4)]))
    report = Report()
    (document,) = read("bioc", tmp_path, report)
    assert document.words(document.entities[0]) == "rash"
    assert f"1 of 1 mentions match the text only if their offsets count {unit}; read so" in str(report)


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 1), ("utf-16-le", 2), ("utf-32-le", 4)])
@pytest.mark.parametrize("name", ["documents", "PubTator3"])
def test_passages_lie_where_their_offsets_say_in_any_unit(encoding: str, width: int, name: str, tmp_path: Path) -> None:
    """The offset of the second passage counts what that of an annotation does."""
    texts = ["😀é rash", "é cough, 😀 fever"]
    whole = "\n".join(texts)

    def size(text: str) -> int:
        return len(text.encode(encoding)) // width

    def held(text: str, *words: str) -> dict[str, object]:
        begin = whole.index(text)
        marked = [mention(word, size(whole[: whole.index(word)]), size(word), word) for word in words]
        return {"offset": size(whole[:begin]), "text": text, "annotations": marked}

    passages = [held(texts[0], "rash"), held(texts[1], "cough", "fever")]
    (tmp_path / "n.json").write_text(json.dumps({name: [{"id": "n", "passages": passages}]}))
    (document,) = read("bioc", tmp_path, Report())
    assert document.text == whole
    assert [document.words(entity) for entity in document.entities] == ["rash", "cough", "fever"]


@pytest.mark.parametrize(
    ("content", "cause", "number"),
    [
        (one([mention("1", 10, 4), mention("2", 10, 99)]), "2: fragment 10-109 is out of range; the text has 14", 1),
        (one([mention("1", 10, 4), mention("1", 10, 4)]), "1 stands twice; the first was kept", 1),
        (one([mention("1", 10, 4), mention("2", 0, 6, "rash")]), "2: its words are not those at its offsets", 2),
        (one([mention("1", 10, 4), {"id": "2", "infons": {"type": "X"}}]), "2: it has no location, or one that", 1),
        (
            one([mention("1", 10, 4), {"id": "2", "locations": [{"offset": 0, "length": 6}]}]),
            "2: it has no infon 'type', and was left out",
            1,
        ),
        (
            one([mention("1", 10, 4)], relations=[{"id": "R", "nodes": [{"refid": "1"}, {"refid": "9"}]}]),
            "R: it refers to an annotation that is not there",
            1,
        ),
        (one([mention("1", 10, 4)])[:-4], "no JSON (JSONDecodeError): the file is cut off or damaged", 0),
        ("[3]", "document 1 is no object with passages", 0),
        ('{"documents": 3}', "it is no BioC: there is no list of documents", 0),
        ("<html></html>", "the outermost element is not <collection>", 0),
    ],
)
def test_a_bad_part_costs_itself(content: str, cause: str, number: int, tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text(content)
    report = Report()
    entities = [entity for document in read("bioc", tmp_path, report) for entity in document.entities]
    assert len(entities) == number
    (problem,) = report
    assert problem.cause.startswith(cause)
    assert "ecret" not in problem.cause


def test_a_collection_that_was_cut_off_gives_the_documents_before(tmp_path: Path) -> None:
    document = "<document><id>{}</id><passage><offset>0</offset><text>Rash</text></passage></document>\n"
    whole = f"<collection>\n{document.format('a')}{document.format('b')}</collection>"
    (tmp_path / "n.xml").write_text(whole[: whole.index("</text>", whole.index("<id>b"))])
    report = Report()
    assert [d.id for d in read("bioc", tmp_path, report)] == ["a"]
    (problem,) = report
    assert problem.line == 3
    (tmp_path / "n.xml").write_text(whole.replace("<collection>", '<!DOCTYPE c [<!ENTITY a "x">]><collection>'))
    assert list(read("bioc", tmp_path, report)) == []
    assert report.problems[-1].cause.startswith("it declares an entity")


def test_passages_that_overlap_are_put_one_after_the_other(tmp_path: Path) -> None:
    passages = [{"offset": 0, "text": "Title"}, {"offset": 0, "text": "A rash", "annotations": [mention("1", 2, 4)]}]
    (tmp_path / "n.json").write_text(json.dumps({"documents": [{"id": "n", "passages": passages}]}))
    report = Report()
    (document,) = read("bioc", tmp_path, report)
    assert (document.text, document.words(document.entities[0])) == ("Title\nA rash", "rash")
    assert report.counts["passages whose offsets overlap or leave a large gap, put one after the other"] == 1


def test_infons_that_are_not_of_our_form_stay_attributes(tmp_path: Path) -> None:
    infons = {"score": "high", "note": "seen", "event": "no", "code": "1", "cue:sure": "5-99", "score:x": "0.5"}
    infons |= {"sure": "yes", "score:sure": "0.25", "type": "Sign"}
    other = {"id": "2", "infons": {"type": "Body", "score": "0.5"}, "locations": [{"offset": 0, "length": 6}]}
    pair = {"id": "R", "infons": {"type": "SAME", "group": "true"}, "nodes": [{"refid": "1"}, {"refid": "2"}]}
    content = one([{**mention("1", 10, 4), "infons": infons}, other], relations=[pair])
    (tmp_path / "n.json").write_text(content)
    (document,) = read("bioc", tmp_path)
    assert {entity.id: entity for entity in document.entities} == {
        "1": Entity(
            "Sign",
            ((10, 14),),
            "1",
            note="seen",
            attributes={
                **{name: Attribute(infons[name]) for name in ("score", "event", "code", "cue:sure", "score:x")},
                "sure": Attribute("yes", 0.25),
            },
        ),
        "2": Entity("Body", ((0, 6),), "2", score=0.5),
    }
    assert document.groups == (Group("SAME", ("1", "2")),)


@pytest.mark.parametrize(
    "name", ["identifier", "MESH", "omim", "type", "code system 2", "group", "cue:x", "attribute:y"]
)
def test_an_attribute_by_a_name_that_means_something_comes_back_as_one(name: str, tmp_path: Path) -> None:
    document = Document("n", "rash", (Entity("Sign", ((0, 4),), "T1", attributes={name: Attribute("a:b", 0.5)}),))
    assert not WRITERS["bioc-xml"].write([document], tmp_path / "n.xml")
    assert list(read("bioc", tmp_path)) == [document]
