"""Sections: they tile the text, headings are known in both languages, and lists can be extended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.errors import UsageError
from epicrisis.text import headings
from epicrisis.text.sections import OTHER, sections

NOTE = """Admission Date:  [**2151-7-16**]

Chief Complaint:
dizzy

HISTORY OF THE PRESENT ILLNESS: 60 yo man, tired.
He was worried: nobody listened.

He went home.
Past Medical History:
CV: gout
Mother: well

Medications on Admission:
1. Zorvalin
Brief Hospital Course:
CV: stable
Resp: no oxygen
"""


def named(text: str, **more: list[str]) -> list[tuple[str, str]]:
    names = headings.extended(headings.load("en"), more) if more else None
    return [(section.kind, text[slice(*section.body)].strip()) for section in sections(text, names)]


def test_a_discharge_summary_is_cut_at_its_headings_and_nowhere_else() -> None:
    assert named(NOTE) == [
        (OTHER, "[**2151-7-16**]"),
        ("chief_complaint", "dizzy"),
        ("present_illness", "60 yo man, tired.\nHe was worried: nobody listened.\n\nHe went home."),
        ("past_history", "CV: gout\nMother: well"),
        ("medications", "1. Zorvalin"),
        ("hospital_course", "CV: stable\nResp: no oxygen"),
    ]


def test_chinese_headings_stand_in_one_line_in_brackets_or_with_numbers() -> None:
    text = "患者张某。主诉：头晕三天。现病史：三天前起病，\n伴恶心。\n【既往史】体健。\n一般情况\n可"
    assert named(text) == [
        ("", "患者张某。"),
        ("chief_complaint", "头晕三天。"),
        ("present_illness", "三天前起病，\n伴恶心。"),
        ("past_history", "体健。"),
        ("examination", "可"),
    ]


def test_where_the_next_heading_is_missing_a_section_goes_to_the_end() -> None:
    assert named("CC: rash") == [("chief_complaint", "rash")]
    assert named("no heading at all: none") == [("", "no heading at all: none")]
    assert sections("") == []
    assert named("CC:") == [("chief_complaint", "")]


def test_bullets_belong_to_their_heading() -> None:
    text = "tired\n** HPI **: pain"
    first, second = sections(text)
    assert (text[slice(*first.span)], text[slice(*second.span)]) == ("tired\n", "** HPI **: pain")
    assert second.heading is not None
    assert text[slice(*second.heading)] == "HPI"


def test_names_of_your_own_go_before_those_of_the_list() -> None:
    text = "My Worries: pain\nED Course: calm\nHPI: cough"
    assert named(text) == [(OTHER, "pain"), (OTHER, "calm"), ("present_illness", "cough")]
    assert named(text, subjective=["my  Worries"], inside=["ED course", "HPI"]) == [
        ("subjective", "pain\nED Course: calm\nHPI: cough")
    ]


@pytest.mark.parametrize("name", headings.languages())
def test_every_kind_of_a_language_can_be_found(name: str) -> None:
    names = headings.load(name)
    for heading, kind in names.items():
        found = [section.kind for section in sections(f"{heading}: x", names)]
        assert found == ([""] if kind in (headings.INSIDE, headings.ORGAN_SYSTEM) else [kind]), heading


def test_a_language_without_a_list_is_named() -> None:
    with pytest.raises(UsageError, match=r"no list of headings for the language 'fr'.* There are: en, zh"):
        headings.load("fr")


PIECES = ["HPI", "Chief complaint", "Name", "主诉", "现病史", "CV", ":", "：", "\n", "\n\n", " ", "-", "【", "】", "。"]
PIECES += [".", "[**x**]", "İ", "😀", "word", "1. ", "*", "(", "\r\n", "\u2028"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_sections_tile_the_text(text: str) -> None:
    for names in (None, headings.load("zh")):
        found = sections(text, names)
        assert "".join(text[slice(*section.span)] for section in found) == text
        before = 0
        for section in found:
            assert section.span[0] == before
            assert section.span[0] <= section.body[0] <= section.body[1] == section.span[1]
            if section.heading:
                assert section.span[0] <= section.heading[0] < section.heading[1] <= section.body[0]
            before = section.span[1]
