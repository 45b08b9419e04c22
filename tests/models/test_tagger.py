import pytest
import torch

from epicrisis.document import Entity
from epicrisis.encoding import encode, pad_targets
from epicrisis.models import Tagger, fit_indexers, make_tagger, parts_and_settings
from epicrisis.models.tagger import own_first
from epicrisis.parts.decoders import DECODERS, NearestNeighbour
from epicrisis.recipe import check_recipe
from epicrisis.text import Codec, Passage

WORDS = [Passage.of(words.split()) for words in ("no pain or fever today", "on aspirin", "well again .")]
OWN = torch.tensor([[0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 0, 1, 0, 0]], dtype=torch.bool)


@pytest.fixture(params=DECODERS)
def tagger(request: pytest.FixtureRequest) -> tuple[Tagger, Codec, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    model = {
        "embedder": [{"type": "words", "size": 5}],
        "encoder": {"type": "bilstm", "hidden_size": 3, "dropout": 0.0},
        "decoder": {"type": request.param},
    }
    recipe, indexers = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), WORDS)
    network, codec = make_tagger(recipe, indexers, ["Drug", "Problem"])
    inputs = {name: torch.from_numpy(array) for name, array in encode(WORDS, indexers.values()).items()}
    return network.eval(), codec, inputs  # without dropout


def some_targets(codec: Codec) -> torch.Tensor:
    """Those of mentions on the own tokens, which come first in their row."""
    tokens = [(2 * n, 2 * n + 1) for n in range(3)]
    entities = [[("Drug", 1, 3), ("Problem", 0, 1)], [("Drug", 0, 1)], [("Problem", 0, 1)]]
    rows = []
    for own, row in zip(OWN.sum(1).tolist(), entities, strict=True):
        found = [Entity(type_, ((tokens[a][0], tokens[b - 1][1]),)) for type_, a, b in row]
        rows.append(codec.encode(tokens[:own], found).targets)
    return torch.from_numpy(pad_targets(rows))


def test_own_tokens_come_first_in_their_row() -> None:
    scores = torch.arange(15.0).reshape(3, 5, 1)
    moved, mask = own_first(scores, OWN, 3)
    assert mask.tolist() == [[True, True, True], [True, True, False], [True, False, False]]
    assert moved.squeeze(2)[mask].tolist() == [1, 2, 3, 5, 6, 12]


def test_the_scores_of_a_windows_context_get_no_gradient(tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]]) -> None:
    network, codec, inputs = tagger
    scores = network(inputs).detach().requires_grad_()
    moved, mask = own_first(scores, OWN, 3)
    (gradient,) = torch.autograd.grad(network.decoder.loss(moved, mask, some_targets(codec)), scores)  # type: ignore[operator]
    assert not gradient[~OWN].any()
    assert gradient[OWN].any(1).all()


def test_the_context_of_a_window_is_read(tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]]) -> None:
    network, codec, inputs = tagger
    other = {**inputs, "words": inputs["words"].clone()}
    other["words"][0, 0] = inputs["words"][1, 1]
    targets = some_targets(codec)
    assert network.loss(other, OWN, targets) != network.loss(inputs, OWN, targets)


def test_the_loss_of_windows_is_the_decoders_loss_of_their_own_tokens(
    tagger: tuple[Tagger, Codec, dict[str, torch.Tensor]],
) -> None:
    network, codec, inputs = tagger
    targets = some_targets(codec)
    scores = network(inputs)
    if isinstance(network.decoder, NearestNeighbour):  # it compares the tokens of a batch, wherever they stand
        first = torch.arange(3) < OWN.sum(1, keepdim=True)
        expected = network.decoder.loss(scores[OWN][None], torch.ones(1, 6, dtype=torch.bool), targets[first][None])
        torch.testing.assert_close(network.loss(inputs, OWN, targets), expected)
        return
    alone = [
        network.decoder.loss(  # type: ignore[operator]
            scores[row, own].unsqueeze(0),
            torch.ones(1, int(own.sum()), dtype=torch.bool),
            targets[row : row + 1, : int(own.sum())],
        )
        for row, own in enumerate(OWN)
    ]
    torch.testing.assert_close(network.loss(inputs, OWN, targets), sum(alone))
