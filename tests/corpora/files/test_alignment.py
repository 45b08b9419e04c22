"""Which version of a text mentions were made on: whatever is done to a text on its way, mentions find their words."""

from hypothesis import assume, given
from hypothesis import strategies as st

from epicrisis.corpora import Report
from epicrisis.corpora.files.alignment import Stated, annotated_version, checked, in_code_points
from epicrisis.corpora.files.layout import covering, joined, lines_of, tokens_of

WORDS = st.lists(st.sampled_from(["rash", "é", "😀", "cough", "痛", "a"]), min_size=3, max_size=12)
BREAKS = ["\n", " ", "\n\n", " \n"]


@st.composite
def notes(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """A text with LF, and where its words stand."""
    text, spans = "", []
    for word in draw(WORDS):
        text += draw(st.sampled_from(BREAKS)) if text else ""
        spans.append((len(text), len(text) + len(word)))
        text += word
    return text, spans


def stated(spans: list[tuple[int, int]], text: str | None) -> list[Stated]:
    return [Stated("f", 1, f"T{n}", (span,), text and text[slice(*span)]) for n, span in enumerate(spans)]


@given(notes(), st.sampled_from(["CRLF", "BOM", "both"]))
def test_mentions_find_their_words_in_a_text_that_was_changed(note: tuple[str, list], change: str) -> None:
    text, spans = note
    other = text if change == "BOM" else text.replace("\n", "\r\n")
    other = other if change == "CRLF" else "\ufeff" + other
    report = Report()
    version = annotated_version(other, "n.txt", stated(spans, text), report)
    kept = [checked(one, version, report) for one in stated(spans, text)]
    assert [version[start:end] for ((start, end),) in kept] == [text[slice(*span)] for span in spans]
    assert len(report) == (version != other)


@given(notes())
def test_nothing_is_said_of_a_text_that_fits(note: tuple[str, list]) -> None:
    text, spans = note
    for words in (text, None):
        report = Report()
        assert annotated_version(text, "n.txt", stated(spans, words), report) == text
        assert all(checked(one, text, report) for one in stated(spans, words))
        assert not len(report)


@given(notes(), st.sampled_from(["utf-8", "utf-16-le"]))
def test_offsets_in_other_units_are_found_out(note: tuple[str, list], encoding: str) -> None:
    text, spans = note
    size = 2 if encoding == "utf-16-le" else 1
    moved = [tuple(len(text[:place].encode(encoding)) // size for place in span) for span in spans]
    assume(moved != spans)
    words = [text[slice(*span)] for span in spans]
    wrong = [Stated("f", 1, "T", (pair,), word) for pair, word in zip(moved, words, strict=True)]
    report = Report()
    found = in_code_points(wrong, text, "n.txt", 1, report)
    assert [text[slice(*one.pairs[0])] for one in found] == words


@given(st.lists(st.lists(st.sampled_from(["a", "rash", "痛", "，", "MRI", "😀"]), max_size=6), max_size=4))
def test_a_text_made_of_tokens_has_them_where_it_says(sentences: list[list[str]]) -> None:
    text, spans = joined(sentences)
    assert [[text[slice(*span)] for span in row] for row in spans] == sentences
    assert len(lines_of(text)) == max(len(sentences), 1)
    for row, tokens in zip(spans, sentences, strict=True):
        if tokens:
            assert text[slice(*covering(row, 0, len(tokens) - 1))].replace(" ", "") == "".join(tokens)


def test_lines_end_at_newlines_alone_and_tokens_at_spaces_of_ascii() -> None:
    text = "a\u2028b  c\u00a0d\r\n\n e"
    assert [text[slice(*span)] for span in lines_of(text)] == ["a\u2028b  c\u00a0d\r", "", " e"]
    first = lines_of(text)[0]
    assert [text[slice(*span)] for span in tokens_of(text, first)] == ["a\u2028b", "c\u00a0d"]
    assert [text[slice(*span)] for span in tokens_of(text, first, runs=False)] == ["a\u2028b", "", "c\u00a0d\r"]
