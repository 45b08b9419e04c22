"""Weights of n-grams, with scikit-learn as oracle."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from epicrisis.encoding import NgramIndexer
from epicrisis.encoding.ngrams import character_ngrams, word_ngrams

TEXTS = ["No fever today.", "Fever, no cough; 38.5 today", "护士很好,谢谢", "No no NO", "x"]


def made(words: int = 2, characters: int = 4, least: int = 1, most: int = 1000) -> NgramIndexer:
    return NgramIndexer.fit(TEXTS, words=words, characters=characters, least=least, most=most)


def dense(indexer: NgramIndexer, text: str) -> np.ndarray:
    row = np.zeros(len(indexer.rarity))
    numbers, weights = indexer.row(text)
    np.add.at(row, numbers, weights)
    return row


def test_ngrams_of_words_ignore_case_and_digits() -> None:
    assert list(word_ngrams("No 38.5", 2)) == ["no", "00.0", "no 00.0"]
    assert list(word_ngrams("发热", 3)) == ["发", "热", "发 热"]
    assert list(word_ngrams("No", 0)) == []


def test_ngrams_of_characters_know_where_white_space_is() -> None:
    assert list(character_ngrams("No, x", 3)) == [" n", "no", "o,", ", ", " no", "no,", "o, ", " x", "x ", " x "]
    assert list(character_ngrams("x", 0)) == []
    assert list(character_ngrams("x", 1)) == []


@pytest.mark.parametrize(("kind", "split"), [("words", word_ngrams), ("characters", character_ngrams)])
@pytest.mark.parametrize("least", [1, 2])
def test_weights_are_those_of_scikit_learn(kind: str, split: object, least: int) -> None:
    indexer = made(least=least)
    most = {"words": 2, "characters": 4}[kind]
    oracle = TfidfVectorizer(
        analyzer=lambda text: list(split(text, most)),  # type: ignore[operator]
        sublinear_tf=True,
        min_df=least,
        norm="l2",
    ).fit(TEXTS)
    assert sorted(oracle.vocabulary_) == list(indexer.known[kind])
    for text in [*TEXTS, "fever fever fever and nothing else", "unknown"]:
        ours = dense(indexer, text)[list(indexer.known[kind].values())]
        theirs = oracle.transform([text]).toarray()[0][[oracle.vocabulary_[n] for n in indexer.known[kind]]]
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_only_the_commonest_are_known() -> None:
    assert set(made(words=1, characters=0, most=1).known["words"]) == {"no"}, "it stands in three texts"
    assert made(words=1, characters=0).known["characters"] == {}


def test_an_indexer_survives_json() -> None:
    indexer = made()
    again = NgramIndexer.from_dict(json.loads(json.dumps(indexer.to_dict())), indexer.rarity)
    for text in TEXTS:
        np.testing.assert_array_equal(dense(again, text), dense(indexer, text))
    with pytest.raises(ValueError, match="as many rarities"):
        NgramIndexer.from_dict(indexer.to_dict(), indexer.rarity[1:])


@given(st.text(max_size=60))
def test_any_text_has_weights_of_length_1_or_0(text: str) -> None:
    indexer = made()
    row = dense(indexer, text)
    for kind in ("words", "characters"):
        length = np.linalg.norm(row[list(indexer.known[kind].values())])
        assert length == pytest.approx(1) or length == 0
