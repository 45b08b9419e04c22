"""Every error that epicrisis raises on purpose.

A message says what is wrong, where, and what to do next. It names ids, offsets and counts, and never holds a word
of a note: messages end up in logs and tickets.
"""

import difflib
from collections.abc import Iterable


class EpicrisisError(Exception):
    """Something that the caller can mend; its message is one that a user can read."""


class DocumentError(EpicrisisError, ValueError):
    """A document that contradicts itself: an offset outside the text, a relation to nothing."""


class CorpusError(EpicrisisError):
    """Files that are missing, unreadable or not in the format they were said to be in."""


class RecipeError(EpicrisisError):
    """A recipe or a command-line setting that describes no system we can build."""


class UsageError(EpicrisisError):
    """A call whose arguments do not go together."""


class ModelError(EpicrisisError):
    """A model that is unknown, damaged, or made by another version."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to append to "there is no ...": " Did you mean 'crf'? There are: crf, softmax." """
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1)
    return (f" Did you mean {near[0]!r}?" if near else "") + f" There are: {', '.join(known) or 'none'}."
