"""What is said of an entity in words, on the page and in the terminal."""

from collections.abc import Mapping

from epicrisis.document import Attribute, Entity, Value

ASSERTIONS = {"historical": "in the past", "family": "in the family"}


def number(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def value(of: Value) -> str:
    if isinstance(of, bool):
        return "yes" if of else "no"
    return f"{of:g}" if isinstance(of, float) else str(of)


def attribute(name: str, one: Attribute) -> str:
    """negated (0.93); TREND: INC; a property that is simply so by its name alone."""
    if name == "assertion":
        words = ASSERTIONS.get(str(one.value), str(one.value))
    elif one.value is True:
        words = name
    else:
        words = f"{name}: {value(one.value)}"
    return words if one.score is None else f"{words} ({number(one.score)})"


def attributes(of: Mapping[str, Attribute]) -> str:
    """The assertion first, `present` not mentioned, for that is what a reader assumes."""
    names = sorted(of, key=lambda name: (name != "assertion", name))
    return ", ".join(attribute(n, of[n]) for n in names if (n, of[n].value) != ("assertion", "present"))


def codes(entity: Entity) -> str:
    return ", ".join(f"{code.system} {code.code}" + (f" ({code.text})" if code.text else "") for code in entity.codes)


def facts(entity: Entity) -> str:
    """All that is known of it, in one line: Problem: negated (0.93); score 0.97; ICD-10 R07.4"""
    known = [attributes(entity.attributes), codes(entity), entity.note]
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
