"""Templates: is "<span> is a <type> entity" or "<span> is not a named entity" the likelier sentence?

Cui et al. (2021), "Template-Based Named Entity Recognition Using BART", section 3: a sequence-to-sequence network reads
the passage and is asked for the probability of each sentence. Ours differs where no pre-trained decoder can be had:

- The decoder is small and learned from scratch on top of a pre-trained encoder, whose word pieces it shares.
- A span's words are given, not generated: their probability is the same for all sentences about the span, and what is
  compared is the sentences about one span. So a word is one position, the mean of its pieces.
- The rest of a sentence is generated out of the pieces that templates are made of, not out of all.

The sentences about a span differ in their last words only. They are scored together, as a tree: a piece that several
have in common is read once, and attends to the span and to those before it in its own sentence.
"""

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.models.tagger import Tagger
from epicrisis.parts.embedders import SideBySide, Transformer
from epicrisis.parts.flops import per_token
from epicrisis.text import SpanCodec

NOTHING = "is not a named entity"
SOMETHING = "is a {} entity"
IMPOSSIBLE = -1e4
"""Score of every type for a span that runs beyond its passage."""


def sentences(types: Sequence[str]) -> list[str]:
    """What is said behind a span: of none, then of each type, whose name is read as words."""
    return [NOTHING, *(SOMETHING.format(type_.replace("_", " ").replace("-", " ")) for type_ in types)]


class Tree:
    """Sentences by their beginnings.

    sentences  as numbers of pieces; the first piece is common to all

    pieces     (N,) the last piece of each beginning: what the network reads
    depth      (N,) pieces before it
    ancestors  (N, N) true where the row's beginning begins with the column's
    nodes, predicted  (E,) a beginning, and the place in `vocabulary` of a piece that may follow
    said       (E, sentences) 1 where that happens in the sentence
    vocabulary  (V,) the pieces that may follow any
    """

    def __init__(self, sentences: Sequence[Sequence[int]]) -> None:
        if len({tuple(sentence) for sentence in sentences}) < len(sentences):
            raise ValueError("the names of two types have the same word pieces; rename one, or take another checkpoint")
        if len({sentence[0] for sentence in sentences}) != 1:
            raise ValueError("the sentences do not begin alike")
        if any(a is not b and tuple(a) == tuple(b[: len(a)]) for a in sentences for b in sentences):
            raise ValueError("a type's name begins with another's and goes on with the word entity; rename one")
        number: dict[tuple[int, ...], int] = {}
        edges: dict[tuple[int, int], int] = {}
        known = sorted({piece for sentence in sentences for piece in sentence[1:]})
        paths = []
        for sentence in map(tuple, sentences):
            places = [number.setdefault(sentence[:n], len(number)) for n in range(1, len(sentence))]
            steps = zip(places, (known.index(piece) for piece in sentence[1:]), strict=True)
            paths.append([edges.setdefault(step, len(edges)) for step in steps])
        self.pieces = torch.tensor([beginning[-1] for beginning in number])
        self.depth = torch.tensor([len(beginning) - 1 for beginning in number])
        self.ancestors = torch.tensor([[long[: len(short)] == short for short in number] for long in number])
        self.nodes, self.predicted = torch.tensor(list(edges)).T
        self.said = torch.zeros(len(edges), len(sentences))
        for n, path in enumerate(paths):
            self.said[path, n] = 1.0
        self.vocabulary = torch.tensor(known)


