"""Starts, ends, and which of them belong together, for each type of entity on its own.

Li et al. (2020), "A Unified MRC Framework for Named Entity Recognition", sections 3.3 and 3.4. The states are those of
a question for each type (embedder `questions`); all questions share these weights. Whether a start and an end match is
said by a layer of GELUs over both, as in the authors' code; the paper's equation has a single product.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.text import TypeSpansCodec


class SpanMatch(nn.Module):
    """Mentions that nest, cross and share their tokens as they like.

    input_size    width of the states that come in: those of as many questions as there are types, side by side
    codec         the types, and how long a span may be
    hidden_size   width of the layer that compares a start and an end
    dropout       on the states that it compares
    match_weight  of that comparison in the loss; starts and ends have weight 1
    """

    def __init__(
        self,
        input_size: int,
        codec: TypeSpansCodec,
        *,
        hidden_size: int = 128,
        dropout: float = 0.1,
        match_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.questions = len(codec.types)
        if input_size % self.questions:
            raise ValueError(
                f"{input_size} numbers a token cannot be the states of {self.questions} questions; the embedder "
                f"`questions` makes such"
            )
        self.longest = codec.longest
        self.match_weight = match_weight
        self.hidden_size = hidden_size
        self.size = input_size // self.questions
        self.edges = nn.Linear(self.size, 2)
        self.views = nn.Linear(self.size, 2 * hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.match = nn.Parameter(torch.empty(hidden_size).uniform_(-1, 1) * hidden_size**-0.5)
        self.bias = nn.Parameter(torch.zeros(1))

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, questions * (2 + 2 * hidden_size)): of each question the logits of a start and
        of an end, and the halves that the token gives to the comparison as a start and as an end
        """
        asked = states.view(*states.shape[:2], self.questions, self.size)
        return torch.cat((self.edges(asked), self.views(self.dropout(asked))), -1).flatten(2)

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Binary cross-entropy of starts, ends and matches, summed -> ()

        Compared are the pairs of at most `longest` tokens both of whose ends are gold, or both predicted.
        targets: (B, T, questions, 1 + longest), as `TypeSpansCodec` says
        """
        width = min(self.longest, scores.shape[1])
        with torch.autocast(scores.device.type, enabled=False):
            parts = scores.float().view(*scores.shape[:2], self.questions, -1)
            logits, first, last = parts[..., :2], *parts[..., 2:].chunk(2, -1)
            spans = targets[..., 1 : 1 + width].bool()
            gold = torch.stack((targets[..., 1:].any(-1), targets[..., 0].bool()), -1)
            edges = F.binary_cross_entropy_with_logits(logits[mask], gold[mask].float(), reduction="sum")
            real = mask.unsqueeze(2)
            pairs = torch.zeros_like(spans)
            for starts, ends in ((logits > 0).unbind(-1), gold.unbind(-1)):
                ahead = F.pad(ends & real, (0, 0, 0, width - 1)).unfold(1, width, 1)
                pairs |= (starts & real).unsqueeze(3) & ahead
            row, token, question, more = pairs.nonzero(as_tuple=True)
            hidden = first[row, token, question] + last[row, token + more, question]
            matched = F.gelu(hidden, approximate="tanh") @ self.match + self.bias
            right = spans[row, token, question, more].float()
            return edges + self.match_weight * F.binary_cross_entropy_with_logits(matched, right, reduction="sum")

    def weights(self) -> dict[str, Tensor]:
        return {"match": self.match, "bias": self.bias}

    def flops(self, tokens: int) -> int:
        """Of the scores; how many pairs are compared depends on what is found."""
        return 2 * tokens * self.questions * self.size * (2 + 2 * self.hidden_size)
