"""cnn and dilated_cnn."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from epicrisis.parts.encoders import CNN, DilatedCNN

LENGTHS = [7, 4, 1]
MASK = torch.arange(7) < torch.tensor(LENGTHS).unsqueeze(1)

Array = NDArray[np.float64]


def randomised(encoder: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for weight in encoder.parameters():
        nn.init.normal_(weight, 0, 0.5)
    return encoder


def convolved(tokens: Array, layer: nn.Module, dilation: int = 1) -> Array:
    """(T, E) -> (T, filters), one multiplication at a time"""
    weight, bias = layer.weight.detach().numpy().astype(float), layer.bias.detach().numpy().astype(float)
    width = weight.shape[2]
    found = np.tile(bias, (len(tokens), 1))
    for middle in range(len(tokens)):
        for place in range(width):
            at = middle + (place - width // 2) * dilation
            if 0 <= at < len(tokens):
                found[middle] += weight[:, :, place] @ tokens[at]
    return found


def passages(embedded: Tensor) -> list[Array]:
    return [row[:length].numpy().astype(float) for row, length in zip(embedded, LENGTHS, strict=True)]


@pytest.mark.parametrize("widths", [(1,), (3,), (5, 1, 3)])
@pytest.mark.parametrize("layers", [1, 3])
def test_a_cnn_is_convolutions_and_rectifiers_done_step_by_step(widths: tuple[int, ...], layers: int) -> None:
    encoder = randomised(CNN(4, hidden_size=3, layers=layers, widths=widths, dropout=0.0))
    embedded = torch.randn(3, 7, 4)
    found = encoder(embedded, MASK)
    assert found.shape == (3, 7, 3 * len(widths))
    for row, tokens in enumerate(passages(embedded)):
        for filters in encoder.layers:
            tokens = np.maximum(np.concatenate([convolved(tokens, one) for one in filters], 1), 0)
        np.testing.assert_allclose(found[row, : len(tokens)].detach(), tokens, atol=1e-5)


@pytest.mark.parametrize(("width", "dilations", "iterations"), [(3, (1, 2, 1), 3), (3, (1, 1, 2), 1), (5, (2,), 2)])
def test_a_dilated_cnn_is_its_block_again_and_again(width: int, dilations: tuple[int, ...], iterations: int) -> None:
    encoder = DilatedCNN(4, hidden_size=3, width=width, dilations=dilations, iterations=iterations, dropout=0.0)
    embedded = randomised(encoder) and torch.randn(3, 7, 4)
    found = encoder(embedded, MASK)
    for row, tokens in enumerate(passages(embedded)):
        tokens = convolved(tokens, encoder.input)
        for _ in range(iterations):
            for layer, dilation in zip(encoder.block, dilations, strict=True):
                tokens = np.maximum(convolved(tokens, layer, dilation), 0)
        np.testing.assert_allclose(found[row, : len(tokens)].detach(), tokens, rtol=1e-4, atol=1e-4)


def test_iterations_share_their_weights() -> None:
    one, many = DilatedCNN(4, hidden_size=3, iterations=1), DilatedCNN(4, hidden_size=3, iterations=9)
    assert [w.shape for w in one.parameters()] == [w.shape for w in many.parameters()]


def test_the_block_begins_as_the_identity() -> None:
    encoder, embedded = DilatedCNN(4, hidden_size=3, dropout=0.0), torch.randn(3, 7, 4)
    clean = embedded.masked_fill(~MASK.unsqueeze(2), 0.0).transpose(1, 2)
    expected = encoder.input(clean).relu().transpose(1, 2)
    torch.testing.assert_close(encoder(embedded, MASK)[MASK], expected[MASK])


@pytest.mark.parametrize(
    ("encoder", "sides"),
    [
        (CNN(4, layers=2), 2),
        (CNN(4, layers=3, widths=(1, 5)), 6),
        (DilatedCNN(4), 1 + 3 * 4),  # as the docstring says
        (DilatedCNN(4, dilations=(1, 1, 2), iterations=4), 1 + 4 * 4),
        (DilatedCNN(4, width=5, dilations=(3,), iterations=1), 2 + 6),
    ],
)
def test_a_state_knows_so_many_tokens_on_either_side(encoder: nn.Module, sides: int) -> None:
    randomised(encoder).eval()
    for weight in encoder.parameters():
        nn.init.uniform_(weight, 0.01, 0.02)  # no rectifier hides a token
    embedded = torch.rand(1, 41, 4, requires_grad=True)
    states = encoder(embedded, torch.ones(1, 41, dtype=torch.bool))
    (gradient,) = torch.autograd.grad(states[0, 20].sum(), embedded)
    assert gradient[0].abs().sum(1).nonzero().flatten().tolist() == list(range(20 - sides, 21 + sides))


@pytest.mark.parametrize("encoder", [CNN(4, hidden_size=9), DilatedCNN(4, hidden_size=9)])
def test_dropout_works_in_training_alone(encoder: nn.Module) -> None:
    torch.manual_seed(0)
    embedded = torch.randn(3, 7, 4)
    assert not torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))
    encoder.eval()
    assert torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))


def test_a_filter_needs_a_middle() -> None:
    with pytest.raises(ValueError, match="the widths of a CNN are odd"):
        CNN(4, widths=(3, 2))
    with pytest.raises(ValueError, match="the width of a dilated CNN is odd"):
        DilatedCNN(4, width=2)
