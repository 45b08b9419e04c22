from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import LatticeIndexer, Spellings, WordIndexer
from epicrisis.encoding.matching import MatchedWords
from epicrisis.text import Passage

LEXICON = sorted({" ".join(word) for word in ("ab", "abc", "bca", "cc", "ca", "aaaa", "abcabc")})
INDEXER = LatticeIndexer(WordIndexer("abc", 3), MatchedWords(LEXICON, (), 2))


def cut(texts: list[str]) -> list[Passage]:
    return [Passage.of(list(text)) for text in texts]


@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=4))
def test_replaying_the_steps_gives_every_word_in_both_directions(texts: list[str]) -> None:
    """What stands in a slot when a word ends is the word that began there, and all words are met."""
    arrays = INDEXER.arrays(Spellings(cut(texts)))
    slots = len(arrays["lattice_store"])
    kept: dict[int, tuple[int, int, int]] = {}
    met = []
    named = (arrays[f"lattice_{name}"].tolist() for name in ("words", "lanes", "slots", "ends", "end_lanes"))
    for step, (words, lanes, places, ends, end_lanes) in enumerate(zip(*named, strict=True)):
        for slot, lane in zip(ends, end_lanes, strict=True):
            if slot:
                word, its_lane, begun = kept.pop(slot)
                assert its_lane == lane
                met.append((lane, begun, step, word))
        half = len(words) // 2
        for column, (word, lane, slot) in enumerate(zip(words, lanes, places, strict=True)):
            assert bool(word) == bool(slot)
            assert lane // len(texts) == column // half or not word
            if word:
                assert 0 < slot < slots
                assert slot not in kept
                kept[slot] = word, lane, step
    assert not kept
    expected = []
    for row, text in enumerate(texts):
        for number, spaced in enumerate(LEXICON, start=2):
            word = spaced.replace(" ", "")
            for first in range(len(text)):
                if text.startswith(word, first):
                    last = first + len(word) - 1
                    expected.append((row, first, last, number))
                    expected.append((len(texts) + row, len(text) - 1 - last, len(text) - 1 - first, number))
    assert sorted(met) == sorted(expected)


def test_slots_are_used_again() -> None:
    arrays = INDEXER.arrays(Spellings(cut(["ab" * 50])))
    assert len(arrays["lattice_store"]) == 3  # none, and one word at a time in each direction
    assert arrays["lattice_ends"].shape == (100, 2)
    assert arrays["lattice_words"].shape == (100, 2)


def test_a_batch_without_words_has_room_for_none() -> None:
    arrays = INDEXER.arrays(Spellings(cut(["cba", "b"])))
    assert {name: array.shape for name, array in arrays.items()} == {
        "lattice_characters": (2, 3),
        "lattice_words": (3, 2),
        "lattice_lanes": (3, 2),
        "lattice_slots": (3, 2),
        "lattice_ends": (3, 1),
        "lattice_end_lanes": (3, 1),
        "lattice_store": (1,),
    }
    assert not any(array.any() for name, array in arrays.items() if name != "lattice_characters")
