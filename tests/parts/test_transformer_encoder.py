from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from epicrisis.parts.encoders import TransformerEncoder
from epicrisis.parts.encoders.transformer_encoder import sinusoids

from .exporting import largest_difference

LENGTHS = [7, 4, 1]
MASK = torch.arange(7) < torch.tensor(LENGTHS).unsqueeze(1)
SETTINGS: dict[str, Any] = {"hidden_size": 8, "heads": 2, "layers": 2, "feed_forward": 12, "dropout": 0.0}


def made(**settings: Any) -> TransformerEncoder:
    torch.manual_seed(0)
    encoder = TransformerEncoder(4, **{**SETTINGS, **settings})
    for weight in encoder.parameters():
        nn.init.normal_(weight, 0, 0.5)
    return encoder


def test_with_absolute_positions_its_layers_are_torchs_own() -> None:
    ours, embedded = made(), torch.randn(3, 7, 4)
    states = ours.input(embedded) + sinusoids(torch.empty(1, 7, 8))
    for layer in ours.layers:
        theirs = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, batch_first=True)
        pairs = {
            "self_attn.in_proj_": layer.attention.projected,
            "self_attn.out_proj.": layer.attention.output,
            "linear1.": layer.network[0],
            "linear2.": layer.network[2],
            "norm1.": layer.attention_norm,
            "norm2.": layer.network_norm,
        }
        copied = {f"{name}{kind}": w for name, module in pairs.items() for kind, w in module.named_parameters()}
        theirs.load_state_dict(copied)
        states = theirs(states, src_key_padding_mask=~MASK)
    torch.testing.assert_close(ours(embedded, MASK)[MASK], states[MASK])


def test_positions_are_sines_and_cosines_of_the_place() -> None:
    for size in (1, 5, 8):
        expected = [
            [
                (np.cos if column % 2 else np.sin)(place / 10_000 ** ((column - column % 2) / size))
                for column in range(size)
            ]
            for place in range(50)
        ]
        np.testing.assert_allclose(sinusoids(torch.empty(2, 50, size)), expected, atol=1e-5)


def test_relative_positions_are_a_vector_for_the_distance_added_to_the_key() -> None:
    """One layer of attention, a pair of tokens at a time."""
    encoder, size, distance = made(positions="relative", distance=2), 4, 2
    attention = encoder.layers[0].attention
    states = torch.randn(3, 7, 8)
    found = attention(states, MASK).detach().numpy()
    weight, bias, table, out, out_bias = (
        w.detach().double().numpy()
        for w in (
            attention.projected.weight,
            attention.projected.bias,
            attention.distances,
            attention.output.weight,
            attention.output.bias,
        )
    )
    for row, length in enumerate(LENGTHS):
        queries, keys, values = np.split(states[row, :length].double().numpy() @ weight.T + bias, 3, 1)
        for here in range(length):
            heads = []
            for head in (slice(0, size), slice(size, 2 * size)):
                scores = [
                    queries[here, head]
                    @ (keys[there, head] + table[np.clip(there - here, -distance, distance) + 2])
                    / 2
                    for there in range(length)
                ]
                shares = np.exp(scores) / np.exp(scores).sum()
                heads.append(shares @ values[:, head])
            np.testing.assert_allclose(found[row, here], out @ np.concatenate(heads) + out_bias, atol=1e-5)


@pytest.mark.parametrize("positions", ["absolute", "relative"])
def test_the_order_of_the_tokens_matters(positions: str) -> None:
    encoder, embedded = made(positions=positions), torch.randn(1, 6, 4)
    mask = torch.ones(1, 6, dtype=torch.bool)
    turned = encoder(embedded.flip(1), mask).flip(1)
    assert (encoder(embedded, mask) - turned).abs().max() > 0.01


def test_relative_positions_keep_every_promise_of_a_part(tmp_path: Path) -> None:
    """Those that the shared tests look after where positions are absolute."""
    encoder = made(positions="relative", distance=2)
    embedded = torch.randn(3, 7, 4)
    together = encoder(embedded.masked_fill(~MASK.unsqueeze(2), 1e4), MASK)
    for row, length in enumerate(LENGTHS):
        alone = encoder(embedded[row : row + 1, :length], torch.ones(1, length, dtype=torch.bool))
        torch.testing.assert_close(together[row, :length], alone[0])
    together[MASK].square().sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in encoder.parameters())
    exact = made(positions="relative", distance=2).double()
    tokens = torch.randn(3, 7, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: exact(x, MASK)[MASK], tokens, fast_mode=True)
    assert largest_difference(encoder, [4], tmp_path) < 1e-4


@pytest.mark.parametrize("positions", ["absolute", "relative"])
def test_a_passage_longer_than_any_before_can_be_read(positions: str) -> None:
    encoder = made(positions=positions, distance=3)
    assert encoder(torch.randn(1, 700, 4), torch.ones(1, 700, dtype=torch.bool)).isfinite().all()


def test_dropout_works_in_training_alone() -> None:
    encoder, embedded = made(dropout=0.5), torch.randn(3, 7, 4)
    assert not torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))
    encoder.eval()
    assert torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))


def test_what_cannot_be_made_says_why() -> None:
    with pytest.raises(ValueError, match="hidden_size 8 cannot be shared by 3 heads"):
        made(heads=3)
    with pytest.raises(ValueError, match="positions are absolute or relative, not 'learned'"):
        made(positions="learned")
