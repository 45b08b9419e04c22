"""A score per tag, each token judged on its own."""

from torch import Tensor, nn
from torch.nn import functional as F

from epicrisis.text import TagCodec


class Softmax(nn.Module):
    """input_size: width of the states that come in; codec: the tags"""

    def __init__(self, input_size: int, codec: TagCodec) -> None:
        super().__init__()
        self.output = nn.Linear(input_size, len(codec))

    def scores(self, states: Tensor) -> Tensor:
        """(B, T, input_size) -> (B, T, K)"""
        return self.output(states)

    def loss(self, scores: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, summed over the real tokens -> ()"""
        return F.cross_entropy(scores.float()[mask], targets[mask], reduction="sum")

    def weights(self) -> dict[str, Tensor]:
        return {}
