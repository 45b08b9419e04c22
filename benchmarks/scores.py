"""Strict F1 of `en` on MACCROBAT 2020, beside spaCy's `ner` trained on the same documents in the same run.

    python benchmarks/scores.py --peer-python /path/to/peers/bin/python [--peer-steps 2500]

The peer is spaCy's default `ner` pipeline with its default settings, two documents a step, trained for a fixed number
of steps: nothing of it was chosen on dev. Both are scored by `epicrisis.evaluation` against all gold mentions.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from extract import OURS, PEER, THEIRS, train_peer
from measuring import arguments, heading, table


def main() -> None:
    parser = arguments(__doc__, runs=1, model=True, data=True)
    parser.add_argument("--peer-python", required=True, help="python of an environment with spaCy")
    parser.add_argument("--peer-steps", type=int, default=2500, help="default: 2500, about 30 times each document")
    args = parser.parse_args()
    heading("scores", "epicrisis", runs=args.runs)
    from epicrisis import corpora, load
    from epicrisis.corpora import Report
    from epicrisis.evaluation import evaluate_tagger

    os.environ["EPICRISIS_DATA"] = str(args.data)
    documents = list(corpora.read("maccrobat-2020", corpora.locate("maccrobat-2020"), Report()))
    split = corpora.load_split("maccrobat-2020", documents)
    annotator = load(args.model)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        pipeline = train_peer(args.peer_python, args.data, Path(temporary), args.peer_steps)
        for part in ("dev", "test"):
            gold = [document for document in documents if document.id in split[part]]
            notes, found = Path(temporary, f"{part}.jsonl"), Path(temporary, f"{part}.found.jsonl")
            with notes.open("w", encoding="utf-8") as lines:
                lines.writelines(json.dumps({"id": d.id, "text": d.text}) + "\n" for d in gold)
            with found.open("wb") as output:
                command = [args.peer_python, PEER, "extract", str(pipeline), str(notes)]
                subprocess.run(command, stdout=output, check=True)
            theirs = list(corpora.read("jsonl", found))
            for name, predicted in ((OURS, list(annotator.pipe(gold))), (THEIRS, theirs)):
                scores = evaluate_tagger(gold, predicted)
                assert scores.token is not None
                numbers = (scores.strict.micro.f1, scores.strict.macro.f1, scores.token.with_o.weighted.f1)
                rows.append([f"{name}, {part}", *(f"{number:.4f}" for number in numbers)])
    table(("", "strict micro F1", "strict macro F1", "token-weighted F1 with O"), rows)


if __name__ == "__main__":
    main()
