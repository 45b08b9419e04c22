"""The recurrence of a lattice LSTM, step by step over all lanes of a batch, and its gradient.

The equations stand in `lattice`. L is the lanes, H the width of a state, W the words that begin at a step and E those
that end there, padded; the first half of lanes and of words that begin runs from left to right, the other back.

The gradient is written by hand: what does not depend on the step after it is computed for all steps at once, and
matrices get their gradient from one product. That is more than twice as fast as going back step by step.
"""

from typing import Any

import torch
from torch import Tensor

Saved = tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]


def lattice_states(*tensors: Tensor) -> Tensor:
    """The arguments of `_run` -> (T, L, H)"""
    if torch.onnx.is_in_onnx_export():  # a trace would unroll the loop; TorchScript becomes a loop of ONNX
        return torch.jit.script(_run)(*tensors)[0]
    return _Steps.apply(*tensors)


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
) -> Saved:
    """characters  (T, L, 4H), what a token says to i, o, g, and to the gates of the words that end there
    words       (T, W, 3H), what a word says to its i, f, g
    lanes       (T, W), where it begins; slots: (T, W), where its cell is kept
    ends        (T, E), slots of the words that end; end_lanes: (T, E), where
    mixing      (T, L, E), 1 where a word ends in a lane, else 0
    store       (S,), zeros
    recurrent   (2, H, 6H), what a state says to i, o, g of the next token and i, f, g of a word that begins
    link        (2, H, H), what a word's cell says to its gate

    -> states and cells (T, L, H), gates i, o, g (T, L, 3H); of words that begin their gates i, f, g (T, W, 3H), cells
    and what these say to their gates (T, W, H)
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
    linked: list[Tensor] = []
    for step, character in enumerate(torch.split(characters, 1)):
        read = character.view(-1, 4 * size)
        before = read[:, : 3 * size] + product[:, : 3 * size]
        gate = torch.cat([torch.sigmoid(before[:, : 2 * size]), torch.tanh(before[:, 2 * size :])], 1)
        write, new = gate[:, :size], gate[:, 2 * size :]

        ended = kept.index_select(0, every_end[step].view(-1))
        heard = read[:, 3 * size :].index_select(0, every_end_lane[step].view(-1))
        share = torch.exp(torch.sigmoid(heard + ended[:, size:]))
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
        cells.append(cell.unsqueeze(0))
        gates.append(gate.unsqueeze(0))
        word_gates.append(word_gate.unsqueeze(0))
        begun.append(word_cell.unsqueeze(0))
        linked.append(says.unsqueeze(0))
    return (
        torch.cat(states),
        torch.cat(cells),
        torch.cat(gates),
        torch.cat(word_gates),
        torch.cat(begun),
        torch.cat(linked).to(characters.dtype),
    )


class _Steps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Tensor:
        found = _run(*tensors)
        ctx.save_for_backward(*tensors, *found)
        return found[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (characters, _, lanes, slots, ends, end_lanes, mixing, store, recurrent, link) = ctx.saved_tensors[:10]
        states, cells, gates, word_gates, begun, linked = ctx.saved_tensors[10:]
        (steps, rows, size), width = states.shape, lanes.shape[1]
        origin = _origins(slots, ends, store)

        # how each thing changes with what it is made of, for all steps at once
        write, out, new = gates.split(size, 2)
        tanh = torch.tanh(cells)
        earlier = torch.cat([torch.zeros_like(cells[:1]), cells[:-1]])
        lane_of_end = end_lanes.unsqueeze(2).expand(-1, -1, size)
        ended = begun.view(-1, size).index_select(0, origin.view(-1)).view(steps, -1, size)
        said = linked.view(-1, size).index_select(0, origin.view(-1)).view(steps, -1, size)
        gate = torch.sigmoid(characters[:, :, 3 * size :].gather(1, lane_of_end) + said)
        own, share = torch.exp(write), torch.exp(gate) * (ends > 0).unsqueeze(2)
        total = own + torch.bmm(mixing, share)
        share = share / total.gather(1, lane_of_end)
        by_end = share * gate * (1 - gate) * (ended - cells.gather(1, lane_of_end))  # of a cell, by a word's gate
        alone = mixing.sum(2, keepdim=True) == 0
        by_write = torch.where(alone, new - earlier, own / total * (new - cells)) * write * (1 - write)
        by_new = torch.where(alone, write, own / total) * (1 - new * new)
        by_earlier = (1 - write) * alone
        by_cell = out * (1 - tanh * tanh)  # of a state
        by_out = tanh * out * (1 - out)
        word_write, forget, word_new = word_gates.split(size, 2)
        from_cell = cells.gather(1, lanes.unsqueeze(2).expand(-1, -1, size))
        by_word = torch.stack(
            [
                word_new * word_write * (1 - word_write),
                from_cell * forget * (1 - forget),
                word_write * (1 - word_new * word_new),
            ],
            2,
        )

        back, link_back = recurrent.transpose(1, 2).contiguous(), link.transpose(1, 2).contiguous()
        d_product = states.new_zeros(steps, rows, 6 * size)
        d_read = states.new_zeros(steps, rows, 3 * size)
        d_heard = states.new_zeros(steps, rows, size)
        d_words = torch.empty_like(by_word)
        d_begun, d_linked = torch.zeros_like(begun), torch.zeros_like(linked)
        flat_begun, flat_linked = d_begun.view(-1, size), d_linked.view(-1, size)
        d_cell = torch.zeros_like(cells[0])
        for step in range(steps - 1, -1, -1):
            lane, end_lane, from_ = lanes[step], end_lanes[step], origin[step]
            if width:
                d_word = torch.baddbmm(d_begun[step].view(2, -1, size), d_linked[step].view(2, -1, size), link_back)
                d_word = d_word.view(-1, size)
                d_gates = torch.mul(d_word.unsqueeze(1), by_word[step], out=d_words[step])
                d_product[step, :, 3 * size :].index_add_(0, lane, d_gates.view(-1, 3 * size))
                d_cell = d_cell.index_add(0, lane, d_word * forget[step])
            d_state = torch.baddbmm(gradients[0][step].view(2, -1, size), d_product[step].view(2, -1, 6 * size), back)
            d_state = d_state.view(-1, size)
            d_cell = torch.addcmul(d_cell, d_state, by_cell[step])
            read = d_read[step]
            torch.mul(d_cell, by_write[step], out=read[:, :size])
            torch.mul(d_state, by_out[step], out=read[:, size : 2 * size])
            torch.mul(d_cell, by_new[step], out=read[:, 2 * size :])
            at_end = d_cell.index_select(0, end_lane)
            d_gate = at_end * by_end[step]
            d_heard[step].index_add_(0, end_lane, d_gate)
            flat_linked.index_add_(0, from_, d_gate)
            flat_begun.index_add_(0, from_, at_end * share[step])
            d_cell = d_cell * by_earlier[step]
            if step:
                d_product[step - 1, :, : 3 * size] = read

        d_recurrent = torch.bmm(_by_direction(states).transpose(1, 2), _by_direction(d_product))
        d_link = torch.bmm(_by_direction(begun).transpose(1, 2), _by_direction(d_linked))
        d_characters = torch.cat([d_read, d_heard], 2)
        return d_characters, d_words.flatten(2), None, None, None, None, None, None, d_recurrent, d_link


def _origins(slots: Tensor, ends: Tensor, store: Tensor) -> Tensor:
    """(T, W), (T, E), (S,) -> (T, E), which of all T * W words each one is that ends"""
    holds = torch.zeros_like(store, dtype=torch.long)
    numbers = torch.arange(slots.numel(), device=slots.device).view_as(slots)
    origins = []
    for begin, end, number in zip(slots, ends, numbers, strict=True):
        origins.append(holds[end])
        holds[begin] = number
    return torch.stack(origins)


def _by_direction(tensor: Tensor) -> Tensor:
    """(T, L, E) -> (2, T * L / 2, E)"""
    return tensor.view(len(tensor), 2, -1, tensor.shape[2]).transpose(0, 1).flatten(1, 2)
