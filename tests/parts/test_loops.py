"""SRU, IndRNN, gated feedback, and cross-attention before an LSTM."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from epicrisis.parts.encoders import SRU, CrossLSTM, GatedFeedback, IndRNN
from epicrisis.parts.loop import loop

from .tracing import export_and_compare, mask

Array = NDArray[np.float64]
SIZE = 4
LEFT_TO_RIGHT = {"sru": SRU, "indrnn": IndRNN, "gated_feedback": GatedFeedback}
PARTS: list[tuple[type[nn.Module], dict[str, Any]]] = [
    (SRU, {"hidden_size": 3, "layers": 2}),
    (SRU, {"hidden_size": SIZE, "layers": 1}),
    (IndRNN, {"hidden_size": 3, "layers": 2}),
    (GatedFeedback, {"hidden_size": 3, "layers": 1}),
    (GatedFeedback, {"hidden_size": 3, "layers": 3}),
    (CrossLSTM, {"hidden_size": 3}),
]


def made(part: type[nn.Module], **settings: Any) -> nn.Module:
    """In double precision, with every weight random: nothing is hidden by a bias of 0."""
    torch.manual_seed(0)
    network = part(SIZE, **{"dropout": 0.0, **settings}).double()
    for weight in network.parameters():
        nn.init.uniform_(weight, -1, 1)
    return network


def arrays(network: nn.Module) -> dict[str, Array]:
    return {name: weight.detach().numpy() for name, weight in network.named_parameters()}


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def sru(network: nn.Module, passage: Array) -> Array:
    """Equations 1-4, token by token."""
    weights, states = arrays(network), passage
    for number in range(len(network.layers)):
        matrices = weights[f"layers.{number}.input.weight"]
        forget_bias, reset_bias = (weights[f"layers.{number}.{name}_bias"] for name in ("forget", "reset"))
        forget_vector, reset_vector = (weights[f"layers.{number}.{name}"] for name in ("forget", "reset"))
        size = len(forget_bias)
        candidate, forget, reset, *project = (matrices[n : n + size] for n in range(0, len(matrices), size))
        cell, found = np.zeros(size), []
        for token in states:
            f = sigmoid(forget @ token + forget_vector * cell + forget_bias)
            r = sigmoid(reset @ token + reset_vector * cell + reset_bias)
            cell = f * cell + (1 - f) * (candidate @ token)
            found.append(r * cell + (1 - r) * (project[0] @ token if project else token) * np.sqrt(3))
        states = np.array(found)
    return states


def indrnn(network: nn.Module, passage: Array) -> Array:
    weights, states = arrays(network), passage
    recurrent = weights["recurrent"].reshape(len(network.inputs), -1)
    for number in range(len(network.inputs)):
        matrix, bias = weights[f"inputs.{number}.weight"], weights[f"inputs.{number}.bias"]
        state, found = np.zeros(len(bias)), []
        for token in states:
            state = np.maximum(matrix @ token + recurrent[number] * state + bias, 0)
            found.append(state)
        states = np.array(found)
    return states


def gated_feedback(network: nn.Module, passage: Array) -> Array:
    """Every gate and every connection between two layers on its own."""
    weights = arrays(network)
    recurrent = weights["recurrent"]
    layers, size = recurrent.shape[:2]
    upwards = [weights["input.weight"].T, *weights["upwards"]]
    biases = weights["biases"].reshape(layers, -1)
    hidden, cells, found = np.zeros((layers, size)), np.zeros((layers, size)), []
    for below in passage:
        last, hidden = hidden, hidden.copy()
        for j in range(layers):
            own = recurrent[j]

            def gate(n: int, below: Array = below, j: int = j, own: Array = own, last: Array = last) -> Array:
                columns = slice(n * size, (n + 1) * size)
                return sigmoid(below @ upwards[j][:, columns] + biases[j][columns] + last[j] @ own[:, columns])

            memory = below @ upwards[j][:, 3 * size : 4 * size] + biases[j][3 * size : 4 * size]
            for i in range(layers):
                column = (3 + layers) * size + j * layers + i
                reset = below @ upwards[j][:, 4 * size + i] + biases[j][4 * size + i]
                reset += np.concatenate(last) @ np.concatenate([recurrent[k][:, column] for k in range(layers)])
                memory = memory + sigmoid(reset) * (last[i] @ recurrent[i][:, (3 + j) * size : (4 + j) * size])
            cells[j] = gate(0) * np.tanh(memory) + gate(1) * cells[j]
            below = hidden[j] = gate(2) * np.tanh(cells[j])
        found.append(below)
    return np.array(found)


def cross_lstm(network: nn.Module, passage: Array) -> Array:
    weights = arrays(network)
    scores = np.exp(passage @ weights["cross.weight"] @ passage.T)
    v = scores / scores.sum(1, keepdims=True) @ passage
    u = (scores / scores.sum(0, keepdims=True)).T @ passage
    bias = weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
    hidden = cell = np.zeros(len(bias) // 4)
    found = []
    for token in np.concatenate([passage, v, u], 1):
        sums = weights["lstm.weight_ih_l0"] @ token + weights["lstm.weight_hh_l0"] @ hidden + bias
        enter, forget, new, out = np.split(sums, 4)
        cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
        hidden = sigmoid(out) * np.tanh(cell)
        found.append(hidden)
    return np.array(found)


BY_HAND: dict[type[nn.Module], Callable[[nn.Module, Array], Array]] = {
    SRU: sru,
    IndRNN: indrnn,
    GatedFeedback: gated_feedback,
    CrossLSTM: cross_lstm,
}


@pytest.mark.parametrize(("part", "settings"), PARTS)
def test_the_states_are_those_of_the_equations_taken_step_by_step(
    part: type[nn.Module], settings: dict[str, Any]
) -> None:
    network, real = made(part, **settings), mask(3, 6)
    embedded = torch.randn(3, 6, SIZE, dtype=torch.float64)
    found = network(embedded, real)
    for row in range(3):
        passage = embedded[row, real[row]].numpy()
        np.testing.assert_allclose(found[row, real[row]].detach(), BY_HAND[part](network, passage), atol=1e-12)


@pytest.mark.parametrize(("part", "settings"), PARTS)
def test_the_gradients_are_those_that_small_steps_show(part: type[nn.Module], settings: dict[str, Any]) -> None:
    network = made(part, **settings)
    names, weights = zip(*network.named_parameters(), strict=True)
    embedded = torch.randn(2, 3, SIZE, dtype=torch.float64, requires_grad=True)

    def states(embedded: Tensor, *weights: Tensor) -> Tensor:
        real = mask(2, 3)
        return torch.func.functional_call(network, dict(zip(names, weights, strict=True)), (embedded, real))[real]

    assert torch.autograd.gradcheck(states, (embedded, *weights))


@pytest.mark.parametrize(("part", "settings"), PARTS)
def test_the_exported_graph_equals_torch_at_every_shape(
    part: type[nn.Module], settings: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    export_and_compare(made(part, **settings).float(), (SIZE,), tmp_path / "part.onnx")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("part", LEFT_TO_RIGHT.values(), ids=LEFT_TO_RIGHT)
def test_a_state_knows_all_tokens_up_to_its_own_and_none_behind_it(part: type[nn.Module]) -> None:
    network = made(part, hidden_size=8)
    embedded = torch.randn(1, 4, SIZE, dtype=torch.float64, requires_grad=True)
    states = network(embedded, mask(1, 4))
    for token in range(4):
        (gradient,) = torch.autograd.grad(states[0, token].sum(), embedded, retain_graph=True)
        assert gradient[0].any(1).tolist() == [n <= token for n in range(4)]


@pytest.mark.parametrize(("part", "settings"), PARTS)
def test_dropout_works_in_training_alone(part: type[nn.Module], settings: dict[str, Any]) -> None:
    network, embedded = made(part, **settings, dropout=0.5), torch.randn(3, 5, SIZE, dtype=torch.float64)
    assert not torch.equal(network(embedded, mask(3, 5)), network(embedded, mask(3, 5)))
    network.eval()
    assert torch.equal(network(embedded, mask(3, 5)), network(embedded, mask(3, 5)))


def test_the_operations_are_counted() -> None:
    """5 tokens of width 4, states of width 3; a multiply-add is two operations."""
    assert SRU(4, hidden_size=3, layers=2).flops(5) == 2 * 5 * (4 * 12 + 3 * 9 + 2 * 6 * 3)
    assert SRU(4, hidden_size=4, layers=1).flops(5) == 2 * 5 * (4 * 12 + 6 * 4)
    assert IndRNN(4, hidden_size=3, layers=2).flops(5) == 2 * 5 * (4 * 3 + 3 * 3 + 2 * 3)
    assert GatedFeedback(4, hidden_size=3, layers=2).flops(5) == 2 * 5 * (4 * 14 + 3 * 14 + 2 * 3 * (15 + 4))
    assert CrossLSTM(4, hidden_size=3).flops(5) == 2 * 5 * 4 * 4 + 3 * 2 * 5 * 5 * 4 + 2 * 5 * (12 * 12 + 3 * 12)


@pytest.mark.parametrize(
    ("part", "settings", "unseen"),
    [
        (SRU, {"hidden_size": 3, "layers": 2}, 2 * 7 * 2 * 6 * 3),
        (IndRNN, {"hidden_size": 3, "layers": 2}, 2 * 7 * 2 * 3),
        (GatedFeedback, {"hidden_size": 3, "layers": 3}, 0),
    ],
)
def test_torchs_own_count_is_the_same_but_for_what_is_element_wise(
    part: type[nn.Module], settings: dict[str, Any], unseen: int
) -> None:
    network = made(part, **settings)
    with FlopCounterMode(display=False) as counter:
        network(torch.randn(1, 7, SIZE, dtype=torch.float64), mask(1, 7))
    assert network.flops(7) == counter.get_total_flops() + unseen


def test_an_srus_states_keep_their_size_from_layer_to_layer() -> None:
    """What the highway's factor is for: without it four layers leave a seventieth of the variance."""
    torch.manual_seed(0)
    states = SRU(64, hidden_size=64, layers=4, dropout=0.0)(torch.randn(8, 30, 64), mask(8, 30))
    assert 0.3 < states.var() < 1.5


