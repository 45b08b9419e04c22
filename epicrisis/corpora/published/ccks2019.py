"""CCKS2019 task 1 (Yidu-S4K): 1,379 Chinese records with six types of entity, flat.

Source    OpenKG, "Yidu-S4K", by Yidu Cloud; the data of the CCKS2019 evaluation task 1
Licence   non-commercial research, as OpenKG's page is quoted; not established from here. Use it, never pass it on
Cite      Han et al. (2020), "Overview of the CCKS 2019 Knowledge Graph Evaluation Track", arXiv:2003.03875
Files     `subtask1_training_part1.txt`, `subtask1_training_part2.txt`, `subtask1_test_set_with_answer.json`, all of
          them JSON lines, or any `*.jsonl` of such records; one file or a folder

A record is `{"originalText", "entities": [{"label_type", "start_pos", "end_pos"}]}`, offsets in characters from 0, the
end exclusive. The training files begin with a byte order mark, which is no part of any text. The often quoted 5,363 and
1,816 entities are unique strings; there are 17,653 and 6,002 mentions. `meta` holds `split` (train or test, by `part`
or the file's name) and every other key of the record. The split of the package divides the 1,000 records for training
at 7:3, as the overview paper does, in our own way: the paper lists none.
"""

from collections.abc import Iterator
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.records import Ids, Record, entity, is_value, made, name_of, parsed
from epicrisis.corpora.files.sources import BOM, Source, chinese_text_of, ending, sources
from epicrisis.corpora.report import Report
from epicrisis.document import Attribute, Document
from epicrisis.errors import DocumentError

OFFICIAL = ("subtask1_training_part1.txt", "subtask1_training_part2.txt", "subtask1_test_set_with_answer.json")
COUNTS = {"documents": 1379, "entities": 23655}
TYPES = {
    "疾病和诊断": 4212 + 1323,
    "影像检查": 969 + 348,
    "实验室检验": 1195 + 590,
    "手术": 1029 + 162,
    "药物": 1822 + 485,
    "解剖部位": 8426 + 3094,
}


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return _read(sources(path, ending(*OFFICIAL, ".jsonl"), "the files subtask1_* of CCKS2019 or *.jsonl"), report)


def _read(files: list[Source], report: Report) -> Iterator[Document]:
    ids = Ids(report)
    for file in files:
        for number, line in enumerate((chinese_text_of(file, report) or "").removeprefix(BOM).split("\n"), start=1):
            record = parsed(line, file.name, number, report) if line.strip() else None
            document = None if record is None else _document(record, file, number, report)
            if document is not None:
                yield ids.once(document, (file.name, number), f"{file.path.stem}-{number}")


def _document(record: Record, file: Source, number: int, report: Report) -> Document | None:
    place = (file.name, number)
    text, items = record.get("originalText"), record.get("entities")
    if not isinstance(text, str) or not isinstance(items, list):
        report.add(*place, "a record needs the keys originalText (a string) and entities (a list)")
        return None
    entities = []
    for index, item in enumerate(items, start=1):
        try:
            if not isinstance(item, dict):
                raise DocumentError("it is no object")
            span, overlap = (item.get("start_pos"), item.get("end_pos")), item.get("overlap")
            attributes = {"overlap": Attribute(overlap)} if overlap and is_value(overlap) else {}  # 0 as published
            entities.append(entity(item.get("label_type"), *span, text, attributes=attributes))
        except DocumentError as error:
            report.add(*place, f"entity {index}: {error}")
    meta = {key: value for key, value in record.items() if key not in ("id", "originalText", "entities")}
    meta.setdefault("split", "test" if "test" in f"{record.get('part', file.path.name)}" else "train")
    return made(place, report, name_of(record, f"{file.path.stem}-{number}"), text, entities=tuple(entities), meta=meta)


CORPUS = Corpus(
    name="ccks-2019",
    title="CCKS2019 task 1 / Yidu-S4K: Chinese records with six types of entity",
    read=read,
    licence="non-commercial research (OpenKG); do not pass on",
    citation="Han et al. 2020, arXiv:2003.03875; Yidu Cloud, Yidu-S4K, OpenKG",
    languages=("zh",),
    where="http://openkg.cn/dataset/yidu-s4k",
    counts=COUNTS,
    types=TYPES,
    folders=("ccks2019", "ccks2019-yidu-s4k", "yidu-s4k"),
    has_split=True,
    scheme="ccks",
)
