"""The names of a note's sections, one list a language: `en.tsv`, `zh.tsv`, as `kind TAB name|name`. Our own lists.

Kinds are what a section is about: chief_complaint, present_illness, past_history and so on. Two are special:

organ_system  a heading within an examination or a hospital course, such as "CV:"
inside        looks like a heading and begins no section: "Mother:" in a family history
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from epicrisis.errors import UsageError, suggestion
from epicrisis.text.tokens import lowered

INSIDE, ORGAN_SYSTEM = "inside", "organ_system"


def languages() -> list[str]:
    folder = resources.files("epicrisis.text.headings")
    return sorted(file.name.removesuffix(".tsv") for file in folder.iterdir() if file.name.endswith(".tsv"))


@cache
def load(language: str) -> Mapping[str, str]:
    """Name (`key`) -> kind. Raises UsageError where there is no list for the language."""
    if language not in (known := languages()):
        raise UsageError(f"there is no list of headings for the language {language!r}.{suggestion(language, known)}")
    lines = resources.files("epicrisis.text.headings").joinpath(f"{language}.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {key(name): kind for kind, names in rows for name in names.split("|")}


def extended(names: Mapping[str, str], more: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """With names of your own by kind, which go before those of the list; the kind may be a new one."""
    return {**names, **{key(name): kind for kind, own in more.items() for name in own}}


def key(name: str) -> str:
    """A heading's name as it is looked up: in lower case and without white space."""
    return "".join(lowered(name).split())
