"""Small pre-trained encoders, made on the spot: random weights, a tokenizer of its own kind, in the form of the hub."""

from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SIZE = 16
KINDS = ("bert", "distilbert", "roberta", "xlm-roberta", "electra", "deberta", "deberta-v2")
TEXTS = [
    "No fever, on Warfarin 5mg daily. pain",
    "She took aspirin for her headache and slept well.",
    "患者头痛三天，无发热。",
    "HbA1c 7.5 % was measured in 2019",
]
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def config(kind: str, **changes: Any) -> dict[str, Any]:
    """A config.json of two layers."""
    names = {
        "hidden_size": SIZE,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "max_position_embeddings": 40,
        "pad_token_id": 0,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }
    if kind == "distilbert":
        other = ("dim", "n_layers", "n_heads", "hidden_dim", "max_position_embeddings", "pad_token_id")
        names = dict(zip([*other, "dropout", "attention_dropout"], names.values(), strict=True))
    if kind == "electra":
        names["embedding_size"] = 8
    if kind.startswith("deberta"):
        names |= {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_biased_input": False}
    return {"model_type": kind, **names, **changes}


def tokenizer(kind: str = "bert", size: int = 150) -> Tokenizer:
    """Word pieces as BERT has them, bytes as RoBERTa, or sentence pieces as XLM-R and DeBERTa 3."""
    return Tokenizer.from_str(_trained(kind, size))


@cache
def _trained(kind: str, size: int) -> str:
    """Once a process: of pieces that are equally frequent another one may be learned the next time."""
    trainer: Any
    if kind == "roberta":
        made = Tokenizer(models.BPE(unk_token="[UNK]"))
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size + 256, special_tokens=_SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        )
    elif kind in ("xlm-roberta", "deberta-v2"):
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=_SPECIAL, unk_token="[UNK]")
    else:
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.normalizer = normalizers.BertNormalizer(lowercase=True)
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=_SPECIAL, show_progress=False)
    trainer.show_progress = False
    made.train_from_iterator(TEXTS, trainer)
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ends)
    made.enable_truncation(7)  # as sentence encoders are saved: it must not reach us
    return str(made.to_str())


def save_checkpoint(folder: Path, kind: str = "bert", **changes: Any) -> Path:
    """config.json, tokenizer.json and random weights."""
    import torch
    from transformers import AutoConfig, AutoModel

    folder.mkdir(parents=True, exist_ok=True)
    pieces = tokenizer(kind)
    torch.manual_seed(0)
    made = AutoConfig.for_model(**config(kind, vocab_size=pieces.get_vocab_size(), **changes))
    AutoModel.from_config(made).save_pretrained(folder)
    pieces.save(str(folder / "tokenizer.json"))
    return folder
