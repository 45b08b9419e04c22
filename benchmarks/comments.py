"""Patients' comments labelled: comments a second of `epicrisis extract --sentiment`, and where the time goes.

    python benchmarks/comments.py [--model FOLDER]

First whole processes, from start to end: a .jsonl file of comments in, JSON lines out, with the labels of comments and
sentences and the words that carried them. Then, in one process and one thread, what each of that costs. The comments
are those of nhs-feedback and nhs-criticality, each text once, or sentences of the example notes. What is to be reached
is 1,000 comments a second by the whole path on two processors.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measuring import (
    EPICRISIS,
    arguments,
    child,
    heading,
    interleaved,
    median,
    short_notes,
    spread,
    table,
    write_jsonl,
)

CORPORA = ("nhs-feedback", "nhs-criticality")
STEPS = {
    "labels": {},
    "and sentences": {"sentences": True},
    "and words that carried": {"evidence": True},
    "all of it": {"sentences": True, "evidence": True},
}


def main() -> None:
    parser = arguments(__doc__, runs=3, data=True)
    parser.add_argument("--model", default="sentiment-en", help="name or folder of a model; default: sentiment-en")
    parser.add_argument("--comments", type=int, default=10_000, help="default: 10,000")
    args = parser.parse_args()
    heading("comments", "epicrisis", "onnxruntime", "numpy", runs=args.runs)
    texts, kind = comments(args.comments, args.data)
    with tempfile.TemporaryDirectory() as folder:
        archive, one = Path(folder, "archive.jsonl"), Path(folder, "one.jsonl")
        words = write_jsonl(texts, archive)
        write_jsonl(texts[:1], one)
        print(f"{len(texts):,} comments ({kind}), {words:,} words.\n")
        call = [*EPICRISIS, "extract", "--model", "none", "--sentiment", args.model, "--format", "jsonl", "--threads"]
        cases = {threads: lambda n=threads: child([*call, str(n), str(archive)]) for threads in (1, 2)}
        start = median(child([*call, "1", str(one)]).seconds for _ in range(args.runs))
        used = interleaved(cases, args.runs)
    rows = []
    for threads, runs in used.items():
        each = [len(texts) / run.seconds for run in runs]
        busy = [len(texts) / run.processor for run in runs]
        rows.append([str(threads), spread(each, ",.0f"), spread(busy, ",.0f"), f"{max(r.megabytes for r in runs):.0f}"])
    table(["threads", "comments/s", "comments a processor second", "peak MB"], rows)
    print(f"One comment alone: {start:.2f} s, the start of the process.\n")

    from epicrisis.runtime import load_classifier

    classifier = load_classifier(args.model)
    some = texts[: max(1, len(texts) // 10)]
    spent = interleaved(
        {name: timed(lambda s=s: list(classifier.pipe(some, threads=1, **s))) for name, s in STEPS.items()}, args.runs
    )
    table(
        ["in one thread", "comments a processor second"],
        [[name, spread([len(some) / one for one in of], ",.0f")] for name, of in spent.items()],
    )


def comments(count: int, data: Path | None) -> tuple[list[str], str]:
    if data is not None:
        os.environ["EPICRISIS_DATA"] = str(data)
        from epicrisis.corpora import Report, locate, read
        from epicrisis.errors import CorpusError

        try:
            found = (document.text for name in CORPORA for document in read(name, locate(name), Report()))
            texts = [text for text in dict.fromkeys(found) if any(map(str.isalnum, text))]
            return (texts * (count // len(texts) + 1))[:count], "NHS patient feedback"
        except CorpusError:
            pass
    return list(short_notes(count)), "sentences of the example notes"


def timed(function: Callable[[], object]) -> Callable[[], float]:
    def measured() -> float:
        begun = time.process_time()
        function()
        return time.process_time() - begun

    return measured


if __name__ == "__main__":
    main()
