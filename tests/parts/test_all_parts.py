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
from epicrisis.parts.decoders import DECODERS
from epicrisis.parts.embedders import EMBEDDERS, SideBySide
from epicrisis.parts.encoders import ENCODERS
from epicrisis.text import SCHEMES, TagCodec

from . import making

BIO = TagCodec(["Drug", "Problem"], scheme="bio")
PARTS = [
    *itertools.product(["embedder"], EMBEDDERS),
    *itertools.product(["encoder"], ENCODERS),
    *itertools.product(["attention"], ATTENTION),
    *itertools.product(["decoder"], DECODERS),
]


def tagger(codec: TagCodec = BIO, **parts: str) -> Tagger:
    """The plainest network that holds the parts."""
    torch.manual_seed(1)
    embedder = SideBySide({name: making.embedder(name) for name in parts.get("embedder", "words").split()})
    encoder = making.encoder(parts.get("encoder", "nothing"), embedder.output_size)
    attention = making.attention(parts.get("attention", "nothing"), encoder.output_size, embedder.output_size)
    decoder = making.decoder(parts.get("decoder", "crf"), codec, attention.output_size)
    return Tagger(embedder, encoder, attention, decoder)


@pytest.fixture(params=PARTS, ids="-".join)
def part(request: pytest.FixtureRequest) -> dict[str, str]:
    family, name = request.param
    return {family: name}


def found(network: Tagger, name: str, codec: TagCodec, inputs: dict[str, Tensor]) -> list[list[Any]]:
    """What the numpy half of the decoder reads off the scores."""
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
    assert set(DECODERS) == set(WAYS_OUT)


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
        assert making.decoder(name, BIO).scores(states).shape == (2, 6, len(BIO))


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


@pytest.mark.parametrize("name", DECODERS)
def test_a_batchs_loss_is_the_sum_of_its_passages_losses_and_padding_gets_no_gradient(name: str) -> None:
    torch.manual_seed(1)
    decoder, mask, tags = making.decoder(name, BIO), making.inputs()["mask"], making.targets(BIO)
    scores = torch.randn(2, 6, len(BIO)).masked_fill(~mask.unsqueeze(2), 1e4).requires_grad_()
    together = decoder.loss(scores, mask, tags)
    alone = [
        decoder.loss(scores[n : n + 1, :length], mask[n : n + 1, :length], tags[n : n + 1, :length])
        for n, length in ((0, 6), (1, 4))
    ]
    torch.testing.assert_close(together, sum(alone))
    (gradient,) = torch.autograd.grad(together, scores)
    assert not gradient[~mask].any()
    assert gradient[mask].all()


def test_every_weight_gets_a_gradient(part: dict[str, str]) -> None:
    network, inputs = tagger(**part), making.inputs()
    network.loss(inputs, inputs["mask"], making.targets(BIO)).backward()
    for name, weight in network.named_parameters():
        if not weight.requires_grad:
            assert weight.grad is None, name
            continue
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
        assert weight.grad.any(), name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_passages_are_learned_by_heart(part: dict[str, str], scheme: str) -> None:
    """The loss teaches what decoding reads."""
    if part == {"embedder": "casing"}:
        part = {"embedder": "casing words"}  # alone it cannot tell the words apart
    codec = TagCodec(["Drug", "Problem"], scheme=scheme)
    network, inputs, tags = tagger(codec, **part), making.inputs(), making.targets(codec)
    optimizer = torch.optim.Adam(network.parameters(), 0.1)
    for _ in range(40):
        optimizer.zero_grad()
        network.loss(inputs, inputs["mask"], tags).backward()
        optimizer.step()
    assert found(network, part.get("decoder", "crf"), codec, inputs) == making.MENTIONS


@pytest.mark.parametrize("name", DECODERS)
def test_the_loss_is_computed_in_full_precision_under_bf16(name: str) -> None:
    torch.manual_seed(1)
    decoder, mask, tags = making.decoder(name, BIO), making.inputs()["mask"], making.targets(BIO)
    scores = torch.randn(2, 6, len(BIO)).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        loss = decoder.loss(scores, mask, tags)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, decoder.loss(scores.float(), mask, tags), rtol=1e-6, atol=1e-6)


def test_every_part_works_under_bf16(part: dict[str, str]) -> None:
    network, inputs, tags = tagger(**part), making.inputs(), making.targets(BIO)
    expected = network.loss(inputs, inputs["mask"], tags)
    with torch.autocast("cpu", torch.bfloat16):
        loss = network.loss(inputs, inputs["mask"], tags)
    loss.backward()
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.02, atol=0.02)
    assert all(weight.grad.isfinite().all() for weight in network.parameters() if weight.requires_grad)


def test_a_part_stays_on_one_device_and_says_nothing(part: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
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
