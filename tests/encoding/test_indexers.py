import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import INDEXERS, CasingIndexer, CharacterIndexer, Indexer, Spellings, WordIndexer, encode
from epicrisis.encoding.casing import KINDS, casing
from epicrisis.encoding.characters import LONGEST
from epicrisis.encoding.contextual import LanguageModel, weight_shapes, write_language_model
from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import Vectors, write_vectors
from epicrisis.encoding.words import PADDING, UNKNOWN
from epicrisis.text import Passage

from ..parts import making

TRAINING = [["The", "dose", "is", "5", "mg", "."], ["头", "痛", ",", "HbA1c"]]


def cut(words: list[list[str]]) -> list[Passage]:
    return [Passage.of(passage) for passage in words]


def spell(words: list[list[str]]) -> Spellings:
    return Spellings(cut(words))


@pytest.fixture
def known(tmp_path: Path) -> str:
    """Vectors of three words, and beside them a language model of two."""
    write_vectors(Vectors(("warfarin", "dose", "aspirin"), np.eye(3, dtype=np.float32)), tmp_path / "known")
    weights = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(2, 3, 1).items()}
    write_language_model(LanguageModel(("dose", "0"), 3, 1, weights), tmp_path / "language")
    return str(tmp_path / "known")


def fitted(name: str, vectors: str) -> Indexer:
    settings = {
        "words": {"vectors": vectors},
        "lexicon": {"vectors": vectors},
        "lattice": {"words": vectors},
        "contextual": {"folder": str(Path(vectors).with_name("language"))},
    }
    return INDEXERS[name].fit(cut(TRAINING), **settings.get(name, {}))  # type: ignore[attr-defined]


@pytest.fixture(params=[name for name in INDEXERS if name not in ("transformer", "questions")])
def indexer(request: pytest.FixtureRequest, known: str) -> Indexer:
    """One whose numbers are its own; those of word pieces are a tokenizer's."""
    return fitted(request.param, known)


@pytest.fixture(params=["words", "character_cnn", "casing", "contextual"])
def numbering(request: pytest.FixtureRequest, known: str) -> Indexer:
    """One that gives each token a number."""
    return fitted(request.param, known)


@pytest.mark.parametrize("name", INDEXERS)
def test_an_indexer_survives_json(name: str) -> None:
    indexer = making.indexer(name)
    again = type(indexer).from_dict(json.loads(json.dumps(indexer.to_dict())))
    assert again.sizes == indexer.sizes
    words = [*TRAINING, ["warfarin", "never", "seen", "√"]]
    for name, array in indexer.arrays(spell(words)).items():
        np.testing.assert_array_equal(again.arrays(spell(words))[name], array)


