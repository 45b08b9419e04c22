"""A language model of two directions in a folder of its own, and tokens as its numbers.

Peters et al. (2018), "Deep Contextualized Word Representations". A folder holds config.json (architecture, size,
layers), weights.safetensors and vocabulary.json; `parts.embedders.BiLM` says what the weights are.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from epicrisis.encoding.spellings import Spellings
from epicrisis.encoding.words import WordIndexer
from epicrisis.errors import ModelError, RecipeError
from epicrisis.text import Passage

ARCHITECTURE = "bilm"
CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.json", "weights.safetensors"


@dataclass(frozen=True)
class LanguageModel:
    """vocabulary  tokens, normalised as `WordIndexer` looks them up; number 2 is the first
    size        width of a token's vector and of one direction's states
    layers      of each direction
    weights     by name
    """

    vocabulary: tuple[str, ...]
    size: int
    layers: int
    weights: Mapping[str, NDArray[np.float32]]


def read_language_model(folder: Path) -> LanguageModel:
    """Raises ModelError where the folder holds no language model, or one of another architecture."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        architecture = config.get("architecture")
        if architecture == ARCHITECTURE:
            vocabulary = tuple(json.loads((folder / VOCABULARY).read_text("utf-8")))
            weights = load_file(folder / WEIGHTS)
            size, layers = int(config["size"]), int(config["layers"])
    except (AttributeError, OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise ModelError(f"{folder}: no language model can be read here ({type(error).__name__})") from None
    if architecture != ARCHITECTURE:
        raise ModelError(f"{folder}: a language model of architecture {ARCHITECTURE!r} is needed, not {architecture!r}")
    names = weight_shapes(len(vocabulary), size, layers)
    found = {name: weight.shape for name, weight in weights.items()}
    if found != names:
        wrong = sorted(name for name in {*found, *names} if found.get(name) != names.get(name))
        raise ModelError(f"{folder}: {CONFIG} and {WEIGHTS} do not agree, {wrong[0]} to begin with")
    return LanguageModel(
        vocabulary, size, layers, {name: weight.astype(np.float32) for name, weight in weights.items()}
    )


def write_language_model(model: LanguageModel, folder: Path) -> None:
    """What `read_language_model` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"architecture": ARCHITECTURE, "size": model.size, "layers": model.layers}
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    (folder / VOCABULARY).write_text(json.dumps(list(model.vocabulary), ensure_ascii=False), "utf-8")
    (folder / WEIGHTS).write_bytes(save({name: np.ascontiguousarray(w) for name, w in model.weights.items()}))


def weight_shapes(vocabulary: int, size: int, layers: int) -> dict[str, tuple[int, ...]]:
    """Those of torch's LSTMs, one for each layer of each direction, and the table of tokens."""
    shapes: dict[str, tuple[int, ...]] = {"tokens.weight": (vocabulary + 2, size)}
    for direction in ("forwards", "backwards"):
        for layer in range(layers):
            for which in ("ih", "hh"):
                shapes[f"{direction}.{layer}.weight_{which}_l0"] = (4 * size, size)
                shapes[f"{direction}.{layer}.bias_{which}_l0"] = (4 * size,)
    return shapes


class ContextualIndexer:
    """Tokens as numbers of the language model's vocabulary; 0 is padding, 1 the token that it does not hold."""

    axes: Mapping[str, tuple[str, ...]] = {}

    def __init__(
        self, words: WordIndexer, size: int, layers: int, start: Mapping[str, NDArray[np.float32]] | None = None
    ) -> None:
        self.words = words
        self.size = size
        self.layers = layers
        self.start = start

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.words.sizes[0], self.size, self.layers

    @classmethod
    def fit(cls, passages: Sequence[Passage], *, folder: str = "") -> "ContextualIndexer":
        """folder: of the language model; training texts change nothing about it

        Raises RecipeError where there is no such folder, ModelError where it holds no such model.
        """
        if not folder or not Path(folder).is_dir():
            what = f"there is no folder {folder!r}" if folder else "the folder of a language model is needed"
            raise RecipeError(f"model.embedder, contextual, folder: {what}")
        model = read_language_model(Path(folder))
        return cls(WordIndexer(model.vocabulary, len(model.vocabulary)), model.size, model.layers, model.weights)

    def arrays(self, spellings: Spellings) -> dict[str, NDArray[np.int64]]:
        """-> contextual (B, T)"""
        return {"contextual": self.words.arrays(spellings)["words"]}

    def to_dict(self) -> dict[str, Any]:
        return {"vocabulary": list(self.words.vocabulary), "size": self.size, "layers": self.layers}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ContextualIndexer":
        return cls(WordIndexer(data["vocabulary"], len(data["vocabulary"])), data["size"], data["layers"])
