"""A linear chain of tags: its best path and the exact probability of each mention on it.

`Chain` is what the decoders `crf` and `softmax` read: the score of a path is the sum of its tags' scores and of
its transitions; paths that break the tagging scheme are impossible. Numpy only; loops run over tokens, never over
passages or tags.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epicrisis.text import TagCodec

Array = NDArray[np.float32]

_FEW = 2
"""Predecessors up to which a tag is reached by comparing them one by one instead of by a table of all."""
LEAST = -300.0
"""Scores are lifted to this distance from a token's best, so that no probability underflows to nothing (float64)."""


@dataclass(frozen=True)
class Found:
    """A mention in token positions of its sequence; score is the probability of exactly this mention."""

    first: int
    after: int
    type: str
    score: float


class Chain:
    """Transition scores under the rules of a tagging scheme.

    transitions  (K, K) [from, to]
    start, end   (K,) scores of a sequence's first and last tag
    codec        the scheme; None allows every path (for comparison with other implementations)
    """

    def __init__(self, transitions: Array, start: Array, end: Array, codec: TagCodec | None = None) -> None:
        if codec is not None:
            follow, begin, close = codec.allowed()
            transitions = np.where(follow, transitions, -np.inf)
            start, end = np.where(begin, start, -np.inf), np.where(close, end, -np.inf)
        self.transitions = np.ascontiguousarray(transitions, np.float32)
        self.start = np.asarray(start, np.float32)
        self.end = np.asarray(end, np.float32)
        possible = np.isfinite(self.transitions)
        few = possible.sum(0) <= _FEW
        self._many = np.flatnonzero(~few)  # tags that many others may precede ...
        self._sources = np.flatnonzero(possible[:, ~few].any(1))  # ... and those others
        self._table = np.ascontiguousarray(self.transitions[np.ix_(self._sources, self._many)])
        self._most = self._table.max(1, initial=-np.inf)  # what a source adds to a path at the most ...
        self._least = self._table.min(1, initial=np.inf)  # ... and at the least
        self._few = np.flatnonzero(few)
        best = np.argsort(~possible, axis=0, kind="stable")[:_FEW, few]  # (2, few): the possible ones first
        self._before = best
        self._before_scores = self.transitions[best, self._few]

    @classmethod
    def free(cls, codec: TagCodec) -> "Chain":
        """Every transition that the scheme allows costs nothing."""
        count = len(codec)
        none = np.zeros(count, np.float32)
        return cls(np.zeros((count, count), np.float32), none, none, codec)

    def best_path(self, scores: Array, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Viterbi over a batch: (B, T, K), (B,) -> (B, T) tags, 0 behind a sequence's end."""
        order = np.argsort(-lengths, kind="stable")  # the longest first: the running ones are always a prefix
        going = running(lengths[order], scores.shape[1])
        by_token = np.ascontiguousarray(scores[order].transpose(1, 0, 2), np.float32)
        best = by_token  # (T, B, K), overwritten: the score of the best path that ends here in this tag
        best[0] += self.start
        for t in range(1, int(lengths.max())):
            count = going[t]
            best[t, :count] += self._step(best[t - 1, :count])
        tags = self._trace(best, lengths[order], going)
        unsorted = np.empty_like(tags)
        unsorted[order] = tags
        return unsorted

    def _step(self, before: Array) -> Array:
        """(B, K) best scores of one token -> (B, K) best scores of arriving at each tag of the next

        Exact, though sources that win nowhere in the batch are left out: a trained network is sure of most tokens.
        """
        arriving = np.empty_like(before)
        if len(self._many):
            ending = before[:, self._sources]
            sure = (ending + self._least).max(1, keepdims=True)  # the best source gives every tag so much
            useful = np.flatnonzero((ending + self._most >= sure).any(0))
            arriving[:, self._many] = (ending[:, useful, None] + self._table[useful]).max(1)
        if len(self._few):
            ways = [before[:, tag] + score for tag, score in zip(self._before, self._before_scores, strict=True)]
            arriving[:, self._few] = np.maximum.reduce(ways)
        return arriving

    def _trace(self, best: Array, lengths: NDArray[np.int64], going: NDArray[np.int64]) -> NDArray[np.int64]:
        """Walk back from each sequence's best last tag; only the predecessors of that one path are compared."""
        longest, batch, _ = best.shape
        tags = np.zeros((longest, batch), np.int64)
        into = np.ascontiguousarray(self.transitions.T)  # [to, from]
        rows = np.arange(batch)
        tag = (best[lengths - 1, rows] + self.end).argmax(1)
        for t in range(longest - 1, -1, -1):
            count = going[t]
            if t + 1 < longest:
                more = going[t + 1]
                tag[:more] = (best[t, :more] + into[tag[:more]]).argmax(1)
            tags[t, :count] = tag[:count]
        return tags.T

    def mentions(self, scores: Array, mask: NDArray[np.bool_], codec: TagCodec) -> list[list[Found]]:
        """The mentions of each sequence's best path, with their exact marginal probability.

        scores: (B, T, K); mask: (B, T), each row's true tokens first. The probability is that of all paths which
        hold exactly this mention: the same first and last token and type, whatever the rest.
        """
        if not len(scores):
            return []
        lengths = mask.sum(1)
        tags = self.best_path(scores, lengths)
        found = [codec.mentions(row[:length]) for row, length in zip(tags, lengths.tolist(), strict=True)]
        counts = [len(row) for row in found]
        if not sum(counts):
            return [[] for _ in found]
        rows = np.repeat(np.arange(len(found)), counts)
        first = np.array([mention[0] for row in found for mention in row])
        last = np.array([mention[1] for row in found for mention in row]) - 1
        probabilities = iter(self._probabilities(scores, lengths, tags, rows, first, last, codec).tolist())
        return [[Found(a, b, type_, next(probabilities)) for a, b, type_ in row] for row in found]

    def _probabilities(
        self,
        scores: Array,
        lengths: NDArray[np.int64],
        tags: NDArray[np.int64],
        rows: NDArray[np.int64],
        first: NDArray[np.int64],
        last: NDArray[np.int64],
        codec: TagCodec,
    ) -> NDArray[np.float64]:
        """(M,) probabilities of the mentions rows[m], first[m] .. last[m] on the paths `tags`."""
        emitted, alpha, beta, norm = self._forward_backward(scores, lengths)
        step = np.exp(self.transitions.astype(np.float64))
        steps = np.broadcast_to(step, (len(scores), *step.shape))
        return mention_probabilities(emitted, alpha, beta, norm, steps, lengths, tags, rows, first, last, codec)

    def _forward_backward(
        self, scores: Array, lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Scaled forward and backward probabilities.

        Returns emitted (T, B, K) exp of the scores, alpha (T, B, K) that sums to 1 over K, beta (T, B, K) such that
        alpha * beta is the probability of a tag, and norm (T, B), what alpha was divided by at each step.
        """
        batch, longest, count = scores.shape
        step = np.exp(self.transitions.astype(np.float64))
        by_token = scores.transpose(1, 0, 2).astype(np.float64)
        by_token -= by_token.max(2, keepdims=True)
        emitted = np.exp(np.maximum(by_token, LEAST, out=by_token), out=by_token)
        emitted[0] *= np.exp(self.start.astype(np.float64))
        closing = np.exp(self.end.astype(np.float64))
        emitted[lengths - 1, np.arange(batch)] *= closing
        alpha = np.empty((longest, batch, count))
        beta = np.ones((longest, batch, count))
        norm = np.ones((longest, batch))
        alpha[0] = emitted[0]
        for t in range(longest):
            if t:
                np.matmul(alpha[t - 1], step, out=alpha[t])
                alpha[t] *= emitted[t]
            norm[t] = alpha[t].sum(1)
            alpha[t] /= norm[t][:, None]
        back = np.ascontiguousarray(step.T)
        for t in range(longest - 2, -1, -1):
            going_on = (t + 1 < lengths)[:, None]
            after = (emitted[t + 1] * beta[t + 1] / norm[t + 1][:, None]) @ back
            beta[t] = np.where(going_on, after, 1.0)
        return emitted, alpha, beta, norm


def mention_probabilities(
    emitted: NDArray[np.float64],
    alpha: NDArray[np.float64],
    beta: NDArray[np.float64],
    norm: NDArray[np.float64],
    step: NDArray[np.float64],
    lengths: NDArray[np.int64],
    tags: NDArray[np.int64],
    rows: NDArray[np.int64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    codec: TagCodec,
) -> NDArray[np.float64]:
    """(M,) probabilities of the mentions rows[m], first[m] .. last[m] on the paths `tags` (B, T).

    emitted, alpha, beta, norm: see `Chain._forward_backward`; step: (B, K, K) exp of the transitions of each row
    """
    opening, closing = tags[rows, first], tags[rows, last]
    begins = alpha[first, rows, opening].copy()
    ends = beta[last, rows, closing].copy()
    if codec.scheme == "io":  # the token before must not belong to the same mention
        inside = np.flatnonzero(first > 0)
        r, t, k = rows[inside], first[inside], opening[inside]
        begins[inside] -= alpha[t - 1, r, k] * step[r, k, k] * emitted[t, r, k] / norm[t, r]
    if codec.scheme != "bioes":  # nor the token after; BIOES says so by its tags
        inside = np.flatnonzero(last + 1 < lengths[rows])
        r, t, k = rows[inside], last[inside] + 1, closing[inside]
        goes_on = _inside_tags(codec)[k]
        ends[inside] -= step[r, k, goes_on] * emitted[t, r, goes_on] * beta[t, r, goes_on] / norm[t, r]
    between = np.zeros(tags.shape)
    t, b = np.arange(1, tags.shape[1])[:, None], np.arange(len(tags))
    here, before = tags[:, 1:].T, tags[:, :-1].T
    with np.errstate(divide="ignore"):
        between[:, 1:] = np.log(step[b, before, here] * emitted[t, b, here] / norm[t, b]).T
        between[~np.isfinite(between)] = 0.0  # behind a sequence's end; never inside a mention
        along = between.cumsum(1)
        total = np.log(begins.clip(0)) + along[rows, last] - along[rows, first] + np.log(ends.clip(0))
    return np.exp(total).clip(0.0, 1.0)


def running(lengths: NDArray[np.int64], longest: int) -> NDArray[np.int64]:
    """(T,) how many of the sequences, sorted longest first, are still running at each token."""
    return (lengths[None, :] > np.arange(longest)[:, None]).sum(1)


def _inside_tags(codec: TagCodec) -> NDArray[np.int64]:
    """(K,) for each tag the one that goes on with the same mention (I of the same type)."""
    inside = {type_: codec.names.index(f"I-{type_}") for type_ in codec.types}
    return np.array([0] + [inside[codec.types[number]] for number in codec.type_of[1:]])
