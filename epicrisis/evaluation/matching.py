"""Gold and predicted mentions of one document -> how many are right, under four measures.

A mention is its type and the characters it covers; ids, scores and attributes play no part. Both sides are multisets:
a mention that stands twice counts twice. No measure depends on the order of its input, and swapping gold and predicted
swaps `missed` and `spurious`, nothing else. docs/scores.md explains the measures and compares them with nervaluate's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from epicrisis.document import Entity, Span
from epicrisis.evaluation.bipartite import most_pairs, most_pairs_by_rank

Mention = tuple[str, tuple[Span, ...]]
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What became of the mentions, in the words of SemEval-2013 task 9.1.

    correct    pairs of a gold and a predicted mention that agree
    incorrect  pairs that share characters and differ in type (only the measure `type` has them)
    partial    pairs that share characters, not all of them (only the measure `partial` has them); each is half right
    missed     gold mentions without a partner
    spurious   predicted mentions without a partner
    """

    correct: int = 0
    incorrect: int = 0
    partial: int = 0
    missed: int = 0
    spurious: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.correct + other.correct,
            self.incorrect + other.incorrect,
            self.partial + other.partial,
            self.missed + other.missed,
            self.spurious + other.spurious,
        )


def mention(entity: Entity) -> Mention:
    """The entity as it is compared: fragments that touch are one, for they cover the same characters as one would."""
    if len(entity.fragments) == 1:
        return entity.type, entity.fragments
    joined: list[Span] = []
    for start, end in entity.fragments:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return entity.type, tuple(joined)


def strict(gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    """Right: the same characters and the same type."""
    return _outcome(gold, predicted, correct=_in_both(gold, predicted))


def boundary(gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    """Right: the same characters, whatever the type."""
    return _outcome(gold, predicted, correct=_in_both(_spans(gold), _spans(predicted)))


def partial(gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    """Right: the same characters, whatever the type; half right: at least one character in common.

    As many right pairs as possible, then as many half right ones among the rest.
    """
    gold_rest, predicted_rest = _without_common(_spans(gold), _spans(predicted))
    halves = most_pairs(_overlaps(gold_rest, predicted_rest), len(predicted_rest))
    return _outcome(gold, predicted, correct=len(gold) - len(gold_rest), partial=halves)


def same_type(gold: Sequence[Mention], predicted: Sequence[Mention]) -> Outcome:
    """Right: the same type and at least one character in common; incorrect: another type and a character in common.

    As many strictly right pairs as possible, then as many others of one type, then as many incorrect ones.
    """
    gold_rest, predicted_rest = _without_common(gold, predicted)
    first: list[list[int]] = []
    second: list[list[int]] = []
    overlapping = _overlaps([fragments for _, fragments in gold_rest], [fragments for _, fragments in predicted_rest])
    for (type_, _), others in zip(gold_rest, overlapping, strict=True):
        first.append([other for other in others if predicted_rest[other][0] == type_])
        second.append([other for other in others if predicted_rest[other][0] != type_])
    right, wrong = most_pairs_by_rank(first, second, len(predicted_rest))
    return _outcome(gold, predicted, correct=len(gold) - len(gold_rest) + right, incorrect=wrong)


MEASURES: dict[str, Callable[[Sequence[Mention], Sequence[Mention]], Outcome]] = {
    "strict": strict,
    "boundary": boundary,
    "partial": partial,
    "type": same_type,
}


def _outcome(
    gold: Sequence[Mention], predicted: Sequence[Mention], *, correct: int, incorrect: int = 0, partial: int = 0
) -> Outcome:
    pairs = correct + incorrect + partial
    return Outcome(correct, incorrect, partial, len(gold) - pairs, len(predicted) - pairs)


def _spans(mentions: Iterable[Mention]) -> list[tuple[Span, ...]]:
    return [fragments for _, fragments in mentions]


def _in_both(gold: Iterable[T], predicted: Iterable[T]) -> int:
    return (Counter(gold) & Counter(predicted)).total()


def _without_common(gold: Iterable[T], predicted: Iterable[T]) -> tuple[list[T], list[T]]:
    """Both multisets less their intersection. Equal members are interchangeable, so it is no matter which ones go."""
    left, right = Counter(gold), Counter(predicted)
    return list((left - right).elements()), list((right - left).elements())


def _overlaps(gold: Sequence[tuple[Span, ...]], predicted: Sequence[tuple[Span, ...]]) -> list[list[int]]:
    """For each gold mention, the predicted ones that share a character with it.

    A sweep from left to right over both: what is looked at are the pairs whose first and last characters interleave.
    """
    found: list[list[int]] = [[] for _ in gold]
    starts = sorted(
        [(fragments[0][0], 0, number) for number, fragments in enumerate(gold)]
        + [(fragments[0][0], 1, number) for number, fragments in enumerate(predicted)]
    )
    sides = (gold, predicted)
    open_: tuple[list[int], list[int]] = ([], [])
    for start, side, number in starts:
        others = sides[1 - side]
        open_[1 - side][:] = [other for other in open_[1 - side] if others[other][-1][1] > start]
        for other in open_[1 - side]:
            pair = (number, other) if side == 0 else (other, number)
            if _share_a_character(gold[pair[0]], predicted[pair[1]]):
                found[pair[0]].append(pair[1])
        open_[side].append(number)
    return found


def _share_a_character(first: tuple[Span, ...], second: tuple[Span, ...]) -> bool:
    if len(first) == len(second) == 1:
        return first[0][0] < second[0][1] and second[0][0] < first[0][1]
    one = other = 0
    while one < len(first) and other < len(second):
        if first[one][0] < second[other][1] and second[other][0] < first[one][1]:
            return True
        if first[one][1] <= second[other][1]:
            one += 1
        else:
            other += 1
    return False
