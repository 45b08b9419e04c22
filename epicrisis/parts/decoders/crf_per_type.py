"""A linear-chain CRF for each type: mentions of different types nest and overlap as they like.

Each is the CRF of Lafferty, McCallum and Pereira (2001) over the few tags of one type, as EDS-NLP has it for nested
entities. They share the states alone, so that the loss is the sum of theirs; all are computed at once.
"""

import torch
from torch import Tensor, nn

from epicrisis.parts.decoders.crf import IMPOSSIBLE, log_partition, path_score
from epicrisis.text import TypeTagsCodec


class CRFPerType(nn.Module):
    """Learns a whole sequence of tags for each type.

    input_size  width of the states that come in
    codec       the types and the scheme of their tags; transitions that break it are excluded from the start

    As with the single CRF, how a sequence may begin and end is learned, and enforced by decoding.
    """

    forbidden: Tensor

    def __init__(self, input_size: int, codec: TypeTagsCodec) -> None:
        super().__init__()
        types, tags = len(codec.types), len(codec.of_type[0])
        self.shape = types, tags
        self.output = nn.Linear(input_size, types * tags)
        self.transitions = nn.Parameter(torch.zeros(types, tags, tags))
        self.start_transitions = nn.Parameter(torch.zeros(types, tags))
        self.end_transitions = nn.Parameter(torch.zeros(types, tags))
        self.register_buffer("forbidden", ~torch.from_numpy(codec.of_type[0].allowed()[0]), persistent=False)

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, types * tags of one)"""
        return self.output(states)

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Negative log-likelihood of the targets, summed over the sequences and types -> ()

        mask: the real tokens come first in each row, and every row has one; targets: (B, T, types)
        """
        transitions = self.transitions.masked_fill(self.forbidden, IMPOSSIBLE)
        chains = transitions, self.start_transitions, self.end_transitions
        with torch.autocast(scores.device.type, enabled=False):
            by_type = scores.float().view(*mask.shape, *self.shape).permute(2, 0, 1, 3)  # (types, B, T, tags)
            total = log_partition(by_type, mask, *chains)
            gold = path_score(by_type, mask, targets.permute(2, 0, 1), *chains)
            return (total - gold).sum()

    def weights(self) -> dict[str, Tensor]:
        return {"transitions": self.transitions, "start": self.start_transitions, "end": self.end_transitions}

    def flops(self, tokens: int) -> int:
        return 2 * tokens * self.output.in_features * self.output.out_features
