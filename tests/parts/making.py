"""Small parts of every kind, and two passages of six and four tokens for them."""

import inspect
import itertools
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from epicrisis.decoding import DECODERS as WAYS_OUT
from epicrisis.document import Entity
from epicrisis.encoding import INDEXERS, Indexer, encode, pad_targets
from epicrisis.encoding.contextual import LanguageModel, weight_shapes, write_language_model
from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import Vectors, write_vectors
from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.decoders import DECODERS
from epicrisis.parts.embedders import EMBEDDERS
from epicrisis.parts.encoders import ENCODERS
from epicrisis.recipe import CHOICES
from epicrisis.text import Codec, Mention, Passage, TagCodec

from ..checkpoints import save_checkpoint

SIZE = 6
TYPES = ["Drug", "Problem"]
BIO = TagCodec(TYPES)
WORDS = [["No", "fever", ",", "on", "Warfarin", "5mg"], ["患", "pain", "3", "!"]]
SEEN = [WORDS[0], ["患", "3"]]
"""What the vocabularies are fitted to: "pain" is known by a vector, "!" not at all."""
MENTIONS: list[list[Mention]] = [[(1, 2, "Problem"), (4, 6, "Drug")], [(0, 2, "Problem")]]
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "words": {"size": SIZE},
    "character_cnn": {"size": 5, "filters": 4, "widths": (1, 3), "dropout": 0.0},
    "casing": {"size": 4},
    "transformer": {"dropout": 0.0},
    "questions": {"dropout": 0.0},
    "rnn": {"hidden_size": 4, "layers": 2, "dropout": 0.0},
    "lstm": {"hidden_size": 4, "layers": 2, "dropout": 0.0},
    "lexicon": {"size": 3, "dropout": 0.0},
    "lattice": {"size": SIZE, "hidden_size": 4, "dropout": 0.0},
    "hand_features": {"size": 5},
    "contextual": {"dropout": 0.0},
    "bilstm": {"hidden_size": 4, "layers": 2, "dropout": 0.0},
    "gru": {"hidden_size": 4, "layers": 2, "dropout": 0.0},
    "bigru": {"hidden_size": 4, "layers": 2, "dropout": 0.0},
    "cnn": {"hidden_size": 4, "widths": (1, 3), "dropout": 0.0},
    "ngram_cnn": {"hidden_size": 4, "regions": (1, 2, 3)},
    "dilated_cnn": {"hidden_size": 5, "iterations": 2, "dropout": 0.0},
    "transformer_encoder": {"hidden_size": 8, "heads": 2, "feed_forward": 8, "dropout": 0.0},
    "sru": {"hidden_size": 6, "layers": 2, "dropout": 0.0},
    "indrnn": {"hidden_size": 8, "layers": 2, "dropout": 0.0},
    "gated_feedback": {"hidden_size": 5, "layers": 2, "dropout": 0.0},
    "cross_lstm": {"hidden_size": 5, "dropout": 0.0},
    "multi_head": {"heads": 2, "size": 4, "dropout": 0.0},
    "biaffine": {"hidden_size": 8, "dropout": 0.0},
    "nearest_neighbour": {"size": 8},
    "span_match": {"hidden_size": 8, "dropout": 0.0},
}


def write_questions(file: Path) -> Path:
    file.write_text("Problem: pain or fever?\nDrug: She took aspirin?\n", "utf-8")
    return file


LEXICON = ("no fever", "fever", "fever , on", "on warfarin", "warfarin", "warfarin 0mg", "患", "患 pain", "0 !")
"""Words of one token and more; "0 !" is in no training text."""


def language_model(size: int = 3, layers: int = 2) -> LanguageModel:
    words, dice = tuple(map(normalise, WORDS[0] + ["pain", "3"])), np.random.default_rng(1)
    shapes = weight_shapes(len(words), size, layers)
    weights = {name: dice.normal(0, 0.7, shape).astype(np.float32) for name, shape in shapes.items()}
    return LanguageModel(words, size, layers, weights)


@cache
def indexer(name: str) -> Indexer:
    return fitted(name, [Passage.of(words) for words in SEEN])


def fitted(name: str, seen: list[Passage]) -> Indexer:
    """Fitted with vectors and what else it cannot do without."""
    with TemporaryDirectory() as name_of:
        folder = Path(name_of)
        write_vectors(Vectors(("pain",), np.ones((1, SIZE), np.float32)), folder / "words")
        vectors = np.linspace(-1, 1, 3 * len(LEXICON), dtype=np.float32).reshape(-1, 3)
        write_vectors(Vectors(LEXICON, vectors), folder / "lexicon")
        write_language_model(language_model(), folder / "language")
        if name in ("transformer", "questions"):
            save_checkpoint(folder / "encoder")
        words, lexicon = str(folder / "words"), str(folder / "lexicon")
        settings = {
            "words": {"vectors": words},
            "lexicon": {"vectors": lexicon},
            "lattice": {"vectors": words, "words": lexicon},
            "hand_features": {"least": 1},
            "contextual": {"folder": str(folder / "language")},
            "transformer": {"checkpoint": str(folder / "encoder")},
            "questions": {
                "checkpoint": str(folder / "encoder"),
                "questions": str(write_questions(folder / "questions.yaml")),
            },
        }
        return INDEXERS[name].fit(seen, **settings.get(name, {}))  # type: ignore[attr-defined]


def inputs(words: list[list[str]] = WORDS) -> dict[str, Tensor]:
    """The arrays of every indexer."""
    arrays = encode([Passage.of(passage) for passage in words], [indexer(name) for name in INDEXERS])
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def embedder(name: str) -> nn.Module:
    return EMBEDDERS[name](*indexer(name).sizes, **SETTINGS[name])


def encoder(name: str, size: int = SIZE) -> nn.Module:
    return ENCODERS[name](size, **SETTINGS.get(name, {}))


def attention(name: str, size: int = SIZE, embedded_size: int = SIZE) -> nn.Module:
    return ATTENTION[name](size, embedded_size, **SETTINGS.get(name, {}))


def codecs(name: str) -> list[Codec]:
    """The decoder's codec, in every way that a recipe can choose."""
    kind = WAYS_OUT[name].make_codec
    chosen = [key for key in inspect.signature(kind).parameters if key in CHOICES]
    return [
        kind(TYPES, **dict(zip(chosen, values, strict=True)))
        for values in itertools.product(*(CHOICES[key] for key in chosen))
    ]


def codec(name: str) -> Codec:
    """The decoder's codec with the settings that it has by default."""
    return WAYS_OUT[name].make_codec(TYPES)


def decoder(name: str, codec: Codec, size: int = SIZE) -> nn.Module:
    return DECODERS[name](size, codec, **SETTINGS.get(name, {}))


def random_scores(decoder: Any, *shape: int) -> Tensor:
    """(*shape, K), as wide as those of the decoder."""
    return torch.randn(*shape, decoder.scores(torch.zeros(1, 1, SIZE)).shape[-1])


def targets(codec: Codec) -> Tensor:
    rows = []
    for words, mentions in zip(WORDS, MENTIONS, strict=True):
        tokens = Passage.of(words).tokens
        entities = [Entity(type_, ((tokens[a][0], tokens[b - 1][1]),)) for a, b, type_ in mentions]
        found = codec.encode(tokens, entities)
        assert len(found.kept) == len(entities)
        rows.append(found.targets)
    return torch.from_numpy(pad_targets(rows))
