import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding.spellings import normalise
from epicrisis.errors import CorpusError
from epicrisis.text import tokens
from epicrisis.training.lexicon import LONGEST, Lexicon, read_lexicon


def segment(text: str, *words: str) -> list[str]:
    return list(Lexicon(words).segment(text, list(tokens(text))))


def test_the_longest_word_is_taken_from_left_to_right() -> None:
    assert segment("高血压病史十年", "高血压", "高血压病", "病史", "十年") == ["高血压病", "史", "十年"]


def test_a_word_ends_where_a_token_ends_and_ignores_case_and_digits() -> None:
    assert segment("行CT检查, CTA 37型", "ct检查", "CT", "12型", "行c") == ["行", "ct检查", ",", "cta", "00型"]
    assert segment("胸 痛", "胸痛") == ["胸", "痛"], "a word has no white space within"


@given(st.text("痛胸a1 B,"), st.lists(st.text("痛胸a1B,", min_size=1, max_size=4)))
def test_segments_are_those_of_a_search_of_every_word(text: str, words: list[str]) -> None:
    spans = list(tokens(text))
    known, ends, expected, place = {normalise(word) for word in words}, {end for _, end in spans}, [], 0
    starts = {start for start, _ in spans}
    while place < len(text):
        here = [end for end in ends if end > place and normalise(text[place:end]) in known]
        if place in starts:
            end = max(here, default=min(end for end in ends if end > place))
            expected.append(normalise(text[place:end]))
            place = end
        else:
            place += 1
    assert segment(text, *words) == expected


def test_a_lexicon_of_a_million_words_is_quick() -> None:
    han = [chr(0x4E00 + number) for number in range(1000)]
    lexicon = Lexicon(first + second for first in han for second in han)
    text = "".join(han) * 100
    spans = list(tokens(text))
    start = time.perf_counter()
    assert len(list(lexicon.segment(text, spans))) == len(text) / 2
    assert time.perf_counter() - start < 5


def test_an_entry_is_what_stands_before_the_tab(tmp_path: Path) -> None:
    file = tmp_path / "words.tsv"
    longest = "病" * LONGEST
    file.write_text(f"\ufeff胃癌\t12\n\n \t3\n{longest}\n{longest}病\nat home\nCT\r\n 头痛 \tx y\n", "utf-8")
    lexicon, counts = read_lexicon(file)
    assert lexicon.words == {"胃癌", longest, "ct", "头痛"}
    assert counts == {
        "lexicon, entries": 4,
        "lexicon, left out: empty": 2,
        f"lexicon, left out: longer than {LONGEST} characters": 1,
        "lexicon, left out: white space within": 1,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [("胃癌\n".encode() + b"\xff\n", "line 2: it is no UTF-8"), (b"\n\n", "no entry of this lexicon can be used")],
)
def test_a_lexicon_that_is_none_is_an_error(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        read_lexicon(tmp_path / "words")
    with pytest.raises(CorpusError, match="it cannot be read"):
        read_lexicon(tmp_path / "none")
