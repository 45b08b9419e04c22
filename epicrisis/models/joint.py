"""Joint: one network that tags entities, relates them to each other and says what holds of each.

Guo, Liu and Niu (2023), "Integration of natural and deep artificial cognitive models in medical images: BERT-based NER
and relation extraction for electronic medical records" (EMLB): a shared encoder, a tagger, equation 7, relations over
the mean states of mentions, equation 8, and the sum of both losses, equation 11. What is said of a mention, its
attributes, is ours: a softmax for each.

The network is two graphs. `states` gives every token its scores and, behind them, the state that mentions are read
from; `pairs` is asked once the mentions of a note are known. In between stands numpy: see `decoding`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.decoding import Decoder as WayOut
from epicrisis.encoding.pairs import encode_pairs
from epicrisis.models.tagger import Tagger, own_first
from epicrisis.parts.contracts import Decoder, RelationDecoder
from epicrisis.parts.relations import BilinearAttention
from epicrisis.recipe import JointSettings
from epicrisis.text import ABSENT, Codec, Facts, RelationCodec

TOKENS_PER_MENTION, PARTNERS = 5, 16
"""Where operations are counted: a mention at every so many tokens, so many candidates of each."""
UNSAID = -100
"""Target of an attribute that is not learned from."""
LOSSES = ("tags", "relations", "attributes", "attention", "cross_attention")


@dataclass(frozen=True)
class Stretches:
    """The facts of the stretches of a batch, one behind the other: positions count their own tokens through.

    number: (M,) the stretch of each mention; of_passage: (B,) that of each passage
    """

    facts: Facts
    number: NDArray[np.int64]
    of_passage: NDArray[np.int64]

    def with_others(self, others: Collection[tuple[int, int, int, int]]) -> "Stretches":
        """With more mentions, (first, after, type, stretch), that nothing is related to and nothing is said of."""
        if not others:
            return self
        facts = self.facts
        more = np.array(sorted(others), np.int64)
        spans, types = np.concatenate([facts.spans, more[:, :2]]), np.concatenate([facts.types, more[:, 2]])
        silent = np.full((len(more), facts.attributes.shape[1]), UNSAID)
        attributes = np.concatenate([facts.attributes, silent])
        ruled = np.concatenate([facts.ruled, np.full(len(more), ABSENT)])
        order = np.lexsort((types, spans[:, 1], spans[:, 0]))
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        relations = facts.relations.copy()
        relations[:, :2] = place[relations[:, :2]]
        number = np.concatenate([self.number, more[:, 3]])[order]
        sorted_facts = Facts(spans[order], types[order], relations, attributes[order], ruled[order])
        return Stretches(sorted_facts, number, self.of_passage)


class MentionStates(nn.Module):
    """Mentions as vectors: the mean state of their tokens and, where asked for, a vector of their type."""

    def __init__(self, states_size: int, types: int, type_size: int) -> None:
        super().__init__()
        self.types = nn.Embedding(types, type_size) if type_size else None
        self.states_size, self.output_size = states_size, states_size + type_size

    def forward(self, states: Tensor, first: Tensor, after: Tensor, types: Tensor) -> Tensor:
        """(T, H), three times (M,) -> (M, output_size)"""
        place = torch.arange(states.shape[0], device=states.device)
        inside = (place >= first.unsqueeze(1)) & (place < after.unsqueeze(1))
        mean = (inside.to(states.dtype) / (after - first).unsqueeze(1)) @ states
        return mean if self.types is None else torch.cat([mean, self.types(types).to(mean.dtype)], -1)


class Joint(Tagger):
    """A tagger, a decoder of relations and a softmax for each attribute.

    Where the codec names assertion rules, what they say of a mention adds to the scores of its attributes.

    reader    the embedder, encoder and attention that relations are read from; None for the tagger's own
    relation_codec  what may be related, and what may be said of a mention
    codec, way_out  what there is to tag, and the numpy half of the decoder
    progress  how much of training is over, from 0 to 1; who trains sets it

    Where the settings say `marked`, the reader does not see what the tagger sees: see `text.marking`.
    """

    def __init__(
        self,
        embedder: nn.Module,
        encoder: nn.Module,
        attention: nn.Module,
        decoder: nn.Module,
        *,
        reader: Tagger | None,
        mentions: MentionStates,
        relations: nn.Module,
        relation_codec: RelationCodec,
        codec: Codec,
        way_out: type[WayOut],
        settings: JointSettings,
    ) -> None:
        super().__init__(embedder, encoder, attention, decoder)
        self.reader, self.mentions, self.relations = reader, mentions, relations
        self.relation_codec, self.settings = relation_codec, settings
        self.codec, self.way_out, self.progress = codec, way_out, 0.0
        self.values = [1 + len(values) for values in relation_codec.attributes.values()]
        self.attributes = nn.Linear(mentions.output_size, sum(self.values)) if self.values else None
        self.ruled = None
        if self.values and relation_codec.ruled:
            self.ruled = nn.Embedding(1 + len(relation_codec.ruled), sum(self.values))
            nn.init.zeros_(self.ruled.weight)
        self.uncertainty = nn.Parameter(torch.zeros(len(LOSSES))) if settings.weighting == "uncertainty" else None
        self.allowed: Tensor
        self.register_buffer("allowed", torch.from_numpy(relation_codec.allowed), persistent=False)
        self.states_size = mentions.states_size

    @property
    def marked(self) -> bool:
        return self.settings.sharing == "marked"

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """The indexers' arrays and mask (B, T) -> (B, T, K + H): scores, and the state that mentions are read from

        Where those are read from marked text: scores alone.
        """
        return super().forward(inputs) if self.marked else torch.cat(self._scores_and_states(inputs), -1)

    def _scores_and_states(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        states = self.states(inputs)
        read = states if self.reader is None else self.reader.states(inputs)
        return cast(Decoder, self.decoder).scores(states), read

    def pairs(self, states: Tensor, pairs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """(T, H) and the arrays of `encode_pairs` -> (M, N, K) scores of relations, (M, sum of values) of attributes"""
        mentions = self.mentions(states, pairs["first"], pairs["after"], pairs["types"])
        related = cast(RelationDecoder, self.relations).scores(mentions, states, self._asked(pairs))
        said = mentions[:, :0] if self.attributes is None else self.attributes(mentions)
        return related, said if self.ruled is None else said + self.ruled(pairs["ruled"])

    def _asked(self, pairs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        types = pairs["types"]
        return {**pairs, "allowed": self.allowed[types.unsqueeze(1), types[pairs["partners"]]]}

    def loss(
        self, inputs: dict[str, Tensor], own: Tensor, targets: Tensor, stretches: Stretches | None = None
    ) -> Tensor:
        """The losses as the settings weigh them, each summed over the batch -> ()

        Where relations are read from marked text, a batch with stretches is of such text, and teaches no tags.
        """
        if self.marked:
            if stretches is None:
                return super().loss(inputs, own, targets)
            assert self.reader is not None
            states = self.reader.states(inputs)
            found = self._losses_of_mentions(states[own], stretches) if len(stretches.facts.spans) else {}
            return self._weighed(found, own.sum()) if found else 0.0 * states.sum()
        scores, read = self._scores_and_states(inputs)
        first, mask = (scores, own) if torch.equal(own, inputs["mask"]) else own_first(scores, own, targets.shape[1])
        found = {"tags": cast(Decoder, self.decoder).loss(first, mask, targets)}
        if stretches is not None and self._makes_mistakes():
            stretches = stretches.with_others(self._mistakes(stretches, first, mask))
        if stretches is not None and len(stretches.facts.spans):
            found |= self._losses_of_mentions(read[own], stretches)
        return self._weighed(found, own.sum())

    def _makes_mistakes(self) -> bool:
        """Whether this batch shows the tagger's wrong mentions, too: the more often the longer training goes on."""
        most = self.settings.predicted
        return self.training and most > 0 and bool(torch.rand(()) < most * self.progress)

    def _mistakes(self, stretches: Stretches, scores: Tensor, mask: Tensor) -> set[tuple[int, int, int, int]]:
        """What the tagger finds here and gold does not have: (first, after, type, stretch)"""
        weights = {name: weight.detach().float().cpu().numpy() for name, weight in self.decoder_weights().items()}
        own = mask.cpu().numpy()
        predicted = self.way_out(self.codec, weights).decode(scores.detach().float().cpu().numpy(), own)
        before = np.concatenate([[0], own.sum(1).cumsum()])[:-1]
        spans, types = stretches.facts.spans.tolist(), stretches.facts.types.tolist()
        gold = {(first, after, type_) for (first, after), type_ in zip(spans, types, strict=True)}
        wrong = set()
        for mentions, start, stretch in zip(predicted, before.tolist(), stretches.of_passage.tolist(), strict=True):
            for mention in mentions:
                at = start + mention.first, start + mention.after, self.relation_codec.types.index(mention.type)
                if at not in gold:
                    wrong.add((*at, stretch))
        return wrong

    def _losses_of_mentions(self, states: Tensor, stretches: Stretches) -> dict[str, Tensor]:
        facts = stretches.facts
        arrays = encode_pairs(self.relation_codec, facts.spans, facts.types, facts.ruled, stretches.number)
        pairs = {name: torch.from_numpy(array).to(states.device) for name, array in arrays.items()}
        related, said = self.pairs(states, pairs)
        targets = torch.from_numpy(relation_targets(arrays, facts.relations, len(self.relation_codec.relations)))
        targets = targets.to(states.device)
        asked = self._asked(pairs)
        found = {"relations": cast(RelationDecoder, self.relations).loss(related, asked, targets)}
        if self.attributes is not None:
            gold = torch.from_numpy(facts.attributes).to(states.device)
            parts = zip(torch.split(said.float(), self.values, 1), gold.unbind(1), strict=True)
            losses = [F.cross_entropy(scores, values, reduction="sum", ignore_index=UNSAID) for scores, values in parts]
            found["attributes"] = torch.stack(losses).sum()
        if isinstance(self.relations, BilinearAttention) and (self.settings.attention or self.settings.cross_attention):
            mentions = self.mentions(states, pairs["first"], pairs["after"], pairs["types"])
            related_to = targets.any(2)
            for name, shares in zip(
                ("attention", "cross_attention"), self.relations.shares(mentions, pairs), strict=True
            ):
                found[name] = -torch.log(shares[related_to].clamp(min=1e-6)).sum()
        return found

    def _weighed(self, found: Mapping[str, Tensor], tokens: Tensor) -> Tensor:
        weights = {
            "tags": 1.0,
            **{name: getattr(self.settings, name) for name in LOSSES[1:]},
        }
        if self.settings.weighting == "alternate" and self.training and {"tags"} < {*found}:
            chosen = {"tags"} if torch.rand(()) < 0.5 else {*found} - {"tags"}
            found = {name: loss for name, loss in found.items() if name in chosen}
        total = torch.stack([weights[name] * loss for name, loss in found.items()]).sum()
        if self.uncertainty is None:
            return total
        doubts = {name: self.uncertainty[LOSSES.index(name)] for name in found}
        weighed = [weights[n] * loss * torch.exp(-doubts[n]) + tokens * doubts[n] for n, loss in found.items()]
        return torch.stack(weighed).sum()

    def flops(self, tokens: int) -> int:
        """With a mention at every `TOKENS_PER_MENTION` tokens and `PARTNERS` candidates of each."""
        mentions = -(-tokens // TOKENS_PER_MENTION)
        both = sum(cast(Decoder, part).flops(tokens) for part in (self.embedder, self.encoder, self.attention))
        total = both + cast(Decoder, self.decoder).flops(tokens)
        if self.reader is not None:
            total += both
        said = 0 if self.attributes is None else 2 * self.attributes.weight.numel()
        return total + mentions * said + cast(RelationDecoder, self.relations).flops(mentions, PARTNERS)


def relation_targets(
    arrays: Mapping[str, NDArray[np.int64]], relations: NDArray[np.int64], count: int
) -> NDArray[np.bool_]:
    """(N, 3) head, tail, relation -> (M, most partners, count), true where a candidate is so related"""
    partners = np.where(arrays["real"], arrays["partners"], -1)
    targets = np.zeros((*partners.shape, count), bool)
    for head, tail, relation in relations:
        targets[head, partners[head] == tail, relation] = True
    return targets
