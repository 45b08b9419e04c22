"""The states of a text -> one vector."""

from torch import nn

from epicrisis.parts.pooling.attention import Attention
from epicrisis.parts.pooling.cls import Cls
from epicrisis.parts.pooling.last import Last
from epicrisis.parts.pooling.max import Max
from epicrisis.parts.pooling.mean import Mean

POOLING: dict[str, type[nn.Module]] = {
    "last": Last,
    "mean": Mean,
    "max": Max,
    "cls": Cls,
    "attention": Attention,
}

__all__ = ["POOLING", "Attention", "Cls", "Last", "Max", "Mean"]
