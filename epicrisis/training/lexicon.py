"""A lexicon, and a text cut into its longest words from left to right (forward maximum matching)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epicrisis.document import Span
from epicrisis.encoding.files import DAMAGED, opened
from epicrisis.encoding.spellings import normalise
from epicrisis.errors import CorpusError

LONGEST = 20
"""Characters of the longest word that is kept: a longer entry is a phrase, and every length costs time in each text."""


class Lexicon:
    """words, normalised as `WordIndexer` looks them up: millions cost no more than the strings themselves"""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(map(normalise, words))
        lengths: dict[str, set[int]] = {}
        for word in self.words:
            lengths.setdefault(word[:1], set()).add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def segment(self, text: str, spans: Sequence[Span]) -> Iterator[str]:
        """The normalised words of a text: at each token the longest word of the lexicon, else the token itself.

        spans  the tokens of the text, in order; a word ends where one of them ends
        """
        following = {end: number for number, (_, end) in enumerate(spans, start=1)}
        number = 0
        while number < len(spans):
            start, end = spans[number]
            found, after = normalise(text[start:end]), number + 1
            for length in self._lengths.get(found[0], ()):
                there = following.get(start + length)
                if there and (word := normalise(text[start : start + length])) in self.words:
                    found, after = word, there
                    break
            yield found
            number = after


def read_lexicon(file: Path) -> tuple[Lexicon, Counter[str]]:
    """A word a line, before the first TAB; and counts of the entries that were kept and left out. May be .gz or .xz.

    Raises CorpusError where the file cannot be read, or holds no word.
    """
    counts: Counter[str] = Counter()
    lexicon = Lexicon(_entries(file, counts))
    if not lexicon.words:
        raise CorpusError(f"{file}: no entry of this lexicon can be used. There should be a word on each line")
    return lexicon, counts


def _entries(file: Path, counts: Counter[str]) -> Iterator[str]:
    number = 0
    try:
        with opened(file) as lines:
            for number, line in enumerate(lines, start=1):
                word = line.decode("utf-8-sig" if number == 1 else "utf-8").partition("\t")[0].strip()
                if not word:
                    counts["lexicon, left out: empty"] += 1
                elif len(word) > LONGEST:
                    counts[f"lexicon, left out: longer than {LONGEST} characters"] += 1
                elif len(word.split()) > 1:
                    counts["lexicon, left out: white space within"] += 1
                else:
                    counts["lexicon, entries"] += 1
                    yield word
    except UnicodeDecodeError:
        raise CorpusError(f"{file}, line {number}: it is no UTF-8") from None
    except DAMAGED as error:
        raise CorpusError(f"{file}: it cannot be read ({type(error).__name__})") from None
