"""The vector of a text -> scores of its labels, and what there is to learn from them.

Their way out, under the same name, is in `decoding/labels.py`.
"""

from torch import nn

from epicrisis.parts.heads.classes import Classes
from epicrisis.parts.heads.intensity import Intensity
from epicrisis.parts.heads.ordinal import Ordinal
from epicrisis.parts.heads.topics import Topics

HEADS: dict[str, type[nn.Module]] = {
    "classes": Classes,
    "ordinal": Ordinal,
    "intensity": Intensity,
    "topics": Topics,
}

__all__ = ["HEADS", "Classes", "Intensity", "Ordinal", "Topics"]
