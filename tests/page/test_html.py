"""The page, read back by a parser that takes nothing on trust."""

import random
import re
import time
from html.parser import HTMLParser
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.document import Attribute, Code, Document, Entity, Group, Label, Relation
from epicrisis.page import page
from epicrisis.page.look import HUES, LAYERS, Looks, colours, contrast
from epicrisis.page.marks import layers, visible

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Reader(HTMLParser):
    """The text of every note, what is marked in it, and all that ought to hold of the page as a whole."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.notes: list[str] = []
        self.covered: list[dict[str, set[int]]] = []
        self.tags: list[list[tuple[int, str]]] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        assert len(values) == len(attrs), "an attribute stands twice"
        self.elements.append((tag, values))
        self.scripts += tag == "script"
        if "note" in values.get("class", "").split():
            self.notes.append("")
            self.covered.append({})
            self.tags.append([])
        if tag == "b" and "data-tag" in values:
            self.tags[-1].append((len(self.notes[-1]), values["data-tag"]))
        if tag not in VOID:
            self.open.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if not any("note" in values.get("class", "").split() for _, values in self.open):
            return
        begin = len(self.notes[-1])
        self.notes[-1] += data
        for tag, values in self.open:
            if tag == "mark":
                place = self.covered[-1].setdefault(values["title"].split(":")[0], set())
                place.update(range(begin, begin + len(data)))


def read(*documents: Document, title: str = "Notes") -> Reader:
    reader = Reader()
    reader.feed("".join(page(documents, title=title)))
    reader.close()
    assert not reader.open, "an element is never closed"
    return reader


def entity(type_: str, *fragments: tuple[int, int], **more: object) -> Entity:
    return Entity(type_, fragments, **more)  # type: ignore[arg-type]


HARD = Document(
    "note-1",
    "severe chest pain and arm pain",
    (
        entity("Nested", (7, 12)),
        entity("Long", (0, 17)),
        entity("Crossing", (13, 25)),
        entity("Broken", (7, 12), (26, 30)),
        entity("Again", (7, 12)),
        entity("Touching", (22, 24), (24, 25)),
    ),
)


def test_the_text_of_a_note_is_the_text_and_every_mention_covers_its_characters() -> None:
    reader = read(HARD)
    assert reader.notes == [HARD.text]
    for one in HARD.entities:
        assert reader.covered[0][one.type] == {i for start, end in one.fragments for i in range(start, end)}


def test_a_tag_stands_where_each_fragment_ends() -> None:
    tags = read(HARD).tags[0]
    assert (17, "Long") in tags
    assert (25, "Crossing") in tags
    assert {(12, "Broken · 1/2"), (30, "Broken · 2/2"), (24, "Touching · 1/2"), (25, "Touching · 2/2")} <= set(tags)
    assert len(tags) == sum(len(one.fragments) for one in HARD.entities)


def test_status_and_score_are_said_in_words_for_mouse_and_keyboard() -> None:
    fever = entity("Problem", (3, 8), score=0.876, attributes={"assertion": Attribute("negated", 0.9)})
    cough = entity("Problem", (12, 17), attributes={"assertion": Attribute("present"), "chronic": Attribute(True)})
    reader = read(Document("a", "no fever or cough", (fever, cough)))
    marks = [values for tag, values in reader.elements if tag == "mark"]
    assert [values["title"] for values in marks] == ["Problem: negated (0.90); score 0.88", "Problem: chronic"]
    assert ["negated" in values["class"].split() for values in marks] == [True, False]
    assert all(values["tabindex"] == "0" for values in marks)
    assert reader.tags[0] == [(8, "Problem · negated"), (17, "Problem")]


def test_the_words_that_make_an_assertion_are_shown() -> None:
    said = {"assertion": Attribute("uncertain", cue=(0, 9))}
    reader = read(Document("a", "cannot\n<exclude pneumonia", (entity("Problem", (16, 25), attributes=said),)))
    (mark,) = (values for tag, values in reader.elements if tag == "mark")
    assert mark["title"] == "Problem: uncertain by “cannot <e”"
    assert mark["class"].split()[-1] == "uncertain"
    assert "uncertain by “cannot <e”" in "".join(reader.text)


def test_an_entity_that_is_cut_is_one_stop_of_the_keyboard() -> None:
    reader = read(HARD)
    stops = [values["id"] for tag, values in reader.elements if tag == "mark" and "tabindex" in values]
    assert sorted(stops) == [f"d1e{number}" for number in range(len(HARD.entities))]
    ids = [values["id"] for _, values in reader.elements if "id" in values]
    assert len(ids) == len(set(ids))


def test_links_lead_somewhere_and_the_table_and_relations_are_complete() -> None:
    document = Document(
        "a",
        "aspirin 100 mg, aspirin",
        (
            entity("Drug", (0, 7), id="T1", codes=(Code("ATC", "B01AC06"),)),
            entity("Dose", (8, 14), id="T2", score=0.5),
            entity("Drug", (16, 23), id="T3", note="again"),
        ),
        (Relation("dose", "T1", "T2", score=0.75),),
        (Group("same", ("T1", "T3")),),
        {"sentiment": Label("neutral", 0.6, 1.5)},
        meta={"model": "invented", "truncated_characters": 12, "patient": None},
    )
    reader = read(document, document)
    ids = {values["id"] for _, values in reader.elements if "id" in values}
    links = [values["href"] for tag, values in reader.elements if tag == "a"]
    assert all(link[0] == "#" and link[1:] in ids for link in links)
    said = "".join(reader.text)
    for words in (
        "ATC B01AC06",
        "again",
        "dose",
        "score 0.75",
        "same",
        "neutral, probability 0.60, intensity 1.5",
        "invented",
        "12",
    ):
        assert words in said
    assert sum(tag == "tr" for tag, _ in reader.elements) == 2 * 4


def test_hostile_words_are_words_wherever_they_stand() -> None:
    evil = "<script>alert('1')</script>\"><img src=http://evil.example onerror=x>&amp;&#60;<!--"
    one = entity(evil, (0, 20), id=evil, note=evil, attributes={evil: Attribute(evil)}, codes=(Code(evil, evil),))
    other = entity(evil, (5, 30), id="T2", attributes={"assertion": Attribute(evil)})
    document = Document(
        evil,
        evil,
        (one, other),
        (Relation(evil, evil, "T2", note=evil),),
        labels={evil: Label(evil)},
        meta={evil: evil},
    )
    reader = read(document, title=evil)
    assert reader.notes == [evil]
    assert reader.scripts == 1
    assert not [tag for tag, _ in reader.elements if tag in ("img", "link", "iframe", "object", "base", "form")]
    assert not [name for _, values in reader.elements for name in values if name.startswith("on")]


def test_nothing_is_loaded_and_the_policy_forbids_it() -> None:
    whole = "".join(page([HARD], title="Notes"))
    assert "http:" not in whole
    assert "https:" not in whole
    assert "url(" not in whole
    assert "@import" not in whole
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', whole)
    assert policy
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    reader = read(HARD)
    assert not [values for _, values in reader.elements if "src" in values or "style" in values]


def test_control_characters_are_shown_and_turn_nothing_round() -> None:
    text = "a\x00b\x07c\x7fd\x85e\u202ef\u2066g\rh\r\ni\tj"
    shown = read(Document("a", text)).notes[0]
    assert shown == "a␀b␇c␡d�e�f�g␍h\r\ni\tj"
    assert len(shown) == len(text)


def test_line_breaks_and_spaces_stay_where_they_are() -> None:
    text = "\n\n  two   spaces \r\n\ttab\r\n\n"
    assert read(Document("a", text, (entity("X", (1, 19)), entity("X", (18, 22))))).notes == [text]


def test_the_language_is_said() -> None:
    documents = [
        Document("en", "The patient is well."),
        Document("zh", "患者一般情况可，体温36.5℃。"),
        Document("he", "החולה מרגיש טוב"),
        Document("fr", "Le patient va bien.", meta={"language": "fr"}),
    ]
    notes = [values for _, values in read(*documents).elements if "note" in values.get("class", "").split()]
    assert [values["lang"] for values in notes] == ["en", "zh-Hans", "", "fr"]
    assert all(values["dir"] == "auto" for values in notes)


def test_a_reader_of_screens_finds_landmarks_and_headings() -> None:
    elements = read(HARD, Document("b", "")).elements
    names = [tag for tag, _ in elements]
    assert [names.count(tag) for tag in ("header", "main", "aside", "nav", "h1", "article")] == [1, 1, 1, 1, 1, 2]
    assert ("html", {"lang": "en"}) in elements
    labelled = {values["aria-labelledby"] for _, values in elements if "aria-labelledby" in values}
    assert labelled <= {values["id"] for tag, values in elements if tag in ("h2", "h3") and "id" in values}


def test_the_legend_counts_types_over_all_notes() -> None:
    said = "".join(read(HARD, HARD, Document("c", "fine", (entity("Long", (0, 4)),))).text)
    assert re.search(r"Long\s+3", said)
    assert re.search(r"Broken\s+2", said)


def test_notes_come_one_by_one() -> None:
    asked = []

    def documents():
        for number in count():
            asked.append(number)
            yield Document(str(number), "text")

    chunks = page(documents(), title="endless")
    for _ in range(5):
        next(chunks)
    assert len(asked) <= 5


def test_a_page_without_notes_or_entities_is_a_page() -> None:
    assert read().notes == []
    assert "There are no entities." in "".join(read(Document("a", "")).text)


def test_mentions_too_deep_to_underline_are_counted_and_in_the_table() -> None:
    deep = Document("a", "x" * 40, tuple(entity(f"T{i}", (i, 40 - i)) for i in range(LAYERS + 3)))
    reader = read(deep)
    assert len(reader.covered[0]) == LAYERS
    assert f"3 entities more than {LAYERS} deep" in "".join(reader.text)
    assert sum(tag == "tr" for tag, _ in reader.elements) == 1 + LAYERS + 3


def test_mentions_that_share_a_place_have_different_layers() -> None:
    generator = random.Random(1)
    for _ in range(200):
        document = any_document(generator)
        found = layers(document.entities)
        for place in range(len(document.text)):
            here = [f for f, e in zip(found, document.entities, strict=True) if e.start <= place < e.end]
            drawn = [layer for layer in here if layer is not None]
            assert len(drawn) == len(set(drawn))
            assert all(0 <= layer < LAYERS for layer in drawn)


@pytest.mark.parametrize("hue", range(len(HUES)))
@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_can_be_read(hue: int, dark: bool) -> None:
    ink, tint = colours(hue, dark=dark)
    words, card = ((0.90, 0.91, 0.92), (0.11, 0.125, 0.145)) if dark else ((0.11, 0.12, 0.14), (1.0, 1.0, 1.0))
    assert contrast(ink, tint) >= 4.5
    assert contrast(ink, card) >= 4.5
    assert contrast(words, tint) >= 7


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)


def test_a_type_keeps_its_look_and_no_two_of_the_first_36_look_alike() -> None:
    looks, again = Looks(), Looks()
    names = [f"type {number}" for number in range(36)]
    classes = [looks.classes(name) for name in names]
    assert classes == [again.classes(name) for name in names] == [looks.classes(name) for name in names]
    assert len({tuple(one.split()[1:]) for one in classes}) == 36


def any_document(generator: random.Random) -> Document:
    alphabet = ["a", " ", "\n", "<", "&", '"', "痛", "\r", "\x00", "ש", "\u202e", "𝄞", "\t"]
    text = "".join(generator.choice(alphabet) for _ in range(generator.randint(8, 40)))
    entities = []
    for _ in range(generator.randint(0, 14)):
        cuts = sorted(generator.sample(range(len(text) + 1), 2 * generator.randint(1, 3)))
        if generator.random() < 0.2 and len(cuts) > 2:
            cuts[2] = cuts[1]
        entities.append(entity(generator.choice("ABCD"), *zip(cuts[::2], cuts[1::2], strict=True)))
    return Document("any", text, tuple(entities))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_any_document_is_shown_character_by_character(seed: int) -> None:
    document = any_document(random.Random(seed))
    reader = read(document)
    assert reader.notes == [visible(document.text)]
    drawn = [one for one, layer in zip(document.entities, layers(document.entities), strict=True) if layer is not None]
    expected: dict[str, set[int]] = {}
    for one in drawn:
        expected.setdefault(one.type, set()).update(i for start, end in one.fragments for i in range(start, end))
    assert reader.covered[0] == expected
    assert len(reader.tags[0]) == sum(len(one.fragments) for one in drawn)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_shown_character_by_character(text: str) -> None:
    assert read(Document("any", text, (entity("X", (0, 1)),) if text else ())).notes == [visible(text)]


@pytest.mark.parametrize("kind", ["side by side", "one in the other", "crossing", "with gaps"])
def test_time_grows_with_the_note_and_not_with_its_square(kind: str) -> None:
    def seconds(size: int) -> float:
        spans = {
            "side by side": lambda i: ((5 * i, 5 * i + 4),),
            "one in the other": lambda i: ((i, 5 * size - i),),
            "crossing": lambda i: ((5 * i, min(5 * i + 30, 5 * size)),),
            "with gaps": lambda i: ((2 * i, 2 * i + 1), (5 * size - 1 - 2 * i, 5 * size - 2 * i)),
        }[kind]
        entities = tuple(Entity("ABCDE"[i % 5], spans(i), id=f"T{i}") for i in range(size))
        document = Document("long", "abcd " * size, entities)
        took = []
        for _ in range(3):  # of the processor, and the least: other processes do not count
            begin = time.process_time()
            assert sum(map(len, page([document], title="long"))) > 5 * size
            took.append(time.process_time() - begin)
        return min(took)

    seconds(500)
    assert seconds(8000) < 32 * max(seconds(1000), 0.01)  # eight times, if linear; 64, if not


def test_the_script_knows_what_to_draw_between() -> None:
    dose, drug = entity("Dose", (9, 13), id="d"), entity("Drug", (17, 25), id="w")
    taken = Document("a", "She took 5 mg of warfarin", (drug, dose), (Relation("OF", "d", "w", score=0.876),))
    reader = read(taken, Document("b", "nothing", ()))
    (drawn,) = [values for tag, values in reader.elements if tag == "li" and "data-head" in values]
    title = {values["id"]: values["title"] for tag, values in reader.elements if tag == "mark"}
    assert (title[drawn["data-head"]], title[drawn["data-tail"]]) == ("Dose", "Drug")
    assert drawn["data-said"] == "OF 0.88"
    assert [values["class"] for tag, values in reader.elements if tag == "svg"] == ["drawn"]
    assert sum(values.get("class") == "arcs" for tag, values in reader.elements if tag == "button") == 1
