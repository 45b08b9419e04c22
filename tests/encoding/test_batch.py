import numpy as np

from epicrisis.encoding import own_mask, pad_targets
from epicrisis.text import Passage, PassageRule, passages


def test_the_own_mask_is_true_where_a_passage_answers_for_the_token() -> None:
    tokens = [(0, 1), (2, 3), (4, 5)]
    cut = [Passage("a b c", tokens, (1, 3)), Passage("a b c", tokens[:2], (0, 1)), Passage("a b c", tokens, (0, 3))]
    assert own_mask(cut).tolist() == [[False, True, True], [True, False, False], [True, True, True]]


def test_own_masks_of_a_long_sentence_count_every_token_once() -> None:
    cut = list(passages("a " * 50, PassageRule(budget=9, overlap=4)))
    assert own_mask(cut).sum() == 50


def test_targets_are_padded_with_nothing() -> None:
    targets = pad_targets([np.array([1, 2]), np.array([2, 1, 0])])
    assert targets.tolist() == [[1, 2, 0], [2, 1, 0]]
    assert targets.dtype == np.int64


def test_targets_may_have_more_axes() -> None:
    targets = pad_targets([np.ones((1, 2, 3), np.int64), np.full((2, 2, 3), 2)])
    assert targets.shape == (2, 2, 2, 3)
    assert targets[:, :, 1, 2].tolist() == [[1, 0], [2, 2]]
