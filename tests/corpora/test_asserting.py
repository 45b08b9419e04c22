from dataclasses import replace

import pytest

from epicrisis.corpora import CORPORA, asserted
from epicrisis.document import ASSERTIONS, Attribute, Document, Entity

MACCROBAT = CORPORA["maccrobat-2020"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("NEG", "negated"), ("UNCERTAIN", "uncertain"), ("MAYBE_NEG", "uncertain"), ("POS", None), ("ODD", None)],
)
def test_polarity_becomes_the_assertion_that_it_means(value: str, expected: str | None) -> None:
    attributes = {"POLARITY": Attribute(value, cue=(0, 2)), "TREND": Attribute("INC")}
    note = Document("n", "no fever", (Entity("Problem", ((3, 8),), "T1", attributes=attributes),))
    (found,) = asserted(note, MACCROBAT).entities
    assert found.attributes["TREND"] == Attribute("INC")
    assert found.attributes.get("assertion") == (Attribute(expected, cue=(0, 2)) if expected else None)
    assert ("POLARITY" in found.attributes) == (value == "ODD")
    assert replace(found, attributes=attributes) == note.entities[0]


def test_every_corpus_means_an_assertion_that_there_is() -> None:
    meant = {value for corpus in CORPORA.values() for values in corpus.assertions.values() for value in values.values()}
    assert meant <= set(ASSERTIONS)
    assert asserted(Document("n", "x"), CORPORA["genia"]) == Document("n", "x")


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        ("share-clef-2014", {"negation": "yes", "subject": "family_member"}, "family"),
        ("share-clef-2014", {"negation": "yes", "uncertainty": "yes"}, "negated"),
        ("share-clef-2014", {"negation": "yes", "conditional": "true"}, "hypothetical"),
        ("anafora", {"Polarity": "NEG", "ContextualModality": "HYPOTHETICAL"}, "hypothetical"),
        ("anafora", {"Polarity": "NEG", "ContextualModality": "HEDGED"}, "negated"),
        (
            "xmi",
            {"polarity": -1, "uncertainty": 0, "historyOf": 0, "conditional": False, "subject": "patient"},
            "negated",
        ),
        ("xmi", {"polarity": 1, "conditional": True}, "hypothetical"),
        ("xmi", {"polarity": -1, "subject": "family_member"}, "family"),
        ("xmi", {"polarity": 1, "subject": "patient"}, None),
    ],
)
def test_of_several_the_one_that_says_least_of_the_patient_holds(
    name: str, said: dict[str, str | int], expected: str | None
) -> None:
    attributes = {key: Attribute(value) for key, value in said.items()}
    note = Document("n", "no fever", (Entity("Problem", ((3, 8),), "T1", attributes=attributes),))
    (found,) = asserted(note, CORPORA[name]).entities
    assert dict(found.attributes) == ({"assertion": Attribute(expected)} if expected else {})
