import numpy as np
import pytest
import torch

from epicrisis.parts.embedders import CharacterCNN, Words
from epicrisis.parts.embedders.words import PADDING, SPREAD, UNKNOWN

WORDS = torch.tensor([[2, 3, 4, 5], [1, 6, 2, 0]])  # of a vocabulary of 7, of which 5 rows occur in training


def words(**settings: object) -> Words:
    torch.manual_seed(0)
    return Words(7, 5, **{"size": 3, **settings})


VECTORS = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [4.0, -1.0, 0.0], [2.0, 2.0, 0.0], [-3.0, 1.0, 1.0]])
"""Of the words 2 to 6; the word 3 has none."""


def test_merging_changes_no_output() -> None:
    table = words()
    table.start_from(VECTORS)
    torch.nn.init.normal_(table.unknown)
    torch.nn.init.normal_(table.learned.weight.data[2:])
    before = table.eval()({"words": WORDS})
    table.merge()
    torch.testing.assert_close(table({"words": WORDS}), before)


def test_padding_is_a_vector_of_zeros_and_the_unknown_word_has_its_own() -> None:
    table = words()
    table.start_from(VECTORS)
    torch.nn.init.normal_(table.unknown)
    vectors = table.eval()({"words": torch.tensor([[PADDING, UNKNOWN]])})[0]
    assert not vectors[0].any()
    torch.testing.assert_close(vectors[1], table.unknown)


def test_a_word_starts_from_its_vector_and_one_without_vector_from_chance() -> None:
    table = words().eval()
    table.start_from(VECTORS)
    found = table({"words": torch.tensor([[2, 3, 4, 5, 6]])})[0]
    scaled = VECTORS * (SPREAD / VECTORS[[0, 2, 3, 4]].std())
    torch.testing.assert_close(found[[0, 2, 3, 4]], scaled[[0, 2, 3, 4]])
    assert scaled[[0, 2, 3, 4]].std() == pytest.approx(SPREAD)
    assert found[1].any()


def one_step(table: Words) -> None:
    optimizer = torch.optim.AdamW(
        [weight for weight in table.parameters() if weight.requires_grad], 0.1, weight_decay=0
    )
    table.train()({"words": WORDS}).square().sum().backward()
    optimizer.step()


def test_a_training_step_leaves_words_that_training_cannot_hold_as_they_are() -> None:
    table = words()
    table.start_from(VECTORS)
    before = table({"words": torch.arange(7)[None]})[0].detach()
    one_step(table)
    after = table.eval()({"words": torch.arange(7)[None]})[0]
    changed = (before != after).any(1).tolist()
    assert changed == [False, False, True, True, True, False, False]  # the unknown one began at 0, the loss's minimum


def test_vectors_that_are_not_trained_stay_and_the_unknown_word_is_learned() -> None:
    table = words(trained=False)
    table.start_from(VECTORS)
    torch.nn.init.ones_(table.unknown)
    before = table({"words": torch.arange(7)[None]})[0].detach()
    one_step(table)
    after = table.eval()({"words": torch.arange(7)[None]})[0]
    assert (before != after).any(1).tolist() == [False, True, False, False, False, False, False]


def test_word_dropout_makes_words_unknown_in_training_alone_and_never_padding() -> None:
    table = words(dropout=0.5)
    torch.nn.init.constant_(table.unknown, 9.0)
    numbers = torch.tensor([[2] * 1000 + [PADDING] * 100])
    trained = table({"words": numbers})[0]
    share = (trained[:1000] == 9.0).all(1).float().mean()
    assert 0.4 < share < 0.6
    assert not trained[1000:].any()
    assert not (table.eval()({"words": numbers}) == 9.0).any()


def character_cnn(**settings: object) -> CharacterCNN:
    torch.manual_seed(0)
    return CharacterCNN(8, **{"size": 4, "filters": 3, "widths": (3,), "dropout": 0.0, **settings})


CHARACTERS = torch.tensor([[0, 0, 0, 0, 0], [2, 3, 4, 0, 0], [5, 0, 0, 0, 0], [7, 6, 5, 4, 3]])
SPELLINGS = torch.tensor([[1, 2, 1], [3, 0, 0]])


@pytest.mark.parametrize("widths", [(1,), (3,), (1, 3, 5)])
def test_a_character_cnn_is_a_convolution_and_a_maximum_done_step_by_step(widths: tuple[int, ...]) -> None:
    network = character_cnn(widths=widths)
    table = network.characters.weight.detach().numpy()

    def by_hand(spelling: list[int]) -> list[float]:
        found = []
        for width, convolution in zip(widths, network.filters, strict=True):
            weight, bias = convolution.weight.detach().numpy(), convolution.bias.detach().numpy()
            for number in range(3):
                values = [0.0]  # the rectifier
                for middle in range(len(spelling)):
                    value = bias[number]
                    for place in range(width):
                        at = middle + place - width // 2
                        if 0 <= at < len(spelling):
                            value += weight[number, :, place] @ table[spelling[at]]
                    values.append(value)
                found.append(max(values))
        return found

    found = network({"characters": CHARACTERS, "spellings": SPELLINGS}).detach().numpy()
    spelt = {0: [], 1: [2, 3, 4], 2: [5], 3: [7, 6, 5, 4, 3]}
    expected = np.array([[by_hand(spelt[word]) for word in row] for row in SPELLINGS.tolist()])
    assert found.shape == (2, 3, 3 * len(widths))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_characters_dropout_rests_after_training() -> None:
    network = character_cnn(dropout=0.5)
    inputs = {"characters": CHARACTERS, "spellings": SPELLINGS}
    assert not torch.equal(network(inputs), network(inputs))
    network.eval()
    assert torch.equal(network(inputs), network(inputs))


def test_a_filter_needs_a_middle() -> None:
    with pytest.raises(ValueError, match="the widths of a character CNN are odd"):
        character_cnn(widths=(2,))
