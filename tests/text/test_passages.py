import math
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Span
from epicrisis.text import Passage, PassageRule, own_tokens, passages, sequences, tokens
from epicrisis.text.passages import LONGEST_SEQUENCE

PIECES = st.sampled_from(["a", "Bc", "头", "9", ".", "。", "!", " ", " ", "  ", "\n", "\r\n", "\n\n", "\n \t\n"])
TEXTS = st.lists(PIECES, max_size=60).map("".join)


@st.composite
def rules(draw: st.DrawFn) -> PassageRule:
    budget = draw(st.integers(1, 12))
    return PassageRule(budget, draw(st.integers(0, budget - 1)))


def read(text: str, budget: int, overlap: int = 0) -> list[list[str]]:
    return [[text[a:b] for a, b in passage.tokens] for passage in passages(text, PassageRule(budget, overlap))]


@given(TEXTS, rules())
def test_every_token_belongs_to_exactly_one_passage(text: str, rule: PassageRule) -> None:
    assert own_tokens(passages(text, rule)) == list(tokens(text))


def test_a_passage_of_words_gives_them_back() -> None:
    passage = Passage.of(["No", "fever", "头"])
    assert passage.words == ["No", "fever", "头"]
    assert (passage.text, passage.own) == ("No fever 头", (0, 3))
    assert Passage.of([]).words == []


@given(TEXTS, rules())
def test_no_passage_is_empty_or_longer_than_the_budget(text: str, rule: PassageRule) -> None:
    for passage in passages(text, rule):
        assert 0 <= passage.own[0] < passage.own[1] <= len(passage.tokens) <= rule.budget


@given(st.integers(0, 60), rules())
def test_a_token_belongs_to_the_window_in_which_it_is_farthest_from_a_cut(count: int, rule: PassageRule) -> None:
    text = "a " * count  # one sentence
    cut = list(passages(text, rule))

    def to_nearest_cut(passage: Passage, token: Span) -> float:
        place = passage.tokens.index(token)
        left = math.inf if passage.tokens[0][0] == 0 else place
        right = math.inf if passage.tokens[-1][0] == 2 * count - 2 else len(passage.tokens) - 1 - place
        return min(left, right)

    for owner in cut:
        for token in owner.tokens[slice(*owner.own)]:
            windows = [passage for passage in cut if token in passage.tokens]
            assert to_nearest_cut(owner, token) == max(to_nearest_cut(window, token) for window in windows)


def test_sentences_are_packed_while_they_fit() -> None:
    text = "No pain. No fever. He left.\nShe came. It rained."
    assert read(text, 6) == [
        ["No", "pain", ".", "No", "fever", "."],
        ["He", "left", ".", "She", "came", "."],
        ["It", "rained", "."],
    ]
    assert read(text, 5) == [
        [*sentence.split(), "."] for sentence in ("No pain", "No fever", "He left", "She came", "It rained")
    ]


def test_a_full_stop_inside_a_sentence_does_not_end_it() -> None:
    assert read("approx. half of it. Then home", 6) == [["approx", ".", "half", "of", "it", "."], ["Then", "home"]]
    assert read("2 mg p.o. daily. Then", 8) == [["2", "mg", "p", ".", "o", ".", "daily", "."], ["Then"]]


def test_chinese_sentences_need_no_space_between_them() -> None:
    assert read("头痛。发热!", 3) == [["头", "痛", "。"], ["发", "热", "!"]]


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\n \t\n", "\n\u3000\n\n"])
def test_a_blank_line_ends_a_passage(blank: str) -> None:
    assert read(f"a b{blank}c d", 100) == [["a", "b"], ["c", "d"]]


def test_a_line_break_ends_a_sentence_but_no_passage() -> None:
    assert read("a b\nc d", 100) == [["a", "b", "c", "d"]]
    assert read("a b\nc d", 3) == [["a", "b"], ["c", "d"]]


def test_a_long_sentence_becomes_overlapping_windows_that_share_their_overlap_evenly() -> None:
    cut = list(passages("a b c d e f g h i j k", PassageRule(budget=6, overlap=2)))
    assert [(len(p.tokens), p.tokens[0][0] // 2, p.own, p.continues) for p in cut] == [
        (6, 0, (0, 5), False),
        (6, 4, (1, 5), True),
        (3, 8, (1, 3), True),
    ]


def test_the_windows_of_one_sentence_are_one_sequence() -> None:
    text = "Short one.\n" + "a " * 20 + "\nShort again."
    grouped = list(sequences(passages(text, PassageRule(budget=8, overlap=4))))
    assert [len(group) for group in grouped] == [1, 4, 1]
    assert [len(own_tokens(group)) for group in grouped] == [3, 20, 3]


def test_a_sequence_ends_after_so_many_tokens_and_none_is_lost() -> None:
    text = "a " * 1200
    grouped = list(sequences(passages(text, PassageRule(budget=8, overlap=4))))
    assert [len(own_tokens(group)) for group in grouped] == [8 * LONGEST_SEQUENCE] * 2 + [1200 - 16 * LONGEST_SEQUENCE]
    assert [token for group in grouped for token in own_tokens(group)] == list(tokens(text))


@given(TEXTS, TEXTS, rules())
def test_two_texts_joined_by_a_blank_line_are_cut_as_if_each_stood_alone(a: str, b: str, rule: PassageRule) -> None:
    both, shift = f"{a}\n\n{b}", len(a) + 2
    alone = [replace(passage, text=both) for passage in passages(a, rule)]
    for passage in passages(b, rule):
        moved = [(start + shift, end + shift) for start, end in passage.tokens]
        alone.append(Passage(both, moved, passage.own, passage.continues))
    assert list(passages(both, rule)) == alone


def test_the_first_passage_of_a_million_characters_comes_before_the_others_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_so_far = 0

    def counted(text: str) -> Iterator[Span]:
        nonlocal read_so_far
        for token in tokens(text):
            read_so_far += 1
            yield token

    monkeypatch.setattr(import_module("epicrisis.text.passages"), "tokens", counted)
    text = "The patient is well. " * 50_000
    cut = passages(text, PassageRule(128, 32))
    assert len(next(cut).tokens) == 125
    assert read_so_far < 140
    assert sum(1 for _ in cut) == 1999


@pytest.mark.parametrize(("budget", "overlap"), [(0, 0), (4, 4), (4, 5), (4, -1)])
def test_an_overlap_has_to_fit_into_the_budget(budget: int, overlap: int) -> None:
    with pytest.raises(ValueError, match=f"a budget of {budget} tokens cannot hold an overlap of {overlap}"):
        PassageRule(budget, overlap)
