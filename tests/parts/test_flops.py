"""Operations are counted as torch counts them where it sees the layer, and by arithmetic where it does not."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.decoders import DECODERS
from epicrisis.parts.embedders import EMBEDDERS, SideBySide
from epicrisis.parts.encoders import ENCODERS
from epicrisis.text import TagCodec

from . import making

BIO = TagCodec(["Drug", "Problem"])
SEEN = ["dilated_cnn", "cnn", "transformer_encoder", "nothing"]
"""Encoders without a layer that torch does not count."""
FREE = ["words", "casing", "lexicon", "hand_features", "nothing", "nearest_neighbour"]
"""Look-ups, and what does nothing, or nothing that is part of a forward pass."""


def counted(function: Any, *arguments: Any) -> int:
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        function(*arguments)
    return counter.get_total_flops()


def passage(tokens: int, size: int = making.SIZE) -> tuple[Tensor, Tensor]:
    return torch.randn(1, tokens, size), torch.ones(1, tokens, dtype=torch.bool)


def words(tokens: int) -> dict[str, Tensor]:
    """Different words of eight characters."""
    return making.inputs([[f"{'b' * 6}{n:02}" for n in range(tokens)]])


def test_every_part_counts_its_operations() -> None:
    parts = {
        **{name: making.embedder(name) for name in EMBEDDERS},
        **{name: making.attention(name) for name in ATTENTION},
        **{name: making.encoder(name) for name in ENCODERS},
        **{name: making.decoder(name, making.codec(name)) for name in DECODERS},
    }
    for name, part in parts.items():
        counts = [part.flops(tokens) for tokens in (1, 10, 20)]
        assert all(type(count) is int for count in counts), name
        assert 10 * counts[0] <= counts[1] <= counts[2] / 2 or name == "questions", name  # which are read beside
        assert bool(counts[0]) == (name not in FREE), name


@pytest.mark.parametrize("tokens", [1, 7, 40])
@pytest.mark.parametrize("name", SEEN)
def test_an_encoder_counts_what_torch_counts(name: str, tokens: int) -> None:
    encoder = making.encoder(name)
    assert encoder.flops(tokens) == counted(encoder, *passage(tokens))


@pytest.mark.parametrize("tokens", [1, 7, 40])
def test_relative_positions_are_counted(tokens: int) -> None:
    encoder = ENCODERS["transformer_encoder"](6, hidden_size=8, heads=2, positions="relative", distance=3)
    assert encoder.flops(tokens) == counted(encoder, *passage(tokens))


@pytest.mark.parametrize("tokens", [1, 7])
@pytest.mark.parametrize("name", sorted(set(EMBEDDERS) - {"transformer", "questions", "lattice", "contextual"}))
def test_an_embedder_counts_what_torch_counts(name: str, tokens: int) -> None:
    embedder, inputs = making.embedder(name), words(tokens)
    if "characters" in inputs:  # torch also reads the empty word, which pads spellings
        inputs["characters"], inputs["spellings"] = inputs["characters"][1:, :8], inputs["spellings"] - 1
    assert embedder.flops(tokens) == counted(embedder, inputs)


@pytest.mark.parametrize("name", DECODERS)
def test_a_decoder_counts_its_scores_at_least(name: str) -> None:
    """What numpy multiplies for it beside, the decoder's own test counts."""
    decoder = making.decoder(name, making.codec(name))
    expected = counted(decoder.scores, passage(7)[0])
    assert decoder.flops(7) == expected if name != "biaffine" else decoder.flops(7) > expected
    if name in ("crf", "softmax"):
        assert expected == 2 * 7 * making.SIZE * len(BIO)


def test_transformers_products_are_these() -> None:
    encoder = ENCODERS["transformer_encoder"](6, hidden_size=8, heads=2, layers=3, feed_forward=10)
    layer = 7 * 8 * 24 + 7 * 7 * 8 + 7 * 7 * 8 + 7 * 8 * 8 + 7 * 8 * 10 + 7 * 10 * 8
    assert encoder.flops(7) == 2 * (7 * 6 * 8 + 3 * layer)


def test_convolutions_products_are_these() -> None:
    cnn = ENCODERS["cnn"](6, hidden_size=4, layers=2, widths=(1, 3))
    assert cnn.flops(7) == 2 * 7 * (6 * 4 * 1 + 6 * 4 * 3 + 8 * 4 * 1 + 8 * 4 * 3)
    dilated = ENCODERS["dilated_cnn"](6, hidden_size=4, width=5, dilations=(1, 2), iterations=3)
    assert dilated.flops(7) == 2 * 7 * (6 * 4 * 5 + 3 * (4 * 4 * 5 + 4 * 4 * 5))
    characters = EMBEDDERS["character_cnn"](20, size=5, filters=4, widths=(1, 3))
    assert characters.flops(7) == 2 * 7 * 8 * (5 * 4 * 1 + 5 * 4 * 3)


@pytest.mark.parametrize(("name", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_the_products_of_a_recurrence_are_these(name: str, gates: int) -> None:
    encoder = ENCODERS[name](6, hidden_size=4, layers=2)
    assert encoder.flops(7) == 2 * 7 * gates * ((6 * 4 + 4 * 4) + (4 * 4 + 4 * 4))


@pytest.mark.parametrize(("name", "gates"), [("bilstm", 4), ("bigru", 3)])
def test_both_directions_count(name: str, gates: int) -> None:
    encoder = ENCODERS[name](6, hidden_size=4, layers=2)
    assert encoder.flops(7) == 2 * 7 * gates * 2 * ((6 * 4 + 4 * 4) + (8 * 4 + 4 * 4))


def test_embedders_side_by_side_count_together() -> None:
    embedders = {name: making.embedder(name) for name in EMBEDDERS}
    assert SideBySide(embedders).flops(7) == sum(embedder.flops(7) for embedder in embedders.values()) > 0
