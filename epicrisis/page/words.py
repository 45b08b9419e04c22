"""What is said of an entity in words, on the page and in the terminal."""

from collections.abc import Mapping

from epicrisis.document import Attribute, Entity, Evidence, Label, Value

CUE = 60
"""Characters of a cue that are shown."""
ASSERTIONS = {"historical": "in the past", "family": "in the family"}

WEAK = "weak: guessed by rules"
FOUND = {
    "attention": "the share of the network's attention that a word had, which need not be what it is worth",
    "occlusion": "by how much less speaks for the label where the word is hidden",
}


def number(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def value(of: Value) -> str:
    if isinstance(of, bool):
        return "yes" if of else "no"
    return f"{of:g}" if isinstance(of, float) else str(of)


def attribute(name: str, one: Attribute, text: str = "") -> str:
    """negated (0.93) by “no”; TREND: INC; a property that is simply so by its name alone.

    text: the document's, from which the words are cut that say so
    """
    if name == "assertion":
        words = ASSERTIONS.get(str(one.value), str(one.value))
    elif one.value is True:
        words = name
    else:
        words = f"{name}: {value(one.value)}"
    if one.score is not None:
        words += f" ({number(one.score)})"
    cue = " ".join(text[slice(*one.cue)].split()) if text and one.cue else ""
    return f"{words} by “{cue[:CUE]}{' …' * (len(cue) > CUE)}”" if cue else words


def attributes(of: Mapping[str, Attribute], text: str = "") -> str:
    """The assertion first, `present` not mentioned, for that is what a reader assumes."""
    names = sorted(of, key=lambda name: (name != "assertion", name))
    return ", ".join(attribute(n, of[n], text) for n in names if (n, of[n].value) != ("assertion", "present"))


def label(one: Label, *, weak: bool = False) -> str:
    """negative, probability 0.93, intensity -1.5; what a list of words guessed says so."""
    parts = [value(one.value)]
    if one.score is not None:
        parts.append(f"probability {number(one.score)}")
    if one.intensity is not None and one.intensity is not one.value:
        parts.append(f"intensity {value(one.intensity)}")
    return ", ".join([*parts, WEAK] if weak else parts)


def evidence(of: Evidence) -> str:
    """How the words of a label were found, as honestly as the document says it."""
    return f"by {of.by}" + (f", {FOUND[of.by]}" if of.by in FOUND else "")


def codes(entity: Entity) -> str:
    return ", ".join(f"{code.system} {code.code}" + (f" ({code.text})" if code.text else "") for code in entity.codes)


def facts(entity: Entity, text: str = "") -> str:
    """All that is known of it, in one line: Problem: negated (0.93) by “no”; score 0.97; ICD-10 R07.4"""
    known = [attributes(entity.attributes, text), codes(entity), entity.note]
    if entity.score is not None:
        known.insert(1, f"score {number(entity.score)}")
    said = "; ".join(part for part in known if part)
    return f"{entity.type}: {said}" if said else entity.type


def tag(entity: Entity, fragment: int) -> str:
    """What stands behind a fragment in the note: type, assertion, and which of how many fragments it is."""
    parts = [entity.type]
    assertion = entity.attributes.get("assertion")
    if assertion is not None and assertion.value != "present":
        parts.append(ASSERTIONS.get(str(assertion.value), str(assertion.value)))
    if len(entity.fragments) > 1:
        parts.append(f"{fragment + 1}/{len(entity.fragments)}")
    return " · ".join(parts)
