"""Document, the type that everything here reads and gives, and the parts of one."""

from epicrisis.document.document import SCHEMA, Document
from epicrisis.document.parts import (
    ASSERTIONS,
    SENTIMENTS,
    TOPIC,
    Attribute,
    Code,
    Entity,
    Evidence,
    Group,
    Label,
    Relation,
    Segment,
    Span,
    Value,
    in_reading_order,
)

__all__ = [
    "ASSERTIONS",
    "SCHEMA",
    "SENTIMENTS",
    "TOPIC",
    "Attribute",
    "Code",
    "Document",
    "Entity",
    "Evidence",
    "Group",
    "Label",
    "Relation",
    "Segment",
    "Span",
    "Value",
    "in_reading_order",
]
