"""States -> states that have looked at the whole passage."""

from torch import nn

from epicrisis.parts.attention.nothing import Nothing

ATTENTION: dict[str, type[nn.Module]] = {"nothing": Nothing}

__all__ = ["ATTENTION", "Nothing"]