def test_padding_is_0_and_no_token_is(numbering: Indexer) -> None:
    arrays = numbering.arrays(spell([["dose"], ["never", "Seen", "3", "√"], []]))
    name = "spellings" if "spellings" in arrays else next(iter(arrays))
    real = np.array([[1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
    np.testing.assert_array_equal(arrays[name] != PADDING, real)


def test_every_number_has_a_row_in_the_table(indexer: Indexer) -> None:
    words = [*TRAINING, ["never", "SEEN", "√", "x1", "٣", "xX", "Ⅷ", "😀"]]
    name, array = next(iter(indexer.arrays(spell(words)).items()))
    assert array.dtype == np.int64
    assert array.min() >= 0
    assert array.max() < indexer.sizes[0], name


def test_nothing_to_index_is_no_error(indexer: Indexer) -> None:
    for nothing in ([], [[], []]):
        assert all(array.size == 0 or not array.any() for array in indexer.arrays(spell(nothing)).values())


def test_a_batch_without_passages_and_one_without_tokens_are_empty(numbering: Indexer) -> None:
    name = list(numbering.arrays(spell([])))[-1]
    assert numbering.arrays(spell([]))[name].shape == (0, 0)
    assert numbering.arrays(spell([[], []]))[name].shape == (2, 0)


def test_a_passage_has_the_same_numbers_alone_and_beside_a_longer_one(numbering: Indexer) -> None:
    name = list(numbering.arrays(spell([["x"]])))[-1]
    short, long = ["dose", "5"], ["dose", "is", "5", "mg"]
    np.testing.assert_array_equal(
        numbering.arrays(spell([short, long]))[name][0, :2], numbering.arrays(spell([short]))[name][0]
    )


def test_words_are_looked_up_by_lower_case_and_shape_of_number() -> None:
    indexer = WordIndexer(["0.0", "a0", "dose", "头"], seen=4)
    arrays = indexer.arrays(spell([["Dose", "7.5", "9.9", "A3", "头", "new", "12.5"]]))
    assert arrays["words"].tolist() == [[4, 2, 2, 3, 5, UNKNOWN, UNKNOWN]]


@pytest.mark.parametrize(
    ("word", "expected"), [("HbA1c", "hba0c"), ("120", "000"), ("٣", "0"), ("m²", "m²"), ("头", "头"), ("Ⅷ", "ⅷ")]
)
def test_words_are_normalised(word: str, expected: str) -> None:
    assert normalise(word) == expected
    assert normalise(normalise(word)) == expected


def test_the_words_of_the_training_texts_come_first_then_those_with_a_vector(known: str) -> None:
    indexer = WordIndexer.fit(cut([["Dose", "of", "5"], ["of"]]), vectors=known)
    assert indexer.vocabulary == ("0", "dose", "of", "aspirin", "warfarin")
    assert indexer.sizes == (7, 5)  # padding and the unknown word count
    assert indexer.start is not None
    assert indexer.start.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]]


def test_spellings_point_at_the_characters_of_their_word() -> None:
    indexer = CharacterIndexer.fit(cut(TRAINING))
    letters = ["", "", *indexer.vocabulary]
    words = [["dose", "is", "dose"], ["头", "is"]]
    arrays = indexer.arrays(spell(words))
    assert arrays["characters"].shape == (4, 4)  # nothing, dose, is, 头
    for passage, row in zip(words, arrays["spellings"], strict=True):
        spelt = ["".join(letters[n] for n in arrays["characters"][number]) for number in row]
        assert spelt == passage + [""] * (3 - len(passage))


def test_the_first_row_of_characters_is_padding_alone() -> None:
    assert not CharacterIndexer.fit(cut(TRAINING)).arrays(spell([["dose"]]))["characters"][0].any()


def test_a_character_that_was_never_seen_is_the_unknown_one() -> None:
    indexer = CharacterIndexer(["a"])
    assert indexer.arrays(spell([["a√"]]))["characters"][1].tolist() == [2, UNKNOWN]


def test_of_a_very_long_word_the_first_and_the_last_characters_are_read() -> None:
    indexer = CharacterIndexer(["a", "b", "z"])
    half = LONGEST // 2
    word = "a" * half + "z" * 300_000 + "b" * half
    characters = indexer.arrays(spell([[word, "a" * LONGEST]]))["characters"]
    assert characters.tolist() == [[0] * LONGEST, [2] * half + [3] * half, [2] * LONGEST]


def test_the_visible_characters_of_ascii_are_always_known() -> None:
    known = CharacterIndexer.fit(cut([["头"]])).vocabulary
    assert {*map(chr, range(33, 127)), "头"} == {*known}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("dose", "lower"),
        ("Dose", "title"),
        ("A", "upper"),
        ("ECG", "upper"),
        ("mRNA", "mixed"),
        ("5", "number"),
        ("2.5", "number"),
        ("5th", "number"),
        ("HbA1c", "letters and digits"),
        (",", "other"),
        ("头", "other"),
        ("😀", "other"),
        ("β", "lower"),
    ],
)
def test_the_casing_of_a_word(word: str, kind: str) -> None:
    assert KINDS[casing(word)] == kind


@given(st.text(min_size=1))
def test_every_word_has_a_casing_that_is_not_padding(word: str) -> None:
    assert 0 < casing(word) < CasingIndexer.sizes[0]


def test_encode_brings_indexers_and_the_mask_together(known: str) -> None:
    indexers = [fitted(name, known) for name in ("words", "character_cnn", "casing")]
    inputs = encode(cut([["The", "dose"], ["头"]]), indexers)
    assert list(inputs) == ["mask", "words", "characters", "spellings", "casing"]
    assert inputs["mask"].tolist() == [[True, True], [True, False]]
    assert inputs["mask"].dtype == bool


def test_encode_takes_a_batch_of_nothing() -> None:
    assert encode([], [CasingIndexer()])["mask"].shape == (0, 0)
    assert encode(cut([[]]), [CasingIndexer()])["mask"].shape == (1, 0)
