"""MACCROBAT as the Hugging Face hub has it: one JSON of flattened entities. It is not the gold of `maccrobat-2020`.

Source    huggingface.co/datasets/ktgiahieu/maccrobat2018_2020 and other copies, MACCROBAT2020-V2.json
Licence   CC BY 4.0
Cite      Caufield et al. (2019), medRxiv 19009118
Files     *.json: {"data": [{"full_text", "ner_info": [{"text", "label", "start", "end"}], "tokens", "ner_labels"}]}, or
          an array or lines of such records; a record with `tokens` and `tags` alone is read, too

Types are upper-cased; relations, events and attributes are missing, and where mentions overlap, one was dropped (1,309,
1,072 and 725 of DISEASE_DISORDER, MEDICATION and DATE are reported, against 1,362, 1,080 and 735). Read the brat files
of figshare (`maccrobat-2020`) where you can.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from epicrisis.corpora.contracts import Corpus
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked
from epicrisis.corpora.files.layout import joined
from epicrisis.corpora.files.records import Ids, Record, made, name_of, objects
from epicrisis.corpora.files.sources import Source, ending, sources
from epicrisis.corpora.formats import conll
from epicrisis.corpora.report import Report
from epicrisis.document import Document, Entity


def read(path: Path, report: Report) -> Iterator[Document]:
    """Raises CorpusError where the path does not exist or holds no such file."""
    return _read(sources(path, ending(".json", ".jsonl"), "MACCROBAT2020-V2.json or other *.json"), report)


def _read(files: Sequence[Source], report: Report) -> Iterator[Document]:
    ids = Ids(report)
    for file in files:
        for number, (line, record) in enumerate(objects(file, report), start=1):
            id = name_of(record, f"{file.id}-{number}")
            place = (file.name, line)
            if isinstance(record.get("full_text"), str):
                document = _annotated(record, id, place, report)
            else:
                document = _tagged(record, id, place, report)
            if document is not None:
                yield ids.once(document, place, f"{file.id}-{number}")


def _annotated(record: Record, id: str, place: tuple[str, int], report: Report) -> Document | None:
    text = record["full_text"]
    stated: list[tuple[Stated, str]] = []
    items = record.get("ner_info")
    for number, item in enumerate(items if isinstance(items, list) else (), start=1):
        held = item if isinstance(item, Mapping) else {}
        start, end, type, words = (held.get(key) for key in ("start", "end", "label", "text"))
        if not (isinstance(start, int) and isinstance(end, int) and isinstance(type, str) and type):
            report.add(*place, f"entity {number}: it is no object with start, end and label")
            continue
        stated.append((Stated(*place, f"T{number}", ((start, end),), words if isinstance(words, str) else None), type))
    text = annotated_version(text, place[0], [one for one, _ in stated], report)
    entities = [Entity(type, spans, one.id) for one, type in stated if (spans := checked(one, text, report))]
    return made(place, report, id, text, entities=tuple(entities))


def _tagged(record: Record, id: str, place: tuple[str, int], report: Report) -> Document | None:
    tokens = record.get("tokens")
    tags = record.get("tags") or record.get("ner_labels")
    good = isinstance(tokens, list) and isinstance(tags, list) and len(tokens) == len(tags)
    if not good or not all(isinstance(one, str) and one for one in [*(tokens or ()), *(tags or ())]):
        report.add(*place, "a record needs full_text and ner_info, or as many tokens as tags")
        return None
    text, (row,) = joined([tokens or []])
    found = conll.mentions(tags or [], report)
    entities = tuple(Entity(type, ((row[first][0], row[last][1]),)) for type, first, last in found)
    return made(place, report, id, text, entities=entities)


CORPUS = Corpus(
    name="maccrobat-json",
    title="MACCROBAT as flattened JSON (Hugging Face); another gold than maccrobat-2020",
    read=read,
    licence="CC BY 4.0",
    citation="Caufield et al. 2019, medRxiv 19009118",
    languages=("en",),
    where="https://huggingface.co/datasets/ktgiahieu/maccrobat2018_2020",
)
