"""Training steps of `bert-crf` against a plain Hugging Face loop with pytorch-crf.

    python benchmarks/finetune.py

Needs `pip install -e .[train,dev]`. Both train an encoder of MiniLM-L6's size (6 layers of 384, fresh weights) on the
same notes: the same tokens, tags and batches, in bf16 autocast, with AdamW and clipped gradients. The plain loop is
what one would write by hand: words to pieces by `is_split_into_words`, the first piece of each word, a linear layer,
`torchcrf.CRF`. Measured is whole training steps: making a batch, loss, gradient, optimiser.
"""

import tempfile
from pathlib import Path
from typing import Any

import torch
import torchcrf
from measuring import arguments, heading, interleaved, median, notes, seconds, spread, table
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

from epicrisis.document import Document, Entity
from epicrisis.models import codec_of, fit_indexers, make_tagger, parts_and_settings, start_from_pretrained
from epicrisis.recipe import load_recipe
from epicrisis.text import PassageRule, tokens
from epicrisis.training.batches import Example, epoch_batches, examples, make_batch
from epicrisis.training.module import make_optimizer

TYPES = [f"Type{number}" for number in range(41)]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
OURS, THEIRS = "epicrisis", "plain loop"


def save_encoder(folder: Path, texts: list[str]) -> None:
    """A checkpoint of MiniLM's size with word pieces of these texts."""
    pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=30522, special_tokens=SPECIAL))
    pieces.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    pieces.save(str(folder / "tokenizer.json"))
    config = AutoConfig.for_model(
        "bert", vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    AutoModel.from_config(config).save_pretrained(folder)


def invented(texts: list[str]) -> list[Document]:
    """Every ninth token an entity, of each type in turn."""
    found = []
    for number, text in enumerate(texts):
        spans = list(tokens(text))[::9]
        entities = tuple(Entity(TYPES[(number + n) % len(TYPES)], (span,)) for n, span in enumerate(spans))
        found.append(Document(str(number), text, entities))
    return found


class Plain(nn.Module):
    """What a tutorial would have."""

    def __init__(self, folder: Path, tags: int) -> None:
        super().__init__()
        self.tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
        )
        self.encoder = AutoModel.from_pretrained(folder)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(self.encoder.config.hidden_size, tags)
        self.crf = torchcrf.CRF(tags, batch_first=True)

    def loss(self, batch: list[Example]) -> Tensor:
        words = [example.passage.words for example in batch]
        read = self.tokenizer(words, is_split_into_words=True, padding=True, truncation=True, return_tensors="pt")
        states = self.encoder(input_ids=read["input_ids"], attention_mask=read["attention_mask"]).last_hidden_state
        longest = max(map(len, words))
        first = torch.zeros(len(words), longest, dtype=torch.long)
        tags = torch.zeros(len(words), longest, dtype=torch.long)
        mask = torch.zeros(len(words), longest, dtype=torch.bool)
        for row, example in enumerate(batch):
            seen = set()
            for place, word in enumerate(read.word_ids(row)):
                if word is not None and word not in seen:
                    seen.add(word)
                    first[row, word] = place
            tags[row, : len(example.targets)] = torch.from_numpy(example.targets)
            mask[row, : len(example.targets)] = True
        scores = self.output(self.dropout(states.gather(1, first.unsqueeze(2).expand(-1, -1, states.shape[2]))))
        return -self.crf(scores.float(), tags, mask=mask, reduction="sum") / mask.sum()


def main() -> None:
    parser = arguments(__doc__, runs=5, data=True)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    texts, what = notes(40, args.data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_encoder(folder, texts)
        changes = [f"model.embedder.0.checkpoint={folder}", "model.embedder.0.attention_dropout=0.0"]
        recipe = load_recipe("bert-crf", parts_and_settings(), changes)
        rule = PassageRule(recipe.passages.budget, recipe.passages.overlap)
        found, _ = examples(invented(texts), codec_of(recipe, TYPES), rule)
        recipe, indexers = fit_indexers(recipe, [example.passage for example in found])
        tagger, codec = make_tagger(recipe, indexers, TYPES)
        start_from_pretrained(tagger, indexers)
        plain = Plain(folder, len(codec))
        batches = list(epoch_batches(found, recipe.training.batch_tokens, 1))[: args.runs + 1]
    ours = make_optimizer(tagger, recipe.training)
    theirs = torch.optim.AdamW(plain.parameters(), lr=1e-4)

    def step(loss: Any, network: nn.Module, optimizer: torch.optim.Optimizer) -> Any:
        waiting = iter(batches)

        def one() -> None:
            with torch.autocast("cpu", torch.bfloat16):
                value = loss(next(waiting))
            value.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()

        return one

    def our_loss(batch: list[Example]) -> Tensor:
        made = make_batch(batch, list(indexers.values()))
        return tagger.loss(dict(made.inputs), made.own, made.targets) / made.own.sum()

    cases = {OURS: step(our_loss, tagger, ours), THEIRS: step(plain.loss, plain, theirs)}
    for case in cases.values():
        case()  # the first step of each is not measured
    heading("Fine-tuning: bert-crf against a plain loop", "torch", "transformers", "pytorch-crf", runs=args.runs)
    print(f"{what}; {args.threads} thread(s), bf16 autocast, {len(codec)} tags. Seconds a step.\n")
    times = interleaved({who: seconds(case, 1) for who, case in cases.items()}, args.runs)
    ratio = median(times[THEIRS]) / median(times[OURS])
    table(
        ["", OURS, THEIRS, "times faster"],
        [["a step of 1,000 tokens", spread(times[OURS]), spread(times[THEIRS]), f"{ratio:.2f}"]],
    )


if __name__ == "__main__":
    main()
