"""What each step of preparation does to patients' comments, and what it costs.

    python benchmarks/preparation.py

Over the comments of nhs-feedback and nhs-criticality that hold a word, each text once: how many texts a step changes,
what becomes of their words (what white space separates) and characters, and texts in a processor second. No text is
shown. The first use of `spelling` loads its dictionary, which is timed apart.
"""

import os
import sys
import time
from collections.abc import Callable

from measuring import arguments, heading, interleaved, median, spread, table

CORPORA = ("nhs-feedback", "nhs-criticality")


def main() -> None:
    parser = arguments(__doc__, runs=3, data=True)
    args = parser.parse_args()
    heading("preparation", "epicrisis", "numpy", "symspellpy", runs=args.runs)
    if args.data is None:
        sys.exit("comments are prepared: give --data, or set EPICRISIS_DATA")
    os.environ["EPICRISIS_DATA"] = str(args.data)

    from epicrisis.corpora import Report, locate, read
    from epicrisis.text.clean import PAPER, Preparation
    from epicrisis.text.steps import STEPS

    found = (document.text for name in CORPORA for document in read(name, locate(name), Report()))
    texts = [text for text in dict.fromkeys(found) if any(map(str.isalnum, text))]
    begun = time.process_time()
    Preparation(("spelling",)).prepare("Loads the dictionary")
    print(f"Loading the dictionary: {time.process_time() - begun:.2f} processor seconds.\n")
    cases = {step: Preparation((step,)) for step in STEPS} | {"all of the paper's": Preparation(PAPER)}
    seconds = interleaved({name: timed(case.prepare, texts) for name, case in cases.items()}, args.runs)
    words, length = (sum(map(size, texts)) for size in (lambda text: len(text.split()), len))
    rows = []
    for name, case in cases.items():
        prepared = [case.prepare(text).text for text in texts]
        changed = sum(one != other for one, other in zip(texts, prepared, strict=True))
        others = sum(one != two for text, new in zip(texts, prepared, strict=True) for one, two in differing(text, new))
        rows.append([name, f"{changed:,}", f"{100 * changed / len(texts):.1f}", f"{others:,}" if others else ""])
        rows[-1] += [
            f"{sum(len(text.split()) for text in prepared) - words:+,}",
            f"{sum(map(len, prepared)) - length:+,}",
        ]
        rows[-1] += [spread([len(texts) / one for one in seconds[name]], ",.0f")]
    print(f"{len(texts):,} texts, {words:,} words, {length:,} characters:\n")
    header = [
        "step",
        "texts changed",
        "%",
        "words replaced one by one",
        "words",
        "characters",
        "texts a processor second",
    ]
    table(header, rows)
    print(f"A text by all of the paper's steps: {1e6 * median(seconds[name]) / len(texts):.0f} microseconds.")


def differing(text: str, prepared: str) -> list[tuple[str, str]]:
    """The words of both, side by side, where they are as many."""
    one, two = text.split(), prepared.split()
    return list(zip(one, two, strict=True)) if len(one) == len(two) else []


def timed(function: Callable[[str], object], texts: list[str]) -> Callable[[], float]:
    def measured() -> float:
        begun = time.process_time()
        for text in texts:
            function(text)
        return time.process_time() - begun

    return measured


if __name__ == "__main__":
    main()
