"""Annotators without a network: assertion, term lists, patterns; and how what they find goes beside a model's."""

from epicrisis.rules.assertion import PRECEDENCE, Assertion
from epicrisis.rules.dictionary import Dictionary, Term
from epicrisis.rules.merging import combined, merged, with_entities
from epicrisis.rules.patterns import Pattern, Patterns

__all__ = [
    "PRECEDENCE",
    "Assertion",
    "Dictionary",
    "Pattern",
    "Patterns",
    "Term",
    "combined",
    "merged",
    "with_entities",
]
