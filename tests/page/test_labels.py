"""Labels on the page: those of the note, the words that carried them, and its sentences in their order."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.document import Attribute, Document, Entity, Evidence, Label, Segment
from epicrisis.page import page, rows
from epicrisis.page.labels import order_of, tints_of

from .test_html import Reader, read

TEXT = "The ward was awful. Nurses were kind. We left."
NOTE = Document(
    "n1",
    TEXT,
    (Entity("Place", ((4, 8),)), Entity("Odd", ((13, 29),), attributes={"assertion": Attribute("negated")})),
    labels={"sentiment": Label("negative", 0.87, -1.5, Evidence("occlusion", ((13, 18, 1.204), (32, 36, 0.5))))},
    segments=(
        Segment((0, 19), "sentence", {"sentiment": Label("negative", 0.91)}),
        Segment((20, 37), "sentence", {"sentiment": Label("positive", 0.75), "topic:staff": Label(True, 0.6)}),
        Segment((38, 46), "sentence", {"sentiment": Label("neutral", 0.5)}),
        Segment((0, 46), "section"),
    ),
)


GENERATED = {"sentence": "data-turn", "em": "data-share"}


def pieces(document: Document, name: str) -> list[tuple[str, str]]:
    """(what is generated, text) of every element with this class or name in the notes, by a hand-written walk."""

    class Walk(Reader):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[list[str]] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            super().handle_starttag(tag, attrs)
            values = dict(attrs)
            if (tag == name or values.get("class", "").split()[:1] == [name]) and "id" in values:  # type: ignore[union-attr]
                self.found.append(["", ""])
            if tag == "b" and self.found and (said := values.get(GENERATED[name])):
                self.found[-1][0] += said

        def handle_data(self, data: str) -> None:
            super().handle_data(data)
            inside = [v for t, v in self.open if t == name or v.get("class", "").split()[:1] == [name]]
            if inside and self.found:
                self.found[-1][1] += data

    walk = Walk()
    walk.feed("".join(page([document])))
    return [(said, text) for said, text in walk.found]


def test_sentences_say_their_label_in_words_and_cover_their_characters() -> None:
    assert pieces(NOTE, "sentence") == [
        ("negative 0.91", "The ward was awful."),
        ("positive 0.75", "Nurses were kind."),
        ("neutral 0.50", "We left."),
    ]
    reader = read(NOTE)
    assert reader.notes == [TEXT]
    spans = [values for tag, values in reader.elements if values.get("class", "").startswith("sentence")]
    assert [values["id"] for values in spans if "id" in values] == ["d1s1", "d1s2", "d1s3"]
    assert {values["class"] for values in spans} == {"sentence h1", "sentence h7", "sentence plain"}


def test_words_that_carried_the_label_are_marked_and_named_with_how_they_were_found() -> None:
    assert pieces(NOTE, "em") == [("occlusion 1.20", "awful"), ("occlusion 0.50", "kind")]
    said = "".join(read(NOTE).text)
    assert "negative, probability 0.87, intensity -1.5" in said
    assert "awful 1.20, kind 0.50 (by occlusion, by how much less speaks for the label where" in said
    attended = Document(
        "a", "bad", labels={"sentiment": Label("negative", 1.0, None, Evidence("attention", ((0, 3, 1),)))}
    )
    assert pieces(attended, "em") == [("attention 1.00", "bad")]
    assert "by attention, the share of the network's attention" in "".join(read(attended).text)
    other = Document("a", "bad", labels={"x": Label("y", None, None, Evidence("magic", ((0, 3, 0.25),)))})
    assert "bad 0.25 (by magic)" in "".join(read(other).text)


def test_a_word_of_two_labels_says_whose_each_weight_is() -> None:
    both = {n: Label(v, 0.9, None, Evidence("occlusion", ((0, 3, w),))) for n, v, w in (("a", "x", 1), ("b", "y", 2))}
    assert pieces(Document("d", "bad luck", labels=both), "em") == [("a, occlusion 1.00; b, occlusion 2.00", "bad")]


def test_entities_are_covered_as_without_labels() -> None:
    bare = Document(NOTE.id, TEXT, NOTE.entities)
    assert read(NOTE).covered == read(bare).covered
    assert read(NOTE).tags == read(bare).tags
    assert read(NOTE).covered[0]["Odd"] == set(range(13, 29))


def test_every_link_leads_to_an_id_that_stands_once() -> None:
    reader = read(NOTE, NOTE)
    ids = [values["id"] for _, values in reader.elements if "id" in values]
    assert len(ids) == len(set(ids))
    links = [values["href"] for tag, values in reader.elements if tag == "a"]
    assert {"#d1s1", "#d2s3", "#d1w0", "#d2w1"} <= set(links)
    assert all(link[0] == "#" and link[1:] in ids for link in links)


def test_bars_stand_in_the_order_of_the_sentences_in_the_lanes_of_their_classes() -> None:
    reader = read(NOTE)
    (drawing,) = [values for tag, values in reader.elements if tag == "svg"]
    assert drawing["aria-label"] == "3 sentences in order: 1 positive, 1 neutral, 1 negative"
    bars = [values for tag, values in reader.elements if tag == "rect"]
    assert [float(bar["x"]) for bar in bars] == [0.1, 1.1, 2.1]
    assert [int(float(bar["y"])) for bar in bars] == [2, 0, 1]  # negative at the bottom, positive on top
    assert [float(bar["height"]) for bar in bars] == pytest.approx([0.91 * 0.94, 0.75 * 0.94, 0.5 * 0.94], abs=0.001)
    assert [bar["class"] for bar in bars] == ["h1", "h7", "plain"]
    assert "2: positive, probability 0.75" in reader.text
    assert [values for tag, values in reader.elements if tag == "rect" and "style" in values] == []


def test_numbers_have_one_lane_from_least_to_most() -> None:
    segments = [Segment((i, i + 1), "sentence", {"pain": Label(v)}) for i, v in enumerate((1.0, 5.0, 3.0))]
    reader = read(Document("a", "abc", segments=tuple(segments)))
    bars = [float(values["height"]) for tag, values in reader.elements if tag == "rect"]
    assert bars == pytest.approx([0.12 * 0.94, 0.94, 0.47], abs=0.001)
    assert "3 sentences in order: from 1 to 5" in [v["aria-label"] for t, v in reader.elements if t == "svg"]


def test_a_weak_label_says_that_it_is() -> None:
    guessed = Document("a", "fine", labels={"sentiment": Label("positive")}, meta={"weak": True})
    assert "positive, weak: guessed by rules" in "".join(read(guessed).text)
    assert [row[3] for row in rows([guessed])] == ["positive, weak: guessed by rules"]


def test_a_page_without_labels_says_nothing_of_them() -> None:
    whole = "".join(page([Document("a", "Well.", segments=(Segment((0, 5), "sentence"),))]))
    body = whole[whole.index("<main>") :]
    assert not re.search(r'class="(sentence|course|bars)', body)
    assert "<em" not in body


def test_hostile_labels_are_words() -> None:
    evil = "\"><script>alert('1')</script><img src=x onerror=y>&<!--"
    document = Document(
        "a",
        evil,
        labels={evil: Label(evil, 0.5, 1.0, Evidence(evil, ((0, len(evil), 0.5),)))},
        segments=(Segment((0, len(evil)), "sentence", {evil: Label(evil, 0.5), "b" + evil: Label(evil)}),),
        meta={"no_label": evil, "weak": True},
    )
    reader = read(document)
    assert reader.notes == [evil]
    assert reader.scripts == 1
    assert not [tag for tag, _ in reader.elements if tag in ("img", "link", "iframe", "object")]
    assert not [name for _, values in reader.elements for name in values if name.startswith("on")]


def test_values_that_are_no_numbers_or_none_a_drawing_holds_are_drawn_as_classes() -> None:
    values = (float("nan"), 10**400, "x", True)
    segments = [Segment((i, i + 1), "sentence", {"a": Label(v)}) for i, v in enumerate(values)]
    reader = read(Document("a", "abcd", segments=tuple(segments)))
    assert len([1 for tag, _ in reader.elements if tag == "rect"]) == 4


def test_sentiments_have_their_order_and_other_classes_that_of_their_names() -> None:
    assert order_of(["negative", "positive"]) == ["positive", "neutral", "negative"]
    assert order_of(["urgent", "calm", "urgent"]) == ["calm", "urgent"]
    assert tints_of(["negative", "positive"])["negative"] != tints_of(["negative", "positive"])["positive"]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_entities_sentences_and_words_nest(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="ab <&\n痛", min_size=2, max_size=30))
    span = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(lambda p: (min(p), max(p)))
    entities = tuple(Entity("E", (s,)) for s in data.draw(st.lists(span, max_size=5)) if s[0] < s[1])
    segments = [Segment(s, "sentence", {"sentiment": Label("negative")}) for s in data.draw(st.lists(span, max_size=5))]
    words = tuple((*s, 0.5) for s in data.draw(st.lists(span, max_size=4)) if s[0] < s[1])
    label = {"sentiment": Label("negative", 0.5, None, Evidence("attention", words))}
    whole = Document("a", text, entities, labels=label, segments=tuple(segments))
    reader = read(whole)
    assert reader.notes == [text]
    assert reader.covered == read(Document("a", text, entities)).covered
    covered = {i for start, end, _ in words for i in range(start, end)}
    assert sum(len(t) for _, t in pieces(whole, "em")) == len(covered)


def test_the_terminal_has_a_row_for_each_label_and_the_reason_where_there_is_none() -> None:
    assert next(iter(rows([NOTE]))) == (
        "n1", "sentiment", "awful … kind", "negative, intensity -1.5, words by occlusion", "", "0.87",
    )  # fmt: skip
    assert list(rows([Document("e", "", meta={"no_label": "the text is empty"})])) == [
        ("e", "no label", "", "the text is empty", "", "")
    ]
