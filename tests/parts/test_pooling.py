"""Every pooling is its formula taken step by step in numpy, over texts of several passages."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.pooling import POOLING, Attention

Array = NDArray[np.float64]
SIZE = 4
every = pytest.mark.parametrize("name", POOLING)


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    pooling = POOLING[name](SIZE, **({"size": 3} if name == "attention" else {}))
    for weight in pooling.parameters():
        nn.init.uniform_(weight, -1, 1)
    return pooling


def texts(count: int, passages: int, tokens: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """States and own tokens: the first text has all passages, of others the last are missing; windows begin later."""
    torch.manual_seed(count + tokens)
    mask = torch.zeros(count, passages, tokens, dtype=torch.bool)
    for n in range(count):
        for p in range(max(1, passages - n)):
            first = 0 if p == 0 else min(p, tokens - 1) // 2
            mask[n, p, first : max(first + 1, tokens - 2 * p - n)] = True
    return torch.randn(count, passages, tokens, SIZE, dtype=dtype), mask


def by_passage(states: Array, mask: NDArray[np.bool_]) -> list[Array]:
    return [states[p][mask[p]] for p in range(len(mask)) if mask[p].any()]


def attention(weights: dict[str, Array], states: Array, mask: NDArray[np.bool_]) -> Array:
    own = np.concatenate(by_passage(states, mask))
    scores = [weights["question.weight"][0] @ np.tanh(weights["key.weight"] @ h + weights["key.bias"]) for h in own]
    shares = np.exp(scores) / np.exp(scores).sum()
    return shares @ own


BY_HAND: dict[str, Callable[[dict[str, Array], Array, NDArray[np.bool_]], Array]] = {
    "mean": lambda _, states, mask: np.concatenate(by_passage(states, mask)).mean(0),
    "max": lambda _, states, mask: np.concatenate(by_passage(states, mask)).max(0),
    "last": lambda _, states, mask: np.mean([own[-1] for own in by_passage(states, mask)], 0),
    "cls": lambda _, states, mask: np.mean([states[p, 0] for p in range(len(mask)) if mask[p].any()], 0),
    "attention": attention,
}


@every
def test_a_pooling_is_its_formula(name: str) -> None:
    pooling = made(name).double()
    states, mask = texts(3, 3, 6)
    weights = {key: weight.detach().numpy() for key, weight in pooling.named_parameters()}
    found = pooling(states, mask).detach().numpy()
    assert found.shape == (3, pooling.output_size)
    for n in range(3):
        expected = BY_HAND[name](weights, states[n].numpy(), mask[n].numpy())
        np.testing.assert_allclose(found[n], expected, atol=1e-12)


@every
def test_what_is_no_own_token_reaches_nothing(name: str) -> None:
    pooling = made(name)
    states, mask = texts(3, 3, 6, torch.float32)
    kept = mask.clone()
    kept[:, :, 0] |= mask.any(2)  # the place of a token that stands for the whole
    dirty = states.masked_fill(~kept.unsqueeze(3), 1e6)
    torch.testing.assert_close(pooling(dirty, mask), pooling(states, mask))


@every
def test_the_gradient_is_that_of_finite_differences(name: str) -> None:
    pooling = made(name).double()
    states, mask = texts(2, 2, 4)
    assert torch.autograd.gradcheck(lambda x: pooling(x, mask), states.requires_grad_(), fast_mode=True)


@every
def test_it_works_in_bf16_on_any_device_and_says_nothing(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    pooling = made(name)
    states, mask = texts(2, 2, 5, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(
            pooling(states.bfloat16(), mask).float(), pooling(states, mask).float(), atol=0.05, rtol=0.05
        )
    assert pooling.to("meta")(states.to("meta"), mask.to("meta")).device.type == "meta"
    assert capfd.readouterr() == ("", "")


@every
def test_an_exported_pooling_equals_torch_at_other_shapes(name: str, tmp_path: Path) -> None:
    pooling = made(name).eval()
    axes = {0: "texts", 1: "passages", 2: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            pooling,
            texts(2, 2, 5, torch.float32),
            str(tmp_path / "part.onnx"),
            input_names=["states", "mask"],
            output_names=["pooled"],
            dynamic_axes={"states": axes, "mask": axes, "pooled": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(tmp_path / "part.onnx")
    for shape in ((1, 1, 1), (3, 2, 17), (5, 4, 9)):
        states, mask = texts(*shape, torch.float32)
        (found,) = session.run(None, {"states": states.numpy(), "mask": mask.numpy()})
        np.testing.assert_allclose(found, pooling(states, mask).detach().numpy(), atol=1e-5)


def test_attention_says_what_share_each_token_has() -> None:
    pooling = made("attention")
    assert isinstance(pooling, Attention)
    states, mask = texts(3, 2, 6, torch.float32)
    pooled, shares = pooling.read(states, mask)
    assert shares.shape == mask.shape
    assert not shares[~mask].any()
    torch.testing.assert_close(shares.sum((1, 2)), torch.ones(3))
    torch.testing.assert_close((shares.unsqueeze(3) * states).sum((1, 2)), pooled)
    torch.testing.assert_close(pooling(states, mask), pooled)


def test_operations_are_counted_as_torch_counts_them() -> None:
    pooling = made("attention")
    states = torch.randn(1, 1, 7, SIZE)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        pooling(states, torch.ones(1, 1, 7, dtype=torch.bool))
    assert pooling.flops(7) == counter.get_total_flops() == 7 * (2 * 4 * 3 + 2 * 3 + 2 * 4)
    assert [made(name).flops(7) for name in POOLING if name != "attention"] == [0] * 4
