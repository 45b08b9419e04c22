"""Comments to label with a teacher: GoEmotions, and the train parts of both files of NHS patient feedback.

    python scripts/unlabelled_comments.py DATA OUT.jsonl

A text that stands in a dev or test part of either file is left out. GoEmotions' dev part stays one.
"""

import sys
from pathlib import Path

from epicrisis.cli.train import read_split
from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document

NHS = ("nhs-feedback", "nhs-criticality")


def main(data: Path, out: Path) -> None:
    parts: dict[str, str] = {}
    for document in read("goemotions", data / "goemotions", Report()):
        parts.setdefault(document.text, "dev" if document.meta.get("split") == "dev" else "train")
    held_out: set[str] = set()
    for name in NHS:
        documents, split = read_split(name, data / "nhs-patient-feedback", None, Report())
        held_out |= {documents[id].text for part in ("dev", "test") for id in split[part]}
        parts |= dict.fromkeys((documents[id].text for id in split["train"]), "train")
    parts = {text: part for text, part in parts.items() if text not in held_out}
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        for number, (text, part) in enumerate(parts.items()):
            lines.write(jsonl.line(Document(f"c{number}", text, meta={"split": part})) + "\n")
    print(f"{len(parts):,} comments")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
