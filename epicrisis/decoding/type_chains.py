"""A linear chain of tags for each type, all read at once.

What `Chain` is for one, `TypeChains` is for many small ones: numpy only, loops run over tokens, never over sequences
or types. A sequence and a type make a lane; lanes in which nothing can be found are left out first.
"""

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding.linear_chain import LEAST, Array, Found, mention_probabilities, running
from epicrisis.text import TypeTagsCodec


class TypeChains:
    """Transition scores of every type under the rules of a tagging scheme.

    transitions  (G, K, K) [type, from, to]
    start, end   (G, K) scores of a sequence's first and last tag
    codec        the G types; K are the tags of one
    """

    def __init__(self, transitions: Array, start: Array, end: Array, codec: TypeTagsCodec) -> None:
        self.codec = codec
        follow, begin, close = codec.of_type[0].allowed()
        self.transitions = np.where(follow, transitions, -np.inf).astype(np.float32)
        self.start = np.where(begin, start, -np.inf).astype(np.float32)
        self.end = np.where(close, end, -np.inf).astype(np.float32)
        outside = self.transitions[:, :1, :1], self.start[:, :1], self.end[:, :1]
        gains = [
            (self.transitions - outside[0]).max((1, 2)),
            (self.start - outside[1]).max(1),
            (self.end - outside[2]).max(1),
        ]
        # A run of n tags other than O has n + 1 transitions, start and end among them: at most 2 n that O might lack.
        self._lead = 2 * np.maximum.reduce(gains)

    def mentions(self, scores: Array, mask: NDArray[np.bool_]) -> list[list[Found]]:
        """The mentions of the best path of each type, each with its exact marginal probability.

        scores: (S, T, G * K); mask: (S, T), each row's true tokens first. See `Chain.mentions`.
        """
        found: list[list[Found]] = [[] for _ in scores]
        scores = scores.reshape(*mask.shape, *self.start.shape)
        rows, types = np.nonzero(self._possible(scores, mask))
        if not len(rows):
            return found
        lengths = mask.sum(1)
        longest_first = np.argsort(-lengths[rows], kind="stable")
        rows, types = rows[longest_first], types[longest_first]
        lengths = lengths[rows]
        longest = int(lengths[0])
        emitted = np.ascontiguousarray(scores[rows, :longest, types].transpose(1, 2, 0), np.float32)  # (T, K, lanes)
        tags = self._best_path(emitted, types, lengths)
        apart = np.zeros((len(rows), longest + 1), np.int64)  # an O between two lanes
        apart[:, :longest] = tags
        spelt = np.array([m[:2] for m in self.codec.of_type[0].mentions(apart.ravel())]).reshape(-1, 2)
        lanes, first = np.divmod(spelt[:, 0], longest + 1)
        after = spelt[:, 1] - lanes * (longest + 1)
        used, number = np.unique(lanes, return_inverse=True)
        if not len(used):
            return found
        emitted = scores[rows[used], :longest, types[used]].transpose(1, 2, 0)
        probabilities = self._probabilities(emitted, types[used], lengths[used], tags[used], number, first, after - 1)
        order = np.lexsort((types[lanes], after, first))
        columns = (rows[lanes], first, after, types[lanes], probabilities)
        for row, start, end, type_, score in zip(*(column[order].tolist() for column in columns), strict=True):
            found[row].append(Found(start, end, self.codec.types[type_], score))
        return found

    def _possible(self, scores: Array, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(S, G) whether the best path may leave O: not where O leads everywhere by more than transitions can give."""
        other = np.maximum.reduce([scores[..., tag] for tag in range(1, scores.shape[-1])])
        undecided = scores[..., 0] - other <= self._lead
        undecided &= mask[..., None]
        return undecided.any(1)

    def _best_path(self, emitted: Array, types: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Viterbi: (T, K, L), overwritten, (L,), (L,) the longest first -> (L, T) tags, 0 behind a lane's end"""
        longest, _, lanes = emitted.shape
        going = running(lengths, longest)
        table = np.ascontiguousarray(self.transitions[types].transpose(1, 2, 0))  # (from, to, L)
        best = emitted  # the score of the best path that ends here in this tag
        best[0] += self.start[types].T
        for t in range(1, longest):
            count = going[t]
            best[t, :, :count] += (best[t - 1, :, None, :count] + table[..., :count]).max(0)
        tags = np.zeros((longest, lanes), np.int64)
        every = np.arange(lanes)
        tag = (best[lengths - 1, :, every] + self.end[types]).argmax(1)
        for t in range(longest - 1, -1, -1):
            count = going[t]
            if t + 1 < longest:
                more = going[t + 1]
                tag[:more] = (best[t, :, :more] + table[:, tag[:more], every[:more]]).argmax(0)
            tags[t, :count] = tag[:count]
        return tags.T

    def _probabilities(
        self,
        scores: Array,
        types: NDArray[np.int64],
        lengths: NDArray[np.int64],
        tags: NDArray[np.int64],
        lanes: NDArray[np.int64],
        first: NDArray[np.int64],
        last: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """(M,) probabilities of the mentions lanes[m], first[m] .. last[m] on the paths `tags`; scores: (T, K, L)"""
        step = np.exp(self.transitions[types].astype(np.float64))
        table = np.ascontiguousarray(step.transpose(1, 2, 0))  # (from, to, L)
        emitted = scores.astype(np.float64)
        emitted -= emitted.max(1, keepdims=True)
        np.exp(np.maximum(emitted, LEAST, out=emitted), out=emitted)
        emitted[0] *= np.exp(self.start[types].T.astype(np.float64))
        emitted[lengths - 1, :, np.arange(len(types))] *= np.exp(self.end[types].astype(np.float64))
        alpha, beta = np.empty_like(emitted), np.ones_like(emitted)
        norm = np.empty((len(emitted), len(types)))
        now = emitted[0]
        for t in range(len(emitted)):
            if t:
                now = (alpha[t - 1][:, None] * table).sum(0)
                now *= emitted[t]
            now.sum(0, out=norm[t])
            np.divide(now, norm[t], out=alpha[t])
        promised = emitted / norm[:, None]
        for t in range(len(emitted) - 2, -1, -1):
            more = int(np.searchsorted(-lengths, -(t + 1)))  # the longest come first
            beta[t, :, :more] = (table[..., :more] * (promised[t + 1] * beta[t + 1])[:, :more]).sum(1)
        emitted, alpha, beta = (array.transpose(0, 2, 1) for array in (emitted, alpha, beta))
        codec = self.codec.of_type[0]
        return mention_probabilities(emitted, alpha, beta, norm, step, lengths, tags, lanes, first, last, codec)
