"""Starts and ends: for each type, whether a mention starts at a token, and whether one ends there.

Wei et al. (2020), "A Novel Cascade Binary Tagging Framework for Relational Triple Extraction", section 3.2, whose
tagger of subjects this is, once for each type. It is the start and end of Devlin et al. (2019), section 4.2, with a
sigmoid for every token in the place of a softmax over all, so that a type may have many mentions.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.text import EdgeCodec


class SpanEdges(nn.Module):
    """input_size: width of the states that come in; codec: the types"""

    def __init__(self, input_size: int, codec: EdgeCodec) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, 2 * len(codec.types))

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, types * 2), of each type the start, then the end"""
        return self.output(states)

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Binary cross-entropy, summed over the edges of real tokens -> ()

        targets: (B, T, types, 2)
        """
        wanted = targets.flatten(2)[mask].float()
        return F.binary_cross_entropy_with_logits(scores.float()[mask], wanted, reduction="sum")

    def weights(self) -> dict[str, Tensor]:
        return {}

    def flops(self, tokens: int) -> int:
        return 2 * tokens * self.output.in_features * self.output.out_features