def test_an_indrnns_recurrent_weights_begin_between_no_memory_and_one_that_lasts() -> None:
    torch.manual_seed(0)
    weights = IndRNN(4, hidden_size=1000).recurrent
    assert 0 <= weights.min() < 0.01
    assert 0.99 < weights.max() <= 1


def test_a_fresh_indrnns_states_neither_vanish_nor_run_away_over_a_long_passage() -> None:
    torch.manual_seed(0)
    states = IndRNN(64, hidden_size=64, layers=2, dropout=0.0)(torch.randn(4, 128, 64), mask(4, 128))
    assert 0.3 < states[0, -10:].std() < 4  # with Xavier's weights alone 12


def test_no_gradient_of_an_indrnn_more_than_doubles_over_its_length() -> None:
    network = made(IndRNN, hidden_size=1, layers=1, length=16)
    nn.init.ones_(network.inputs[0].weight)
    nn.init.constant_(network.recurrent, 5.0)
    for training in (False, True):
        embedded = torch.ones(1, 17, SIZE, dtype=torch.float64, requires_grad=True)
        last = network.train(training)(embedded, mask(1, 17))[0, -1, 0]
        (gradient,) = torch.autograd.grad(last, embedded)
        torch.testing.assert_close(gradient[0, 0, 0].item(), 2.0)


