"""Numbered tokens -> vectors. The indexer that numbers them, under the same name, is in `encoding`."""

from torch import nn

from epicrisis.parts.embedders.casing import Casing
from epicrisis.parts.embedders.character_cnn import CharacterCNN
from epicrisis.parts.embedders.contextual import BiLM, Contextual
from epicrisis.parts.embedders.hand_features import HandFeatures
from epicrisis.parts.embedders.lattice import Lattice
from epicrisis.parts.embedders.lexicon import Lexicon
from epicrisis.parts.embedders.questions import Questions
from epicrisis.parts.embedders.side_by_side import SideBySide
from epicrisis.parts.embedders.transformer import Transformer
from epicrisis.parts.embedders.words import Words

EMBEDDERS: dict[str, type[nn.Module]] = {
    "words": Words,
    "character_cnn": CharacterCNN,
    "casing": Casing,
    "transformer": Transformer,
    "questions": Questions,
    "lexicon": Lexicon,
    "lattice": Lattice,
    "hand_features": HandFeatures,
    "contextual": Contextual,
}

__all__ = [
    "EMBEDDERS",
    "BiLM",
    "Casing",
    "CharacterCNN",
    "Contextual",
    "HandFeatures",
    "Lattice",
    "Lexicon",
    "Questions",
    "SideBySide",
    "Transformer",
    "Words",
]
