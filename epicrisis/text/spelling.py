"""Spelling: words that the dictionary lacks become the one that is a single edit away.

The dictionary is that of symspellpy (MIT): 82,000 English words, British and American, with how often they are used.
A word is left alone where correcting it may do harm: if the caller knows it, it is short, a name within a sentence, or
written with digits or capitals inside, has the ending of a medical word, or no frequent word with the same first letter
is near. And all of a text is left alone of which the dictionary knows less than half: it is in another language.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import resources, util
from typing import Any

from epicrisis.document import Span
from epicrisis.errors import UsageError
from epicrisis.text import wording
from epicrisis.text.tokens import lowered

SHORTEST, SHORTEST_LOOKED_UP = 4, 5
"""Letters of a word that may be wrong, and of one that is looked up: of four letters, too many words are near."""
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
    listed = wording.load("en").spellings
    words = [(found.start(), word := found.group(), lowered(word)) for found in _WORD.finditer(text)]
    counted = [(start, word, low) for start, word, low in words if len(low) >= SHORTEST]
    strange = [(start, word, low) for start, word, low in counted if not speller.knows(low)]
    foreign = sum(low not in listed for _, _, low in strange)
    if len(counted) > 1 and foreign > (1 - FAMILIAR) * len(counted):
        return
    shouting = text.isupper()
    for start, word, low in strange:
        named = not word.islower() and not (shouting and word.isupper()) and not _first(text, start)
        if named or low in known or not (word.islower() or word.isupper() or word.istitle()):
            continue
        right = listed.get(low) or speller.correct(low)
        if right:
            shaped = right.upper() if word.isupper() else right.capitalize() if word.istitle() else right
            yield (start, start + len(word)), shaped


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
        self.endings = wording.load("en").endings
        self.seen: dict[str, str | None] = {}

    def knows(self, word: str) -> bool:
        """Whether it is in the dictionary, or a form with -s, 's or -ed of a word that is."""
        stem = word.removesuffix("s").removesuffix("'").removesuffix("ed")
        return word in self.words or stem in self.words or word.removesuffix("'s") in self.words

    def correct(self, word: str) -> str | None:
        """What it should be; None where that is not certain enough."""
        if word not in self.seen:
            if len(self.seen) > 1 << 20:
                self.seen.clear()
            self.seen[word] = self._correct(word)
        return self.seen[word]

    def _correct(self, word: str) -> str | None:
        from symspellpy import Verbosity

        if not (word.isascii() and word.isalpha()) or len(set(word)) == 1:
            return None
        for times in (r"\1\1", r"\1"):  # "sooooo": twice is a spelling that occurs, and then once
            short = _DRAWN_OUT.sub(times, word)
            if short != word and short in self.words:
                return short
        if len(word) < SHORTEST_LOOKED_UP or word.endswith(self.endings):
            return None
        found = self.near.lookup(word, Verbosity.CLOSEST, max_edit_distance=1)
        near = [one for one in found if one.term[0] == word[0]]
        best = max(near, key=lambda one: (one.term[-1] == word[-1], one.count), default=None)
        return str(best.term) if best else None


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
