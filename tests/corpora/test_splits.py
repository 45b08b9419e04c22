"""Splits: by document, near-duplicates on one side, the same whatever order the documents come in."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.corpora import checking, find, folds, load_split, make_split, near_duplicates, read, split_hash
from epicrisis.corpora.report import Report
from epicrisis.corpora.splits import check_split, of_fold, official_split, parse_split, resolved, text_key
from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError


def words(seed: int, number: int = 60) -> list[str]:
    return [f"w{random.Random(seed * 1000 + i).randrange(10**6)}" for i in range(number)]


def note(id: str, text: list[str], *types: str) -> Document:
    return Document(id, " ".join(text), tuple(Entity(type, ((0, 1),)) for type in types))


def test_copies_and_texts_that_share_half_are_grouped() -> None:
    long, other = words(1, 200), words(2)
    documents = [
        note("a", long),
        note("b", long),
        note("part", long[50:100]),  # all of it stands in the long one
        note("half", long[:35] + words(3, 20)),
        note("little", long[:20] + words(4, 60)),
        note("d", other),
        note("d2", [word.upper() for word in other]),
        note("empty", []),
    ]
    assert near_duplicates(documents) == [("a", "b", "half", "part"), ("d", "d2")]


def test_chinese_records_are_compared_by_characters() -> None:
    text = "患者三日前无明显诱因出现右上腹隐痛伴恶心食欲差夜间加重来院就诊"
    documents = [Document("a", text), Document("b", f"复诊。{text}余无特殊"), Document("c", text[::-1])]
    assert near_duplicates(documents) == [("a", "b")]


def test_boilerplate_in_many_notes_joins_none_and_many_copies_are_one_group() -> None:
    boilerplate = words(9, 12)
    documents = [note(f"n{i:03}", boilerplate + words(i + 10, 40)) for i in range(300)]
    assert near_duplicates(documents) == []
    template = words(7, 60)
    forms = [note(f"f{i:03}", [*template, f"value{i}"]) for i in range(300)]
    assert [len(group) for group in near_duplicates(documents + forms)] == [300]


def test_a_split_keeps_groups_together_and_its_shares() -> None:
    documents = [note(f"n{i:03}", words(i)) for i in range(90)]
    documents += [note(f"copy{i}", words(0)) for i in range(10)]
    split = make_split(documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 80, "dev": 10, "test": 10}
    assert sorted(id for ids in split.values() for id in ids) == sorted(document.id for document in documents)
    side = {id: part for part, ids in split.items() for id in ids}
    assert len({side[id] for id in ["n000", *(f"copy{i}" for i in range(10))]}) == 1


def test_a_split_does_not_depend_on_order_but_on_the_seed() -> None:
    documents = [note(f"n{i}", words(i), *(["A"] * (i % 3)), *(["B"] * (i % 7 == 0))) for i in range(50)]
    split = make_split(documents)
    assert make_split(reversed(documents)) == split
    assert make_split(random.Random(5).sample(documents, 50)) == split
    assert make_split(documents, seed=2) != split


def test_types_are_in_proportion() -> None:
    documents = [note(f"n{i:03}", words(i), *(["common"] * (i % 10)), *(["rare"] * (i % 10 == 0))) for i in range(200)]
    split = make_split(documents, parts={"train": 8, "test": 2})
    count = {part: Counter[str]() for part in split}
    for document in documents:
        count["test" if document.id in split["test"] else "train"].update(e.type for e in document.entities)
    assert 3 <= count["test"]["rare"] <= 5  # 4 of 20
    assert 165 <= count["test"]["common"] <= 195  # 180 of 900


@settings(max_examples=50, deadline=None)
@given(number=st.integers(0, 25), shares=st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any))
def test_every_document_is_in_one_part(number: int, shares: list[int]) -> None:
    documents = [note(str(i), words(i)) for i in range(number)]
    parts = {f"p{i}": float(share) for i, share in enumerate(shares)}
    split = make_split(documents, parts=parts)
    assert sorted(id for ids in split.values() for id in ids) == sorted(document.id for document in documents)
    for name, share in parts.items():
        assert share or not split[name]
        assert number < len(parts) or not share or split[name]


def test_a_split_that_cannot_be_is_refused() -> None:
    with pytest.raises(CorpusError, match="'a' stands twice"):
        make_split([note("a", words(1)), note("a", words(2))])
    for parts in ({}, {"train": 0.0}, {"train": 1.0, "test": -0.5}):
        with pytest.raises(CorpusError, match="shares"):
            make_split([], parts=parts)


def test_the_hash_knows_parts_and_ids_but_no_order() -> None:
    split = {"train": ("1", "2"), "test": ("3",)}
    assert split_hash(split) == split_hash({"test": ["3"], "train": ["2", "1"]})
    assert split_hash(split) == "ed883986b5001761aa6d691d2d744a54445dff635e0d2f6c7680fc1d52312319"
    assert split_hash(split) != split_hash({"train": ("1", "3"), "test": ("2",)})


def test_the_split_of_maccrobat_ships_with_the_package() -> None:
    split = load_split("maccrobat-2020")
    assert {part: len(ids) for part, ids in split.items()} == {"train": 162, "dev": 18, "test": 20}
    assert len({id for ids in split.values() for id in ids}) == 200


def test_a_split_that_names_missing_documents_says_how_many() -> None:
    with pytest.raises(CorpusError, match=r"names 199 documents that the corpus lacks \(.*, \.\.\.\)"):
        load_split("maccrobat-2020", [Document("18416479", "")])
    with pytest.raises(CorpusError, match="has no split of its own"):
        load_split("brat")


def test_a_hash_stands_for_every_document_of_its_text() -> None:
    documents = [
        Document("a", "咳嗽 三天。"),
        Document("b", "\n咳嗽三天。"),
        Document("c", "咳嗽四天。"),
        Document("d", "发热"),
    ]
    assert text_key("咳嗽三天。") == "sha256:e8c87b874e54008f"
    split = {"train": (text_key("咳嗽三天。"), "d"), "test": (text_key("咳嗽四天。"),)}
    assert resolved(split, documents) == {"train": ("a", "b", "d"), "test": ("c",)}
    by_id = {"train": ("a", "x")}
    assert resolved(by_id, documents) == by_id


def test_a_hash_that_fits_no_text_is_a_missing_document() -> None:
    split = resolved({"train": (text_key("x"), text_key("y"))}, [Document("a", "x")])
    assert split == {"train": ("a", text_key("y"))}
    with pytest.raises(CorpusError, match=rf"names 1 documents that the corpus lacks \({text_key('y')}\)"):
        check_split(split, ["a"], "name")
    with pytest.raises(CorpusError, match="names 1378 documents"):
        load_split("ccks-2019", [Document("a", "x")])
    assert load_split("ccks-2019", [Document("a", "x")], strict=False) == load_split("ccks-2019")


def test_the_split_of_ccks_ships_as_hashes() -> None:
    split = load_split("ccks-2019")  # one text stands twice among those for training
    assert {part: len(ids) for part, ids in split.items()} == {"train": 684, "dev": 294, "test": 379, "left_out": 21}
    assert all(len(name) == len("sha256:") + 16 for names in split.values() for name in names)


def test_the_parts_that_documents_say() -> None:
    documents = [Document("a", "", meta={"split": "dev"}), Document("b", ""), Document("c", "", meta={"split": "dev"})]
    assert official_split(documents) == {"dev": ("a", "c")}


def test_what_is_left_out_may_have_copies_anywhere() -> None:
    documents = [Document(id, "the same words") for id in "abc"]
    split = {"test": ("a",), "left_out": ("b",), "train": ()}
    assert checking.check(find("text"), documents, Report(), split).wrong == ()
    wrong = checking.check(find("text"), documents, Report(), {**split, "train": ("c",)}).wrong
    assert wrong == ("copies or near-duplicates in several parts: a (test), c (train)",)


@pytest.mark.corpus
def test_the_split_of_ccks_is_made_from_the_real_corpus_and_leaks_nothing(real) -> None:
    documents = list(read("ccks-2019", real("ccks-2019")))
    official = {document.id: document.meta["split"] for document in documents}
    crossing = [group for group in near_duplicates(documents) if len({official[id] for id in group}) > 1]
    left_out = {id for group in crossing for id in group if official[id] == "train"}
    rest = [document for document in documents if official[document.id] == "train" and document.id not in left_out]
    made = make_split(rest, parts={"train": 0.7, "dev": 0.3}, seed=1)
    split = load_split("ccks-2019", documents)
    assert {part: len(ids) for part, ids in split.items()} == {"train": 685, "dev": 294, "test": 379, "left_out": 21}
    assert {part: sorted(split[part]) for part in ("train", "dev")} == {part: list(ids) for part, ids in made.items()}
    assert set(split["left_out"]) == left_out
    assert {official[id] for id in split["test"]} == {"test"}
    assert checking.check(find("ccks-2019"), documents, Report(), split).wrong == ()


@pytest.mark.parametrize("data", [[], {}, {"rule": "none"}, "x", None])
def test_a_file_that_is_no_split_is_refused(data: object) -> None:
    with pytest.raises(CorpusError, match="lists of ids was expected"):
        parse_split(data, "file")


def test_an_id_in_two_parts_is_refused() -> None:
    with pytest.raises(CorpusError, match="1 ids stand twice, the first b"):
        parse_split({"train": ["a", "b"], "test": ["b"]}, "file")


def test_a_fold_is_tested_on_the_next_is_dev_and_the_rest_for_training() -> None:
    split = {"fold-0": ("a",), "fold-1": ("b", "c"), "fold-2": ("d",), "left_out": ("e",)}
    assert of_fold(split, "fold-1", "name") == {
        "train": ("a",), "dev": ("d",), "test": ("b", "c"), "left_out": ("e",),
    }  # fmt: skip
    assert of_fold(split, "fold-2", "name")["dev"] == ("a",)
    with pytest.raises(CorpusError, match=r"name: no fold 'fold-3'. Did you mean 'fold-"):
        of_fold(split, "fold-3", "name")
    with pytest.raises(CorpusError, match="no fold 'test'"):
        load_split("maccrobat-2020", fold="test")
    with pytest.raises(CorpusError, match="genia has no folds"):
        load_split("genia", [], fold="fold-0")
    assert folds("maccrobat-2020") == folds("brat") == ()


def test_a_report_stands_for_all_its_sentences() -> None:
    documents = [
        Document(f"{pmid}-{n}", f"text {pmid} {n}", meta={"pmid": pmid}) for pmid in ("7", "8") for n in (1, 2)
    ]
    split = {"train": ("pmid:7",), "test": ("8-2", "pmid:9")}
    assert resolved(split, documents) == {"train": ("7-1", "7-2"), "test": ("8-2", "pmid:9")}
    with pytest.raises(CorpusError, match=r"lacks \(pmid:9\)"):
        check_split(resolved(split, documents), [document.id for document in documents], "name")


def test_documents_of_one_report_stay_together() -> None:
    documents = [
        Document(f"{pmid}-{n}", " ".join(words(10 * pmid + n, 20)), meta={"pmid": pmid})
        for pmid in range(20)
        for n in (1, 2, 3)
    ]
    documents.append(Document("copy", documents[0].text, meta={"pmid": 3}))
    split = make_split(documents, by="pmid")
    part = {id: name for name, ids in split.items() for id in ids}
    for pmid in range(20):
        assert len({part[document.id] for document in documents if document.meta["pmid"] == pmid}) == 1
    assert part["0-1"] == part["copy"] == part["3-1"], "a copy brings the two reports together"
    assert sorted(part) == sorted(document.id for document in documents)
    assert make_split(documents) == make_split(documents, by="no such key")
