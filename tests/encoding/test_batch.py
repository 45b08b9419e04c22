import numpy as np
import pytest

from epicrisis.encoding import own_mask, tag_targets
from epicrisis.text import Codec, Passage, PassageRule, passages


def test_the_own_mask_is_true_where_a_passage_answers_for_the_token() -> None:
    tokens = [(0, 1), (2, 3), (4, 5)]
    cut = [Passage(tokens, (1, 3)), Passage(tokens[:2], (0, 1)), Passage(tokens, (0, 3))]
    assert own_mask(cut).tolist() == [[False, True, True], [True, False, False], [True, True, True]]


def test_own_masks_of_a_long_sentence_count_every_token_once() -> None:
    cut = list(passages("a " * 50, PassageRule(budget=9, overlap=4)))
    assert own_mask(cut).sum() == 50


def test_targets_are_padded_with_the_tag_outside() -> None:
    targets = tag_targets([np.array([1, 2]), np.array([2, 1, 0])], Codec("bio", ["Drug"]))
    assert targets.tolist() == [[1, 2, 0], [2, 1, 0]]
    assert targets.dtype == np.int64


@pytest.mark.parametrize("tag", [3, -1])
def test_a_tag_that_the_codec_does_not_know_is_an_error(tag: int) -> None:
    with pytest.raises(ValueError, match=f"tag {tag} is none of the codec's 3"):
        tag_targets([np.array([1, tag])], Codec("bio", ["Drug"]))
