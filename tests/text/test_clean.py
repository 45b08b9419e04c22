"""Preparation: what each step does, that every character knows where it came from, and what no step may harm."""

import itertools
import json
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.errors import UsageError
from epicrisis.text import wording
from epicrisis.text.clean import PAPER, Preparation
from epicrisis.text.steps import STEPS


def prepared(text: str, *steps: str, **settings: object) -> str:
    return Preparation(steps, **settings).prepare(text).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("step", "text", "becomes"),
    [
        ("sections", "PMH: gout\nCC: worry\nPlan: rest\nHPI:\nsad\n", " worry\n\n\nsad\n"),
        ("sections", "no heading, all of it", "no heading, all of it"),
        ("sections", "CC:\nPMH: gout", "CC:\nPMH: gout"),
        ("sections", "既往史：体健。\n主诉：头晕。", "头晕。"),
        ("placeholders", "Mr. [**Known lastname\n12**] saw[** **]Dr ___, ____", "Mr.  saw Dr , ____"),
        ("placeholders", "[** never closed", "[** never closed"),
        ("characters", "  a\x00\ufeff\u200bb \u00a0\n\n=====\n c  ", "ab c"),
        ("characters", "No!!! Wait... ok?! a -- b", "No! Wait. ok?! a -- b"),
        ("characters", "“It’s” a – b &amp; c&nbsp;d &#39;e&#39;", "\"It's\" a - b & c d 'e'"),
        ("characters", "\U0001f622 \U0001f44d\U0001f3fd sad", "\U0001f622 \U0001f44d\U0001f3fd sad"),
        ("case", "NO İ Help", "no İ help"),
        (
            "terms",
            "Pt c/o SOB, CP; meds b.i.d. w/o sob.",
            "patient complains of shortness of breath, chest pain; medications twice daily without sob.",
        ),
        ("terms", "DM/HTN; option, ptsd", "diabetes mellitus/hypertension; option, ptsd"),
        ("terms", "房颤，WBC高，ptx", "心房颤动，白细胞高，ptx"),
        (
            "spelling",
            "The staf was freindly, I didnt wait. EXELLENT",
            "The staff was friendly, I didn't wait. EXCELLENT",
        ),
        ("spelling", "VERY HELPFULL STAFF", "VERY HELPFUL STAFF"),
        ("spelling", "it was soooo good", "it was so good"),
        ("segmentation", " 48-year-old,\n5mg don't ", "48 - year - old , 5 mg don ' t"),
        ("segmentation", "患者头痛3天", "患 者 头 痛 3 天"),
        ("stop_words", "She was not at all well, but the staff were", "not all well, but staff "),
        ("stop_words", "It was", "It was"),
        ("stop_words", "以 及 头痛，目的不明", "头痛，目的不明"),
    ],
)
def test_a_step_does_what_its_name_says(step: str, text: str, becomes: str) -> None:
    assert prepared(text, step) == becomes


def test_steps_are_done_in_the_order_given() -> None:
    text = "CC: [**Name**] Pt c/o SOB!!"
    assert prepared(text, *PAPER) == "patient complains shortness breath !"
    assert prepared(text, "stop_words", "case", "terms") == "cc: [**name**] patient complains of sob!!"
    assert prepared(text) == text


def test_words_of_the_prepared_text_are_shown_in_the_original() -> None:
    text = "HPI: Pt c/o  SOB and was verry sad\U0001f622."
    found = Preparation(PAPER).prepare(text)

    def shown(words: str) -> str:
        start = found.text.index(words)
        return text[slice(*found.original(start, start + len(words)))]

    assert shown("shortness breath") == shown("breath") == "SOB"
    assert shown("very sad") == "verry sad"
    assert shown("\U0001f622") == "\U0001f622"
    assert shown("patient complains") == "Pt c/o"
    assert found.original(3, 3) == (5, 5)


MEDICAL = (
    "metoprolol apixaban lisinopril atorvastatin omeprazole haematuria oedema cholecystectomy pyelonephritis gp "
    "thrombocytopenia dyspnoea amlodipine levofloxacin tocilizumab sertraline"
)


def test_what_is_put_between_the_characters_of_a_term_stands_for_the_term() -> None:
    found = Preparation(("terms", "segmentation")).prepare("有房颤")
    assert found.text == "有 心 房 颤 动"
    assert [found.original(at, at + 1) for at in range(4)] == [(0, 1), (1, 1), (1, 3), (1, 3)]


def test_spelling_leaves_medical_words_names_and_what_is_known_alone() -> None:
    for text in (f"He takes {word} and it was fine" for word in MEDICAL.split()):
        assert prepared(text, "spelling") == text
    for text in ("my mum’s and the childs ipads, xxxx actioned it", "the staff in the room said noth, bril, promt"):
        assert prepared(text, "spelling") == text.replace("promt", "prompt")
    text = "Then Mr Hendersen came with the Zorvalin tablets and it was fine, zorvaline fatige"
    assert prepared(text, "spelling") == text.replace("fatige", "fatigue")
    assert prepared(text, "spelling", known=["Fatige"]) == text
    assert prepared("my fatige is bad", "spelling", terms={"fatige": "x"}) == "my fatige is bad"


