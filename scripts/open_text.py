"""Plain medical text from open sources, as one .jsonl for `epicrisis pretrain words`.

    python scripts/open_text.py en FOLDER OUT.jsonl
    python scripts/open_text.py zh FOLDER OUT.jsonl

FOLDER holds a folder for each source, named as in SOURCES, with the files as their projects publish them (gzipped or
xz). What each is, and its licence:

en  MTSamples (CC0 as its collector states), MedQuAD (CC BY 4.0), ACI-BENCH (CC BY 4.0), MTS-Dialog (CC BY 4.0),
    PriMock57 (CC BY 4.0), PubMedQA (MIT), GENIA (CC BY 3.0), BC5CDR and NCBI-disease (public domain notices), PHEE
    (MIT). A PubMed abstract has its PubMed id as document id, so that it can be held out.
zh  ChinaXiv papers of 2016-2022, the medical ones and a third of a sample of the others (CC BY 4.0), questions and
    trial criteria of ChineseBLUE (Apache-2.0), Chinese-medical-dialogue-data, internal medicine (MIT), the train part
    of cMedQANER (Apache-2.0). What shares much with the dev or test part of cMedQANER is left out.
"""

import csv
import gzip
import io
import json
import lzma
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document
from epicrisis.training.vectors import without_near_copies

csv.field_size_limit(10**9)
Texts = Iterator[tuple[str, str]]


def main(language: str, folder: Path, out: Path) -> None:
    held_out = [Document(f"{n}", text) for n, text in enumerate(HELD_OUT[language](folder))]
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        for name, read in SOURCES[language].items():
            counts: Counter[str] = Counter()
            texts = (Document(id, text, meta={"source": name}) for id, text in read(folder / name))
            for document in without_near_copies(texts, held_out, counts):
                lines.write(jsonl.line(document) + "\n")
            print(f"{name}: {dict(counts)}")


def opened(file: Path) -> io.TextIOWrapper:
    open_bytes = {".gz": gzip.open, ".xz": lzma.open}.get(file.suffix, open)
    return io.TextIOWrapper(open_bytes(file, "rb"), encoding="utf-8")


def blocks(folder: Path, pattern: str = "*.txt.xz") -> Texts:
    """Texts with a blank line between them."""
    for file in sorted(folder.glob(pattern)):
        with opened(file) as stream:
            for number, text in enumerate(stream.read().split("\n\n"), start=1):
                if text.strip():
                    yield f"{file.name.removesuffix('.txt.xz')}-{number}", text.strip()


def mtsamples(folder: Path) -> Texts:
    for line in opened(folder / "mtsamples_unique.jsonl.gz"):
        record = json.loads(line)
        yield f"mtsamples-{record['id']}", record["text"]


def medquad(folder: Path) -> Texts:
    seen = set()
    for line in opened(folder / "medquad_answered.jsonl.gz"):
        record = json.loads(line)
        if record["answer"] not in seen:
            seen.add(record["answer"])
            yield f"medquad-{record['id']}", f"{record['question']}\n{record['answer']}"


def aci_bench(folder: Path) -> Texts:
    for file in sorted(folder.glob("*.csv.gz")):
        if "metadata" not in file.name:
            for row in csv.DictReader(opened(file)):
                name = f"aci-{file.name.removesuffix('.csv.gz')}-{row['encounter_id']}"
                yield f"{name}-note", row["note"]
                yield f"{name}-dialogue", re.sub(r"\[(doctor|patient)\]", "", row["dialogue"])


def mts_dialog(folder: Path) -> Texts:
    for file in sorted(folder.glob("*.csv.gz")):
        for row in csv.DictReader(opened(file)):
            name = f"mts-{file.name.removesuffix('.csv.gz')}-{row['ID']}"
            yield f"{name}-section", row["section_text"]
            yield f"{name}-dialogue", re.sub(r"(?m)^[A-Z]\w+( \w+)?:", "", row["dialogue"])


def primock57(folder: Path) -> Texts:
    with zipfile.ZipFile(folder / "primock57.zip") as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("notes/") and name.endswith(".json"):
                yield f"primock-{name}", json.loads(archive.read(name))["note"]
            elif name.endswith(".TextGrid"):
                yield f"primock-{name}", " ".join(re.findall(r'text = "(.*)"', archive.read(name).decode("utf-8")))


def pubmedqa(folder: Path) -> Texts:
    for id, record in json.load(opened(folder / "ori_pqal.json.gz")).items():
        yield id, "\n".join([record["QUESTION"], *record["CONTEXTS"], record["LONG_ANSWER"]])


def genia(folder: Path) -> Texts:
    document, sentences = "", []
    for line in opened(folder / "genia_nested5.jsonl.gz"):
        record = json.loads(line)
        if record["doc"] != document and sentences:
            yield f"genia-{document}", "\n".join(sentences)
            sentences = []
        document = record["doc"]
        sentences.append(record["text"])
    yield f"genia-{document}", "\n".join(sentences)


def pubtator(folder: Path) -> Texts:
    for file in sorted(folder.glob("*.txt.gz")):
        parts: dict[str, list[str]] = {}
        for line in opened(file):
            if match := re.match(r"(\d+)\|[ta]\|(.*)", line):
                parts.setdefault(match[1], []).append(match[2])
        for id, pieces in parts.items():
            yield id, "\n".join(pieces)


def phee(folder: Path) -> Texts:
    for part in ("train", "dev", "test"):
        for line in opened(folder / f"phee_v2_{part}.jsonl.gz"):
            record = json.loads(line)
            yield record["id"].split("_")[0], record["context"]


def chinaxiv_general(folder: Path) -> Texts:
    return blocks(folder, "*_1.txt.xz")


def cmedqaner(folder: Path, *parts: str) -> Texts:
    for part in parts or ("train",):
        for line in opened(folder / f"{part}.jsonl"):
            record = json.loads(line)
            yield f"cmedqaner-{record['id']}", record["text"]


SOURCES: dict[str, dict[str, Callable[[Path], Texts]]] = {
    "en": {
        "mtsamples": mtsamples,
        "medquad": medquad,
        "aci-bench": aci_bench,
        "mts-dialog": mts_dialog,
        "primock57": primock57,
        "pubmedqa": pubmedqa,
        "genia": genia,
        "bc5cdr": pubtator,
        "ncbi-disease": pubtator,
        "phee": phee,
    },
    "zh": {
        "chinaxiv-medical": blocks,
        "chinaxiv-general": chinaxiv_general,
        "chineseblue-text": blocks,
        "toyhom-medical-dialogue": blocks,
        "cmedqaner": cmedqaner,
    },
}
HELD_OUT: dict[str, Callable[[Path], list[str]]] = {
    "en": lambda folder: [],  # `epicrisis pretrain words --corpus` leaves out what is like its dev and test part
    "zh": lambda folder: [text for _, text in cmedqaner(folder / "cmedqaner", "dev", "test")],
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
