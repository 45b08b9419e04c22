"""Preparing a text for a classifier: named steps, in the order that the settings give, and where all of it came from.

The steps are those of Transformer sentiment on medical records (`PAPER`: choosing fragments, meaningless characters
and placeholders, terms, spelling, segmentation, stop words; sections 4.1 and 4.2 there name them and say no more), and
`case`. Each can be left out, which is how one learns what it is worth. A text is copied, never changed: every prepared
character knows which characters of the original it stands for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.document import Document, Span
from epicrisis.errors import UsageError, suggestion
from epicrisis.text import spelling
from epicrisis.text.steps import STEPS, Edit

PAPER = ("sections", "placeholders", "characters", "terms", "spelling", "segmentation", "stop_words")
FRAGMENTS = ("chief_complaint", "present_illness", "subjective")
"""The kinds of section in which a patient speaks, or is spoken of as one who does."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A prepared text, and for each of its n characters the first of the original that it stands for, and the end.

    offsets  (n,), never falling
    ends     (n,), never falling, exclusive; a character that was put in between others has an empty stretch there
    """

    text: str
    offsets: NDArray[np.int64]
    ends: NDArray[np.int64]

    def original(self, start: int, end: int) -> Span:
        """The stretch of the original that prepared characters start to end stand for."""
        if start >= end:
            at = int(self.offsets[start]) if start < len(self.text) else int(self.ends[-1]) if self.text else 0
            return at, at
        return int(self.offsets[start]), int(self.ends[end - 1])


@dataclass(frozen=True)
class Preparation:
    """What is done to a text before a classifier sees it. Its JSON form is saved with the model.

    steps       names of STEPS, in the order in which they are done; without any the text stays as it is
    keep        `sections`: the kinds of section (`text.headings`) that are kept
    headings    `sections`: further names of headings, by kind
    terms       `terms`: further abbreviations -> what they stand for; None takes one of the package's out
    known       `spelling`: words that are left alone: a vocabulary, a list of drugs
    stop_words  `stop_words`: instead of the package's list

    Raises UsageError where there is no such step, one stands twice, or `spelling` lacks its library.
    """

    steps: tuple[str, ...] = ()
    keep: tuple[str, ...] = FRAGMENTS
    headings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    terms: Mapping[str, str | None] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    stop_words: frozenset[str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        object.__setattr__(self, "keep", tuple(self.keep))
        object.__setattr__(self, "headings", {kind: tuple(names) for kind, names in self.headings.items()})
        object.__setattr__(self, "terms", dict(self.terms))
        object.__setattr__(self, "known", frozenset(word.lower() for word in self.known))
        if self.stop_words is not None:
            object.__setattr__(self, "stop_words", frozenset(word.lower() for word in self.stop_words))
        for step in self.steps:
            if step not in STEPS:
                raise UsageError(f"preparation has no step {step!r}.{suggestion(step, STEPS)}")
        if len(set(self.steps)) < len(self.steps):
            raise UsageError("preparation: a step stands twice")
        if "spelling" in self.steps:
            spelling.check()

    def prepare(self, text: str) -> Prepared:
        """Linear in the length of the text; an empty text stays one."""
        places = np.arange(len(text) + 1, dtype=np.int64)
        prepared = Prepared(text, places[:-1], places[1:])
        for step in self.steps:
            made = STEPS[step](prepared.text, self)
            prepared = (
                Prepared(made, prepared.offsets, prepared.ends) if isinstance(made, str) else _edited(prepared, made)
            )
        return prepared

    def of_document(self, document: Document) -> Document:
        """The prepared text with the labels; what stands at places in the text is left behind."""
        return Document(document.id, self.prepare(document.text).text, labels=document.labels, meta=document.meta)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON: what differs from the defaults, and the steps."""
        data: dict[str, Any] = {"steps": list(self.steps)}
        if self.keep != FRAGMENTS:
            data["keep"] = list(self.keep)
        if self.headings:
            data["headings"] = {kind: list(names) for kind, names in self.headings.items()}
        if self.terms:
            data["terms"] = dict(self.terms)
        if self.known:
            data["known"] = sorted(self.known)
        if self.stop_words is not None:
            data["stop_words"] = sorted(self.stop_words)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Preparation":
        """The inverse of `to_dict`. Raises UsageError where a key is unknown or a value has the wrong shape."""
        names = [one.name for one in fields(cls)]
        for key, value in data.items():
            if key not in names:
                raise UsageError(f"preparation has no setting {key!r}.{suggestion(key, names)}")
            wanted = Mapping if key in ("headings", "terms") else list | tuple | set | frozenset
            if not isinstance(value, wanted) and not (key == "stop_words" and value is None):
                raise UsageError(f"preparation: {key} must be {'an object' if wanted is Mapping else 'a list'}")
            words = [*value.keys(), *_flat(value.values())] if isinstance(value, Mapping) else list(value or ())
            if not all(isinstance(word, str) or (word is None and key == "terms") for word in words):
                raise UsageError(f"preparation: {key} holds something that is no word")
        return cls(**data)


def _flat(values: Any) -> list[Any]:
    return [word for value in values for word in ([value] if isinstance(value, str) or value is None else value)]


def _edited(before: Prepared, edits: Sequence[Edit]) -> Prepared:
    """All characters of a replacement stand for all of those that it replaces."""
    if not edits:
        return before
    texts: list[str] = []
    offsets: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []
    done = 0
    for start, end, new in edits:
        texts += [before.text[done:start], new]
        offsets.append(before.offsets[done:start])
        ends.append(before.ends[done:start])
        if new:
            if start < end:
                first, last = before.offsets[start], before.ends[end - 1]
            else:  # between two characters, which may stand for the same stretch
                last = before.ends[start - 1] if start else np.int64(0)
                first = min(last, before.offsets[start]) if start < len(before.text) else last
            offsets.append(np.full(len(new), first))
            ends.append(np.full(len(new), last))
        done = end
    texts.append(before.text[done:])
    offsets.append(before.offsets[done:])
    ends.append(before.ends[done:])
    return Prepared("".join(texts), np.concatenate(offsets), np.concatenate(ends))
