"""Passages -> arrays, inputs and targets. Numpy only: training and the installed product encode with the same code."""

from epicrisis.encoding.batch import Covering, Indexer, encode, own_mask, pad_targets
from epicrisis.encoding.casing import CasingIndexer
from epicrisis.encoding.characters import CharacterIndexer
from epicrisis.encoding.contextual import ContextualIndexer
from epicrisis.encoding.documents import chapters, encode_documents, unseen
from epicrisis.encoding.hand_features import HandFeatureIndexer
from epicrisis.encoding.lattice import LatticeIndexer
from epicrisis.encoding.lexicon import LexiconIndexer
from epicrisis.encoding.ngrams import NgramIndexer
from epicrisis.encoding.pairs import encode_pairs
from epicrisis.encoding.pieces import PieceIndexer
from epicrisis.encoding.questions import QuestionIndexer
from epicrisis.encoding.spellings import Spellings
from epicrisis.encoding.words import WordIndexer

INDEXERS: dict[str, type[Indexer]] = {
    "words": WordIndexer,
    "character_cnn": CharacterIndexer,
    "casing": CasingIndexer,
    "transformer": PieceIndexer,
    "questions": QuestionIndexer,
    "lexicon": LexiconIndexer,
    "lattice": LatticeIndexer,
    "hand_features": HandFeatureIndexer,
    "contextual": ContextualIndexer,
}

__all__ = [
    "INDEXERS",
    "CasingIndexer",
    "CharacterIndexer",
    "ContextualIndexer",
    "Covering",
    "HandFeatureIndexer",
    "Indexer",
    "LatticeIndexer",
    "LexiconIndexer",
    "NgramIndexer",
    "PieceIndexer",
    "QuestionIndexer",
    "Spellings",
    "WordIndexer",
    "chapters",
    "encode",
    "encode_documents",
    "encode_pairs",
    "own_mask",
    "pad_targets",
    "unseen",
]
