"""Encoders side by side."""

import inspect
from itertools import combinations

import pytest
import torch
from torch import nn

from epicrisis.parts.dropout import LockedDropout
from epicrisis.parts.encoders import ENCODERS

from . import making

SAME = {"hidden_size": 8, "layers": 2, "dropout": 0.0}


def form(encoder: nn.Module) -> tuple[object, ...]:
    """What of a function does not depend on the numbers in it: its weights' shapes, and who knows whom."""
    torch.manual_seed(0)
    shapes = sorted(tuple(weight.shape) for weight in encoder.parameters())
    embedded = torch.randn(1, 40, 6, requires_grad=True)
    states = encoder(embedded, torch.ones(1, 40, dtype=torch.bool))
    (gradient,) = torch.autograd.grad(states[0, 20].sum(), embedded)
    return tuple(shapes), tuple(gradient[0].abs().sum(1).gt(0).tolist())


def test_no_encoder_is_another_one_under_a_new_name() -> None:
    forms = {}
    for name, kind in ENCODERS.items():
        accepted = inspect.signature(kind.__init__).parameters
        forms[name] = form(kind(6, **{key: value for key, value in SAME.items() if key in accepted}))
    same = [pair for pair in combinations(forms, 2) if forms[pair[0]] == forms[pair[1]]]
    assert not same


@pytest.mark.parametrize(
    ("name", "kind", "widths"),
    [
        *((name, LockedDropout, [6, 4, 4]) for name in ("rnn", "lstm", "gru")),
        *((name, LockedDropout, [6, 8, 8]) for name in ("bilstm", "bigru")),
        ("cnn", nn.Dropout, [6, 8, 8]),
        ("dilated_cnn", nn.Dropout, [6, 5, 5]),
        ("transformer_encoder", nn.Dropout, [8] * 5),
    ],
)
def test_dropout_stands_where_the_settings_say(name: str, kind: type[nn.Module], widths: list[int]) -> None:
    """On what comes in, between layers and on what goes out; a Transformer's, on what each half of a layer adds."""
    encoder, met = making.encoder(name), []
    for module in encoder.modules():
        if isinstance(module, kind):
            module.register_forward_hook(lambda _, given, __: met.append(given[0].numel() // (2 * 5)))
    encoder(torch.randn(2, 5, 6), torch.ones(2, 5, dtype=torch.bool))
    assert met == widths
