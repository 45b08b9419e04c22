"""CoNLL, Doccano, Label Studio and BioC: what the files hold, letter by letter or as other libraries read it."""

import json
from itertools import groupby
from pathlib import Path

import pytest
from bioc import biocxml
from hypothesis import given, settings
from seqeval.metrics.sequence_labeling import get_entities

from epicrisis.corpora import read
from epicrisis.corpora.writers import WRITERS
from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.text import tokens

from ..generated import documents

NOTE = Document(
    "a",
    "😀 左腿 pain. Took\r\naspirin 5mg.",
    (
        Entity("Body", ((2, 4),), "T1"),
        Entity("Sign", ((2, 9),), "T2", attributes={"sure": Attribute(True)}, note="seen"),
        Entity("Drug", ((17, 24),), "T3"),
        Entity("Dose", ((25, 27),), "T4"),
    ),
    (Relation("Dose-Drug", "T4", "T3"),),
    meta={"ward": 3},
)


def test_conll_is_this(tmp_path: Path) -> None:
    lost = WRITERS["conll"].write([NOTE], tmp_path / "out.conll")
    assert (tmp_path / "out.conll").read_text("utf-8").splitlines() == [
        "-DOCSTART-\ta\t-X-\tO",
        "",
        "😀\t0\t1\tO",
        "左\t2\t3\tB-Sign",
        "腿\t3\t4\tI-Sign",
        "pain\t5\t9\tI-Sign",
        ".\t9\t10\tO",
        "",
        "Took\t11\t15\tO",
        "",
        "aspirin\t17\t24\tB-Drug",
        "5\t25\t26\tB-Dose",
        "mg\t26\t28\tI-Dose",
        ".\t28\t29\tO",
        "",
    ]
    assert lost["mentions that overlap a longer one or have no token"] == 1
    assert lost["mentions widened to whole tokens"] == 1
    assert lost["relations"] == 1


def test_a_sentence_does_not_end_within_a_mention(tmp_path: Path) -> None:
    text = "pain\nof arm\nhome"
    WRITERS["conll"].write([Document("d", text, (Entity("My Sign", ((0, 11),)),))], tmp_path / "out.conll")
    lines = (tmp_path / "out.conll").read_text("utf-8").splitlines()[2:]
    assert [line.rpartition("\t")[2] for line in lines] == ["B-My_Sign", "I-My_Sign", "I-My_Sign", "", "O", ""]


