"""Scores of candidates -> relations, scores of mentions -> attributes. Numpy only."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.odds import Odds, sigmoid
from epicrisis.document import Value
from epicrisis.text import RelationCodec

Array = NDArray[np.float32]
EXCLUSIVE = ("concat",)
"""Decoders of relations whose scores are of one softmax, none first; those of the others stand alone."""
SELECTIONS = ("threshold", "greedy")
THRESHOLD = 0.5

Related = tuple[int, int, str, float]
"""Head, tail, type, probability."""
Said = dict[str, tuple[Value, float]]
"""Attribute -> its value and probability."""


class Relations:
    """codec: what may be related and said; decoder: {"type": ..., "select": ..., "thresholds": {relation: share}, ...}

    select      threshold: all that are likely enough; greedy: of two mentions only the likeliest, in either direction
    thresholds  `THRESHOLD` where a relation has none; `thresholds_given` hold where mentions are certain
    odds        {"relations": {"slope": ..., "shift": ...}, "found": ..., "attributes": {name: ...}}: see `Odds`; found:
                that of relations times their ends, where mentions are not certain
    """

    def __init__(self, codec: RelationCodec, decoder: Mapping[str, Any]) -> None:
        self.codec, self.settings = codec, decoder
        self.exclusive = decoder["type"] in EXCLUSIVE
        self.greedy = decoder.get("select", SELECTIONS[0]) == "greedy"
        self.thresholds, self.given = (
            np.array([decoder.get(key, {}).get(name, THRESHOLD) for name in codec.relations], np.float32)
            for key in ("thresholds", "thresholds_given")
        )
        odds = decoder.get("odds", {})
        self.odds, self.odds_found = (Odds.from_dict(odds.get(key, {})) for key in ("relations", "found"))
        self.odds_said = {name: Odds.from_dict(line) for name, line in odds.get("attributes", {}).items()}

    def with_settings(self, **settings: Mapping[str, Any]) -> "Relations":
        """The same with these of `thresholds`, `thresholds_given` and `odds`."""
        return Relations(self.codec, {**self.settings, **settings})

    def decode(
        self,
        scores: Array,
        partners: NDArray[np.int64],
        real: NDArray[np.bool_],
        sure: tuple[Array, Array] | None = None,
    ) -> list[Related]:
        """(M, N, K) scores, (M, N) partners and which are real -> relations that are likely enough

        sure: the probabilities of the heads (M,) and of their partners (M, N), without which no relation is right
        """
        likely = self.probabilities(scores)
        least = self.given
        if sure is not None:
            likely = self.odds_found(likely * (sure[0][:, None] * sure[1])[:, :, None])
            least = self.thresholds
        rows, columns, numbers = np.nonzero((likely >= least) & (likely > 0) & real[:, :, None])
        found = likely[rows, columns, numbers]
        lists = rows.tolist(), partners[rows, columns].tolist(), numbers.tolist(), found.tolist()
        return [(head, tail, self.codec.relations[n], share) for head, tail, n, share in zip(*lists, strict=True)]

    def select(self, related: Iterable[Related]) -> list[Related]:
        """Those of all relations of a note that are kept."""
        if not self.greedy:
            return list(related)
        pairs: set[frozenset[int]] = set()
        kept = []
        for one in sorted(related, key=lambda relation: -relation[3]):
            if (pair := frozenset(one[:2])) not in pairs:
                pairs.add(pair)
                kept.append(one)
        return kept

    def probabilities(self, scores: Array) -> Array:
        """(M, N, K) -> (M, N, R)"""
        likely = _softmax(scores)[..., 1:] if self.exclusive else sigmoid(scores)
        return self.odds(likely)

    def attributes(self, scores: Array) -> list[Said]:
        """(M, sum of values) -> what is said of each mention"""
        found: list[Said] = [{} for _ in scores]
        start = 0
        for name, values in self.codec.attributes.items():
            likely = _softmax(scores[:, start : start + 1 + len(values)])
            start += 1 + len(values)
            best = likely.argmax(1)
            likely = self.odds_said.get(name, Odds())(likely)
            for row in np.flatnonzero(best).tolist():
                found[row][name] = (values[best[row] - 1], float(likely[row, best[row]]))
        return found


def _softmax(scores: Array) -> Array:
    shares: Array = np.exp(scores - scores.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)
