"""The words that decide an assertion, one list a language: `en.tsv`, `zh.tsv`. Our own lists.

A line is `kind TAB direction TAB reach TAB trigger`; `#` begins a comment. In a trigger `(a|b)` is a choice, `[a]` may
be missing, `{name}` is a choice that a `let` line named. Case and white space do not matter. The kinds:

let       names a choice: the name stands for the direction
negated, uncertain, hypothetical, historical, family
          says so of the entities in its scope. Directions: forward, backward, both; all (backward, over the commas of a
          list); either (forward where an entity follows before the next comma, else backward); last (backward where
          nothing follows). The reach is how many tokens may stand between, `-` for any number
present   takes back what a trigger before it said ("not without"); directions and reach as above
pseudo    looks like a trigger and is none: hides the triggers in it
stop      ends the scopes that reach it; the direction names their kinds, or `all`
pause     negation and uncertainty pass over what follows, to the next comma or conjunction
clause    shows that what stands between two commas is a clause of its own, not another item of a list
tail      may follow the last item of a list without making it a clause. In English it ends the clause: the comma behind
          it begins another ("no mass seen, ...")
predicate as tail, and makes a clause of a single item behind a comma ("no fever, cough was noted")
mark      the direction says which: comma, and, or, semicolon, colon, open, close
section   a kind of heading (`text.headings`); the direction is the value of what stands under it
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, product

from epicrisis.errors import UsageError, suggestion
from epicrisis.rules.phrases import Phrases, words_of
from epicrisis.text import headings

VALUES = ("negated", "uncertain", "present", "hypothetical", "historical", "family")
DIRECTIONS = ("forward", "backward", "both", "all", "either", "last")
MARKS = ("comma", "and", "or", "semicolon", "colon", "open", "close")
KINDS = (*VALUES, "pseudo", "stop", "pause", "clause", "tail", "predicate", "mark", "section")
FAR = 10_000
"""Tokens: a reach without a limit."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One line of a list. `direction` is also the kind of a mark; `ends` are the kinds whose scopes a stop ends."""

    kind: str
    direction: str = ""
    reach: int = FAR
    ends: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Triggers:
    """A language's list. sections: a kind of heading -> its direction; headings: their names -> kind."""

    phrases: Phrases[Trigger]
    sections: Mapping[str, str]
    headings: Mapping[str, str]


def languages() -> list[str]:
    folder = resources.files("epicrisis.rules.triggers")
    return sorted(file.name.removesuffix(".tsv") for file in folder.iterdir() if file.name.endswith(".tsv"))


@cache
def load(language: str) -> Triggers:
    """Raises UsageError where there is no list for the language."""
    if language not in (known := languages()):
        raise UsageError(f"there are no assertion rules for the language {language!r}.{suggestion(language, known)}")
    text = resources.files("epicrisis.rules.triggers").joinpath(f"{language}.tsv").read_text("utf-8")
    return parse(text, f"{language}.tsv", headings.load(language))


def parse(text: str, name: str, names: Mapping[str, str]) -> Triggers:
    """names: the language's headings -> kind. Raises UsageError with the number of the first line that is none."""
    choices: dict[str, str] = {}
    phrases: dict[tuple[str, ...], Trigger] = {}
    sections: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            kind, direction, reach, pattern = line.split("\t")
            if kind == "let":
                choices[direction] = pattern
                continue
            trigger = _trigger(kind, direction, reach)
            if kind == "section":
                if pattern not in (kinds := set(names.values())):
                    raise ValueError(f"there is no kind of heading {pattern!r}.{suggestion(pattern, sorted(kinds))}")
                sections[pattern] = direction
                continue
            for words in expanded(pattern, choices):
                there = phrases.setdefault(words, trigger)
                if (there.kind, there.direction) != (kind, direction):
                    raise ValueError(
                        f"{' '.join(words)!r} is said to be {kind} {direction} here and {there.kind} before"
                    )
        except (KeyError, ValueError) as error:
            raise UsageError(f"{name}, line {number}: {error}") from None
    return Triggers(Phrases(phrases.items()), sections, names)


def _trigger(kind: str, direction: str, reach: str) -> Trigger:
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}.{suggestion(kind, KINDS)}")
    allowed = {"stop": (*VALUES, "all"), "mark": MARKS, "section": VALUES}.get(
        kind, DIRECTIONS if kind in VALUES else ("-",)
    )
    given = direction.split() if kind == "stop" else [direction]
    for one in given:
        if one not in allowed:
            raise ValueError(f"{kind} has no direction {one!r}.{suggestion(one, allowed)}")
    ends = frozenset(VALUES if given == ["all"] else given) if kind == "stop" else frozenset()
    return Trigger(kind, direction, FAR if reach == "-" else int(reach), ends)


def expanded(pattern: str, choices: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """Every spelling of a pattern as words; the first choice first."""
    parts: list[list[tuple[str, ...]]] = []
    rest = pattern
    while rest:
        plain = min((at for mark in "([{" if (at := rest.find(mark)) >= 0), default=len(rest))
        parts.append([words_of(rest[:plain])])
        if plain == len(rest):
            break
        close = {"(": ")", "[": "]", "{": "}"}[rest[plain]]
        end = rest.find(close, plain)
        if end < 0:
            raise ValueError(f"a {rest[plain]!r} without its {close!r}")
        inner = rest[plain + 1 : end]
        options = choices[inner].split("|") if close == "}" else inner.split("|")
        parts.append(list(map(words_of, [*options, ""] if close == "]" else options)))
        rest = rest[end + 1 :]
    for chosen in product(*parts):
        yield tuple(chain.from_iterable(chosen))
