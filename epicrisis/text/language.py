"""The language of a note, by its script.

Chinese notes are full of Latin letters: drugs, units, markers, abbreviations ("予 metformin 0.5g bid"). English ones
hold a Chinese character at most in a name. A character says about as much as a word of five letters, so a modest share
of them makes a note Chinese: one character to nine other letters. Numbers and punctuation say nothing.
"""

import re
from collections.abc import Mapping

from epicrisis.text.tokens import HAN

DEFAULT = "en"
"""What a text is that shows no other script, be it empty."""
SCRIPTS: Mapping[str, tuple[str, float]] = {"zh": (HAN, 0.1)}
"""ISO 639-1 code -> the characters of its script, and the least share of them among a text's letters. First come, first
served; a language that shares its script with another one cannot be told from it here."""
PIECES, PIECE = 16, 1024
"""A longer text is judged by this many pieces of this many characters, from all over it: its head may be a form's."""

_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = [(name, re.compile(f"[{script}]"), least) for name, (script, least) in SCRIPTS.items()]


def language(text: str) -> str:
    """The ISO 639-1 code of a text's language. What a huge text costs is bounded."""
    if text.isascii():  # Python knows it without looking
        return DEFAULT
    sample = sampled(text)
    for name, script, least in _SCRIPTS:
        own = len(script.findall(sample))
        if own and own >= least * len(_LETTER.findall(sample)):
            return name
    return DEFAULT


def sampled(text: str) -> str:
    if len(text) <= PIECES * PIECE:
        return text
    step = (len(text) - PIECE) / (PIECES - 1)
    return "".join(text[start : start + PIECE] for start in (round(number * step) for number in range(PIECES)))
