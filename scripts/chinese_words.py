"""A list of Chinese words for `epicrisis pretrain words --lexicon`: medical terms, and the common words of open text.

    pip install rjieba
    python scripts/chinese_words.py open.jsonl FOLDER OUT.tsv

open.jsonl  what `scripts/open_text.py zh` makes
FOLDER      holds `zh-medical-lexicon/merged_lexicon.tsv.xz`, one term a line before a TAB: THUOCL medicine (MIT; S. Han
            et al., "THUOCL: Tsinghua Open Chinese Lexicon", 2016), names of ICD-10 and of imported drugs (MIT)
OUT.tsv     word TAB how often it stands in the text by rjieba (MIT), 0 for a term that rjieba does not cut out
"""

import json
import lzma
import re
import sys
from collections import Counter
from pathlib import Path

import rjieba

from epicrisis.text.tokens import HAN

COMMON = 5
"""A word that is no medical term must stand so often in the text."""
WORD = re.compile(rf"[{HAN}]{{2,8}}")


def main(texts: Path, folder: Path, out: Path) -> None:
    counts: Counter[str] = Counter()
    with texts.open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(filter(WORD.fullmatch, rjieba.cut(json.loads(line)["text"], hmm=False)))
    with lzma.open(folder / "zh-medical-lexicon" / "merged_lexicon.tsv.xz", "rt", encoding="utf-8") as lines:
        terms = {line.partition("\t")[0].strip() for line in lines}
    words = terms | {word for word, count in counts.items() if count >= COMMON}
    kept = sorted(words, key=lambda word: (-counts[word], word))
    out.write_text("".join(f"{word}\t{counts[word]}\n" for word in kept), "utf-8", newline="\n")
    print(f"{len(terms):,} terms and {len(kept) - len(terms):,} other words: {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
