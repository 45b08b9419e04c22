"""What every part promises: being in a table is being tested."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from epicrisis.decoding import DECODERS as WAYS_OUT
from epicrisis.encoding import INDEXERS
from epicrisis.models import Tagger
from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.decoders import DECODERS, NearestNeighbour, SpanMatch
from epicrisis.parts.embedders import EMBEDDERS, SideBySide
from epicrisis.parts.encoders import ENCODERS
from epicrisis.text import Codec

from . import making

PARTS = [
    *itertools.product(["embedder"], EMBEDDERS),
    *itertools.product(["encoder"], ENCODERS),
    *itertools.product(["attention"], ATTENTION),
    *itertools.product(["decoder"], DECODERS),
]


def tagger(codec: Codec | None = None, **parts: str) -> Tagger:
    """The plainest network that holds the parts."""
    out = parts.get("decoder", "crf")
    torch.manual_seed(1)
    embedder = SideBySide({name: making.embedder(name) for name in parts.get("embedder", "words").split()})
    plain = "bilstm" if out == "nearest_neighbour" else "nothing"  # its ReLU learns nothing from words that are all 0
    encoder = making.encoder(parts.get("encoder", plain), embedder.output_size)
    attention = making.attention(parts.get("attention", "nothing"), encoder.output_size, embedder.output_size)
    decoder = making.decoder(out, codec or making.codec(out), attention.output_size)
    return Tagger(embedder, encoder, attention, decoder)


@pytest.fixture(params=PARTS, ids="-".join)
def part(request: pytest.FixtureRequest) -> dict[str, str]:
    family, name = request.param
    return {family: name}


@pytest.fixture(params=DECODERS)
def decoder(request: pytest.FixtureRequest) -> tuple[nn.Module, Tensor]:
    """A decoder and what it is to learn."""
    torch.manual_seed(1)
    codec = making.codec(request.param)
    return making.decoder(request.param, codec), making.targets(codec)


def codec_of(part: dict[str, str]) -> Codec:
    return making.codec(part.get("decoder", "crf"))


def found(network: Tagger, name: str, codec: Codec, inputs: dict[str, Tensor]) -> list[list[Any]]:
    """What the numpy half of the decoder reads off the scores."""
    if isinstance(network.decoder, NearestNeighbour):
        mask = inputs["mask"]
        network.decoder.remember(network(inputs)[mask], making.targets(codec)[mask])
    weights = {key: weight.detach().numpy() for key, weight in network.decoder_weights().items()}
    with torch.inference_mode():
        scores = network.eval()(inputs).numpy()
    return [
        [(m.first, m.after, m.type) for m in row]
        for row in WAYS_OUT[name](codec, weights).decode(scores, inputs["mask"].numpy())
    ]


def test_an_embedder_and_its_indexer_have_one_name() -> None:
    assert set(EMBEDDERS) == set(INDEXERS)


def test_the_two_halves_of_a_decoder_have_one_name() -> None:
    assert {*DECODERS, "template"} == set(WAYS_OUT)  # whose torch half is a network of its own


def test_every_part_says_how_wide_its_output_is() -> None:
    inputs = making.inputs()
    for name in EMBEDDERS:
        embedder = making.embedder(name)
        assert embedder(inputs).shape == (2, 6, embedder.output_size)
    states = torch.randn(2, 6, making.SIZE)
    for name in ENCODERS:
        encoder = making.encoder(name)
        assert encoder(states, inputs["mask"]).shape == (2, 6, encoder.output_size)
    for name in ATTENTION:
        attention = making.attention(name)
        assert attention(states, states, inputs["mask"]).shape == (2, 6, attention.output_size)
    for name in DECODERS:
        assert making.decoder(name, making.codec(name)).scores(states).shape[:2] == (2, 6)


def test_padding_changes_no_score(part: dict[str, str]) -> None:
    network = tagger(**part).eval()
    together = network(making.inputs())
    for row, passage in enumerate(making.WORDS):
        alone = network(making.inputs([passage]))[0]
        torch.testing.assert_close(together[row, : len(passage)], alone)


@pytest.mark.parametrize("name", ENCODERS)
def test_what_stands_in_the_padding_reaches_no_state_of_an_encoder(name: str) -> None:
    encoder = making.encoder(name).eval()
    mask = making.inputs()["mask"]
    clean = torch.randn(2, 6, making.SIZE)
    dirty = clean.masked_fill(~mask.unsqueeze(2), 1e4)
    torch.testing.assert_close(encoder(dirty, mask)[mask], encoder(clean, mask)[mask])


@pytest.mark.parametrize("name", ATTENTION)
def test_what_stands_in_the_padding_reaches_no_state_of_an_attention(name: str) -> None:
    attention = making.attention(name).eval()
    mask = making.inputs()["mask"]
    clean = torch.randn(2, 6, making.SIZE)
    dirty = clean.masked_fill(~mask.unsqueeze(2), 1e4)
    torch.testing.assert_close(attention(dirty, dirty, mask)[mask], attention(clean, clean, mask)[mask])


@pytest.mark.parametrize("name", ENCODERS)
def test_the_gradient_of_an_encoder_is_that_of_finite_differences(name: str) -> None:
    torch.manual_seed(1)
    encoder, mask = making.encoder(name).double(), making.inputs()["mask"]
    for weight in encoder.parameters():
        torch.nn.init.normal_(weight, 0, 0.5)
    embedded = torch.randn(2, 6, making.SIZE, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: encoder(x, mask)[mask], embedded, fast_mode=True)


def test_a_batchs_loss_is_the_sum_of_its_passages_losses_and_padding_gets_no_gradient(
    decoder: tuple[Any, Tensor],
) -> None:
    half, targets = decoder
    if isinstance(half, NearestNeighbour):
        pytest.skip("it compares the tokens of a batch, wherever they stand")
    mask = making.inputs()["mask"]
    scores = making.random_scores(half, 2, 6).masked_fill(~mask.unsqueeze(2), 1e4).requires_grad_()
    together = half.loss(scores, mask, targets)
    alone = [
        half.loss(scores[n : n + 1, :length], mask[n : n + 1, :length], targets[n : n + 1, :length])
        for n, length in ((0, 6), (1, 4))
    ]
    torch.testing.assert_close(together, sum(alone))
    (gradient,) = torch.autograd.grad(together, scores)
    assert not gradient[~mask].any()
    assert gradient[mask].any(1).all() if isinstance(half, SpanMatch) else gradient[mask].all()


def test_the_gradient_of_a_loss_is_what_small_steps_show(decoder: tuple[Any, Tensor]) -> None:
    """The loss is computed in 32 bits: the steps are not all that small."""
    half, targets = decoder
    mask = making.inputs()["mask"]
    scores = making.random_scores(half, 2, 6).requires_grad_()
    places = [scores, *half.weights().values()]
    for place in places[1:]:
        nn.init.normal_(place, 0, 0.3)
    gradients = torch.autograd.grad(half.loss(scores, mask, targets), places)
    for place, gradient in zip(places, gradients, strict=True):
        for _ in range(4):
            step = torch.randn_like(place)
            step *= 0.03 / step.norm()
            with torch.no_grad():
                place.add_(step)
                there = half.loss(scores, mask, targets)
                place.sub_(2 * step)
                back = half.loss(scores, mask, targets)
                place.add_(step)
            torch.testing.assert_close(there - back, 2 * (gradient * step).sum(), rtol=0.02, atol=1e-4)


def test_every_weight_gets_a_gradient(part: dict[str, str]) -> None:
    network, inputs = tagger(**part), making.inputs()
    network.loss(inputs, inputs["mask"], making.targets(codec_of(part))).backward()
    for name, weight in network.named_parameters():
        if not weight.requires_grad:
            assert weight.grad is None, name
            continue
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
        assert weight.grad.any(), name


def test_two_passages_are_learned_by_heart(part: dict[str, str]) -> None:
    """The loss teaches what decoding reads, in every way that a codec can be made."""
    if part == {"embedder": "casing"}:
        part = {"embedder": "casing words"}  # alone it cannot tell the words apart
    if part == {"decoder": "span_match"}:
        part |= {"embedder": "words character_cnn"}  # a word that no training reaches is alike to all questions
    out = part.get("decoder", "crf")
    for codec in making.codecs(out):
        network, inputs, targets = tagger(codec, **part), making.inputs(), making.targets(codec)
        optimizer = torch.optim.Adam(network.parameters(), 0.03)
        for _ in range(100):
            optimizer.zero_grad()
            network.loss(inputs, inputs["mask"], targets).backward()
            optimizer.step()
        assert found(network, out, codec, inputs) == making.MENTIONS, codec.settings


def test_the_loss_is_computed_in_full_precision_under_bf16(decoder: tuple[Any, Tensor]) -> None:
    half, targets = decoder
    mask = making.inputs()["mask"]
    scores = making.random_scores(half, 2, 6).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = half.loss(scores, mask, targets)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, half.loss(scores.float(), mask, targets), rtol=1e-6, atol=1e-6)


def test_every_part_works_under_bf16(part: dict[str, str]) -> None:
    network, inputs, targets = tagger(**part), making.inputs(), making.targets(codec_of(part))
    expected = network.loss(inputs, inputs["mask"], targets)
    with torch.autocast("cpu", torch.bfloat16):
        loss = network.loss(inputs, inputs["mask"], targets)
    loss.backward()
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0.02)
    assert all(weight.grad.isfinite().all() for weight in network.parameters() if weight.requires_grad)


def test_a_part_stays_on_one_device_and_says_nothing(part: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    if part.get("embedder") in ("transformer", "questions"):
        pytest.skip("the library looks at the values of a mask, and on this device there are none")
    network = tagger(**part).to("meta")
    inputs = {name: array.to("meta") for name, array in making.inputs().items()}
    assert network(inputs).device.type == "meta"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("order", [["words", "casing"], ["casing", "words"]])
def test_embedders_stand_side_by_side_in_their_order(order: list[str]) -> None:
    inputs, embedders = making.inputs(), {name: making.embedder(name) for name in order}
    together = SideBySide(embedders)
    expected = torch.cat([embedders[name](inputs) for name in order], -1)
    assert together.output_size == expected.shape[-1] == making.SIZE + 4
    torch.testing.assert_close(together(inputs), expected)


def test_nothing_does_nothing() -> None:
    states, mask = torch.randn(2, 6, making.SIZE), making.inputs()["mask"]
    assert making.encoder("nothing")(states, mask) is states
    assert making.attention("nothing")(states, torch.randn(2, 6, 3), mask) is states
    assert isinstance(making.encoder("nothing"), nn.Module)
