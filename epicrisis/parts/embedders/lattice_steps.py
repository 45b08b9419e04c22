"""The recurrence of a lattice LSTM, step by step over all lanes of a batch, and its gradient.

The equations stand in `lattice`. L is the lanes, H the width of a state, W the words that begin at a step and E those
that end there, padded; the first half of lanes and of words that begin runs from left to right, the other back.

The gradient is written by hand: the matrices then get theirs from one product over many steps, and there is no graph
of a hundred small operators a step to walk back.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

sigmoid_backward, tanh_backward = torch.ops.aten.sigmoid_backward, torch.ops.aten.tanh_backward
"""A gradient and what the function gave -> the gradient of what it was given."""
Steps = list[Tensor]
CHUNK = 16
"""Steps whose part in the gradient of the matrices is one product."""


def lattice_states(*tensors: Tensor) -> Tensor:
    """The arguments of `_run` -> (T, L, H)"""
    if torch.onnx.is_in_onnx_export():  # a trace would unroll the loop; TorchScript becomes a loop of ONNX
        return torch.jit.script(_states)(*tensors)
    return _Steps.apply(*tensors)  # type: ignore[no-untyped-call]


def _run(
    characters: Tensor,
    words: Tensor,
    lanes: Tensor,
    slots: Tensor,
    ends: Tensor,
    end_lanes: Tensor,
    mixing: Tensor,
    store: Tensor,
    recurrent: Tensor,
    link: Tensor,
) -> tuple[Tensor, Steps, Steps, Steps, Steps, Steps]:
    """characters  (T, L, 4H), what a token says to i, o, g, and to the gates of the words that end there
    words       (T, W, 3H), what a word says to its i, f, g
    lanes       (T, W), where it begins; slots: (T, W), where its cell is kept
    ends        (T, E), slots of the words that end; end_lanes: (T, E), where
    mixing      (T, L, E), 1 where a word ends in a lane, else 0
    store       (S,), zeros
    recurrent   (2, H, 6H), what a state says to i, o, g of the next token and i, f, g of a word that begins
    link        (2, H, H), what a word's cell says to its gate

    -> states (T, L, H); of each step cells (L, H), gates i, o, g (L, 3H); of words that begin their gates i, f, g
    (W, 3H), and their cells (W, H); of words that end their cells and gates (E, 2H)
    """
    size = link.shape[1]
    cell = torch.zeros_like(characters[0, :, :size])
    product = torch.zeros_like(cell).repeat(1, 6)  # of the state before
    kept = store.unsqueeze(1).repeat(1, 2 * size)  # of a word: its cell, and what that says to its gate
    every_word, every_lane, every_slot = torch.split(words, 1), torch.split(lanes, 1), torch.split(slots, 1)
    every_end, every_end_lane = torch.split(ends, 1), torch.split(end_lanes, 1)
    every_mix, every_alone = torch.split(mixing, 1), torch.split(mixing.sum(2, keepdim=True) == 0, 1)
    states: list[Tensor] = []
    cells: list[Tensor] = []
    gates: list[Tensor] = []
    word_gates: list[Tensor] = []
    begun: list[Tensor] = []
    ends_met: list[Tensor] = []
    for step, character in enumerate(torch.split(characters, 1)):
        read = character.view(-1, 4 * size)
        before = read[:, : 3 * size] + product[:, : 3 * size]
        gate = torch.cat([torch.sigmoid(before[:, : 2 * size]), torch.tanh(before[:, 2 * size :])], 1)
        write, new = gate[:, :size], gate[:, 2 * size :]

        ended = kept.index_select(0, every_end[step].view(-1))
        heard = read[:, 3 * size :].index_select(0, every_end_lane[step].view(-1))
        end_gate = torch.sigmoid(heard + ended[:, size:])
        share = torch.exp(end_gate)
        sums = torch.mm(every_mix[step].view(read.shape[0], -1), torch.cat([share, share * ended[:, :size]], 1))
        own = torch.exp(write)
        mixed = (own * new + sums[:, size:]) / (own + sums[:, :size])
        cell = torch.where(every_alone[step].view(-1, 1), cell + write * (new - cell), mixed)
        state = gate[:, size : 2 * size] * torch.tanh(cell)

        product = torch.bmm(state.view(2, -1, size), recurrent).view(-1, 6 * size)
        lane = every_lane[step].view(-1)
        before = every_word[step].view(-1, 3 * size) + product[:, 3 * size :].index_select(0, lane)
        word_gate = torch.cat([torch.sigmoid(before[:, : 2 * size]), torch.tanh(before[:, 2 * size :])], 1)
        write, forget, new = word_gate[:, :size], word_gate[:, size : 2 * size], word_gate[:, 2 * size :]
        word_cell = forget * cell.index_select(0, lane) + write * new
        says = torch.bmm(word_cell.view(2, -1, size), link).view(-1, size)
        kept = kept.index_copy(0, every_slot[step].view(-1), torch.cat([word_cell, says], 1))
        states.append(state.unsqueeze(0))
        cells.append(cell)
        gates.append(gate)
        word_gates.append(word_gate)
        begun.append(word_cell)
        ends_met.append(torch.cat([ended[:, :size], end_gate], 1))
    return torch.cat(states), cells, gates, word_gates, begun, ends_met


def _states(
    characters: Tensor,
    words: Tensor,
    lanes: Tensor,
    slots: Tensor,
    ends: Tensor,
    end_lanes: Tensor,
    mixing: Tensor,
    store: Tensor,
    recurrent: Tensor,
    link: Tensor,
) -> Tensor:
    return _run(characters, words, lanes, slots, ends, end_lanes, mixing, store, recurrent, link)[0]


class _Steps(torch.autograd.Function):
    """`_run`, and back."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Tensor:
        states, *ctx.found = _run(*tensors)
        ctx.save_for_backward(*tensors, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        _, _, lanes, slots, ends, end_lanes, mixing, store, recurrent, link, states = ctx.saved_tensors
        cells, gates, word_gates, begun, ends_met = ctx.found
        steps, rows, size = states.shape
        back, link_back = recurrent.transpose(1, 2).contiguous(), link.transpose(1, 2).contiguous()
        d_recurrent, d_link = torch.zeros_like(recurrent), torch.zeros_like(link)
        d_kept = store.unsqueeze(1).repeat(1, 2 * size)  # of the words that have not begun yet: by cell, by gate
        d_cell = torch.zeros_like(cells[0])
        d_next = states.new_zeros(rows, 3 * size)  # of the step after: what its gates want of this state
        d_characters = states.new_zeros(steps, rows, 4 * size)
        d_words = states.new_empty(steps, lanes.shape[1], 3 * size)
        d_products = states.new_zeros(CHUNK, rows, 6 * size)
        d_linked = states.new_empty(CHUNK, lanes.shape[1], size)
        real = (ends > 0).unsqueeze(2).to(states.dtype)
        alone = mixing.sum(2, keepdim=True) == 0
        for step in range(steps - 1, -1, -1):
            cell, lane, end_lane = cells[step], lanes[step], end_lanes[step]
            # the words that begin
            d_begun = d_kept.index_select(0, slots[step])
            d_kept.index_fill_(0, slots[step], 0.0)
            d_says = d_begun[:, size:]
            d_word = torch.bmm(d_says.view(2, -1, size), link_back).view(-1, size) + d_begun[:, :size]
            write, forget, new = word_gates[step].split(size, 1)
            d_open = torch.cat([d_word * new, d_word * cell.index_select(0, lane)], 1)
            d_gates = d_words[step]
            d_gates[:, : 2 * size] = sigmoid_backward(d_open, word_gates[step][:, : 2 * size])
            d_gates[:, 2 * size :] = tanh_backward(d_word * write, new)
            d_linked[step % CHUNK] = d_says
            d_cell = d_cell.index_add_(0, lane, d_word * forget)
            d_product = d_products[step % CHUNK]
            d_product[:, : 3 * size] = d_next
            d_product[:, 3 * size :].zero_().index_add_(0, lane, d_gates)
            # the state and the cell
            d_state = torch.baddbmm(gradients[0][step].view(2, -1, size), d_product.view(2, -1, 6 * size), back)
            d_state = d_state.view(-1, size)
            write, out, new = gates[step].split(size, 1)
            tanh = torch.tanh(cell)
            d_cell = d_cell + tanh_backward(d_state * out, tanh)
            ended, end_gate = ends_met[step].split(size, 1)
            share = torch.exp(end_gate) * real[step]
            own = torch.exp(write)
            d_mixed = d_cell / (own + torch.mm(mixing[step], share))
            earlier = cells[step - 1] if step else torch.zeros_like(cell)
            d_write = torch.where(alone[step], d_cell * (new - earlier), d_mixed * own * (new - cell))
            d_new = tanh_backward(torch.where(alone[step], d_cell * write, d_mixed * own), new)
            # the words that end
            d_ended = d_mixed.index_select(0, end_lane) * share
            d_gate = sigmoid_backward(d_ended * (ended - cell.index_select(0, end_lane)), end_gate)
            d_kept.index_add_(0, ends[step], torch.cat([d_ended, d_gate], 1))
            d_open = torch.cat([d_write, d_state * tanh], 1)
            d_next = d_characters[step][:, : 3 * size]
            d_next[:, : 2 * size] = sigmoid_backward(d_open, gates[step][:, : 2 * size])
            d_next[:, 2 * size :] = d_new
            d_characters[step][:, 3 * size :].index_add_(0, end_lane, d_gate)
            d_cell = d_cell * (1 - write) * alone[step]

            if step % CHUNK == 0:
                among = slice(step, min(step + CHUNK, steps))
                met = among.stop - step
                d_recurrent += torch.bmm(_by_direction(states[among]).mT, _by_direction(d_products[:met]))
                d_link += torch.bmm(_by_direction(torch.stack(begun[among])).mT, _by_direction(d_linked[:met]))
        nothing = None, None, None, None, None, None
        return d_characters, d_words, *nothing, d_recurrent, d_link


def _by_direction(tensor: Tensor) -> Tensor:
    """(T, L, E) -> (2, T * L / 2, E)"""
    return tensor.view(len(tensor), 2, -1, tensor.shape[2]).transpose(0, 1).flatten(1, 2)
