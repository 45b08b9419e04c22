"""What preparing a text needs to know of a language, one file each: `en.yaml`, `zh.yaml`. Our own lists.

abbreviations  as they are written -> what they stand for. A key in lower case is found in any case, another one only
               as it stands: "SOB" is a shortness of breath, "sob" is not
stop_words     words that say little of what a text is about. Negations, intensifiers and words of contrast are none
spellings      frequent misspellings that are nearer to another word than to the right one
endings        of medical words, which no general dictionary has and no spelling step may "correct"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Wording:
    """The lists of one language; those that it lacks are empty."""

    abbreviations: Mapping[str, str]
    stop_words: frozenset[str]
    spellings: Mapping[str, str]
    endings: tuple[str, ...]


@cache
def load(language: str) -> Wording:
    """Of a language that has no file, empty lists."""
    if language not in LANGUAGES:
        return Wording({}, frozenset(), {}, ())
    import yaml

    text = resources.files("epicrisis.text.wording").joinpath(f"{language}.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return Wording(
        data.get("abbreviations", {}),
        frozenset(data.get("stop_words", "").split()),
        data.get("spellings", {}),
        tuple(data.get("endings", "").split()),
    )
