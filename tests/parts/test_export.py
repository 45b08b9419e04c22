"""Every encoder and attention, exported alone, gives what torch gives at other batch sizes and lengths."""

from pathlib import Path

import pytest
from torch import Tensor, nn

from epicrisis.parts.attention import ATTENTION
from epicrisis.parts.encoders import ENCODERS

from . import making
from .exporting import largest_difference

TOLERANCE = 1e-4


@pytest.mark.parametrize("name", ENCODERS)
def test_an_exported_encoder_equals_torch(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert largest_difference(making.encoder(name), [making.SIZE], tmp_path) < TOLERANCE
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ATTENTION)
def test_an_exported_attention_equals_torch(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    part = making.attention(name, embedded_size=5)
    assert largest_difference(part, [making.SIZE, 5], tmp_path) < TOLERANCE
    assert capfd.readouterr() == ("", "")


class _Frozen(nn.Module):
    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        return embedded * float(mask.sum())  # tracing keeps the number of its example


def test_a_part_whose_graph_knows_only_its_example_is_found(tmp_path: Path) -> None:
    assert largest_difference(_Frozen(), [making.SIZE], tmp_path) > 1
