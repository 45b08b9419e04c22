import itertools

import pytest
import torch
from torch import Tensor
from torchcrf import CRF as Oracle

from epicrisis.parts.decoders.crf import CRF, log_partition, path_score
from epicrisis.text import SCHEMES, TagCodec

LENGTHS = torch.tensor([4, 1, 3, 2])
MASK = torch.arange(4) < LENGTHS.unsqueeze(1)


def random_weights(tags: int, *, double: bool = False) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Scores (4, 4, K), transitions, start, end."""
    shapes = ((4, 4, tags), (tags, tags), (tags,), (tags,))
    dtype = torch.float64 if double else torch.float32
    scores, transitions, start, end = (torch.randn(shape, dtype=dtype, requires_grad=True) for shape in shapes)
    return scores, transitions, start, end


def slow_path_score(scores: Tensor, path: tuple[int, ...], transitions: Tensor, start: Tensor, end: Tensor) -> Tensor:
    total = start[path[0]] + end[path[-1]]
    for token, tag in enumerate(path):
        total = total + scores[token, tag]
    for before, after in itertools.pairwise(path):
        total = total + transitions[before, after]
    return total


@pytest.mark.parametrize("tags", [1, 2, 5])
def test_the_partition_agrees_with_every_path_counted_by_hand(tags: int) -> None:
    torch.manual_seed(tags)
    scores, *weights = random_weights(tags)
    for row, length, value in zip(scores, LENGTHS.tolist(), log_partition(scores, MASK, *weights), strict=True):
        paths = itertools.product(range(tags), repeat=length)
        by_hand = torch.stack([slow_path_score(row, path, *weights) for path in paths]).logsumexp(0)
        torch.testing.assert_close(value, by_hand)


def test_the_score_of_a_path_is_the_sum_of_what_lies_on_it() -> None:
    torch.manual_seed(0)
    scores, *weights = random_weights(3)
    tags = torch.tensor([[0, 2, 1, 1], [1, 0, 0, 0], [2, 2, 0, 1], [0, 1, 2, 2]])
    for n, value in enumerate(path_score(scores, MASK, tags, *weights)):
        path = tuple(tags[n, : LENGTHS[n]].tolist())
        torch.testing.assert_close(value, slow_path_score(scores[n], path, *weights))


def test_the_gradients_are_those_that_small_steps_show() -> None:
    torch.manual_seed(0)
    scores, *weights = random_weights(3, double=True)
    assert torch.autograd.gradcheck(lambda *a: log_partition(a[0], MASK, *a[1:]), (scores, *weights))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_loss_and_gradients_are_those_of_pytorch_crf(scheme: str) -> None:
    torch.manual_seed(0)
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    crf, oracle = CRF(5, codec), Oracle(len(codec), batch_first=True)
    for ours, theirs in (
        (crf.transitions, oracle.transitions),
        (crf.start, oracle.start_transitions),
        (crf.end, oracle.end_transitions),
    ):
        torch.nn.init.normal_(ours)
        theirs.data.copy_(ours.data)
    oracle.transitions.data[crf.forbidden] = -1e4
    ours_in = torch.randn(4, 4, len(codec), requires_grad=True)
    theirs_in = ours_in.detach().clone().requires_grad_()
    spelt = [[(0, 2, "Drug"), (3, 4, "Drug")], [(0, 1, "Problem")], [(1, 3, "Problem")], []]
    targets = torch.zeros(4, 4, dtype=torch.long)
    for row, mentions in zip(targets, spelt, strict=True):
        for mention in mentions:
            row[mention[0] : mention[1]] = torch.from_numpy(codec.pattern(mention))
    loss = crf.loss(ours_in, MASK, targets)
    expected = -oracle(theirs_in, targets, MASK, reduction="sum")
    torch.testing.assert_close(loss, expected)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(ours_in.grad, theirs_in.grad)
    torch.testing.assert_close(crf.start.grad, oracle.start_transitions.grad)
    torch.testing.assert_close(crf.end.grad, oracle.end_transitions.grad)
    theirs = oracle.transitions.grad.masked_fill(crf.forbidden, 0.0)
    torch.testing.assert_close(crf.transitions.grad, theirs)


def test_the_gradient_of_a_score_is_the_probability_of_its_tag() -> None:
    torch.manual_seed(0)
    scores, *weights = random_weights(3)
    (marginals,) = torch.autograd.grad(log_partition(scores, MASK, *weights).sum(), scores)
    torch.testing.assert_close(marginals.sum(2), MASK.float())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_forbidden_transitions_get_no_probability_and_no_gradient(scheme: str) -> None:
    codec = TagCodec(["Drug"], scheme=scheme)
    crf = CRF(5, codec)
    assert torch.equal(~crf.forbidden, torch.from_numpy(codec.allowed()[0]))
    scores = torch.randn(4, 4, len(codec))
    targets = torch.zeros(4, 4, dtype=torch.long)
    crf.loss(scores, MASK, targets).backward()
    assert not crf.transitions.grad[crf.forbidden].any()
    assert crf.transitions.grad[~crf.forbidden].all()


def test_a_passage_may_begin_in_the_middle_of_a_mention() -> None:
    codec = TagCodec(["Drug"], scheme="bioes")
    inside, end = codec.names.index("I-Drug"), codec.names.index("E-Drug")
    loss = CRF(5, codec).loss(
        torch.zeros(1, 2, len(codec)), torch.ones(1, 2, dtype=torch.bool), torch.tensor([[inside, end]])
    )
    assert 0 < loss < 10


@pytest.mark.parametrize("size", [10.0, 100.0])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_extreme_scores_give_a_finite_loss_and_gradient(scheme: str, size: float) -> None:
    torch.manual_seed(0)
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    crf = CRF(5, codec)
    scores = (torch.randint(-1, 2, (8, 60, len(codec))) * size).requires_grad_()
    mask = torch.ones(8, 60, dtype=torch.bool)
    crf.loss(scores, mask, torch.zeros(8, 60, dtype=torch.long)).backward()
    assert scores.grad.isfinite().all()
    assert scores.grad.abs().max() <= 1 + 1e-6
    assert crf.transitions.grad.isfinite().all()


def test_a_long_passage_is_exact() -> None:
    """600 tokens, against log-sum-exp in float64."""
    torch.manual_seed(0)
    scores, transitions, start, end = torch.randn(1, 600, 5) * 5, torch.randn(5, 5), torch.randn(5), torch.randn(5)
    alpha = (scores[0, 0] + start).double()
    for token in scores[0, 1:]:
        alpha = (alpha.unsqueeze(1) + transitions + token).logsumexp(0)
    expected = (alpha + end).logsumexp(0).float().unsqueeze(0)
    torch.testing.assert_close(
        log_partition(scores, torch.ones(1, 600, dtype=torch.bool), transitions, start, end), expected
    )
