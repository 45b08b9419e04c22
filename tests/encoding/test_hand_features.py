import numpy as np
import pytest

from epicrisis.encoding import HandFeatureIndexer, Spellings
from epicrisis.encoding.hand_features import shape
from epicrisis.text import Passage


def features(*passages: list[str], least: int = 1, fitted: list[list[str]] | None = None) -> list[list[set[str]]]:
    """What each token has, as text."""
    indexer = HandFeatureIndexer.fit([Passage.of(words) for words in fitted or passages], least=least)
    named = ["", "", *indexer.vocabulary]
    array = indexer.arrays(Spellings([Passage.of(words) for words in passages]))["hand_features"]
    for row, words in zip(array, passages, strict=True):
        assert (row[: len(words), 0] == 1).all()
        assert not row[len(words) :].any()
    return [[{named[n] for n in token} - {""} for token in row] for row in array.tolist()]


def test_the_features_of_a_word_in_its_window() -> None:
    ((_, _, found, *_),) = features(["No", "more", "HbA1c", "today", "."])
    assert found == {
        "word=HbA1c", "lower=hba1c", "shape=XxX0x", "kind=letters and digits Lu", "digit",
        "prefix=h", "prefix=hb", "prefix=hba", "prefix=hba1",
        "suffix=c", "suffix=1c", "suffix=a1c", "suffix=ba1c",
        "word[-2]=no", "word[-1]=more", "word[1]=today", "word[2]=.",
        "shape[-2]=Xx", "shape[-1]=x", "shape[1]=x", "shape[2]=.",
        "words[-2+-1]=no\nmore", "words[-1+0]=more\nhba1c", "words[0+1]=hba1c\ntoday", "words[1+2]=today\n.",
        "words[-1+0+1]=more\nhba1c\ntoday",
    }  # fmt: skip


def test_the_features_of_a_chinese_character_at_the_edge() -> None:
    ((found, _),) = features(["头", "痛"])
    assert found == {
        "word=头", "lower=头", "shape=x", "kind=other Lo",
        "word[-2]=\n", "word[-1]=\n", "word[1]=痛", "word[2]=\n",
        "shape[-2]=\n", "shape[-1]=\n", "shape[1]=x", "shape[2]=\n",
        "words[-2+-1]=\n\n\n", "words[-1+0]=\n\n头", "words[0+1]=头\n痛", "words[1+2]=痛\n\n",
        "words[-1+0+1]=\n\n头\n痛",
    }  # fmt: skip


def test_a_passage_has_the_same_features_alone_and_beside_a_longer_one() -> None:
    short, long = ["dose", "5"], ["dose", "is", "5", "mg"]
    together, alone = features(short, long), features(short, fitted=[short, long])
    assert together[0][:2] == alone[0]


def test_only_features_that_are_frequent_enough_are_kept() -> None:
    training = [["dose", "5"], ["dose", "6"], ["Dose", "7"]]
    edge = {f"{what}[{offset}]=\n" for what in ("word", "shape") for offset in (-2, -1, 1, 2)}
    edges = {"words[-2+-1]=\n\n\n", "words[1+2]=\n\n\n", "words[-1+0]=\n\ndose"}
    affixes = {"prefix=d", "prefix=do", "prefix=dos", "suffix=e", "suffix=se", "suffix=ose"}
    assert features(["dose"], fitted=training, least=3) == [[{"lower=dose"} | edge | edges | affixes]]


@pytest.mark.parametrize(("word", "expected"), [("Warfarin", "Xx"), ("120", "0"), ("HbA1c", "XxX0x"), ("--", "-")])
def test_the_shape_of_a_word(word: str, expected: str) -> None:
    assert shape(word) == expected


def test_nothing_is_numbered_that_is_not_there() -> None:
    indexer = HandFeatureIndexer(["word=b"])
    array = indexer.arrays(Spellings([Passage.of(["a", "b"]), Passage.of(["c"])]))["hand_features"]
    np.testing.assert_array_equal(array.sum(2), [[1, 3], [1, 0]])