@pytest.mark.parametrize(
    "text",
    [
        "Le personnel était très gentil et compétent avec mon père",
        "Die Schwestern waren sehr freundlich und haben mir geholfen",
        "患者服用 metoprololl 后好转",
        "asdf qwer zxcv",
    ],
)
def test_a_text_in_another_language_keeps_its_spelling(text: str) -> None:
    assert prepared(text, "spelling") == text


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "ok", "OK", "?", "\U0001f622", "___", "[**x**]", "的", "I", "\ud7ff", "a" * 5000]
)
def test_nothing_is_too_short_to_be_prepared(text: str) -> None:
    for steps in (PAPER, tuple(STEPS), *((step,) for step in STEPS)):
        found = Preparation(steps).prepare(text)
        assert len(found.offsets) == len(found.ends) == len(found.text)
        assert found.original(0, len(found.text))[1] <= len(text)
    assert prepared("GOOD", *PAPER) == "GOOD"


def test_the_lists_are_extended_and_shortened() -> None:
    assert prepared("Pt has ZZT, CP", "terms", terms={"ZZT": "zorvalin toxicity", "pt": None}) == (
        "Pt has zorvalin toxicity, chest pain"
    )
    assert prepared("the very best", "stop_words", stop_words=["Very"]) == "the best"
    assert prepared("Fears: dark\nCC: x\n", "sections", headings={"worries": ["fears"]}, keep=["worries"]) == " dark\n"


def test_no_stop_word_negates_or_contrasts() -> None:
    words = wording.load("en").stop_words
    assert len(words) > 100
    assert not words & {
        "not",
        "no",
        "nor",
        "never",
        "none",
        "nothing",
        "but",
        "very",
        "too",
        "without",
        "against",
        "few",
    }
    assert not any(word.endswith("n't") for word in words)
    assert all(len(word) > 1 for word in wording.load("zh").stop_words)


def test_settings_survive_json() -> None:
    full = Preparation(
        ("case", "terms"),
        ("plan",),
        {"plan": ["to do"]},
        {"x": "y", "pt": None},
        frozenset({"Zorvalin"}),
        frozenset({"a"}),
    )
    for one in (Preparation(), Preparation(PAPER), full):
        assert Preparation.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    assert Preparation().to_dict() == {"steps": []}
    assert full.to_dict()["known"] == ["zorvalin"]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ({"steps": ["spellings"]}, r"no step 'spellings'. Did you mean 'spelling'\? There are: sections, placeholders"),
        ({"steps": ["case", "case"]}, "stands twice"),
        ({"step": []}, "no setting 'step'. Did you mean 'steps'"),
        ({"steps": "case"}, "steps must be a list"),
        ({"terms": ["a"]}, "terms must be an object"),
        ({"known": [1]}, "known holds something that is no word"),
        ({"headings": {"plan": [None]}}, "headings holds something"),
    ],
)
def test_settings_that_are_none_are_refused(data: dict[str, object], cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        Preparation.from_dict(data)


def test_a_missing_library_is_named_when_the_settings_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "symspellpy", None)
    with pytest.raises(UsageError, match=r"pip install 'epicrisis\[spelling\]'"):
        Preparation(("spelling",))
    assert Preparation(("case",)).prepare("A").text == "a"


PIECES = [
    "the ",
    "staf ",
    "SOB",
    "b.i.d.",
    "c/o",
    "[**x**]",
    "___",
    "____",
    "!!",
    " ",
    "\n",
    "\n\n",
    "CC:",
    "HPI:",
    "PMH:",
    "主诉：",
]
PIECES += [
    "房颤",
    "以及",
    "İ",
    "\U0001f622",
    "'",
    "don't ",
    "5mg",
    "-----",
    "\x00",
    "\u2028",
    "not ",
    "A",
    "&amp;",
    "&",
    ";",
    "的",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(TEXTS, st.permutations(list(STEPS)), st.integers(0, len(STEPS)))
def test_every_character_knows_where_it_came_from(text: str, order: list[str], number: int) -> None:
    found = Preparation(tuple(order[:number])).prepare(text)
    assert len(found.offsets) == len(found.ends) == len(found.text)
    places = [(0, 0), *zip(found.offsets.tolist(), found.ends.tolist(), strict=True), (len(text), len(text))]
    for (start, end), (next_start, next_end) in itertools.pairwise(places):
        assert start <= next_start
        assert end <= next_end
        assert next_start <= next_end


@given(TEXTS, st.permutations(["sections", "placeholders", "segmentation", "stop_words"]), st.integers(0, 4))
def test_steps_that_only_leave_out_change_no_character(text: str, order: list[str], number: int) -> None:
    found = Preparation(tuple(order[:number])).prepare(text)
    for character, start, end in zip(found.text, found.offsets.tolist(), found.ends.tolist(), strict=True):
        assert text[start:end] == character or character.isspace()


@given(TEXTS)
def test_segmented_and_clean_texts_stay_as_they_are(text: str) -> None:
    for step in ("segmentation", "case", "placeholders"):
        once = prepared(text, step)
        assert prepared(once, step) == once


@pytest.mark.parametrize(
    "filler", ["word ", "[** ", "___", "---", "\n", "HPI: ", "a.b.", "’", "&am", "患者", "soooo ", "_"]
)
def test_time_grows_with_the_length_of_the_text(filler: str) -> None:
    """Of thirty-two times the text; quadratic would be a thousand times the time."""
    preparation = Preparation(PAPER)

    def seconds(count: int) -> float:
        text = filler * count
        times = []
        for _ in range(3):
            begun = time.process_time()
            preparation.prepare(text)
            times.append(time.process_time() - begun)
        return min(times)

    assert seconds(6400) < 250 * max(seconds(200), 1e-3)
