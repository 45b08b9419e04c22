from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.attention import Additive, Cross, MultiHead
from epicrisis.parts.attention.masking import masked_softmax

from .tracing import export_and_compare, mask

Array = NDArray[np.float64]
SIZE, EMBEDDED = 4, 5
SETTINGS: dict[type[nn.Module], dict[str, Any]] = {
    Additive: {},
    MultiHead: {"heads": 3, "size": 2, "dropout": 0.0},  # 6 is not the states' width
    Cross: {},
}


def made(part: type[nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    network = part(SIZE, EMBEDDED, **SETTINGS[part]).double()
    for weight in network.parameters():
        nn.init.uniform_(weight, -1, 1)
    return network


def inputs(passages: int, tokens: int) -> tuple[Tensor, Tensor, Tensor]:
    states, embedded = (torch.randn(passages, tokens, size, dtype=torch.float64) for size in (SIZE, EMBEDDED))
    return states, embedded, mask(passages, tokens)


def shares(scores: Array) -> Array:
    return np.exp(scores) / np.exp(scores).sum()


def additive(weights: dict[str, Array], states: Array, embedded: Array) -> list[Array]:
    summary = np.zeros(SIZE)
    for feature in range(SIZE):
        scores = [np.tanh(weights["linear.weight"][feature] @ h + weights["linear.bias"][feature]) for h in states]
        summary[feature] = shares(np.array(scores)) @ states[:, feature]
    return [np.concatenate([h, summary]) for h in states]


def multi_head(weights: dict[str, Array], states: Array, embedded: Array) -> list[Array]:
    found = []
    for token in states:
        heard = []
        for head in range(3):
            rows = slice(2 * head, 2 * head + 2)
            query = weights["queries.weight"][rows] @ token + weights["queries.bias"][rows]
            keys = states @ weights["keys.weight"][rows].T
            values = states @ weights["values.weight"][rows].T + weights["values.bias"][rows]
            heard.append(shares(keys @ query / np.sqrt(2)) @ values)
        added = token + weights["output.weight"] @ np.concatenate(heard) + weights["output.bias"]
        normal = (added - added.mean()) / np.sqrt(added.var() + 1e-5)
        found.append(normal * weights["norm.weight"] + weights["norm.bias"])
    return found


def cross(weights: dict[str, Array], states: Array, embedded: Array) -> list[Array]:
    scores = np.array([[h @ weights["weight"] @ c for c in embedded] for h in states])
    v = [shares(row) @ embedded for row in scores]
    u = [shares(column) @ states for column in scores.T]
    return [np.concatenate(four) for four in zip(states, embedded, v, u, strict=True)]


BY_HAND: dict[type[nn.Module], Callable[[dict[str, Array], Array, Array], list[Array]]] = {
    Additive: additive,
    MultiHead: multi_head,
    Cross: cross,
}
every_attention = pytest.mark.parametrize("part", SETTINGS)


@every_attention
def test_an_attention_is_its_equations_taken_step_by_step(part: type[nn.Module]) -> None:
    network = made(part)
    states, embedded, real = inputs(3, 6)
    weights = {name: weight.detach().numpy() for name, weight in network.named_parameters()}
    found = network(states, embedded, real)
    for row in range(3):
        expected = BY_HAND[part](weights, states[row, real[row]].numpy(), embedded[row, real[row]].numpy())
        np.testing.assert_allclose(found[row, real[row]].detach(), expected, atol=1e-12)


@every_attention
def test_the_gradients_are_those_that_small_steps_show(part: type[nn.Module]) -> None:
    network = made(part)
    names, weights = zip(*network.named_parameters(), strict=True)
    states, embedded, real = inputs(2, 3)

    def output(states: Tensor, embedded: Tensor, *weights: Tensor) -> Tensor:
        return torch.func.functional_call(network, dict(zip(names, weights, strict=True)), (states, embedded, real))[
            real
        ]

    assert torch.autograd.gradcheck(output, (states.requires_grad_(), embedded.requires_grad_(), *weights))


@every_attention
def test_the_exported_graph_equals_torch_at_every_shape(part: type[nn.Module], tmp_path: Path) -> None:
    export_and_compare(made(part).float(), (SIZE, EMBEDDED), tmp_path / "part.onnx")


@pytest.mark.parametrize(
    ("part", "weight"), [(Additive, "linear.weight"), (MultiHead, "queries.weight"), (Cross, "weight")]
)
def test_where_an_attention_looks_decides_what_it_gives(part: type[nn.Module], weight: str) -> None:
    """As its paper prints it, the cross-attention does not depend on its weights."""
    network = made(part)
    before = network(*(arrays := inputs(2, 4)))
    with torch.no_grad():
        network.get_parameter(weight).neg_()
    difference = (network(*arrays) - before)[arrays[2]].abs()
    assert difference.amax(1).min() > 1e-3  # at every real token


@every_attention
def test_every_token_hears_every_token_of_its_passage(part: type[nn.Module]) -> None:
    network = made(part)
    states, embedded, real = inputs(1, 4)
    output = network(states.requires_grad_(), embedded, real)
    for token in range(4):
        (gradient,) = torch.autograd.grad(output[0, token].square().sum(), states, retain_graph=True)
        assert gradient[0].any(1).all()


@every_attention
def test_a_padded_row_stays_finite(part: type[nn.Module]) -> None:
    states, embedded, real = inputs(2, 3)
    real[1] = False
    assert made(part)(states, embedded, real).isfinite().all()


def test_shares_are_computed_in_full_precision_under_bf16_and_padding_has_none() -> None:
    torch.manual_seed(0)
    scores, real = torch.randn(2, 40).bfloat16(), mask(2, 40)
    with torch.autocast("cpu", torch.bfloat16):
        found = masked_softmax(scores, real, 1)
    assert found.dtype == torch.float32
    assert not found[~real].any()
    expected = scores.float().exp() * real
    torch.testing.assert_close(found, expected / expected.sum(1, keepdim=True))


def test_the_dropout_of_multi_head_attention_rests_after_training() -> None:
    torch.manual_seed(0)
    network, arrays = MultiHead(SIZE, EMBEDDED, dropout=0.5).double(), inputs(2, 4)
    assert not torch.equal(network(*arrays), network(*arrays))
    network.eval()
    assert torch.equal(network(*arrays), network(*arrays))


def test_the_operations_are_counted_and_torch_counts_the_same() -> None:
    """7 tokens; states of width 4, embedded of 5; three heads of 2."""
    assert made(Additive).flops(7) == 2 * 7 * (4 * 4 + 4)
    assert made(MultiHead).flops(7) == 2 * 7 * 4 * 6 * 4 + 2 * (2 * 7 * 7 * 6)
    assert made(Cross).flops(7) == 2 * 7 * 4 * 5 + 2 * 7 * 7 * 5 + 2 * 7 * 7 * 5 + 2 * 7 * 7 * 4
    for part, unseen in ((Additive, 2 * 7 * 4), (MultiHead, 0), (Cross, 0)):  # the sum of a_t * h_t is element-wise
        with FlopCounterMode(display=False) as counter:
            made(part)(*inputs(1, 7))
        assert made(part).flops(7) == counter.get_total_flops() + unseen
