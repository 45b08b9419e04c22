"""States -> states that have looked at the whole passage."""

from torch import nn

from epicrisis.parts.attention.additive import Additive
from epicrisis.parts.attention.cross import Cross
from epicrisis.parts.attention.multi_head import MultiHead
from epicrisis.parts.attention.nothing import Nothing

ATTENTION: dict[str, type[nn.Module]] = {
    "additive": Additive,
    "multi_head": MultiHead,
    "cross": Cross,
    "nothing": Nothing,
}

__all__ = ["ATTENTION", "Additive", "Cross", "MultiHead", "Nothing"]
