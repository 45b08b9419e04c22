"""CCKS2019: official file names, the byte order mark, copies in GB 18030, and the published counts."""

import json
from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.published import ccks2019
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


def test_the_official_files_give_these_documents(fixtures: Path) -> None:
    assert list(read("ccks-2019", fixtures / "ccks-2019")) == [
        Document(
            "t-1",
            "查血常规正常。",
            (Entity("实验室检验", ((1, 4),), "T1"),),
            meta={"part": "test", "split": "test"},
        ),
        Document(
            "subtask1_training_part1-1",
            "  患者因胃溃疡入院，予凡洛林口服。",  # leading blanks count
            (Entity("疾病和诊断", ((5, 8),), "T1"), Entity("药物", ((12, 15),), "T2")),
            meta={"split": "train"},
        ),
        Document(
            "subtask1_training_part1-2",
            "行肝部彩超。",
            (Entity("影像检查", ((1, 5),), "T1"), Entity("解剖部位", ((1, 2),), "T2")),
            meta={"split": "train"},
        ),
    ]


def test_a_copy_in_gb18030_is_read_and_said_so(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    record = {"originalText": "胃痛。", "entities": [{"label_type": "解剖部位", "start_pos": 0, "end_pos": 1}]}
    file.write_bytes(json.dumps(record, ensure_ascii=False).encode("gb18030"))
    report = Report()
    (document,) = read("ccks-2019", file, report)
    assert document.words(document.entities[0]) == "胃"
    assert str(report) == f"{file}: not UTF-8: byte 22 begins no character; it was read as GB 18030"
    with pytest.raises(CorpusError, match="GB 18030"):
        list(read("ccks-2019", file))


def test_a_file_in_neither_encoding_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"x": "\xff\xff"}')
    (tmp_path / "b.jsonl").write_bytes(b'{"originalText": "x", "entities": []}')
    report = Report()
    assert [document.id for document in read("ccks-2019", tmp_path, report)] == ["b-1"]
    assert str(report) == f"{tmp_path / 'a.jsonl'}: neither UTF-8 (byte 7) nor GB 18030 (byte 7)"


def test_bad_records_and_entities_are_named(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    items = [
        {"label_type": "X", "start_pos": 0, "end_pos": 9},
        {"label_type": "X", "end_pos": 1},
        {"start_pos": 0, "end_pos": 1},
        "X",
        {"label_type": "X", "start_pos": 0, "end_pos": 1, "overlap": 1},
    ]
    records = [{"text": "x"}, {"originalText": "xyz", "entities": items}]
    file.write_text("\n".join(map(json.dumps, records)), "utf-8")
    report = Report()
    (document,) = read("ccks-2019", file, report)
    assert document.entities[0].attributes["overlap"].value == 1
    assert [(problem.line, problem.cause) for problem in report] == [
        (1, "a record needs the keys originalText (a string) and entities (a list)"),
        (2, "entity 1: it covers characters 0-9, but the text has 3"),
        (2, "entity 2: its offsets are not whole numbers"),
        (2, "entity 3: its type is no name"),
        (2, "entity 4: it is no object"),
    ]


@pytest.mark.corpus
def test_the_real_corpus_has_the_published_counts(real) -> None:
    documents = list(read("ccks-2019", real("ccks-2019")))
    assert len({document.id for document in documents}) == len(documents) == 1379
    mentions = Counter({"train": 0, "test": 0})
    for document in documents:
        mentions[document.meta["split"]] += len(document.entities)
    assert mentions == {"train": 17653, "test": 6002}
    assert Counter(entity.type for document in documents for entity in document.entities) == ccks2019.TYPES
    assert Counter(document.meta["part"] for document in documents) == {"400": 400, "600": 600, "test": 379}
