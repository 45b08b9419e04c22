"""The assertion rules: how well they know what MACCROBAT 2020 calls NEG, and what they cost beside a model.

    python benchmarks/assertion.py [--part dev] [--notes 100]

Quality: the gold entities of the dev part that can carry a POLARITY (those that are events), their value NEG or not
against `negated` or not. The rules were written with a view to the train part; dev was only scored. Cost: the model
with one thread on notes, and the rules on what it found, in turns, by processor time; words are what white space
separates.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable

from measuring import arguments, heading, interleaved, median, notes, spread, table


def scored(part: str) -> None:
    from epicrisis import corpora
    from epicrisis.rules import Assertion

    documents = list(corpora.read("maccrobat-2020", corpora.locate("maccrobat-2020")))
    chosen = set(corpora.load_split("maccrobat-2020", documents)[part])
    rules = Assertion("en")
    counts: Counter[tuple[bool, bool]] = Counter()
    for document in documents:
        if document.id not in chosen:
            continue
        for entity, said in zip(document.entities, rules.assertions(document), strict=True):
            if entity.event:
                polarity = entity.attributes.get("POLARITY")
                gold = polarity is not None and polarity.value == "NEG"
                counts[gold, said is not None and said.value == "negated"] += 1
    right, wrong, missed = counts[True, True], counts[False, True], counts[True, False]
    precision, recall = right / (right + wrong), right / (right + missed)
    f1 = 2 * right / (2 * right + wrong + missed)
    print(f"NEG on the {counts.total():,} gold events of MACCROBAT 2020, {part} ({len(chosen)} documents):\n")
    row = [f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", str(right), str(wrong), str(missed)]
    table(["", "precision", "recall", "F1", "right", "wrong", "missed"], [["rules", *row]])


def timed(function: Callable[[], object]) -> Callable[[], float]:
    def measured() -> float:
        begun = time.process_time()
        function()
        return time.process_time() - begun

    return measured


def main() -> None:
    parser = arguments(__doc__, runs=5, model=True, data=True)
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    parser.add_argument("--notes", type=int, default=100, help="notes that the cost is measured on; default: 100")
    args = parser.parse_args()
    heading("assertion", "epicrisis", "onnxruntime", "numpy", runs=args.runs)
    if args.data is None:
        sys.exit("MACCROBAT 2020 is scored: give --data, or set EPICRISIS_DATA")
    os.environ["EPICRISIS_DATA"] = str(args.data)
    scored(args.part)

    import epicrisis
    from epicrisis.rules import Assertion

    model, rules = epicrisis.load(args.model), Assertion("en")
    texts, kind = notes(args.notes, args.data)
    words = sum(len(text.split()) for text in texts)
    found = list(model.pipe(texts, threads=1))
    cases = {
        "model": timed(lambda: list(model.pipe(texts, threads=1))),
        "rules": timed(lambda: [rules.annotate(document) for document in found]),
    }
    seconds = interleaved(cases, args.runs)
    entities = sum(len(document.entities) for document in found)
    print(f"{len(texts)} notes ({kind}), {words:,} words, {entities:,} entities found by {args.model}:\n")
    rows = [[name, spread([words / one for one in times], ",.0f")] for name, times in seconds.items()]
    table(["", "words a processor second"], rows)
    share = median(seconds["rules"]) / median(seconds["model"])
    print(f"The rules add {100 * share:.1f} % to the model's processor time.")


if __name__ == "__main__":
    main()
