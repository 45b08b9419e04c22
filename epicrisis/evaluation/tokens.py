"""Scores over tags: how many tokens carry the right one.

The tags are the caller's (`text` makes them from a document): lists of equal length, one of gold and one of predicted
tags for every document. The classes are the tags that occur on either side, such as O, B-Drug, I-Drug.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epicrisis.errors import CorpusError
from epicrisis.evaluation.counts import Average, Counts, mean, to_dict

OUTSIDE = "O"


@dataclass(frozen=True)
class Averages:
    """micro: of the summed counts; macro: mean over the tags; weighted: mean over the tags, by their number in gold."""

    micro: Counts
    macro: Average
    weighted: Average

    def to_dict(self) -> dict[str, Any]:
        return {name: to_dict(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class TokenScores:
    """accuracy: of all tokens, the share with the right tag; equal to the micro F1 with O."""

    with_o: Averages
    without_o: Averages
    accuracy: float
    tokens: int
    per_tag: Mapping[str, Counts]

    def to_dict(self) -> dict[str, Any]:
        """Averages with O at the top, those without it under `without_o`."""
        return {
            **self.with_o.to_dict(),
            "accuracy": self.accuracy,
            "tokens": self.tokens,
            "without_o": self.without_o.to_dict(),
            "per_tag": {tag: to_dict(self.per_tag[tag]) for tag in sorted(self.per_tag)},
        }


def token_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], *, ids: Sequence[str] = ()
) -> TokenScores:
    """Compare the tags of documents, token by token; `ids` are the documents' names in errors.

    Raises CorpusError where a document has more tags on one side than on the other.
    """
    if len(gold) != len(predicted):
        raise CorpusError(f"there are gold tags of {len(gold)} documents and predicted ones of {len(predicted)}")
    pairs: Counter[tuple[str, str]] = Counter()
    for number, (right, ours) in enumerate(zip(gold, predicted, strict=True)):
        if len(right) != len(ours):
            name = ids[number] if ids else f"number {number}"
            raise CorpusError(
                f"document {name}: {len(right)} gold tags and {len(ours)} predicted ones. Both must be made from the "
                f"same tokens"
            )
        pairs.update(zip(right, ours, strict=True))
    in_gold: Counter[str] = Counter()
    in_predicted: Counter[str] = Counter()
    for (right, ours), count in pairs.items():
        in_gold[right] += count
        in_predicted[ours] += count
    per_tag = {
        tag: Counts(pairs[tag, tag], in_predicted[tag] - pairs[tag, tag], in_gold[tag] - pairs[tag, tag])
        for tag in sorted(in_gold | in_predicted)
    }
    tokens = in_gold.total()
    hits = sum(count.tp for count in per_tag.values())
    return TokenScores(
        with_o=_averages(per_tag),
        without_o=_averages({tag: counts for tag, counts in per_tag.items() if tag != OUTSIDE}),
        accuracy=hits / tokens if tokens else 0.0,
        tokens=tokens,
        per_tag=per_tag,
    )


def _averages(per_tag: Mapping[str, Counts]) -> Averages:
    counts = list(per_tag.values())
    return Averages(
        micro=sum(counts, Counts()),
        macro=mean(counts, [1.0] * len(counts)),
        weighted=mean(counts, [count.tp + count.fn for count in counts]),
    )
