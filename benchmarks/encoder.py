"""A model on a pre-trained encoder: words/s of `Annotator.pipe`, beside PyTorch and the Hugging Face pipeline.

    python benchmarks/encoder.py --model FOLDER [--notes 100] [--data FOLDER]

FOLDER is one that training left behind: its weights of training (network.safetensors) are what PyTorch runs. Needs
`.[train]`. All read the same passages in one process, interleaved:

- epicrisis: texts to documents, from cutting the text to the decoder's mentions and their scores.
- PyTorch: the same network in a bare loop, passages sorted by length and padded: word pieces and forward pass, no
  decoding. In fp32, and in bf16 under autocast.
- transformers: `pipeline("token-classification")` with a softmax head on the same encoder, in fp32, given the passages
  sorted by length. The rest of the model (words, characters, LSTM, CRF ...) is not in it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from measuring import arguments, heading, interleaved, median, notes, spread, table
from safetensors.torch import load_file

from epicrisis.encoding import encode
from epicrisis.models import make_tagger, parts_and_settings
from epicrisis.parts.embedders import Transformer
from epicrisis.recipe import load_recipe
from epicrisis.runtime import Annotator, load, model_folder
from epicrisis.text import Passage, passages

BATCH = 16
"""Passages at once, for PyTorch and transformers."""
OURS, TORCH, PIPELINE = "epicrisis", "PyTorch", "transformers' pipeline"


def torch_loop(tagger: torch.nn.Module, annotator: Annotator, cut: Sequence[Passage], *, bf16: bool) -> None:
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        for start in range(0, len(cut), BATCH):
            inputs = encode(cut[start : start + BATCH], annotator.indexers)
            tagger({name: torch.from_numpy(array) for name, array in inputs.items()})


def hugging_face(encoder: Transformer, annotator: Annotator) -> Any:
    """A pipeline whose encoder has the model's weights, and whose head has fresh ones: its speed is all we ask."""
    from transformers import AutoModelForTokenClassification, PreTrainedTokenizerFast, pipeline

    pieces = next(indexer for indexer in annotator.indexers if hasattr(indexer, "tokenizer"))
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    if pieces.tokenizer.token_to_id("[PAD]") is None:
        special = {"unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=pieces.tokenizer, **special)
    tokenizer.model_max_length = pieces.positions
    config = encoder.network.config
    config.num_labels = 2 * len(annotator.about["types"]) + 1
    model = AutoModelForTokenClassification.from_config(config).eval()
    model.base_model.load_state_dict(encoder.network.state_dict())
    return pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy="simple")


def timed(words: int, threads: int, run: Callable[[], object]) -> Callable[[], tuple[float, float]]:
    """A case for `interleaved`: words a second, and a second of one processor."""

    def measured() -> tuple[float, float]:
        torch.set_num_threads(threads)
        begun, used = time.perf_counter(), time.process_time()
        run()
        return words / (time.perf_counter() - begun), words / (time.process_time() - used)

    return measured


def main() -> None:
    parser = arguments(__doc__, runs=3, model=True, data=True)
    parser.add_argument("--notes", type=int, default=100, help="default: 100")
    args = parser.parse_args()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    folder = model_folder(args.model)
    annotator = load(folder)
    recipe = load_recipe(str(Path(folder, "recipe.yaml")), parts_and_settings())
    indexers = {part.type: indexer for part, indexer in zip(recipe.embedder, annotator.indexers, strict=True)}
    tagger, _ = make_tagger(recipe, indexers, annotator.about["types"])
    tagger.load_state_dict(load_file(folder / "network.safetensors"))
    tagger.eval()
    encoders = [part for part in tagger.modules() if isinstance(part, Transformer)]
    if not encoders:
        parser.error(f"{args.model}: this model has no pre-trained encoder")
    pipeline = hugging_face(encoders[0], annotator)
    heading("encoder", "epicrisis", "onnxruntime", "torch", "transformers", runs=args.runs)
    texts, kind = notes(args.notes, args.data)
    words = sum(len(text.split()) for text in texts)
    cut = sorted((p for text in texts for p in passages(text, annotator.rule)), key=lambda p: len(p.tokens))
    spans = [passage.text[passage.tokens[0][0] : passage.tokens[-1][1]] for passage in cut]
    cases: dict[tuple[str, int], Callable[[], tuple[float, float]]] = {}
    for threads in (1, 2):
        for name, run in {
            OURS: lambda threads=threads: list(annotator.pipe(texts, threads=threads)),
            f"{TORCH}, fp32": lambda: torch_loop(tagger, annotator, cut, bf16=False),
            f"{TORCH}, bf16": lambda: torch_loop(tagger, annotator, cut, bf16=True),
            f"{PIPELINE}, fp32": lambda: pipeline(spans, batch_size=BATCH),
        }.items():
            cases[name, threads] = timed(words, threads, run)
    found = interleaved(cases, args.runs)
    states = annotator.about["graphs"]["states"]
    print(f"{args.notes} notes ({kind}), {words} words in {len(cut)} passages; `{recipe.name}` on", end=" ")
    print(f"{encoders[0].network.config.model_type} of {encoders[0].network.config.num_hidden_layers} layers,", end=" ")
    print(f"kept in {states['precision']}, {(folder / states['file']).stat().st_size / 1e6:.0f} MB:\n")
    rows = []
    for (name, threads), speeds in found.items():
        wall, processor = [speed for speed, _ in speeds], [speed for _, speed in speeds]
        ours = found[OURS, threads]
        ratio = "" if name == OURS else f"{median(s for s, _ in ours) / median(wall):.1f}"
        used = "" if name == OURS else f"{median(s for _, s in ours) / median(processor):.1f}"
        rows.append([f"{name}, {threads}", spread(wall, ".0f"), f"{median(processor):.0f}", ratio, used])
    header = ["threads", "words/s", "words a processor's second", "epicrisis is times faster", "by processor time"]
    table(header, rows)


if __name__ == "__main__":
    main()
