import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import LexiconIndexer, Spellings
from epicrisis.encoding.matching import LONGEST, MatchedWords
from epicrisis.encoding.spellings import normalise
from epicrisis.encoding.vectors import Vectors, write_vectors
from epicrisis.errors import RecipeError
from epicrisis.text import Passage, tokens


def passage(text: str) -> Passage:
    spans = list(tokens(text))
    return Passage(text, spans, (0, len(spans)))


def words_in(text: str, *lexicon: str) -> list[str]:
    """The words of two tokens or more, as the text has them."""
    matched, spans = MatchedWords(lexicon, (), 1), list(tokens(text))
    found = matched.longer(Spellings([passage(text)])).tolist()
    for _, first, after, number in found:
        spelt = " ".join(normalise(text[spans[first][0] : spans[after - 1][1]]).split())
        assert spelt == matched.words[number - 2]
    return [text[spans[first][0] : spans[after - 1][1]] for _, first, after, _ in found]


def test_words_are_found_wherever_tokens_spell_them() -> None:
    assert words_in("高血压病史", "高血压", "血压", "高血压病", "病史", "压力") == [
        "高血压",
        "高血压病",
        "血压",
        "病史",
    ]


def test_a_word_begins_and_ends_with_a_token() -> None:
    assert words_in("CT检查CTA", "ct检", "t检", "检查ct", "检查cta") == ["CT检", "检查CTA"]


def test_white_space_counts_as_one_space() -> None:
    text = "Heart \n failure, no heartfailure. heart 胸 痛"
    assert words_in(text, "heart failure", "heartfailure", "胸痛") == ["Heart \n failure"]


def test_case_and_digits_do_not_count() -> None:
    assert words_in("Vitamin B12, 3.5 mg", "b00", "vitamin b00", "0.0 mg") == ["Vitamin B12", "3.5 mg"]


LETTERS = "痛胸a1 B,"


@given(st.lists(st.text(LETTERS), max_size=3), st.sets(st.text(LETTERS.lower(), min_size=1, max_size=5)))
def test_the_words_found_are_those_of_comparing_everything_with_everything(texts: list[str], words: set[str]) -> None:
    matched = MatchedWords(sorted(words), (), 1)
    batch = list(map(passage, texts))
    longer, single = [], np.zeros((len(texts), max((len(p.tokens) for p in batch), default=0)), np.int64)
    for row, (text, here) in enumerate(zip(texts, batch, strict=True)):
        for first, (start, _) in enumerate(here.tokens):
            for after in range(first + 1, len(here.tokens) + 1):
                end = here.tokens[after - 1][1]
                spelt = "".join(" " if c.isspace() else normalise(c) for c in text[start:end])
                while "  " in spelt:
                    spelt = spelt.replace("  ", " ")
                number = sorted(words).index(spelt) + 2 if spelt in words else 1
                if after == first + 1:
                    single[row, first] = number
                elif number > 1:
                    longer.append([row, first, after, number])
    np.testing.assert_array_equal(matched.longer(Spellings(batch)), np.array(longer).reshape(-1, 4))
    np.testing.assert_array_equal(matched.single(Spellings(batch)), single)


def fit(folder: Path, words: list[str], *texts: str) -> LexiconIndexer:
    write_vectors(Vectors(tuple(words), np.arange(2 * len(words), dtype=np.float32).reshape(-1, 2)), folder)
    return LexiconIndexer.fit(list(map(passage, texts)), vectors=str(folder))


def test_the_words_of_training_texts_come_first_and_words_that_tokens_cannot_spell_are_left_out(tmp_path: Path) -> None:
    words = ["胃癌", "", " 痛", "胃  癌", "病" * (LONGEST + 1), "头痛", "头", "Aspirin", "aspirin"]
    indexer = fit(tmp_path, words, "患者头痛,头痛", "aspirin")
    matched = indexer.matched
    assert matched.words == ("头痛", "头", "aspirin", "胃癌")
    assert matched.counts == (2, 0, 1)  # of the character in "头痛" nothing was counted
    assert indexer.sizes == (6, 5)
    assert indexer.start is not None
    assert indexer.start.tolist() == [[10, 11], [12, 13], [14, 15], [0, 1]]


@given(st.lists(st.text("ab c", max_size=12), max_size=3), st.sets(st.text("ab c", min_size=1, max_size=6), min_size=1))
def test_a_word_is_counted_where_no_longer_word_covers_it(texts: list[str], words: set[str]) -> None:
    texts = [" ".join(text.replace(" ", "")) for text in texts]  # every letter a token
    with TemporaryDirectory() as folder:
        indexer = fit(Path(folder), sorted(words), *texts)
    expected: Counter[str] = Counter()
    for text in texts:
        letters = text.split()
        places = [
            (first, after, " ".join(letters[first:after]))
            for first in range(len(letters))
            for after in range(first + 1, len(letters) + 1)
            if " ".join(letters[first:after]) in words
        ]
        for first, after, word in places:
            covered = any(f <= first and a >= after and a - f > after - first for f, a, _ in places)
            expected[word] += not covered
    assert dict(zip(indexer.matched.words, indexer.matched.counts, strict=False)) == dict(expected)


def test_a_lexicon_has_to_be_named() -> None:
    with pytest.raises(RecipeError, match="lexicon, vectors: a lexicon is needed"):
        LexiconIndexer.fit([], vectors="")


def test_each_token_has_four_sets_whose_weights_add_up_to_four(tmp_path: Path) -> None:
    """The frequencies, plus one: 高血压 2 + 1, 血压 1, 高 1, 压 1 + 1, none 1."""
    indexer = fit(tmp_path, ["高血压", "血压", "压", "高"], "高血压压", "高血压")
    arrays = indexer.arrays(Spellings([passage("压"), passage("高血压x")]))
    spelt = ["", "none", *indexer.matched.words]
    found = {
        (int(place) // 16, int(place) % 16 // 4, "BMES"[place % 4], spelt[word]): float(weight)
        for word, place, weight in zip(
            *(arrays[f"lexicon_{what}"] for what in ("words", "places", "weights")), strict=True
        )
    }
    sets = {
        (0, 0): {"B": ["none"], "M": ["none"], "E": ["none"], "S": ["压"]},
        (1, 0): {"B": ["高血压"], "M": ["none"], "E": ["none"], "S": ["高"]},
        (1, 1): {"B": ["血压"], "M": ["高血压"], "E": ["none"], "S": ["none"]},
        (1, 2): {"B": ["none"], "M": ["none"], "E": ["高血压", "血压"], "S": ["压"]},
        (1, 3): {"B": ["none"], "M": ["none"], "E": ["none"], "S": ["none"]},
    }
    frequency = {"高血压": 3, "血压": 1, "高": 1, "压": 2, "none": 1}
    expected = {}
    for token, kinds in sets.items():
        total = sum(frequency[word] for words in kinds.values() for word in words)
        for kind, words in kinds.items():
            expected |= {(*token, kind, word): 4 * frequency[word] / total for word in words}
    assert found == pytest.approx(expected)


def test_a_lexicon_survives_json(tmp_path: Path) -> None:
    indexer = fit(tmp_path, ["高血压", "血压", "压"], "高血压")
    again = LexiconIndexer.from_dict(json.loads(json.dumps(indexer.to_dict())))
    assert (again.matched.words, again.matched.counts, again.sizes) == (("高血压", "血压", "压"), (1, 0, 0), (5, 5))
    assert again.start is None
