"""rnn, lstm, gru and the two that read from both ends."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from epicrisis.parts.encoders import ENCODERS, GRU, BiLSTM

LENGTHS = torch.tensor([5, 3, 1])
MASK = torch.arange(5) < LENGTHS.unsqueeze(1)
FROM_THE_LEFT = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
FROM_BOTH_ENDS = {"bilstm": nn.LSTM, "bigru": nn.GRU}
TORCHS = {**FROM_THE_LEFT, **FROM_BOTH_ENDS}

Array = NDArray[np.float64]


def made(name: str, **settings: float) -> nn.Module:
    """An encoder of 4 to 3 whose weights are all of one size."""
    torch.manual_seed(0)
    encoder = ENCODERS[name](4, **{"hidden_size": 3, "dropout": 0.0, **settings})
    for weight in encoder.parameters():
        nn.init.normal_(weight)
    return encoder


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", TORCHS)
def test_it_is_torchs_own_on_packed_sequences(name: str, layers: int) -> None:
    ours = made(name, layers=layers)
    both = name in FROM_BOTH_ENDS
    theirs = TORCHS[name](4, 3, layers, batch_first=True, bidirectional=both)
    for layer in range(layers):
        directions = [(ours.forwards[layer], "")] + ([(ours.backwards[layer], "_reverse")] if both else [])
        for module, suffix in directions:
            for weight_name, weight in module.named_parameters():
                getattr(theirs, weight_name.replace("l0", f"l{layer}") + suffix).data.copy_(weight.data)
    embedded = torch.randn(3, 5, 4)
    packed = pack_padded_sequence(embedded, LENGTHS, batch_first=True)
    expected = pad_packed_sequence(theirs(packed)[0], batch_first=True)[0]
    torch.testing.assert_close(ours(embedded, MASK)[MASK], expected[MASK])


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def rnn(read: Array, kept: Array, state: Array, cell: Array) -> tuple[Array, Array]:
    return np.tanh(read + kept), cell


def lstm(read: Array, kept: Array, state: Array, cell: Array) -> tuple[Array, Array]:
    input_, forget, new, output = np.split(read + kept, 4)
    cell = sigmoid(forget) * cell + sigmoid(input_) * np.tanh(new)
    return sigmoid(output) * np.tanh(cell), cell


def gru(read: Array, kept: Array, state: Array, cell: Array) -> tuple[Array, Array]:
    (reset, update, new), (reset_kept, update_kept, new_kept) = np.split(read, 3), np.split(kept, 3)
    new = np.tanh(new + sigmoid(reset + reset_kept) * new_kept)
    update = sigmoid(update + update_kept)
    return (1 - update) * new + update * state, cell


STEPS = {"rnn": rnn, "lstm": lstm, "gru": gru, "bilstm": lstm, "bigru": gru}


def by_hand(step: object, layer: nn.Module, tokens: Array) -> Array:
    """One layer over one passage, a token at a time: (T, E) -> (T, 3)"""
    weights = {name: weight.detach().numpy().astype(float) for name, weight in layer.named_parameters()}
    state, cell, states = np.zeros(3), np.zeros(3), []
    for token in tokens:
        read = weights["weight_ih_l0"] @ token + weights["bias_ih_l0"]
        kept = weights["weight_hh_l0"] @ state + weights["bias_hh_l0"]
        state, cell = step(read, kept, state, cell)  # type: ignore[operator]
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("name", TORCHS)
def test_it_is_its_equations_done_step_by_step(name: str) -> None:
    encoder, embedded = made(name, layers=2), torch.randn(3, 5, 4)
    found = encoder(embedded, MASK).detach().numpy()
    for row, length in enumerate(LENGTHS.tolist()):
        states = embedded[row, :length].numpy().astype(float)
        for n, forwards in enumerate(encoder.forwards):
            left = by_hand(STEPS[name], forwards, states)
            if name in FROM_BOTH_ENDS:
                right = by_hand(STEPS[name], encoder.backwards[n], states[::-1])[::-1]
                left = np.concatenate([left, right], 1)
            states = left
        np.testing.assert_allclose(found[row, :length], states, atol=1e-5)


def test_the_reset_gate_acts_after_the_product_and_not_before_it() -> None:
    encoder = made("gru")
    assert isinstance(encoder, GRU)
    tokens = torch.randn(1, 4, 4)
    (layer,) = encoder.forwards
    recurrent, bias = layer.weight_hh_l0.detach().numpy()[6:], layer.bias_hh_l0.detach().numpy()[6:]

    def before(read: Array, kept: Array, state: Array, cell: Array) -> tuple[Array, Array]:
        reset = sigmoid(read[:3] + kept[:3])
        new = np.tanh(read[6:] + recurrent @ (reset * state) + bias)
        update = sigmoid(read[3:6] + kept[3:6])
        return (1 - update) * new + update * state, cell

    found = encoder(tokens, torch.ones(1, 4, dtype=torch.bool))[0].detach().numpy()
    np.testing.assert_allclose(found, by_hand(gru, layer, tokens[0].numpy()), atol=1e-5)
    assert np.abs(found - by_hand(before, layer, tokens[0].numpy())).max() > 0.01


@pytest.mark.parametrize("name", TORCHS)
def test_a_state_knows_the_tokens_on_its_side_and_with_both_ends_every_one(name: str) -> None:
    encoder = made(name)
    embedded = torch.randn(1, 5, 4, requires_grad=True)
    states = encoder(embedded, torch.ones(1, 5, dtype=torch.bool))
    for token in range(5):
        (gradient,) = torch.autograd.grad(states[0, token].sum(), embedded, retain_graph=True)
        known = gradient[0].abs().sum(1).gt(0).tolist()
        assert known == ([True] * 5 if name in FROM_BOTH_ENDS else [True] * (token + 1) + [False] * (4 - token))


@pytest.mark.parametrize("name", ["lstm", "bilstm"])
def test_forget_gates_begin_open(name: str) -> None:
    encoder = ENCODERS[name](4, hidden_size=3, layers=2)
    for lstm in (*encoder.forwards, *getattr(encoder, "backwards", ())):
        assert (lstm.bias_ih_l0 + lstm.bias_hh_l0).tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6


@pytest.mark.parametrize("name", TORCHS)
def test_recurrent_weights_begin_orthogonal_gate_by_gate(name: str) -> None:
    encoder = ENCODERS[name](4, hidden_size=3, layers=2)
    for layer in (*encoder.forwards, *getattr(encoder, "backwards", ())):
        for gate in layer.weight_hh_l0.split(3):
            torch.testing.assert_close(gate @ gate.t(), torch.eye(3))
        if not isinstance(layer, nn.LSTM):
            assert not layer.bias_ih_l0.any()
            assert not layer.bias_hh_l0.any()


@pytest.mark.parametrize("name", TORCHS)
def test_dropout_works_in_training_alone(name: str) -> None:
    encoder, embedded = made(name, dropout=0.5), torch.randn(3, 5, 4)
    assert not torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))
    encoder.eval()
    assert torch.equal(encoder(embedded, MASK), encoder(embedded, MASK))


def test_the_names_of_weights_in_shipped_models_stay() -> None:
    names = {name for name, _ in BiLSTM(4, hidden_size=3).named_parameters()}
    kinds = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    assert names == {f"{side}.0.{kind}" for side in ("forwards", "backwards") for kind in kinds}
