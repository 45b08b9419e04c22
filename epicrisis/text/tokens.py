"""Tokens: the words of clinical English, the single characters of Chinese, with their offsets.

A token never crosses a place where a clinical mention could begin or end: hyphens, slashes and units stand alone
("48-year-old" is five tokens, "5mg" two), while a name that goes on in digits stays whole ("HbA1c", "CD20").
"""

import re
from collections.abc import Iterator

from epicrisis.document import Span

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

_TOKEN = re.compile(
    rf"[{HAN}]"  # one Chinese character
    rf"|[^\W\d_{HAN}][^\W_{HAN}]*"  # a letter, then letters and digits
    r"|\d+(?:[.,]\d+)*"  # a number with its decimals and thousands
    r"|\S"  # anything else that is not white space
)


def tokens(text: str) -> Iterator[Span]:
    """The tokens of a text as half-open character spans, in order. Only white space lies between them.

    Linear in the length of the text, and lazy: a note of fifty million characters is never held as tokens.
    """
    return map(re.Match.span, _TOKEN.finditer(text))


def lowered(text: str) -> str:
    """In lower case and with one apostrophe, every character where it was."""
    lower = text.lower()
    if len(lower) != len(text):  # such as a capital dotted I, which becomes two
        lower = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return lower.replace("’", "'")
