import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.encoding import CasingIndexer, WordIndexer
from epicrisis.text import Fates, Passage, PassageRule, TagCodec, passages
from epicrisis.training.batches import Example, epoch_batches, examples, make_batch

from .invented import NOTES, marked

CODEC = TagCodec(["Drug", "Problem"], scheme="bio")


def example(length: int) -> Example:
    return Example(Passage.of(["w"] * length), np.zeros(length, np.int64))


def test_examples_are_the_passages_that_the_finished_product_cuts_too() -> None:
    rule = PassageRule(budget=6, overlap=2)
    found, _ = examples(NOTES, CODEC, rule)
    assert [e.passage for e in found] == [passage for note in NOTES for passage in passages(note.text, rule)]
    assert found[0].passage.words == ["She", "took", "5", "mg", "of", "warfarin"]


def test_the_tags_of_a_window_are_those_of_its_own_tokens() -> None:
    """The windows are a b c d e f and e f g h i; the cut lies behind e."""
    found, fates = examples([marked("d", "a b [Drug c d e f g] h i")], CODEC, PassageRule(budget=6, overlap=2))
    assert [e.passage.words for e in found] == [["a", "b", "c", "d", "e", "f"], ["e", "f", "g", "h", "i"]]
    assert [e.passage.own for e in found] == [(0, 5), (1, 5)]
    assert [e.targets.tolist() for e in found] == [[0, 0, 1, 2, 2], [2, 2, 0, 0]]
    assert fates == Fates(kept=1)


def test_the_fates_of_all_entities_are_counted() -> None:
    notes = [*NOTES, marked("d", "[Drug aspirin]s and a [Drug b\n\nc]")]
    _, fates = examples(notes, CODEC, PassageRule())
    assert fates == Fates(kept=14, snapped=1, dropped=1)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 60), st.integers(0, 5))
def test_an_epoch_holds_every_example_once_in_batches_within_the_budget(
    lengths: list[int], tokens: int, seed: int
) -> None:
    found = [example(length) for length in lengths]
    batches = list(epoch_batches(found, tokens, seed))
    assert sorted(id(e) for batch in batches for e in batch) == sorted(map(id, found))
    for batch in batches:
        assert batch
        assert len(batch) == 1 or len(batch) * max(len(e.passage.tokens) for e in batch) <= tokens


def test_the_seed_determines_the_order_of_an_epoch() -> None:
    found = [example(1 + n % 9) for n in range(60)]

    def order(seed: int) -> list[list[int]]:
        return [[id(e) for e in batch] for batch in epoch_batches(found, 40, seed)]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_passages_of_similar_length_come_together() -> None:
    found = [example(1 + n % 30) for n in range(300)]
    padded = sum(len(b) * max(len(e.passage.tokens) for e in b) for b in epoch_batches(found, 200, 0))
    assert padded < 1.15 * sum(len(e.passage.tokens) for e in found)


def test_a_batch_is_the_arrays_of_its_examples() -> None:
    found, _ = examples([marked("d", "a b [Drug c d e f g] h i")], CODEC, PassageRule(budget=6, overlap=2))
    batch = make_batch(found, [WordIndexer(["a", "b"], 2), CasingIndexer()])
    assert list(batch.inputs) == ["mask", "words", "casing"]
    assert batch.inputs["words"].tolist() == [[2, 3, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]]
    assert batch.inputs["mask"].sum(1).tolist() == [6, 5]
    assert batch.own.tolist() == [[True] * 5 + [False], [False] + [True] * 4 + [False]]
    assert batch.targets.tolist() == [[0, 0, 1, 2, 2], [2, 2, 0, 0, 0]]


def test_a_document_without_entities_is_learned_from_too() -> None:
    found, fates = examples([marked("d", "all well"), marked("e", " \n ")], CODEC, PassageRule())
    assert [e.targets.tolist() for e in found] == [[0, 0]]
    assert fates == Fates()


@pytest.mark.parametrize("scheme", ["io", "bio", "bioes"])
def test_tags_are_within_the_codec(scheme: str) -> None:
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    found, _ = examples(NOTES, codec, PassageRule())
    assert {int(tag) for e in found for tag in e.targets} <= set(range(len(codec)))
