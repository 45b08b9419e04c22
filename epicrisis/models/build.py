"""Recipe -> network: names become parts, each told the output size of the one before it."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, replace
from importlib import resources
from pathlib import Path
from typing import Any, cast, get_type_hints

import torch
from torch import nn

from epicrisis.encoding import INDEXERS, Indexer, WordIndexer, Words
from epicrisis.encoding.vectors import Vectors, read_vectors
from epicrisis.errors import RecipeError, suggestion
from epicrisis.models.tagger import Tagger
from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.decoders import DECODERS
from epicrisis.parts.embedders import EMBEDDERS, SideBySide
from epicrisis.parts.embedders import Words as WordTable
from epicrisis.parts.encoders import ENCODERS
from epicrisis.recipe import Part, Parts, Recipe, Settings
from epicrisis.text import Codec

OWN_SETTINGS: dict[str, Settings] = {"decoder": {"scheme": (str, "bio")}}
"""What a recipe says of a family beside the settings of its parts."""


def parts_and_settings() -> Parts:
    """What recipes may name: every family's parts, with the keyword-only arguments of each as its settings."""
    families = {"embedder": EMBEDDERS, "encoder": ENCODERS, "attention": ATTENTION, "decoder": DECODERS}
    return {
        family: {name: {**_settings(part), **OWN_SETTINGS.get(family, {})} for name, part in table.items()}
        for family, table in families.items()
    }


def fit_indexers(recipe: Recipe, words: Words) -> tuple[Recipe, dict[str, Indexer], Vectors | None]:
    """Vocabularies from the training texts, and the pre-trained vectors if the recipe names some.

    The recipe comes back with the size of those vectors. Raises RecipeError where there are no such vectors.
    """
    indexers: dict[str, Indexer] = {}
    vectors = None
    embedders: list[Part] = []
    for part in recipe.embedder:
        if part.type == "words" and (name := part.settings["vectors"]):
            vectors = find_vectors(name)
            part = Part(part.type, {**part.settings, "size": vectors.matrix.shape[1]})
        indexers[part.type] = INDEXERS[part.type].fit(words, known=vectors.words if vectors else ())
        embedders.append(part)
    return replace(recipe, embedder=tuple(embedders)), indexers, vectors


def make_tagger(recipe: Recipe, indexers: Mapping[str, Indexer], types: Sequence[str]) -> tuple[Tagger, Codec]:
    """The network with fresh weights, and the codec of its tags.

    Raises RecipeError where a setting has a value that no part can be made with.
    """
    codec = make_codec(recipe, types)
    embedder = SideBySide(
        {part.type: _make(EMBEDDERS[part.type], part, *indexers[part.type].sizes) for part in recipe.embedder}
    )
    encoder = _make(ENCODERS[recipe.encoder.type], recipe.encoder, embedder.output_size)
    attention = _make(ATTENTION[recipe.attention.type], recipe.attention, encoder.output_size, embedder.output_size)
    decoder = _make(DECODERS[recipe.decoder.type], recipe.decoder, attention.output_size, codec, leave=("scheme",))
    return Tagger(embedder, encoder, attention, decoder), codec


def make_codec(recipe: Recipe, types: Sequence[str]) -> Codec:
    return Codec(recipe.decoder.settings["scheme"], types)


def start_from_vectors(tagger: Tagger, indexers: Mapping[str, Indexer], vectors: Vectors) -> None:
    """Give the word table the pre-trained vectors."""
    indexer = cast(WordIndexer, indexers["words"])
    words = cast(WordTable, cast(SideBySide, tagger.embedder).embedders["words"])
    words.start_from(torch.from_numpy(vectors.rows(indexer.vocabulary)))


def find_vectors(name: str) -> Vectors:
    """Vectors that come with the package by name, or a folder or file."""
    shipped = Path(str(resources.files("epicrisis").joinpath("weights", "vectors")))
    names = sorted(folder.name for folder in shipped.iterdir() if folder.is_dir()) if shipped.is_dir() else []
    if name in names:
        return read_vectors(shipped / name)
    if not Path(name).exists():
        raise RecipeError(f"model.embedder, vectors: no {name!r}.{suggestion(name, names)} Or give a folder or file")
    return read_vectors(Path(name))


def _settings(part: type[nn.Module]) -> Settings:
    hints = get_type_hints(part.__init__)
    return {
        name: (hints[name], MISSING if parameter.default is parameter.empty else parameter.default)
        for name, parameter in inspect.signature(part.__init__).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def _make(kind: type[nn.Module], part: Part, *arguments: Any, leave: Sequence[str] = ()) -> Any:
    settings = {key: value for key, value in part.settings.items() if key not in leave}
    try:
        return kind(*arguments, **settings)
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise RecipeError(f"{part.type}: it cannot be made with {settings}: {reason}") from None
