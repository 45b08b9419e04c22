"""Documents cut up: tokens, passages, targets. Pure Python and numpy; nothing here knows of networks."""

from epicrisis.text.codecs import Codec, Encoded, Mention
from epicrisis.text.language import language
from epicrisis.text.marking import mark
from epicrisis.text.passages import Passage, PassageRule, own_tokens, passages, sentence_tokens, sentences, sequences
from epicrisis.text.relations import ABSENT, Facts, RelationCodec, RelationFates, near_ends
from epicrisis.text.span_tables import OVERLAPS, EdgeCodec, SpanCodec, TypeSpansCodec
from epicrisis.text.spans import covering
from epicrisis.text.tags import SCHEMES, TagCodec, TypeTagsCodec
from epicrisis.text.targets import Fates, encode_document, expressible, token_tags
from epicrisis.text.tokens import tokens

__all__ = [
    "ABSENT",
    "OVERLAPS",
    "SCHEMES",
    "Codec",
    "EdgeCodec",
    "Encoded",
    "Facts",
    "Fates",
    "Mention",
    "Passage",
    "PassageRule",
    "RelationCodec",
    "RelationFates",
    "SpanCodec",
    "TagCodec",
    "TypeSpansCodec",
    "TypeTagsCodec",
    "covering",
    "encode_document",
    "expressible",
    "language",
    "mark",
    "near_ends",
    "own_tokens",
    "passages",
    "sentence_tokens",
    "sentences",
    "sequences",
    "token_tags",
    "tokens",
]
