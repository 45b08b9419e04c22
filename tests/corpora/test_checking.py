"""Counting and checking: what is a fact, what is wrong."""

from pathlib import Path

import pytest

from epicrisis.corpora import Corpus, Report, checking, counting, find, read
from epicrisis.document import Document, Entity, Relation


def test_the_fixture_counts_to_these_numbers(fixtures: Path) -> None:
    documents = list(read("brat", fixtures / "brat"))
    assert counting.totals(documents) == {
        "documents": 2,
        "characters": 82 + 55,
        "words": 15 + 11,
        "tokens": 19 + 14,
        "entities": 13,
        "events": 3,
        "relations": 1,
        "event arguments": 0,
        "groups": 1,
        "attributes": 2,
        "codes": 1,
        "labels": 0,
        "weakly labelled documents": 0,
        "notes": 2,
    }
    assert counting.overlaps(documents) == {"discontinuous": 2, "nested": 3, "crossing": 3, "same span": 1}


def test_arguments_of_events_are_no_relations(fixtures: Path) -> None:
    totals = counting.totals(read("brat", fixtures / "bionlp"))
    assert (totals["relations"], totals["event arguments"]) == (0, 4)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (((0, 5),), ((0, 5),), "same span"),
        (((0, 5),), ((1, 5),), "nested"),
        (((0, 5),), ((0, 3),), "nested"),
        (((0, 5),), ((0, 2), (3, 5)), "nested"),
        (((0, 5),), ((3, 7),), "crossing"),
        (((0, 5),), ((5, 7),), None),
    ],
)
def test_overlaps_have_names(first: tuple, second: tuple, kind: str | None) -> None:
    document = Document("d", "x" * 9, (Entity("X", first), Entity("Y", second)))
    found = counting.overlaps([document])
    del found["discontinuous"]
    assert +found == ({kind: 1} if kind else {})


def test_a_mention_that_stands_twice_is_a_duplicate() -> None:
    document = Document("d", "x" * 9, (Entity("X", ((0, 2),)), Entity("X", ((0, 2),))))
    assert counting.overlaps([document])["duplicate"] == 1


def test_statistics_are_given_for_every_part() -> None:
    documents = [
        Document("a", "one two", (Entity("X", ((0, 3),), "T1"), Entity("Y", ((4, 7),), "T2"))),
        Document("b", "three", (Entity("X", ((0, 5),)),)),
        Document("c", ""),
    ]
    result = counting.statistics_of(documents, {"a": "test", "b": "train"})
    assert list(result["parts"]) == ["all", "train", "test"]
    assert result["types"] == {"X": {"all": 2, "train": 1, "test": 1}, "Y": {"all": 1, "train": 0, "test": 1}}
    assert result["lengths"]["characters of a mention"] == {"least": 3, "median": 3, "most": 5}


def test_a_sound_corpus_has_nothing_wrong(fixtures: Path) -> None:
    report = Report()
    findings = checking.check(find("brat"), list(read("brat", fixtures / "brat", report)), report)
    assert findings.wrong == ()
    assert findings.facts["discontinuous mentions"] == 2


def test_everything_wrong_is_listed() -> None:
    counts = {"documents": 9, "entities": 1, "relations": 1}
    corpus = Corpus("made-up", "t", find("brat").read, counts=counts, types={"X": 1, "Z": 2})
    text = " ".join(f"word{i}" for i in range(20))
    entities = (Entity("X", ((0, 1),), "T1"), Entity("Y", ((1, 2),), "T2"))
    documents = [
        Document("a", text, entities, (Relation("R", "T1", "T2"),)),
        Document("b", f"{text} more"),
        Document("a", "again"),
    ]
    report = Report()
    report.add("a.ann", 3, "cause")
    split = {"train": ("a",), "test": ("b", "c")}
    findings = checking.check(corpus, documents, report, split)
    assert list(findings.wrong) == [
        "a.ann:3: cause",
        "made-up: 3 documents, but 9 were published",
        "made-up: 2 entities, but 1 were published",
        "made-up: 1 entities of type Y, but 0 were published",
        "made-up: 0 entities of type Z, but 2 were published",
        "document id 'a' stands twice",
        "made-up: the split names 1 documents that the corpus lacks (c). The folder is incomplete, or another release",
        "copies or near-duplicates in several parts: b (test), a (train)",
    ]


