"""What relations and attributes cost: words/s of a joint model, of the same model asked for entities alone, and of a
tagger; and the memory of a note with thousands of entities.

    python benchmarks/joint.py [--model JOINT] [--tagger MODEL] [--notes 150] [--data FOLDER]

One thread, one process, texts to documents. By processor time means words in a second of it: what stays comparable
where other work holds the processors.
"""

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable

import numpy as np
from measuring import arguments, child, heading, interleaved, median, notes, spread, table

from epicrisis.document import Document
from epicrisis.runtime import Annotator, load

ENTITIES = (1, 1_000, 10_000)
"""Of the notes that are related, each in a process of its own."""


def timed(annotator: Annotator, texts: list[str], words: int) -> Callable[[], tuple[float, float]]:
    """A case for `interleaved`: words a second, and a second of one processor."""

    def measured() -> tuple[float, float]:
        begun, used = time.perf_counter(), time.process_time()
        for _ in annotator.pipe(texts, threads=1):
            pass
        return words / (time.perf_counter() - begun), words / (time.process_time() - used)

    return measured


def without_relations(annotator: Annotator) -> Annotator:
    """The same model, asked for entities alone."""
    assert annotator.relater is not None
    width = annotator.relater.states_size
    network = annotator.network
    return dataclasses.replace(annotator, network=lambda inputs: network(inputs)[:, :, :-width], relater=None)


def relate(annotator: Annotator, count: int) -> None:
    """Relate the mentions of a note made up, every third token one."""
    relater = annotator.relater
    assert relater is not None
    first = np.arange(count) * 3
    types = np.random.default_rng(1).integers(0, len(relater.codec.types), count)
    states, ruled = np.zeros((3 * count, relater.states_size), np.float32), np.zeros(count, np.int64)
    relater.found(states, np.stack([first, first + 1], 1), types, ruled)


def main() -> None:
    parser = arguments(__doc__, runs=3, model=True, data=True)
    parser.add_argument(
        "--tagger", default="en-fast", help="a model of entities alone, on the same encoder; default: en-fast"
    )
    parser.add_argument("--notes", type=int, default=150, help="default: 150")
    parser.add_argument("--relate", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.relate is not None:
        return relate(load(args.model), args.relate)
    joint, tagger = load(args.model), load(args.tagger)
    texts, source = notes(args.notes, args.data)
    words = sum(len(text.split()) for text in texts)
    cases = {"joint": joint, "joint, entities alone": without_relations(joint), "tagger": tagger}
    for annotator in cases.values():
        list(annotator.pipe(texts[:5], threads=1))
    heading("joint", "epicrisis", "onnxruntime", "numpy", runs=args.runs)
    found = interleaved({name: timed(one, texts, words) for name, one in cases.items()}, args.runs)
    processor = {name: median([used for _, used in values]) for name, values in found.items()}
    related: list[Document] = list(joint.pipe(texts, threads=1))
    print(
        f"{len(texts)} notes ({source}), {words} words; {sum(len(d.entities) for d in related)} entities, "
        f"{sum(len(d.relations) for d in related)} relations.\n"
    )
    rows = [
        [
            name,
            spread([wall for wall, _ in values], ".0f"),
            f"{processor[name]:.0f}",
            f"{processor['joint'] / processor[name]:.0%}" if name != "joint" else "",
        ]
        for name, values in found.items()
    ]
    table(["one thread", "words/s", "words a processor's second", "joint has of it"], rows)
    command = [sys.executable, __file__, "--model", args.model, "--relate"]
    peaks = [[f"{count:,}", f"{child([*command, str(count)]).megabytes:.0f}"] for count in ENTITIES]
    table(["entities of one note", "peak MB of a process that relates them"], peaks)


if __name__ == "__main__":
    main()
