"""Annotators without a network: assertion, term lists, patterns; and how what they find goes beside a model's."""

from epicrisis.rules.assertion import Assertion

__all__ = ["Assertion"]
