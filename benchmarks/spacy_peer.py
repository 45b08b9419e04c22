"""spaCy's `ner`, in its own environment: trained a little, then run as its documentation says.

    PEER-PYTHON benchmarks/spacy_peer.py train DOCUMENTS.jsonl FOLDER [--steps 200]
    PEER-PYTHON benchmarks/spacy_peer.py extract FOLDER NOTES.jsonl [--processes 2]

`benchmarks/extract.py` calls both. How well it was trained does not change how fast it is; how many types it knows
does, a little, and so it learns those of the same corpus. Imports nothing but spaCy.
"""

import argparse
import json
import random
import sys

import spacy
from spacy.training import Example
from spacy.util import filter_spans


def train(documents: str, folder: str, steps: int) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = []
    with open(documents, encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            doc = nlp.make_doc(record["text"])
            spans = [doc.char_span(s, e, t, alignment_mode="expand") for s, e, t in record["entities"]]
            reference = doc.copy()
            reference.ents = filter_spans(span for span in spans if span is not None and not span.text[0].isspace())
            examples.append(Example(doc, reference))
    optimizer = nlp.initialize(lambda: examples)
    rng = random.Random(1)
    for _ in range(steps):
        nlp.update(rng.sample(examples, 2), sgd=optimizer, drop=0.1)
    nlp.to_disk(folder)


def extract(folder: str, notes: str, processes: int) -> None:
    nlp = spacy.load(folder)
    with open(notes, encoding="utf-8") as lines:
        texts = ((record["text"], record["id"]) for record in map(json.loads, lines))
        for doc, name in nlp.pipe(texts, as_tuples=True, n_process=processes):
            found = [{"type": e.label_, "fragments": [[e.start_char, e.end_char]]} for e in doc.ents]
            record = {"id": name, "text": doc.text, "entities": found}
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("train", "extract"))
    parser.add_argument("paths", nargs=2)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    if args.command == "train":
        train(*args.paths, steps=args.steps)
    else:
        extract(*args.paths, processes=args.processes)


if __name__ == "__main__":
    main()