def test_an_indrnns_weight_that_a_step_moved_too_far_is_moved_back_and_learns_on() -> None:
    network = made(IndRNN, hidden_size=2, layers=1, length=16)
    network.recurrent.data.copy_(torch.tensor([9.0, -9.0]))
    for parameter in network.inputs.parameters():
        nn.init.ones_(parameter)
    growing = torch.arange(1.0, 4.0, dtype=torch.float64).view(1, 3, 1).expand(1, 3, SIZE)
    states = [network(growing, mask(1, 3)) for _ in range(2)]  # the second leaves what the first one's backward needs
    sum(states).sum().backward()
    bound = 2 ** (1 / 16)
    assert network.recurrent.tolist() == [bound, -bound]
    assert network.recurrent.grad.all()


def test_the_global_gates_of_gated_feedback_let_higher_layers_speak_to_lower_ones() -> None:
    """With the gates shut nothing passes: then it is a stack of layers whose new memory has no past."""
    network = made(GatedFeedback, hidden_size=3, layers=2)
    gates = network.biases.data.view(2, 14)[:, 12:]
    gates.fill_(-1e3)
    embedded = torch.randn(1, 5, SIZE, dtype=torch.float64)
    before = network(embedded, mask(1, 5))
    network.recurrent.data[:, :, 9:15] += 1.0
    torch.testing.assert_close(network(embedded, mask(1, 5)), before)
    gates[0] = 0.0
    assert not torch.allclose(network(embedded, mask(1, 5)), before)


@pytest.mark.parametrize("part", BY_HAND)
def test_only_matrices_have_two_dimensions(part: type[nn.Module]) -> None:
    """Weight decay goes by that: none for biases and recurrent vectors."""
    for name, weight in made(part, hidden_size=3).named_parameters():
        is_vector = "bias" in name or name.endswith((".forget", ".reset")) or (part is IndRNN and name == "recurrent")
        assert (weight.ndim == 1) == is_vector, name


@pytest.mark.parametrize("part", LEFT_TO_RIGHT.values(), ids=LEFT_TO_RIGHT)
def test_memory_is_kept_in_full_precision_under_bf16(part: type[nn.Module]) -> None:
    """Adding a little at each of many tokens: in bf16 the sum stands still early."""
    network, embedded = made(part, layers=1).float(), torch.rand(1, 100, SIZE)
    with torch.autocast("cpu", torch.bfloat16):
        states = network(embedded, mask(1, 100))
    assert states.dtype == torch.float32
    assert states.isfinite().all()


def test_a_loop_is_python_in_training_and_torchscript_in_an_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def double(states: Tensor) -> Tensor:
        return states * 2

    run, states = loop(double), torch.randn(2, 3)
    monkeypatch.setattr(torch.jit, "script", lambda function: lambda states: function(states) + 1)
    assert torch.equal(run(states), states * 2)
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    assert torch.equal(run(states), states * 2 + 1)