@settings(max_examples=100, deadline=None)
@given(document=documents())
def test_conll_keeps_all_mentions_that_are_flat_and_at_tokens(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    """Where none overlap, seqeval finds in the columns what the document holds."""
    starts, ends = zip(*tokens(document.text), strict=True) if document.text.strip() else ((), ())
    entities: list[Entity] = []
    for entity in document.entities:
        alone = not entities or entities[-1].end <= entity.start
        if alone and len(entity.fragments) == 1 and entity.start in starts and entity.end in ends:
            entities.append(entity)
    flat = Document("d", document.text, tuple(entities))
    file = tmp_path_factory.getbasetemp() / "out.conll"
    WRITERS["conll"].write([flat], file)
    rows = [line.split("\t") for line in file.read_text("utf-8").split("\n")[1:] if line]
    assert all(flat.text[int(start) : int(end)] == token for token, start, end, _ in rows)
    assert [(int(row[1]), int(row[2])) for row in rows] == list(tokens(flat.text))
    found = [
        (type, int(rows[first][1]), int(rows[last][2])) for type, first, last in get_entities([r[3] for r in rows])
    ]
    assert found == [("_".join(e.type.split()) or "_", e.start, e.end) for e in flat.entities]


def test_doccano_is_read_by_our_own_reader_as_stretches(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    second = Document(
        "b", "x y z", (Entity("X", ((0, 1), (4, 5)), "gap"),), meta={"text": "taken", "schema": 2, "_x": 1, "day": 3}
    )
    lost = WRITERS["doccano"].write([NOTE, second], file)
    records = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert records[0] == {
        "id": "a",
        "text": NOTE.text,
        "ward": 3,
        "entities": [
            {"id": 1, "label": "Sign", "start_offset": 2, "end_offset": 9},
            {"id": 2, "label": "Body", "start_offset": 2, "end_offset": 4},
            {"id": 3, "label": "Drug", "start_offset": 17, "end_offset": 24},
            {"id": 4, "label": "Dose", "start_offset": 25, "end_offset": 27},
        ],
        "relations": [{"id": 1, "from_id": 4, "to_id": 3, "type": "Dose-Drug"}],
        "Comments": [],
    }
    assert records[1]["meta"] == {"text": "taken", "schema": 2, "_x": 1}
    first, again = read("jsonl", file)
    assert (first.meta, again.meta) == (NOTE.meta, second.meta)
    assert [(e.type, e.fragments) for e in first.entities] == [(e.type, e.fragments) for e in NOTE.entities]
    assert [(r.type, r.head, r.tail) for r in first.relations] == [("Dose-Drug", "4", "3")]
    assert [(e.id, e.fragments) for e in again.entities] == [("5", ((0, 5),))]
    assert lost == {
        "ids of entities": 5,
        "ids of relations": 1,
        "attributes of entities": 1,
        "notes of entities": 1,
        "gaps in mentions: written from first to last character": 1,
    }


def test_label_studio_gets_regions_choices_and_relations(tmp_path: Path) -> None:
    scored = Document("b", "fever", (Entity("Sign", ((0, 5),), "T1", score=0.5),), meta={"model": "en"})
    WRITERS["label-studio"].write([NOTE, scored], tmp_path / "out.json")
    first, second = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert first["data"] == {"text": NOTE.text, "id": "a", "meta": {"ward": 3}}
    (annotation,) = first["annotations"]
    kinds = {kind: list(items) for kind, items in groupby(sorted(annotation["result"], key=_kind), _kind)}
    for region in kinds["labels"]:
        value = region["value"]
        assert NOTE.text[value["start"] : value["end"]] == value["text"]
    assert [(region["id"], region["value"]["labels"]) for region in kinds["labels"]] == [
        ("T2", ["Sign"]),
        ("T1", ["Body"]),
        ("T3", ["Drug"]),
        ("T4", ["Dose"]),
    ]
    assert kinds["labels"][0]["meta"] == {"text": ["seen"]}
    assert [(one["id"], one["from_name"], one["value"]["choices"]) for one in kinds["choices"]] == [
        ("T2", "sure", ["true"])
    ]
    assert kinds["relation"] == [
        {"from_id": "T4", "to_id": "T3", "type": "relation", "direction": "right", "labels": ["Dose-Drug"]}
    ]
    assert second["predictions"][0]["model_version"] == "en"
    assert second["predictions"][0]["result"][0]["score"] == 0.5
    assert "annotations" not in second


def _kind(item: dict[str, object]) -> str:
    return str(item["type"])


def test_bioc_xml_follows_its_dtd(tmp_path: Path) -> None:
    """Orders of elements that a library would forgive."""
    from lxml import etree

    dtd = """
    <!ELEMENT collection (source, date, key, infon*, document+)> <!ELEMENT source (#PCDATA)> <!ELEMENT date (#PCDATA)>
    <!ELEMENT key (#PCDATA)> <!ELEMENT infon (#PCDATA)> <!ATTLIST infon key CDATA #REQUIRED>
    <!ELEMENT document (id, infon*, passage+, relation*)> <!ELEMENT id (#PCDATA)>
    <!ELEMENT passage (infon*, offset, ((text?, annotation*) | sentence*), relation*)> <!ELEMENT offset (#PCDATA)>
    <!ELEMENT text (#PCDATA)> <!ELEMENT sentence (#PCDATA)>
    <!ELEMENT annotation (infon*, location*, text)> <!ATTLIST annotation id CDATA #IMPLIED>
    <!ELEMENT location EMPTY> <!ATTLIST location offset CDATA #REQUIRED length CDATA #REQUIRED>
    <!ELEMENT relation (infon*, node*)> <!ATTLIST relation id CDATA #IMPLIED>
    <!ELEMENT node EMPTY> <!ATTLIST node refid CDATA #REQUIRED role CDATA "">
    """
    import io

    WRITERS["bioc-xml"].write([NOTE, Document("b", "<&>\x0b\r\n")], tmp_path / "out.xml")
    data = (tmp_path / "out.xml").read_bytes()
    rules = etree.DTD(io.StringIO(dtd))
    assert rules.validate(etree.fromstring(data)), rules.error_log
    collection = biocxml.loads(data.decode())
    assert collection.documents[1].passages[0].text == "<&>\ufffd\r\n"
    assert [a.text for a in collection.documents[0].passages[0].annotations] == ["左腿 pain", "左腿", "aspirin", "5m"]
