import pytest
import torch

from epicrisis.encoding import encode
from epicrisis.models import Tagger, fit_indexers, make_tagger, parts_and_settings
from epicrisis.models.tagger import _own_first
from epicrisis.parts.decoders import DECODERS
from epicrisis.recipe import check_recipe
from epicrisis.text import Codec

WORDS = [["no", "pain", "or", "fever", "today"], ["on", "aspirin"], ["well", "again", "."]]
OWN = torch.tensor([[0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0]], dtype=torch.bool)


@pytest.fixture(params=DECODERS)
def tagger(request: pytest.FixtureRequest) -> tuple[Tagger, Codec, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    model = {
        "embedder": [{"type": "words", "size": 5}],
        "encoder": {"type": "bilstm", "hidden_size": 3, "dropout": 0.0},
        "decoder": {"type": request.param},
    }
    recipe, indexers, _ = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), WORDS)
    network, codec = make_tagger(recipe, indexers, ["Drug", "Problem"])
    inputs = {name: torch.from_numpy(array) for name, array in encode(WORDS, indexers.values()).items()}
    return network, codec, inputs


def test_own_tokens_come_first_in_their_row() -> None:
    scores = torch.arange(15.0).reshape(3, 5, 1)
    targets = torch.arange(15).reshape(3, 5)
    moved, mask, tags = _own_first(scores, OWN, targets)
    assert mask.tolist() == [[True, True, True, False, False], [True, True] + [False] * 3, [True] + [False] * 4]
    assert moved.squeeze(2)[mask].tolist() == [1, 2, 3, 5, 6, 12]
    assert tags[mask].tolist() == [1, 2, 3, 5, 6, 12]


def test_the_context_of_a_window_teaches_nothing(tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]]) -> None:
    network, codec, inputs = tagger
    targets = torch.zeros(3, 5, dtype=torch.long)
    loss = network.loss(inputs, OWN, targets)
    for tag in range(1, len(codec)):
        torch.testing.assert_close(network.loss(inputs, OWN, targets.masked_fill(~OWN, tag)), loss, rtol=0, atol=0)
    assert network.loss(inputs, OWN, targets.masked_fill(OWN, 1)) != loss


def test_the_context_of_a_window_is_read(tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]]) -> None:
    network, _, inputs = tagger
    other = {**inputs, "words": inputs["words"].clone()}
    other["words"][0, 0] = inputs["words"][1, 1]
    assert network.loss(other, OWN, torch.zeros(3, 5, dtype=torch.long)) != network.loss(
        inputs, OWN, torch.zeros(3, 5, dtype=torch.long)
    )


def test_the_loss_of_windows_is_the_decoders_loss_of_their_own_tokens(
    tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]],
) -> None:
    network, _, inputs = tagger
    targets = torch.tensor([[0, 3, 4, 0, 0], [1, 2, 0, 0, 0], [0, 0, 1, 0, 0]])
    scores = network(inputs)
    alone = [
        network.decoder.loss(  # type: ignore[operator]
            scores[row, own].unsqueeze(0),
            torch.ones(1, int(own.sum()), dtype=torch.bool),
            targets[row, own].unsqueeze(0),
        )
        for row, own in enumerate(OWN)
    ]
    torch.testing.assert_close(network.loss(inputs, OWN, targets), sum(alone))
