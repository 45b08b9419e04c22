"""The heads of a classifier: what they score and learn, against the plain formulas."""

import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from epicrisis.parts.heads import HEADS, Ordinal

COLUMNS = {"classes": 3, "ordinal": 4, "intensity": 1, "topics": 2}
WIDTH = {"classes": 1, "ordinal": 1, "intensity": 1, "topics": 2}
every = pytest.mark.parametrize("name", HEADS)


class _Scores(nn.Module):
    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, pooled: Tensor) -> Tensor:
        return self.head.scores(pooled)  # type: ignore[operator]


def made(name: str) -> nn.Module:
    torch.manual_seed(1)
    head = HEADS[name](5, COLUMNS[name], dropout=0.0)
    for weight in head.parameters():
        nn.init.normal_(weight)
    return head


def targets(name: str) -> tuple[Tensor, Tensor]:
    """Of four texts; of the last nothing is known."""
    known = torch.tensor([[1.0], [0.5], [2.0], [0.0]]).expand(4, WIDTH[name])
    numbers = {"classes": [[0], [2], [1], [0]], "ordinal": [[3], [0], [1], [0]]}
    numbers |= {"intensity": [[-1.0], [0.3], [2.0], [0.0]], "topics": [[1, 0], [0, 0], [1, 1], [0, 0]]}
    return torch.tensor(numbers[name], dtype=torch.float32), known.clone()


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def test_ordinal_scores_are_logarithms_of_the_proportional_odds() -> None:
    head = made("ordinal")
    assert isinstance(head, Ordinal)
    pooled = 3 * torch.randn(6, 5)
    ends = [-np.inf, *head.thresholds().detach().tolist(), np.inf]
    assert ends == sorted(ends)
    for row, x in zip(head.scores(pooled).detach(), pooled, strict=True):
        place = float((head.output.weight[0] @ x).detach())
        expected = [sigmoid(b - place) - sigmoid(a - place) for a, b in pairwise(ends)]
        np.testing.assert_allclose(row.exp(), expected, atol=1e-5)
        assert row.exp().sum() == pytest.approx(1, abs=1e-5)


def test_ordinal_probabilities_keep_their_logarithm_far_from_the_thresholds() -> None:
    head = made("ordinal")
    pooled = 60 * torch.nn.functional.normalize(head.output.weight.detach())  # type: ignore[union-attr,arg-type]
    scores = head.scores(torch.cat([pooled, -pooled]))  # type: ignore[operator]
    assert torch.isfinite(scores).all()
    assert scores.argmax(1).tolist() == [3, 0]


def by_hand(name: str, scores: Tensor, wanted: Tensor, weights: Tensor) -> float:
    total = 0.0
    for row, target, weight in zip(scores.tolist(), wanted.tolist(), weights.tolist(), strict=True):
        if name == "topics":
            shares = [sigmoid(one) for one in row]
            total -= sum(w * np.log(p if t else 1 - p) for p, t, w in zip(shares, target, weight, strict=True))
        elif name == "intensity":
            total += weight[0] * 0.5 * (row[0] - target[0]) ** 2
        else:
            total -= weight[0] * np.log(np.exp(row[int(target[0])]) / np.exp(row).sum())
    return total


@every
def test_a_loss_is_its_formula_and_texts_of_which_nothing_is_known_teach_nothing(name: str) -> None:
    head = made(name)
    pooled = torch.randn(4, 5, requires_grad=True)
    loss = head.loss(head.scores(pooled), *targets(name))  # type: ignore[operator]
    assert loss.shape == ()
    assert loss.item() == pytest.approx(by_hand(name, head.scores(pooled), *targets(name)), rel=1e-4)  # type: ignore[operator]
    loss.backward()
    assert pooled.grad is not None
    assert not pooled.grad[3].any()
    assert pooled.grad[:3].any(1).all()
    assert all(weight.grad is not None and weight.grad.any() for weight in head.parameters())


@every
def test_gradients_are_those_of_finite_differences_and_losses_are_in_32_bits(name: str) -> None:
    head = made(name)
    pooled = torch.randn(4, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(head.loss(head.scores(pooled), *targets(name)), pooled)  # type: ignore[operator]
    step = 0.01 * torch.nn.functional.normalize(torch.randn(4, 5), dim=None)
    with torch.no_grad():
        there, back = (head.loss(head.scores(pooled + sign * step), *targets(name)) for sign in (1, -1))  # type: ignore[operator]
    torch.testing.assert_close(there - back, 2 * (gradient * step).sum(), rtol=0.05, atol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        assert head.loss(head.scores(pooled), *targets(name)).dtype == torch.float32  # type: ignore[operator]


@every
def test_a_head_learns_its_targets(name: str) -> None:
    head, pooled = made(name), torch.randn(3, 5)
    wanted, weights = (table[:3] for table in targets(name))
    optimizer = torch.optim.Adam(head.parameters(), 0.1)
    for _ in range(300):
        optimizer.zero_grad()
        head.loss(head.scores(pooled), wanted, weights).backward()  # type: ignore[operator]
        optimizer.step()
    scores = head.scores(pooled)  # type: ignore[operator]
    if name == "intensity":
        torch.testing.assert_close(scores, wanted, atol=0.01, rtol=0)
    elif name == "topics":
        assert torch.equal((scores > 0).float(), wanted)
    else:
        assert torch.equal(scores.argmax(1), wanted[:, 0].long())


@every
def test_a_head_can_be_exported_and_counts_its_operations(name: str, tmp_path: Path) -> None:
    head = made(name).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Scores(head),
            (torch.randn(2, 5),),
            str(tmp_path / "head.onnx"),
            input_names=["pooled"],
            output_names=["scores"],
            dynamic_axes={"pooled": {0: "texts"}, "scores": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(tmp_path / "head.onnx")
    for count in (1, 3, 7):
        pooled = torch.randn(count, 5)
        (found,) = session.run(None, {"pooled": pooled.numpy()})
        np.testing.assert_allclose(found, head.scores(pooled).detach(), atol=1e-5)  # type: ignore[operator]
    assert head.flops() == 2 * 5 * (1 if name == "ordinal" else COLUMNS[name])  # type: ignore[operator]
