"""Documents cut up: tokens, passages, tags. Pure Python and numpy; nothing here knows of networks."""

from epicrisis.text.language import language
from epicrisis.text.passages import Passage, PassageRule, own_tokens, passages, sequences
from epicrisis.text.spans import covering
from epicrisis.text.tagging import Fates, expressible, tag_document, token_tags
from epicrisis.text.tags import SCHEMES, Codec, Mention, Tagged
from epicrisis.text.tokens import tokens

__all__ = [
    "SCHEMES",
    "Codec",
    "Fates",
    "Mention",
    "Passage",
    "PassageRule",
    "Tagged",
    "covering",
    "expressible",
    "language",
    "own_tokens",
    "passages",
    "sequences",
    "tag_document",
    "token_tags",
    "tokens",
]
