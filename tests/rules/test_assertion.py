"""What the lists of sentences do not show: offsets, what stays as it was, trigger files, and time."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import ASSERTIONS, Attribute, Document, Entity, Relation
from epicrisis.errors import UsageError
from epicrisis.rules import Assertion
from epicrisis.rules.triggers import VALUES, languages, parse


def found(text: str, *words: str, language: str = "en") -> list[str]:
    """The assertion of each word, `present` where there is none."""
    entities = tuple(Entity("Finding", ((start := text.index(word), start + len(word)),)) for word in words)
    document = Document("d", text, entities)
    annotated = Assertion(language).annotate(document)
    values = {
        annotated.words(entity): str(entity.attributes["assertion"].value) if entity.attributes else "present"
        for entity in annotated.entities
    }
    return [values[word] for word in words]


def test_the_values_are_those_of_a_document() -> None:
    assert set(VALUES) == set(ASSERTIONS)
    assert languages() == ["en", "zh"]


def test_a_language_without_rules_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"no assertion rules for the language 'fr'.* There are: en, zh"):
        Assertion("fr")


def test_the_document_that_came_in_stays_and_all_but_the_attribute_is_kept() -> None:
    fever = Entity("Finding", ((3, 8),), id="T7", score=0.5, attributes={"TREND": Attribute("INC")}, note="n")
    document = Document("d", "No fever, cough.", (fever, Entity("Finding", ((10, 15),), id="T2")), meta={"a": 1})
    document = replace(document, relations=(Relation("WITH", "T7", "T2"),))
    annotated = Assertion("en").annotate(document)
    negated = Attribute("negated", cue=(0, 2))
    assert document.entities[0].attributes == {"TREND": Attribute("INC")}
    assert annotated.entities[0] == replace(fever, attributes={"TREND": Attribute("INC"), "assertion": negated})
    assert annotated.relations == document.relations
    assert annotated.meta == {"a": 1, "assertion": "rules"}


def test_an_assertion_that_is_there_is_replaced_or_kept() -> None:
    said = {"assertion": Attribute("historical", 0.9)}
    document = Document("d", "No fever. Cough.", (Entity("F", ((3, 8),), attributes=said), Entity("F", ((10, 15),))))
    rules = Assertion("en")
    assert rules.annotate(document, keep=True).entities[0].attributes == said
    assert rules.annotate(document).entities[0].attributes["assertion"].value == "negated"
    wrong = replace(document, entities=(Entity("F", ((10, 15),), attributes=said),))
    assert rules.annotate(wrong).entities[0].attributes == {}


def test_an_assertion_that_stays_takes_the_words_of_rules_that_say_the_same() -> None:
    one, other = (Entity("F", ((3, 8),), attributes={"assertion": Attribute(v, 0.9)}) for v in ("negated", "uncertain"))
    rules = Assertion("en")
    (agreed,), (kept,) = (rules.annotate(Document("d", "No fever.", (e,)), keep=True).entities for e in (one, other))
    assert agreed.attributes == {"assertion": Attribute("negated", 0.9, cue=(0, 2))}
    assert kept.attributes == other.attributes


def test_values_that_a_model_decides_are_not_added_to_its_entities() -> None:
    fever, cough = Entity("F", ((3, 8),)), Entity("F", ((19, 24),))
    from_a_list = replace(fever, attributes={"source": Attribute("terms")})
    document = Document("d", "No fever. Possible cough.", (fever, cough))
    said = Assertion("en").annotate(document, keep=True, decided=["negated"]).entities
    assert [entity.attributes for entity in said] == [{}, {"assertion": Attribute("uncertain", cue=(10, 18))}]
    (found,) = Assertion("en").annotate(replace(document, entities=(from_a_list,)), decided=["negated"]).entities
    assert found.attributes["assertion"].value == "negated"


def test_a_character_that_grows_in_lower_case_moves_no_offset() -> None:
    text = "İİİ No İnfection."
    document = Document("d", text, (Entity("F", ((7, 16),)),))
    assert Assertion("en").annotate(document).entities[0].attributes["assertion"].cue == (4, 6)


def test_of_a_discontinuous_mention_the_words_between_its_fragments_are_none_of_it() -> None:
    document = Document(
        "d", "Left, no evidence of, lung mass.", (Entity("F", ((0, 4), (27, 31))), Entity("F", ((22, 26),)))
    )
    values = [entity.attributes for entity in Assertion("en").annotate(document).entities]
    assert values == [{}, {"assertion": Attribute("negated", cue=(6, 20))}]


def test_a_nested_mention_is_in_the_scope_of_the_trigger_that_begins_the_longer_one() -> None:
    assert found("He has a history of hypertension.", "history of hypertension", "hypertension") == ["historical"] * 2


@pytest.mark.parametrize("text", ["", " \n ", "no", "。", "?", ":::", "No no no no", "((((", "))))", "， ， 无"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_without_words_or_with_nothing_but_triggers_raise_nothing(text: str, language: str) -> None:
    entities = tuple(Entity("F", ((start, start + 1),)) for start in range(len(text)))
    assert len(Assertion(language).assertions(Document("d", text, entities))) == len(text)


TRICKY = ["no", "not", "but", "and", "or", ",", ";", ":", "(", ")", ".", "\n", "if", "history", "of", "mother", "fever"]
TRICKY += ["ruled", "out", "was", "无", "有", "，", "。", "史"]


@given(st.lists(st.sampled_from(TRICKY), max_size=30), st.data())
def test_every_cue_lies_in_the_text_and_outside_or_at_the_start_of_its_entity(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda span: span[0] < span[1])
    entities = tuple(Entity("F", (span,)) for span in data.draw(st.lists(spans, max_size=4))) if text else ()
    for language in languages():
        document = Assertion(language).annotate(Document("d", text, entities))
        for entity in document.entities:
            if "assertion" in entity.attributes:
                cue = entity.attributes["assertion"].cue
                assert cue is not None
                assert text[slice(*cue)].strip()


def test_a_heading_holds_until_the_next_one_or_an_empty_line() -> None:
    text = "Family history:\nstroke\n\ncough\nPMH: gout, asthma\nAssessment: angina\nUnknown part: rash"
    words = ("stroke", "cough", "gout", "asthma", "angina", "rash")
    assert found(text, *words) == ["family", "present", "historical", "historical", "present", "present"]


def test_a_form_of_its_own_ends_a_section_but_a_relative_does_not() -> None:
    text = "Family history:\nMother: stroke\nFather: gout\nHousing: asthma"
    assert found(text, "stroke", "gout", "asthma") == ["family", "family", "present"]


@pytest.mark.parametrize(
    "filler", ["no ", "no fever, ", "( ", "mother: ", "Family history: ", "a", "，无", ": ", ".\n"]
)
def test_time_grows_with_the_length_of_the_text(filler: str) -> None:
    """Of thirty-two times the text; quadratic would be a thousand times the time."""
    rules = Assertion("zh" if "无" in filler else "en")

    def seconds(count: int) -> float:
        text = filler * count + "x"
        step = max(1, len(filler))
        entities = tuple(Entity("F", ((at, at + 1),)) for at in range(0, len(text), step))
        document = Document("d", text, entities)
        return min(_timed(rules, document) for _ in range(3))

    assert seconds(6400) < 250 * max(seconds(200), 1e-3)


def _timed(rules: Assertion, document: Document) -> float:
    begun = time.process_time()
    rules.assertions(document)
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("negated\tforward\t-", "not enough values"),
        ("denied\tforward\t-\tno", "no kind 'denied'"),
        ("negated\tsideways\t-\tno", "no direction 'sideways'"),
        ("stop\tnegated past\t-\tbut", "no direction 'past'"),
        ("negated\tforward\tfar\tno", "invalid literal"),
        ("negated\tforward\t-\tno (evidence|sign of", "without its"),
        ("negated\tforward\t-\tno {thing}", "thing"),
        ("section\tnone\t-\tfamily_history", "no direction 'none'"),
        ("section\tfamily\t-\tfamily history", "no kind of heading 'family history'. Did you mean 'family_history'?"),
        ("negated\tbackward\t-\tno", "'no' is said to be negated backward here and negated before"),
    ],
)
def test_a_line_that_is_none_is_named(line: str, cause: str) -> None:
    with pytest.raises(UsageError, match=r"en.tsv, line 3: ") as raised:
        parse(f"# a comment\nnegated\tforward\t-\tno\n{line}\n", "en.tsv", {"fh": "family_history"})
    assert cause in str(raised.value)


def test_a_trigger_may_have_choices_words_that_may_be_missing_and_names() -> None:
    triggers = parse("let\tbe\t-\tis|was\nnegated\tbackward\t-\t{be} (ruled|found) [not] out\n", "x", {})
    words = ["is", "ruled", "out", "was", "found", "not", "out"]
    hits = list(triggers.phrases.find(words, bytearray(len(words) + 1)))
    assert [(first, after) for first, after, _ in hits] == [(0, 3), (3, 7)]


def test_a_relative_who_is_an_entity_still_answers_for_the_others() -> None:
    text = "his father had died of a myocardial infarction"
    words = ("father", "died", "myocardial infarction")
    entities = tuple(Entity("P", ((text.index(w), text.index(w) + len(w)),)) for w in words)
    found = Assertion("en").annotate(Document("n", text, entities)).entities
    said = [entity.attributes["assertion"].value if entity.attributes else None for entity in found]
    assert said == [None, "family", "family"]
    assert [found[2].attributes["assertion"].cue] == [(4, 10)]


@pytest.mark.parametrize("type_", ["Biological_structure", "biological structure", "Date", "部位"])
def test_what_only_describes_is_neither_there_nor_absent(type_: str) -> None:
    text = "no chest pain"
    entities = (Entity(type_, ((3, 8),)), Entity("Sign_symptom", ((9, 13),)))
    document = Document("n", text, entities)
    chest, pain = Assertion("en").annotate(document).entities
    assert not chest.attributes
    assert pain.attributes["assertion"] == Attribute("negated", cue=(0, 2))
    chest, _ = Assertion("en", skipped=()).annotate(document).entities
    assert chest.attributes["assertion"].value == "negated"


def test_what_only_looks_like_a_trigger_may_begin_in_an_entity() -> None:
    text = "admitted with a three-day history of fever"
    entities = (Entity("Duration", ((16, 25),)), Entity("Sign_symptom", ((37, 42),)))
    _, fever = Assertion("en").annotate(Document("n", text, entities)).entities
    assert not fever.attributes
