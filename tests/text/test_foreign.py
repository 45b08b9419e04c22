"""Invented texts of languages that nothing here was made for, and of those that only look like them."""

import time

import pytest

from epicrisis.text.foreign import COMMON, foreign, languages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le personnel était très gentil mais l’attente était trop longue pour ma mère.", "fr"),
        ("LE PERSONNEL ÉTAIT TRÈS GENTIL MAIS L'ATTENTE POUR MA MÈRE EST LONGUE.", "fr"),
        ("Die Wartezeit war zu lang und niemand hat mit mir gesprochen.", "de"),
        ("El personal es muy amable pero la espera no está bien.", "es"),
        ("Il personale è molto gentile ma la attesa non era per me.", "it"),
        ("A equipe foi muito boa mas não gostei da espera.", "pt"),
        ("Het personeel was heel aardig maar ik moest een uur wachten op mijn afspraak.", "nl"),
        ("Personel był bardzo miły, ale czekałam na wizytę i nie było lekarza.", "pl"),
        ("Hemşireler çok iyi ama bekleme bana göre değil.", "tr"),
        ("Персонал был очень добрый, спасибо.", "Cyrillic"),
        ("Το προσωπικό ήταν πολύ ευγενικό", "Greek"),
        ("스태프가 친절했어요", "Korean"),
        ("とてもよかった", "Japanese"),
        ("شكرا جزيلا للممرضات", "Arabic"),
    ],
)
def test_another_language_is_named(text: str, expected: str) -> None:
    assert foreign(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing",
        "😀😀",
        "38.5, 120/80",
        "The staff were lovely and I was seen at once.",
        "Was ill, saw Dr. de la Cruz in Die Klinik; no fever.",
        "Ha ha ha ha ha, des los des los",  # the same words over and over
        "β-blocker paused, α and β and γ in the notes",
        "Спасибо! That is what my nurse taught me to say when I was on the ward.",
        "Sehr gut",  # too short to be sure
        "LA dilated, LE edema. MI per EKG. Est EF 30%.",  # abbreviations
        "患者三日前无明显诱因出现右上腹隐痛。",
        "護士很好，等太久。",
    ],
)
def test_english_chinese_and_what_cannot_be_told_are_none(text: str) -> None:
    assert foreign(text) is None


def test_no_english_sentence_of_common_words_is_foreign() -> None:
    assert foreign(COMMON["en"]) is None


def test_the_languages_of_texts_are_those_of_more_than_a_few() -> None:
    english, french = "The staff were very kind to me.", "Il est très gentil mais lent."
    assert languages([english] * 30 + ["医生好"] * 10 + [french, "!!!", "", "12"]) == ["en", "zh"]
    assert languages([french] * 30) == ["fr"]
    assert languages(["", "12"]) == []


def test_a_huge_text_costs_what_a_long_one_does() -> None:
    text = "персонал " * 5_000_000
    start = time.perf_counter()
    assert foreign(text) == "Cyrillic"
    assert time.perf_counter() - start < 1
