import torch
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.decoders import SpanEdges
from epicrisis.text import EdgeCodec


def test_the_loss_is_the_cross_entropy_of_every_edge_one_by_one() -> None:
    torch.manual_seed(0)
    scores, targets = torch.randn(2, 3, 4), torch.randint(2, (2, 3, 2, 2))
    mask = torch.tensor([[True, True, True], [True, False, False]])
    expected = torch.zeros(())
    for row, token in mask.nonzero().tolist():
        for number in range(2):
            for edge in range(2):
                share = scores[row, token, 2 * number + edge].sigmoid()
                expected = expected - (share if targets[row, token, number, edge] else 1 - share).log()
    torch.testing.assert_close(SpanEdges(5, EdgeCodec(["Drug", "Problem"])).loss(scores, mask, targets), expected)


def test_its_operations_are_those_of_the_scores() -> None:
    decoder = SpanEdges(5, EdgeCodec(["Drug", "Problem"]))
    assert decoder.flops(10) == 2 * 10 * 5 * 4
    with FlopCounterMode(display=False) as counted:
        decoder.scores(torch.randn(1, 10, 5))
    assert counted.get_total_flops() == decoder.flops(10)
