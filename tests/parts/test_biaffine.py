import pytest
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.decoders import Biaffine
from epicrisis.text import SpanCodec

TYPES = ["Drug", "Problem"]


@pytest.mark.parametrize("longest", [1, 2, 4, 32])
def test_the_loss_is_the_cross_entropy_of_every_span_one_by_one(longest: int) -> None:
    torch.manual_seed(0)
    decoder = Biaffine(5, SpanCodec(TYPES, longest=longest), hidden_size=3)
    scores, lengths = torch.randn(3, 4, 6), [4, 1, 3]
    mask = torch.arange(4) < torch.tensor(lengths).unsqueeze(1)
    targets = torch.randint(3, (3, 4, longest))
    expected = torch.zeros(())
    for row, length, wanted in zip(scores, lengths, targets, strict=True):
        for first in range(length):
            for last in range(first, min(first + longest, length)):
                as_first = torch.cat([row[first, :3], torch.ones(1)])
                as_last = torch.cat([row[last, 3:], torch.ones(1)])
                logits = torch.stack([as_first @ decoder.weight[:, number] @ as_last for number in range(3)])
                expected = expected + F.cross_entropy(logits, wanted[first, last - first])
    torch.testing.assert_close(decoder.loss(scores, mask, targets), expected)


def test_views_are_rectified_and_dropped_out_in_training_alone() -> None:
    torch.manual_seed(0)
    decoder, states = Biaffine(5, SpanCodec(TYPES), hidden_size=50, dropout=0.5), torch.randn(2, 3, 5)
    views = decoder.eval().scores(states)
    torch.testing.assert_close(views, (states @ decoder.views.weight.t() + decoder.views.bias).relu())
    dropped = decoder.train().scores(states)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], 2 * views[kept])
    assert 0.3 < kept[views > 0].float().mean() < 0.7


def test_its_operations_are_those_of_the_views_and_of_the_band() -> None:
    decoder = Biaffine(5, SpanCodec(TYPES, longest=4), hidden_size=7)
    views, asked, band = 2 * 10 * 5 * 14, 2 * 10 * 8 * 3 * 8, 2 * 10 * 8 * 3 * 4
    assert decoder.flops(10) == views + asked + band
    with FlopCounterMode(display=False) as counted:
        scores = decoder.scores(torch.randn(1, 10, 5))
        decoder.loss(scores, torch.ones(1, 10, dtype=torch.bool), torch.zeros(1, 10, 4, dtype=torch.long))
    assert counted.get_total_flops() == decoder.flops(10)
    assert decoder.flops(2) == 2 * 2 * 5 * 14 + 2 * 2 * 8 * 3 * (8 + 2)
