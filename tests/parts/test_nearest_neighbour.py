"""The contrast of tokens, compared with its definition written out, and with torch's own divergence."""

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal, kl_divergence

from epicrisis.parts.decoders import NearestNeighbour, nearest_neighbour
from epicrisis.parts.decoders.nearest_neighbour import contrast, symmetric_kl
from epicrisis.text import TagCodec

CODEC = TagCodec(["Drug", "Problem"], scheme="io")
TAGS = torch.tensor([0, 1, 0, 2, 1, 0, 1])
"""The only token of tag 2 has no other to be near to."""


@pytest.fixture
def gaussians() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.randn(7, 5, dtype=torch.double), torch.rand(7, 5, dtype=torch.double) * 3 + 0.1


def divergence(mean: Tensor, variance: Tensor, p: int, q: int) -> float:
    def normal(n: int) -> Independent:
        return Independent(Normal(mean[n], variance[n].sqrt()), 1)

    return float(kl_divergence(normal(p), normal(q)) + kl_divergence(normal(q), normal(p))) / 2


def test_distances_are_torchs_divergences_in_both_directions(gaussians: tuple[Tensor, Tensor]) -> None:
    found = symmetric_kl(*gaussians)
    expected = [[divergence(*gaussians, p, q) for q in range(7)] for p in range(7)]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.double))


def test_distances_in_32_bits_are_near_those_in_64(gaussians: tuple[Tensor, Tensor]) -> None:
    mean, variance = (each.repeat(1, 26)[:, :128] for each in gaussians)
    torch.testing.assert_close(
        symmetric_kl(mean.float(), variance.float()).double(), symmetric_kl(mean, variance), rtol=1e-5, atol=1e-3
    )


def test_the_contrast_is_its_definition(gaussians: tuple[Tensor, Tensor]) -> None:
    expected = []
    for p in range(7):
        others = [q for q in range(7) if q != p]
        own = [q for q in others if TAGS[q] == TAGS[p]]
        if own:
            to_own = sum(math.exp(-divergence(*gaussians, p, q)) for q in own) / len(own)
            to_all = sum(math.exp(-divergence(*gaussians, p, q)) for q in others)
            expected.append(-math.log(to_own / to_all))
    assert len(expected) == 6
    torch.testing.assert_close(contrast(*gaussians, TAGS), torch.tensor(expected, dtype=torch.double))


def test_the_gradient_of_the_contrast_is_that_of_finite_differences(gaussians: tuple[Tensor, Tensor]) -> None:
    mean, variance = (each.requires_grad_() for each in gaussians)
    assert torch.autograd.gradcheck(lambda m, v: contrast(m, v, TAGS), (mean, variance))


def test_the_gradient_of_the_loss_is_that_of_finite_differences() -> None:
    torch.manual_seed(0)
    decoder = NearestNeighbour(4, CODEC, size=3).double()
    mask = torch.tensor([[True] * 4, [True] * 3 + [False]])
    states = torch.randn(2, 4, 4, dtype=torch.double, requires_grad=True)
    targets = torch.zeros(2, 4, dtype=torch.long)
    targets[mask] = TAGS
    assert torch.autograd.gradcheck(lambda s: decoder.loss(s, mask, targets), states)
    (gradient,) = torch.autograd.grad(decoder.loss(states, mask, targets), states)
    assert not gradient[~mask].any()
    assert gradient[mask].any(1).all(), "the lonely token too: the others are to be far from it"


def test_a_batchs_loss_is_that_of_its_tokens_in_a_row() -> None:
    torch.manual_seed(0)
    decoder = NearestNeighbour(4, CODEC, size=3)
    states, targets = torch.randn(2, 4, 4), torch.randint(0, 3, (2, 4))
    mask = torch.tensor([[True] * 4, [True] * 2 + [False] * 2])
    expected = contrast(*decoder.gaussians(states[mask]), targets[mask]).sum()
    torch.testing.assert_close(decoder.loss(states, mask, targets), expected)
    dirty = states.masked_fill(~mask.unsqueeze(2), 1e4)
    torch.testing.assert_close(decoder.loss(dirty, mask, targets), expected)


def test_the_variance_is_elu_and_one_of_the_projected_active_states() -> None:
    torch.manual_seed(0)
    decoder = NearestNeighbour(4, CODEC, size=3)
    state = torch.randn(4)
    mean, variance = decoder.gaussians(state[None])
    active = [max(0.0, x) for x in state.tolist()]
    for n in range(3):
        projected = [
            sum(w * x for w, x in zip(layer.weight[n].tolist(), active, strict=True)) + layer.bias[n].item()
            for layer in (decoder.mean, decoder.variance)
        ]
        elu = projected[1] if projected[1] > 0 else math.exp(projected[1]) - 1
        assert mean[0, n].item() == pytest.approx(projected[0], abs=1e-6)
        assert variance[0, n].item() == pytest.approx(elu + 1, abs=1e-5)


def test_a_variance_that_would_be_nothing_leaves_the_loss_finite() -> None:
    decoder = NearestNeighbour(4, CODEC, size=3)
    with torch.no_grad():
        decoder.variance.bias.fill_(-1e3)
    states = torch.randn(1, 6, 4, requires_grad=True)
    loss = decoder.loss(states, torch.ones(1, 6, dtype=torch.bool), TAGS[None, :6])
    loss.backward()
    assert loss.isfinite()
    assert states.grad is not None
    assert states.grad.isfinite().all()


@pytest.mark.parametrize("tags", [[1], [0, 1, 2]])
def test_where_no_token_has_another_of_its_tag_there_is_nothing_to_learn(tags: list[int]) -> None:
    decoder = NearestNeighbour(4, CODEC)
    states = torch.randn(1, len(tags), 4, requires_grad=True)
    loss = decoder.loss(states, torch.ones(1, len(tags), dtype=torch.bool), torch.tensor([tags]))
    loss.backward()
    assert loss == 0
    assert states.grad is not None
    assert not states.grad.any()


def test_of_a_large_batch_some_tokens_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(nearest_neighbour, "TOGETHER", 4)
    decoder = NearestNeighbour(4, CODEC, size=3)
    states, targets = torch.randn(1, 7, 4), TAGS[None]
    mask = torch.ones(1, 7, dtype=torch.bool)
    possible = [
        contrast(*decoder.gaussians(states[0, list(some)]), TAGS[list(some)]).sum().item() * 7 / 4
        for some in itertools.combinations(range(7), 4)
    ]
    drawn = {round(decoder.loss(states, mask, targets).item(), 4) for _ in range(20)}
    assert len(drawn) > 3
    assert all(min(abs(one - other) for other in possible) < 1e-3 for one in drawn)


def test_scores_are_the_states_and_what_is_remembered_is_no_weight_of_the_network() -> None:
    decoder = NearestNeighbour(4, CODEC)
    states = torch.randn(2, 3, 4)
    assert decoder.scores(states) is states
    assert decoder.weights() == {}
    before = set(decoder.state_dict())
    decoder.remember(states[0].requires_grad_(), torch.tensor([0, 2, 1]))
    kept = decoder.weights()
    assert not kept["support"].requires_grad
    assert kept["support"].equal(states[0])
    assert kept["tags"].tolist() == [0, 2, 1]
    assert set(decoder.state_dict()) == before == {f"{n}.{w}" for n in ("mean", "variance") for w in ("weight", "bias")}