class Fillings(nn.Module):
    """The decoder: log-probabilities of the sentences about spans.

    input_size    width of the states of the passage
    word_size     width of the embeddings of word pieces
    codec         the types, and how long a span may be
    sentences     those about a span, as numbers of pieces: of none, then of each type
    hidden_size   width of the decoder
    heads         of its attentions; they share the width
    layers        of attention to the sentence, attention to the passage, and feed-forward network
    feed_forward  width of the hidden layer of that network
    dropout       on what they read first, and on what each adds
    negatives     spans of no type that are learned from for each that has one, drawn anew every time (the paper: 1.5)
    """

    places: Tensor
    pieces: Tensor
    vocabulary: Tensor
    depth: Tensor
    ancestors: Tensor
    nodes: Tensor
    predicted: Tensor
    said: Tensor

    def __init__(
        self,
        input_size: int,
        word_size: int,
        codec: SpanCodec,
        sentences: Sequence[Sequence[int]],
        *,
        hidden_size: int = 128,
        heads: int = 4,
        layers: int = 2,
        feed_forward: int = 256,
        dropout: float = 0.1,
        negatives: float = 1.5,
    ) -> None:
        super().__init__()
        if hidden_size % heads:
            raise ValueError(f"hidden_size {hidden_size} cannot be shared by {heads} heads")
        self.longest, self.negatives = codec.longest, negatives
        for name, table in vars(Tree(sentences)).items():
            self.register_buffer(name, table, persistent=False)
        # Normalised before places are added: pre-trained embeddings are small, and would drown.
        self.words = nn.Sequential(nn.Linear(word_size, hidden_size), nn.LayerNorm(hidden_size))
        self.places = nn.Parameter(torch.empty(codec.longest + int(self.depth.max()) + 1, hidden_size).normal_(0, 0.1))
        self.layers = nn.ModuleList(
            _Layer(hidden_size, input_size, heads, feed_forward, dropout) for _ in range(layers)
        )
        self.output = nn.Linear(hidden_size, hidden_size)
        self.bias = nn.Parameter(torch.zeros(len(self.vocabulary)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, lengths: Tensor, table: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """The sentences about S spans of each passage.

        words (B, S, W, word_size): those of each span, which come first; lengths (B, S): how many, 1 at least
        table (pieces, word_size): the embeddings; states (B, T, input_size) of the passages, mask (B, T)
        -> (B, S, sentences) log-probabilities
        """
        count = words.shape[2]
        place = torch.arange(count, device=words.device)
        spans = self.words(words) + self.places[:count]
        rest = self.words(table[self.pieces]) + self.places[lengths.unsqueeze(2) + self.depth]  # (B, S, N, hidden)
        read = self.dropout(torch.cat((spans, rest), 2))
        given = (place < lengths.unsqueeze(2)).unsqueeze(2)  # (B, S, 1, W)
        before = given & (place <= place.unsqueeze(1))
        behind = torch.cat(
            (given.expand(-1, -1, len(self.pieces), -1), self.ancestors.expand(*lengths.shape, -1, -1)), 3
        )
        seen = torch.cat((F.pad(before, (0, len(self.pieces))), behind), 2)  # (B, S, W + N, W + N)
        for number, layer in enumerate(self.layers, start=1):
            asking = count if number == len(self.layers) else 0  # nothing reads what the last layer makes of words
            read = layer(read, seen, states, mask, asking)
        asked = self.output(read[:, :, -len(self.pieces) :])
        logits = asked @ self.words(table[self.vocabulary]).t() / math.sqrt(asked.shape[-1]) + self.bias
        with torch.autocast(logits.device.type, enabled=False):
            steps = logits.float().log_softmax(3)[:, :, self.nodes, self.predicted]  # (B, S, E)
            return steps @ self.said

    def weights(self) -> dict[str, Tensor]:
        return {}

    def flops(self, tokens: int) -> int:
        """Of every span of at most `longest` tokens and every sentence."""
        nodes, size = len(self.pieces), self.output.in_features
        layers = [cast(_Layer, layer) for layer in self.layers]
        total = self.longest * sum(layer.flops_of_passage(tokens) for layer in layers)
        for words in range(1, self.longest + 1):
            length = words + nodes
            total += tokens * words * per_token(self.words)
            total += sum(tokens * layer.flops_of_sentence(length, length, tokens) for layer in layers[:-1])
            total += tokens * layers[-1].flops_of_sentence(length, nodes, tokens)
            total += tokens * nodes * (per_token(self.output) + 2 * size * len(self.vocabulary))
            total += 2 * tokens * self.said.numel()
            total += (nodes + len(self.vocabulary)) * per_token(self.words)
        return total


class _Layer(nn.Module):
    """Attention to the sentence, attention to the passage and a network, each added and then normalised."""

    def __init__(self, size: int, input_size: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.asked, self.read = nn.Linear(size, size), nn.Linear(size, 2 * size)
        self.said = nn.Linear(size, size)
        self.passage_asked, self.passage_read = nn.Linear(size, size), nn.Linear(input_size, 2 * size)
        self.passage_said = nn.Linear(size, size)
        self.network = nn.Sequential(nn.Linear(size, feed_forward), nn.GELU(), nn.Linear(feed_forward, size))
        self.norms = nn.ModuleList(nn.LayerNorm(size) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, read: Tensor, seen: Tensor, states: Tensor, mask: Tensor, asking: int) -> Tensor:
        """(B, S, L, size), (B, S, L, L), (B, T, input_size), (B, T) -> (B, S, L - asking, size)

        asking: the first position that asks for anything
        """
        now = read[:, :, asking:]
        keys, values = self.read(read).chunk(2, 3)
        told = self._attend(self.asked(now), keys, values, seen[:, :, asking:])
        now = self.norms[0](now + self.dropout(self.said(told)))
        keys, values = self.passage_read(states).unsqueeze(1).chunk(2, 3)
        asked = self.passage_asked(now).flatten(1, 2).unsqueeze(1)  # all spans of a passage ask at once
        told = self._attend(asked, keys, values, mask[:, None, None]).view_as(now)
        now = self.norms[1](now + self.dropout(self.passage_said(told)))
        return self.norms[2](now + self.dropout(self.network(now)))

    def _attend(self, asked: Tensor, keys: Tensor, values: Tensor, seen: Tensor) -> Tensor:
        """(B, S, Q, size), twice (B, S, K, size), what of K may be seen (B, S, 1 or Q, K) -> (B, S, Q, size)"""
        asked, keys, values = (x.view(*x.shape[:3], self.heads, -1).transpose(2, 3) for x in (asked, keys, values))
        scores = asked @ keys.transpose(3, 4) / math.sqrt(asked.shape[-1])
        shares = scores.float().masked_fill(~seen.unsqueeze(2), -torch.inf).softmax(4).to(values.dtype)
        return (shares @ values).transpose(2, 3).flatten(3)

    def flops_of_passage(self, tokens: int) -> int:
        """What is read from the passage once for all spans of one length."""
        return tokens * per_token(self.passage_read)

    def flops_of_sentence(self, length: int, asking: int, tokens: int) -> int:
        size = self.said.in_features
        each = per_token(self.asked, self.said, self.passage_asked, self.passage_said, self.network)
        return length * per_token(self.read) + asking * (each + 4 * size * (length + tokens))


class Template(Tagger):
    """A tagger whose decoder reads, beside the states, the words of the passage and its mask."""

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """The indexers' arrays and mask (B, T) -> (B, T, longest * sentences), of the spans of 1, 2, ... tokens that
        begin at each token the log-probabilities of the sentences
        """
        mask, states = inputs["mask"], self.states(inputs)
        words, table = self._words(inputs)
        decoder, length = cast(Fillings, self.decoder), mask.shape[1]
        ahead = F.pad(words, (0, 0, 0, decoder.longest - 1))
        windows = torch.stack([ahead[:, n : n + length] for n in range(decoder.longest)], 2)
        real = F.pad(mask, (0, decoder.longest - 1))
        found = []
        for count in range(1, decoder.longest + 1):
            lengths = torch.full_like(mask, count, dtype=torch.long)
            scores = decoder(windows[:, :, :count], lengths, table, states, mask)
            impossible = F.pad(torch.full_like(scores[..., 1:], IMPOSSIBLE), (1, 0))
            found.append(torch.where(real[:, count - 1 : count - 1 + length].unsqueeze(2), scores, impossible))
        return torch.stack(found, 2).flatten(2)

    def loss(self, inputs: dict[str, Tensor], own: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of the sentences about the mentions, and about spans drawn among the others -> (), a sum

        own: (B, T), where the spans begin; targets: (B, the most of them, longest), as `SpanCodec` says
        """
        mask, states = inputs["mask"], self.states(inputs)
        words, table = self._words(inputs)
        decoder = cast(Fillings, self.decoder)
        row, start, count, type_ = drawn_spans(mask, own, targets, decoder.negatives)
        counts = row.bincount(minlength=len(mask))
        slot = torch.arange(len(row), device=row.device) - (counts.cumsum(0) - counts)[row]
        shape = (len(mask), int(counts.max()))
        starts, lengths = row.new_zeros(shape), row.new_ones(shape)
        starts[row, slot], lengths[row, slot] = start, count
        places = starts.unsqueeze(2) + torch.arange(decoder.longest, device=row.device)
        rows = torch.arange(len(mask), device=row.device)[:, None, None]
        spans = words[rows, places.clamp(max=mask.shape[1] - 1)]
        return -decoder(spans, lengths, table, states, mask)[row, slot, type_].sum()

    def _words(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """(B, T, word_size) of the words as they are spelt, (pieces, word_size) of all pieces"""
        part = cast(Transformer, cast(SideBySide, self.embedder).embedders["transformer"])
        return part.spelt(inputs), part.table


def drawn_spans(mask: Tensor, own: Tensor, targets: Tensor, negatives: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The spans of a batch to learn from, passage by passage: all mentions, and others by chance.

    Returns four times (M,): row, first token, number of tokens, type from 1, 0 for no mention. M is 1 at least.
    """
    first_own = own.int().argmax(1)[:, None, None]
    start = first_own + torch.arange(targets.shape[1], device=mask.device)[:, None]
    last = start + torch.arange(targets.shape[2], device=mask.device)  # (B, own tokens, longest)
    possible = (start < first_own + own.sum(1)[:, None, None]) & (last < mask.sum(1)[:, None, None])
    mentions = (possible & (targets > 0)).nonzero()
    others = (possible & (targets == 0)).nonzero()
    most = max(1, round(negatives * len(mentions)))
    chosen = others[torch.randperm(len(others))[:most].to(others.device)]
    spans = torch.cat((mentions, chosen))
    row, begin, more = spans[spans[:, 0].argsort(stable=True)].unbind(1)
    return row, first_own[row, 0, 0] + begin, more + 1, targets[row, begin, more]
