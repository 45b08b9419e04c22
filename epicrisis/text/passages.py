"""Passages: the stretches of a document that a network sees at once.

Training, evaluation and the installed product all cut a text here, by the rule that is saved with the model. A
network that was trained on single lines and is then given whole notes loses a fifth of its F1.

The cut, from the outside in:
- A blank line ends a passage: what stands before it is no context for what comes after. Two notes joined by one are
  therefore annotated as if each stood alone.
- Sentences (a line break ends one, too) are packed into a passage while they fit its budget of tokens.
- A sentence longer than the budget becomes overlapping windows. A token belongs to the window in which it is farthest
  from an edge; the scores of the windows are joined and decoded as one sequence.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from epicrisis.document import Span
from epicrisis.text.tokens import HAN, tokens

LONGEST_SEQUENCE = 64
"""Budgets of tokens that a sentence holds at the most: it bounds the memory for a text without any sentence end."""

_ENDS = frozenset(".!?。！？；")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_HAN = re.compile(rf"[{HAN}]")


@dataclass(frozen=True)
class PassageRule:
    """How a model's texts are cut.

    budget   tokens that a passage holds at the most
    overlap  tokens that two windows of one long sentence share
    """

    budget: int = 128
    overlap: int = 32

    def __post_init__(self) -> None:
        if self.budget < 1 or not 0 <= self.overlap < self.budget:
            raise ValueError(f"a budget of {self.budget} tokens cannot hold an overlap of {self.overlap}")


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens that a network sees at once.

    text       the whole document's
    tokens     their character spans in it
    own        the positions (half open) of the tokens that this passage answers for; the others are context
    continues  its own tokens follow on those of the passage before it, in one sequence
    """

    text: str
    tokens: list[Span]
    own: Span
    continues: bool = False

    @classmethod
    def of(cls, words: Sequence[str]) -> "Passage":
        """A passage of these words, a space between them."""
        ends = list(accumulate(len(word) + 1 for word in words))
        spans = [(end - 1 - len(word), end - 1) for word, end in zip(words, ends, strict=True)]
        return cls(" ".join(words), spans, (0, len(words)))

    @property
    def words(self) -> list[str]:
        text = self.text
        return [text[start:end] for start, end in self.tokens]


def passages(text: str, rule: PassageRule) -> Iterator[Passage]:
    """Cut a text; every token belongs to exactly one passage. Lazy, and linear in the length of the text."""
    packed: list[Span] = []
    for sentence, starts_block in _sentences(text, LONGEST_SEQUENCE * rule.budget):
        if packed and (starts_block or len(packed) + len(sentence) > rule.budget):
            yield Passage(text, packed, (0, len(packed)))
            packed = []
        if len(sentence) > rule.budget:
            yield from _windows(text, sentence, rule)
        else:
            packed = packed + sentence if packed else sentence
    if packed:
        yield Passage(text, packed, (0, len(packed)))


def sentence_tokens(text: str) -> Iterator[list[Span]]:
    """The tokens of each sentence; a line break ends one, too."""
    return (sentence for sentence, _ in _sentences(text, len(text) + 1))


def sequences(cut: Iterable[Passage]) -> Iterator[list[Passage]]:
    """The passages grouped: those of one group continue one another, and a decoder sees their own tokens as one."""
    group: list[Passage] = []
    for passage in cut:
        if group and not passage.continues:
            yield group
            group = []
        group.append(passage)
    if group:
        yield group


def own_tokens(sequence: Iterable[Passage]) -> list[Span]:
    """The tokens that the passages of a sequence answer for, in order."""
    return [token for passage in sequence for token in passage.tokens[passage.own[0] : passage.own[1]]]


def sentences(text: str, longest: int = LONGEST_SEQUENCE * 128) -> Iterator[Span]:
    """The sentences of a text as half-open character spans, in order; a line break ends one, and so many tokens."""
    for found, _ in _sentences(text, longest):
        yield found[0][0], found[-1][1]


def _sentences(text: str, longest: int) -> Iterator[tuple[list[Span], bool]]:
    """The tokens of each sentence, and whether a blank line stands before it. It ends after `longest` tokens."""
    sentence: list[Span] = []
    starts_block = False
    for span, following in pairwise(chain(tokens(text), [(len(text), len(text))])):
        sentence.append(span)
        end, start = span[1], following[0]
        gap = text[end:start]
        ends = "\n" in gap or (text[end - 1] in _ENDS and _begins_sentence(gap, text, start))
        if ends or len(sentence) == longest:
            yield sentence, starts_block
            sentence = []
            starts_block = _BLANK_LINE.search(gap) is not None
    if sentence:
        yield sentence, starts_block


def _begins_sentence(gap: str, text: str, start: int) -> bool:
    """Whether what follows a full stop can begin a sentence: after a space no lower-case letter, or Chinese."""
    following = text[start : start + 1]
    return not following.islower() if gap else _HAN.match(following) is not None


def _windows(text: str, sentence: list[Span], rule: PassageRule) -> Iterator[Passage]:
    """Overlapping windows; half of an overlap belongs to each of the two that share it."""
    step = rule.budget - rule.overlap
    margin = rule.overlap // 2
    start = 0
    while True:
        window = sentence[start : start + rule.budget]
        last = start + rule.budget >= len(sentence)
        first_own = 0 if start == 0 else margin
        last_own = len(window) if last else margin + step
        yield Passage(text, window, (first_own, last_own), continues=start > 0)
        if last:
            return
        start += step
