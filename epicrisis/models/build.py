"""Recipe -> network: names become parts, each told the output size of the one before it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, replace
from typing import Any, cast, get_type_hints

import numpy as np
import torch
from torch import nn

from epicrisis.decoding import DECODERS as WAYS_OUT
from epicrisis.decoding import LABEL_HEADS, LabelHead, make_codec
from epicrisis.document import Document
from epicrisis.encoding import INDEXERS, Indexer, PieceIndexer
from epicrisis.errors import RecipeError
from epicrisis.models.classifier import Classifier
from epicrisis.models.joint import Joint, MentionStates
from epicrisis.models.tagger import Tagger
from epicrisis.models.template import Fillings, Template, sentences
from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.decoders import DECODERS
from epicrisis.parts.embedders import EMBEDDERS, SideBySide, Transformer
from epicrisis.parts.encoders import ENCODERS
from epicrisis.parts.heads import HEADS
from epicrisis.parts.pooling import POOLING
from epicrisis.parts.relations import RELATIONS
from epicrisis.recipe import Part, Parts, Recipe, Settings
from epicrisis.text import Codec, Passage, RelationCodec


def parts_and_settings() -> Parts:
    """What recipes may name: every family's parts, with the keyword-only arguments of each as its settings.

    To an embedder's belong those that its indexer is fitted with, to a decoder's those of its codec, to a head's those
    that its way out is fitted with.
    """
    indexers: dict[str, Any] = {name: indexer.fit for name, indexer in INDEXERS.items()}  # type: ignore[attr-defined]
    codecs: dict[str, Any] = {name: way_out.make_codec for name, way_out in WAYS_OUT.items()}
    labels: dict[str, Any] = {name: head.fit for name, head in LABEL_HEADS.items()}  # type: ignore[attr-defined]
    decoders = {**DECODERS, "template": Fillings}
    families: dict[str, tuple[Mapping[str, type[nn.Module]], Mapping[str, Any]]] = {
        "embedder": (EMBEDDERS, indexers),
        "encoder": (ENCODERS, {}),
        "attention": (ATTENTION, {}),
        "decoder": (decoders, codecs),
        "relations": (RELATIONS, {}),
        "pooling": (POOLING, {}),
        "heads": (HEADS, labels),
    }
    return {
        family: {
            name: {**_settings(part), **(_settings(numpy_half[name]) if name in numpy_half else {})}
            for name, part in table.items()
        }
        for family, (table, numpy_half) in families.items()
    }


def fit_indexers(recipe: Recipe, passages: Sequence[Passage]) -> tuple[Recipe, dict[str, Indexer]]:
    """Vocabularies from the training passages, and what the recipe's settings name, such as pre-trained vectors.

    The recipe comes back with the size of those vectors. Raises RecipeError where there are no such things.
    """
    indexers: dict[str, Indexer] = {}
    embedders: list[Part] = []
    for part in recipe.embedder:
        fit = INDEXERS[part.type].fit  # type: ignore[attr-defined]
        indexer = fit(passages, **_chosen(fit, part.settings))
        start = indexer.start[0] if isinstance(indexer.start, tuple) else indexer.start
        if "size" in part.settings and isinstance(start, np.ndarray):
            part = Part(part.type, {**part.settings, "size": start.shape[1]})
        indexers[part.type] = indexer
        embedders.append(part)
    return replace(recipe, embedder=tuple(embedders)), indexers


def make_tagger(
    recipe: Recipe,
    indexers: Mapping[str, Indexer],
    types: Sequence[str],
    relations: RelationCodec | None = None,
) -> tuple[Tagger, Codec]:
    """The network with fresh weights, and the codec of what it is to find.

    relations: what a joint network is to find beside entities

    Raises RecipeError where a setting has a value that no part can be made with, or questions ask for other types.
    """
    for name, indexer in indexers.items():
        _check_types(name, getattr(indexer, "types", types), types)
    codec = codec_of(recipe, types)
    embedder, encoder, attention = _reader(recipe, indexers)
    if recipe.task == "template":
        return Template(embedder, encoder, attention, _fillings(recipe, indexers, embedder, attention, codec)), codec
    size = cast(int, attention.output_size)
    decoder = _make(DECODERS[recipe.decoder.type], recipe.decoder, size, codec)
    if recipe.task == "tagger":
        return Tagger(embedder, encoder, attention, decoder), codec
    if relations is None or recipe.relations is None:
        raise RecipeError("model.task: a joint network needs documents with relations to learn from")
    settings = recipe.joint
    mentions = MentionStates(size, len(types), settings.type_size)
    related = _make(
        RELATIONS[recipe.relations.type], recipe.relations, mentions.output_size, size, len(relations.relations)
    )
    reader = Tagger(*_reader(recipe, indexers), nn.Identity()) if settings.sharing != "shared" else None
    joint = Joint(
        embedder,
        encoder,
        attention,
        decoder,
        reader=reader,
        mentions=mentions,
        relations=related,
        relation_codec=relations,
        codec=codec,
        way_out=WAYS_OUT[recipe.decoder.type],
        settings=settings,
    )
    return joint, codec


def fit_heads(recipe: Recipe, documents: Sequence[Document]) -> list[LabelHead]:
    """What the heads of a classifier know of the training documents: their values. Raises CorpusError as they do."""
    fits = [LABEL_HEADS[part.type].fit for part in recipe.heads]  # type: ignore[attr-defined]
    pairs = zip(fits, recipe.heads, strict=True)
    return [fit(documents, **_chosen(fit, part.settings)) for fit, part in pairs]


def make_classifier(recipe: Recipe, indexers: Mapping[str, Indexer], heads: Sequence[LabelHead]) -> Classifier:
    """The network with fresh weights. Raises RecipeError where a setting has a value that no part can be made with."""
    assert recipe.pooling is not None
    embedder, encoder, attention = _reader(recipe, indexers)
    pooling = _make(POOLING[recipe.pooling.type], recipe.pooling, attention.output_size)
    made = [
        _make(HEADS[part.type], part, pooling.output_size, head.columns)
        for part, head in zip(recipe.heads, heads, strict=True)
    ]
    columns, widths = zip(*((head.columns, head.width) for head in heads), strict=True)
    return Classifier(embedder, encoder, attention, pooling, made, columns, widths)


def _reader(recipe: Recipe, indexers: Mapping[str, Indexer]) -> tuple[SideBySide, nn.Module, nn.Module]:
    """Embedder, encoder and attention: what gives every token a state."""
    embedder = SideBySide(
        {part.type: _make(EMBEDDERS[part.type], part, *indexers[part.type].sizes) for part in recipe.embedder}
    )
    encoder = _make(ENCODERS[recipe.encoder.type], recipe.encoder, embedder.output_size)
    attention = _make(ATTENTION[recipe.attention.type], recipe.attention, encoder.output_size, embedder.output_size)
    return embedder, encoder, attention


def _fillings(
    recipe: Recipe, indexers: Mapping[str, Indexer], embedder: SideBySide, attention: nn.Module, codec: Codec
) -> nn.Module:
    pieces = indexers.get("transformer")
    if not isinstance(pieces, PieceIndexer):
        raise RecipeError("model.embedder: the task template needs a 'transformer', whose word pieces it shares")
    spelt = [pieces.spell(sentence) for sentence in sentences(codec.types)]
    word_size = cast(Transformer, embedder.embedders["transformer"]).table.shape[1]
    return cast(nn.Module, _make(Fillings, recipe.decoder, attention.output_size, word_size, codec, spelt))


def _check_types(name: str, asked: Sequence[str], types: Sequence[str]) -> None:
    """Whether what an embedder asks for is what there is to find, in the same order."""
    if tuple(asked) != tuple(types):
        missing, extra = sorted({*types} - {*asked}), sorted({*asked} - {*types})
        raise RecipeError(
            f"model.embedder, {name}: they ask for other types than the training documents hold: missing "
            f"{', '.join(missing) or 'none'}; of no use {', '.join(extra) or 'none'}. Give a file of questions for "
            f"these documents: --set model.embedder.0.questions=FILE.yaml"
        )


def codec_of(recipe: Recipe, types: Sequence[str]) -> Codec:
    settings = _chosen(WAYS_OUT[recipe.decoder.type].make_codec, recipe.decoder.settings)
    return make_codec({"type": recipe.decoder.type, **settings}, types)


def start_from_pretrained(tagger: Tagger, indexers: Mapping[str, Indexer]) -> None:
    """Give embedders what they start from, such as pre-trained vectors."""
    for reader in (tagger, getattr(tagger, "reader", None)):
        if reader is None:
            continue
        embedders = cast(SideBySide, reader.embedder).embedders
        for name, indexer in indexers.items():
            start = torch.from_numpy(indexer.start) if isinstance(indexer.start, np.ndarray) else indexer.start
            if start is not None:
                cast(Any, embedders[name]).start_from(start)


def _settings(part: Callable[..., Any]) -> Settings:
    hints = get_type_hints(getattr(part, "__init__") if isinstance(part, type) else part)  # noqa: B009
    return {
        name: (hints[name], MISSING if parameter.default is parameter.empty else parameter.default)
        for name, parameter in inspect.signature(part).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def _chosen(part: Callable[..., Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that the part takes."""
    return {name: settings[name] for name in _settings(part)}


def _make(kind: type[nn.Module], part: Part, *arguments: Any) -> Any:
    settings = _chosen(kind, part.settings)
    try:
        return kind(*arguments, **settings)
    except (ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise RecipeError(f"{part.type}: it cannot be made with {settings}: {reason}") from None
