from hypothesis import given
from hypothesis import strategies as st

from epicrisis.document import Document, Entity, Group, Relation
from epicrisis.text import Fates, PassageRule, TagCodec, encode_document, expressible, own_tokens, token_tags, tokens

BIO = TagCodec(["Drug", "Problem"], scheme="bio")
RULE = PassageRule(budget=6, overlap=2)


def names(document: Document, rule: PassageRule = RULE) -> list[list[str]]:
    return [[BIO.names[tag] for tag in tagged.targets] for _, tagged in encode_document(document, BIO, rule)]


def test_every_passage_gets_the_tags_of_its_own_entities() -> None:
    document = Document(
        "d", "No fever.\n\nOn aspirin 5 mg", (Entity("Problem", ((3, 8),)), Entity("Drug", ((14, 26),)))
    )
    assert names(document) == [["O", "B-Problem", "O"], ["O", "B-Drug", "I-Drug", "I-Drug"]]


def test_a_mention_across_two_windows_of_a_sentence_is_one() -> None:
    document = Document("d", "a b c d e f g h i j", (Entity("Drug", ((6, 13),)),))  # d e f g; the cut is behind e
    assert names(document) == [["O", "O", "O", "B-Drug", "I-Drug", "I-Drug", "I-Drug", "O", "O", "O"]]


def test_a_mention_across_two_sequences_is_dropped() -> None:
    across = Entity("Drug", ((2, 7),))
    document = Document("d", "a b\n\nc d", (across, Entity("Drug", ((7, 8),))))
    fates = Fates()
    for _, tagged in encode_document(document, BIO, RULE):
        fates.add(tagged)
    assert fates == Fates(kept=1, snapped=0, dropped=1)


def test_expressible_leaves_what_the_tags_say_exactly() -> None:
    outer, inner = Entity("Problem", ((0, 11),), "T1"), Entity("Drug", ((0, 5),), "T2")
    half, split = Entity("Drug", ((13, 16),), "T3"), Entity("Drug", ((17, 18), (19, 20)), "T4")
    document = Document(
        "d",
        "renal tumor abcd e f",
        (outer, inner, half, split, Entity("Drug", ((19, 20),), "T5"), Entity("Other", ((17, 18),), "T6")),
        (Relation("OF", "T1", "T2"),),
        (Group("SAME", ("T1", "T2")),),
        meta={"date": "2020"},
    )
    kept = expressible(document, BIO, PassageRule())
    assert [entity.id for entity in kept.entities] == ["T1", "T5"]
    assert (kept.text, kept.meta, kept.relations, kept.groups) == (document.text, {"date": "2020"}, (), ())


def test_token_tags_know_no_passages_and_the_longest_mention_wins() -> None:
    entities = (Entity("Problem", ((0, 8),)), Entity("Drug", ((0, 1),)), Entity("Drug", ((9, 10),)))
    document = Document("d", "a b\n\nc d e", entities)
    assert token_tags(document, {"Drug", "Problem"}) == ["B-Problem", "I-Problem", "I-Problem", "I-Problem", "B-Drug"]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(st.text("ab.头 \n", min_size=1, max_size=50))
    place = st.integers(0, len(text))
    span = st.tuples(place, place).filter(lambda s: s[0] != s[1]).map(lambda s: (min(s), max(s)))
    entity = st.builds(Entity, st.sampled_from(["Drug", "Problem", "Unknown"]), span.map(lambda s: (s,)))
    return Document("d", text, tuple(draw(st.lists(entity, max_size=6))))


@given(documents(), st.sampled_from(["io", "bio", "bioes"]))
def test_the_fates_of_all_entities_are_counted_and_every_token_has_one_tag(document: Document, scheme: str) -> None:
    fates = Fates()
    tagged_tokens = []
    for sequence, tagged in encode_document(document, TagCodec(["Drug", "Problem"], scheme=scheme), RULE):
        assert len(own_tokens(sequence)) == len(tagged.targets)
        tagged_tokens += own_tokens(sequence)
        fates.add(tagged)
    assert tagged_tokens == list(tokens(document.text))
    assert fates.kept + fates.snapped + fates.dropped == len(document.entities)


@given(documents(), st.sampled_from(["bio", "bioes"]))
def test_expressible_is_what_reading_the_tags_gives(document: Document, scheme: str) -> None:
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    read = set()
    for sequence, tagged in encode_document(document, codec, RULE):
        own = own_tokens(sequence)
        read |= {(own[first][0], own[after - 1][1], type_) for first, after, type_ in codec.mentions(tagged.targets)}
    gold = {(e.start, e.end, e.type) for e in document.entities}
    assert {(e.start, e.end, e.type) for e in expressible(document, codec, RULE).entities} == read & gold
