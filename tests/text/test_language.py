"""The language of invented notes, plain and mixed."""

import time

import pytest

from epicrisis.text import language
from epicrisis.text.language import PIECE, PIECES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She was started on zorvalin 5 mg daily.", "en"),
        ("Naïve patient, 38.5 °C, β-blocker paused – no fever.", "en"),
        ("患者三日前无明显诱因出现右上腹隐痛。", "zh"),
        ("予 zorvalin 0.5g bid po，复查 HbA1c 7.2%、CRP。", "zh"),  # 3 of 24 letters
        ("WBC 5.2×10^9/L，HGB 130g/L，PLT 200×10^9/L 均正常", "zh"),
        ("CT：(-)", "en"),  # Chinese punctuation alone is of no language
        ("发热", "zh"),
        ("Referred by Dr. Wang (王), seen with her husband, no interpreter needed.", "en"),
        ("Wang 王 saw me", "zh"),  # 1 of 10 letters is enough
        ("Wang 王 saw him", "en"),  # 1 of 11 is not
        ("𠀀𠀁", "zh"),  # outside the basic plane
        ("\uf900\uf901", "zh"),  # compatibility ideographs
        ("한국어, ꀀ, \ue000", "en"),  # what stands before them in Unicode is not Chinese
        ("", "en"),
        (" \n\t", "en"),
        ("38.5, 120/80; 10^9", "en"),
        ("３８．５", "en"),
        ("\ufeff", "en"),
    ],
)
def test_invented_notes(text: str, expected: str) -> None:
    assert language(text) == expected


def test_a_long_note_is_judged_by_all_of_it() -> None:
    form = "Name of the hospital and of the ward. " * 400  # longer than one piece
    note = "患者三日前出现腹痛，予对症治疗。" * 2_000
    assert language(form + note) == "zh"
    assert language(note + form) == "zh"
    assert language(form * 30 + note[:100]) == "en"
    assert language("a" * (PIECES * PIECE) + "痛" * (2 * PIECE)) == "zh", "the last piece ends where the text ends"


def test_a_huge_note_costs_what_a_long_one_does() -> None:
    text = "患者 fever " * 5_000_000
    start = time.perf_counter()
    assert language(text) == "zh"
    assert time.perf_counter() - start < 1  # some milliseconds; a busy machine is no failure