SENTENCE = "Severe chest pain after warfarin was stopped"


def spans(*words: str, by: int = 0) -> tuple[Entity, ...]:
    return tuple(Entity("X", ((at := SENTENCE.index(word) + by, at + len(word)),)) for word in words)


def test_shifted_offsets_are_wrong_a_few_cut_words_are_not() -> None:
    right = Document("right", SENTENCE, spans("chest", "pain", "warfarin"))
    few = Document("few", SENTENCE, (*right.entities, *spans("warf")))
    shifted = Document("shifted", SENTENCE, spans("chest", "pain", "warfarin", by=1))
    chinese = Document("zh", "患者左膝疼痛三天", tuple(Entity("X", ((n, n + 2),)) for n in range(4)))
    findings = checking.check(find("text"), [right, few, shifted, chinese], Report())
    assert findings.wrong[0].startswith("document 'shifted': 3 of 3 mentions begin or end within a word")
    assert len(findings.wrong) == 1
    assert findings.facts["mentions that begin or end within a word"] == 4


def test_odd_mentions_and_relations_are_facts() -> None:
    entities = (Entity("X", ((0, 1),), "a"), Entity("X", ((3, 5),), "b"), Entity("X", ((5, 7),), "c"))
    relations = (Relation("R", "a", "a"), Relation("R", "a", "b"), Relation("R", "a", "b"), Relation("S", "a", "b"))
    documents = [Document("a", "x,   a b", entities, relations), Document("b", " \n")]
    facts = checking.check(find("text"), documents, Report()).facts
    assert {name: number for name, number in facts.items() if number} == {
        "mentions with white space at an edge": 2,
        "mentions of white space alone": 1,
        "relations of an entity with itself": 1,
        "relations that stand twice": 1,
        "documents without text": 1,
        "documents without a mention": 1,
    }


def test_two_corpora_share_reports_texts_and_near_duplicates() -> None:
    long = " ".join(f"word{number}" for number in range(30))
    one = [
        Document("a", "the same  text", meta={"pmid": "1"}),
        Document("b", f"{long} in the one", meta={"pmid": 2}),
        Document("c", f"{long} in the one, again"),  # of one corpus only
        Document("d", "alone"),
    ]
    other = [Document("a", "the same text", meta={"pmid": 1}), Document("d", f"{long} and in the other")]
    assert checking.shared(one, other) == {"reports": ["1"], "texts": ["a"], "near-duplicates": ["b", "c"]}
    assert checking.shared(one, []) == {"reports": [], "texts": [], "near-duplicates": []}
    assert checking.shared(one[3:], other) == {"reports": [], "texts": [], "near-duplicates": []}


def test_parts_come_from_the_split_or_from_the_files() -> None:
    documents = [Document("a", "x", meta={"split": "dev"}), Document("b", "x")]
    assert counting.parts_of(documents, None) == {"a": "dev"}
    assert counting.parts_of(documents, {"test": ("a", "b")}) == {"a": "test", "b": "test"}


def test_what_is_only_reported_is_a_fact_where_it_differs() -> None:
    corpus = Corpus("x", "x", read=lambda path, report: iter(()), reported={"documents": 1, "entities": 5})
    findings = checking.check(corpus, [Document("a", "one two")], Report())
    assert findings.wrong == ()
    assert {name: n for name, n in findings.facts.items() if "reported" in name} == {
        "entities fewer than the 5 reported": 5
    }


def test_documents_that_a_split_does_not_name_are_counted() -> None:
    documents = [Document(id, f"text {id}") for id in "abc"]
    facts = checking.check(find("text"), documents, Report(), {"train": ("a",)}).facts
    assert facts["documents in no part of the split"] == 2
    assert "documents in no part of the split" not in checking.check(find("text"), documents, Report()).facts
