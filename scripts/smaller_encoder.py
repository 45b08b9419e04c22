"""A pre-trained BERT with fewer pieces and layers, for a model of a few megabytes.

    python scripts/smaller_encoder.py CHECKPOINT OUT TEXTS.jsonl [...] --pieces 12000 --layers 3

Kept are the special pieces, those of one character, and the commonest in the texts (documents, a line each): a word
whose piece is gone is read by smaller ones. Of the layers the lowest are kept. OUT is a checkpoint like the first one.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from epicrisis import corpora

WORDS = "embeddings.word_embeddings.weight"
AT_ONCE = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--pieces", type=int, default=12_000)
    parser.add_argument("--layers", type=int, default=3)
    args = parser.parse_args()
    tokenizer = json.loads((args.checkpoint / "tokenizer.json").read_text("utf-8")) | {
        "truncation": None,
        "padding": None,
    }
    config = json.loads((args.checkpoint / "config.json").read_text("utf-8"))
    kept = pieces(Tokenizer.from_str(json.dumps(tokenizer)), tokenizer, args.texts, args.pieces)
    number = {piece: n for n, piece in enumerate(kept)}
    old = tokenizer["model"]["vocab"]
    weights = {
        name: weight
        for name, weight in load_file(args.checkpoint / "model.safetensors").items()
        if not any(f"encoder.layer.{n}." in name for n in range(args.layers, config["num_hidden_layers"]))
    }
    weights[WORDS] = weights[WORDS][[old[piece] for piece in kept]].contiguous()
    tokenizer["model"]["vocab"] = number
    for token in tokenizer["added_tokens"]:
        token["id"] = number[token["content"]]
    for special in tokenizer["post_processor"]["special_tokens"].values():
        special["ids"] = [number[token] for token in special["tokens"]]
    config |= {"vocab_size": len(kept), "num_hidden_layers": args.layers, "pad_token_id": number["[PAD]"]}
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(weights, args.out / "model.safetensors")
    (args.out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
    (args.out / "config.json").write_text(json.dumps(config), "utf-8")
    size = sum(weight.numel() for weight in weights.values())
    print(f"{len(kept):,} of {len(old):,} pieces, {args.layers} layers: {size:,} numbers")


def pieces(tokenizer: Tokenizer, description: dict, texts: Sequence[Path], most: int) -> list[str]:
    """In the order of their old numbers."""
    counts: Counter[str] = Counter()
    batch: list[str] = []
    for text in _texts(texts):
        batch.append(text)
        if len(batch) == AT_ONCE:
            counts.update(piece for read in tokenizer.encode_batch(batch) for piece in read.tokens)
            batch = []
    counts.update(piece for read in tokenizer.encode_batch(batch) for piece in read.tokens)
    vocabulary = description["model"]["vocab"]
    special = [token["content"] for token in description["added_tokens"]]
    single = [piece for piece in vocabulary if len(piece.removeprefix("##")) == 1]
    common = [piece for piece, _ in counts.most_common()]
    return sorted(dict.fromkeys([*special, *single, *common][:most]), key=vocabulary.__getitem__)


def _texts(files: Sequence[Path]) -> Iterator[str]:
    for file in files:
        for document in corpora.read("jsonl", file):
            yield document.text


if __name__ == "__main__":
    main()
