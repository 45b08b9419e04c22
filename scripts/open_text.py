"""Plain English medical text from ten open sources, as one .jsonl for `epicrisis pretrain words`.

    python scripts/open_text.py FOLDER OUT.jsonl

FOLDER holds a folder for each source, named as in SOURCES, with the files as their projects publish them (gzipped).
What each is, and its licence: MTSamples (CC0 as its collector states), MedQuAD (CC BY 4.0), ACI-BENCH (CC BY 4.0),
MTS-Dialog (CC BY 4.0), PriMock57 (CC BY 4.0), PubMedQA (MIT), GENIA (CC BY 3.0), BC5CDR and NCBI-disease (public
domain notices), PHEE (MIT). A PubMed abstract has its PubMed id as document id, so that it can be held out.
"""

import csv
import gzip
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from epicrisis.corpora import jsonl
from epicrisis.document import Document

csv.field_size_limit(10**9)
Texts = Iterator[tuple[str, str]]


def main(folder: Path, out: Path) -> None:
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        for name, read in SOURCES.items():
            count = 0
            for count, (id, text) in enumerate(read(folder / name), start=1):  # noqa: B007
                lines.write(jsonl.line(Document(id, text, meta={"source": name})) + "\n")
            print(f"{name}: {count:,} texts")


def opened(file: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(gzip.open(file), encoding="utf-8")


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


SOURCES: dict[str, Callable[[Path], Texts]] = {
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
}

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
