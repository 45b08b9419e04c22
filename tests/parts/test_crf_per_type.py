import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.decoders import CRF, CRFPerType
from epicrisis.parts.decoders.crf import log_partition
from epicrisis.text import SCHEMES, TypeTagsCodec

TYPES = ["Drug", "Problem", "Test"]
MASK = torch.arange(5) < torch.tensor([5, 1, 3, 2]).unsqueeze(1)


def random_decoder(codec: TypeTagsCodec) -> CRFPerType:
    decoder = CRFPerType(5, codec)
    for weight in decoder.parameters():
        nn.init.normal_(weight)
    return decoder


@pytest.mark.parametrize("scheme", SCHEMES)
def test_loss_and_gradients_are_those_of_a_crf_for_each_type(scheme: str) -> None:
    torch.manual_seed(0)
    codec = TypeTagsCodec(TYPES, scheme=scheme)
    decoder, tags = random_decoder(codec), len(codec.of_type[0])
    scores = torch.randn(4, 5, 3 * tags, requires_grad=True)
    targets = torch.zeros(4, 5, 3, dtype=torch.long)
    for row, first, number, length in ((0, 1, 0, 3), (0, 2, 2, 2), (2, 0, 1, 3)):
        spelt = codec.of_type[number].pattern((first, first + length, TYPES[number]))
        targets[row, first : first + length, number] = torch.from_numpy(spelt)
    loss = decoder.loss(scores, MASK, targets)
    expected = torch.zeros(())
    singles = []
    for number, one in enumerate(codec.of_type):
        single = CRF(5, one)
        with torch.no_grad():
            for name, weight in decoder.weights().items():
                getattr(single, name).copy_(weight[number])
        singles.append(single)
        expected = expected + single.loss(scores[..., number * tags : (number + 1) * tags], MASK, targets[..., number])
    torch.testing.assert_close(loss, expected)
    ours = torch.autograd.grad(loss, [scores, *decoder.weights().values()])
    theirs = torch.autograd.grad(expected, [scores, *(w for one in singles for w in one.weights().values())])
    torch.testing.assert_close(ours[0], theirs[0])
    for place, gradient in enumerate(ours[1:]):
        torch.testing.assert_close(gradient, torch.stack(theirs[1 + place :: 3]))
    assert not ours[1][:, decoder.forbidden].any()


def test_the_gradients_of_many_chains_at_once_are_those_that_small_steps_show() -> None:
    torch.manual_seed(0)
    shapes = ((3, 4, 5, 2), (3, 2, 2), (3, 2), (3, 2))
    places = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(lambda *a: log_partition(a[0], MASK, *a[1:]), places)


def test_its_operations_are_those_of_the_scores() -> None:
    decoder = CRFPerType(5, TypeTagsCodec(TYPES))
    assert decoder.flops(10) == 2 * 10 * 5 * (3 * 3)
    with FlopCounterMode(display=False) as counted:
        decoder.scores(torch.randn(1, 10, 5))
    assert counted.get_total_flops() == decoder.flops(10)
