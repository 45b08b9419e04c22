"""Passages -> arrays, inputs and targets. Numpy only: training and the installed product encode with the same code."""

from epicrisis.encoding.batch import Covering, Indexer, encode, own_mask, pad_targets
from epicrisis.encoding.casing import CasingIndexer
from epicrisis.encoding.characters import CharacterIndexer
from epicrisis.encoding.pieces import PieceIndexer
from epicrisis.encoding.spellings import Spellings
from epicrisis.encoding.words import WordIndexer

INDEXERS: dict[str, type[Indexer]] = {
    "words": WordIndexer,
    "character_cnn": CharacterIndexer,
    "casing": CasingIndexer,
    "transformer": PieceIndexer,
}

__all__ = [
    "INDEXERS",
    "CasingIndexer",
    "CharacterIndexer",
    "Covering",
    "Indexer",
    "PieceIndexer",
    "Spellings",
    "WordIndexer",
    "encode",
    "own_mask",
    "pad_targets",
]
