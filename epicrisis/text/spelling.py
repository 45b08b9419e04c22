"""Spelling: words that the dictionary lacks become the one that is a single edit away.

The dictionary is that of symspellpy (MIT): 82,000 English words, British and American, with how often they are used.
A word is left alone where correcting it may do harm: if it is known to the caller, shorter than four letters, written
with digits or with capitals inside, has the ending of a medical word, or no frequent word is near. And all of a text
is left alone of which the dictionary knows less than half: it is in another language.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import resources, util
from typing import Any

from epicrisis.document import Span
from epicrisis.errors import UsageError
from epicrisis.text import wording

SHORTEST = 4
FREQUENT = 500_000
"""A word is corrected towards one that the dictionary counts so often: a rare one is hardly ever what was meant."""
FAMILIAR = 0.5
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


def corrections(text: str, known: Collection[str]) -> Iterator[tuple[Span, str]]:
    """Where a word is misspelt, and what it should be, in order.

    known: words in lower case that are left alone, whatever the dictionary says

    Raises UsageError where symspellpy is not installed.
    """
    speller = _speller()
    lists = wording.load("en")
    words = [(found.span(), found.group()) for found in _WORD.finditer(text)]
    strange = [(span, word) for span, word in words if len(word) > 2 and word.lower() not in speller.words]
    counted = sum(len(word) > 2 for _, word in words)
    foreign = sum(word.lower() not in lists.spellings for _, word in strange)
    if counted > 1 and foreign > (1 - FAMILIAR) * counted:
        return
    shouting = text.isupper()
    for span, word in strange:
        low = word.lower().replace("’", "'")
        named = not word.islower() and not (shouting and word.isupper()) and not _first(text, span[0])
        if len(word) < SHORTEST or low in known or named or low.endswith(lists.endings):
            continue
        if not word.isascii() or not (word.islower() or word.isupper() or word.istitle()):
            continue
        right = lists.spellings.get(low) or speller.correct(low)
        if right and right != low:
            yield span, right.upper() if word.isupper() else right.capitalize() if word.istitle() else right


class _Speller:
    def __init__(self) -> None:
        from symspellpy import SymSpell

        self.words: dict[str, int] = {}
        self.near: Any = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
        file = resources.files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
        for line in file.read_text("utf-8-sig").splitlines():
            word, number = line.split(" ")
            self.words[word] = int(number)
            if int(number) >= FREQUENT:
                self.near.create_dictionary_entry(word, int(number))
        self.seen: dict[str, str | None] = {}

    def correct(self, word: str) -> str | None:
        """The most frequent word that is one edit away; None where there is none."""
        if word not in self.seen:
            if len(self.seen) > 1 << 20:
                self.seen.clear()
            self.seen[word] = self._correct(word)
        return self.seen[word]

    def _correct(self, word: str) -> str | None:
        from symspellpy import Verbosity

        for times in (r"\1\1", r"\1"):  # "sooooo": twice is a spelling that occurs, and then once
            short = _DRAWN_OUT.sub(times, word)
            if short != word and short in self.words:
                return short
        found = self.near.lookup(word, Verbosity.TOP, max_edit_distance=1)
        return str(found[0].term) if found else None


@cache
def _speller() -> _Speller:
    check()
    return _Speller()


def check() -> None:
    """Raises UsageError where the library is not installed."""
    if util.find_spec("symspellpy") is None:
        raise UsageError("correcting the spelling needs symspellpy: pip install 'epicrisis[spelling]'")


def _first(text: str, start: int) -> bool:
    """Whether a word begins the text or a sentence, where a capital says nothing."""
    before = text[max(0, start - 3) : start].rstrip(" \"'(")
    return not before or before[-1] in ".!?\n"
