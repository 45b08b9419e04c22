"""Mentions and what they may be related to -> scores of every relation."""

from torch import nn

from epicrisis.parts.relations.bilinear import Bilinear
from epicrisis.parts.relations.bilinear_attention import BilinearAttention
from epicrisis.parts.relations.concat import Concat
from epicrisis.parts.relations.context import Context

RELATIONS: dict[str, type[nn.Module]] = {
    "bilinear_attention": BilinearAttention,
    "bilinear": Bilinear,
    "concat": Concat,
    "context": Context,
}

__all__ = ["RELATIONS", "Bilinear", "BilinearAttention", "Concat", "Context"]
