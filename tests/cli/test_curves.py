"""`epicrisis curves` on curves that were written by hand."""

import json
import re
from pathlib import Path

import pytest

from epicrisis.cli.main import main

pytest.importorskip("matplotlib", reason="figures need matplotlib")

CURVES = [
    {"epoch": 1.0, "loss": 2.0, "dev_loss": 1.5, "dev_macro_f1": 0.4},
    {"epoch": 2.0, "loss": 1.0, "dev_loss": 1.2, "dev_macro_f1": 0.6},
]


def folder(place: Path, name: str, curves: list[dict[str, float]]) -> str:
    (place / name).mkdir()
    (place / name / "curves.json").write_text(json.dumps(curves))
    return str(place / name)


def test_runs_are_drawn_beside_each_other(tmp_path: Path) -> None:
    one = folder(tmp_path, "first-run", CURVES)
    tagger = [{"epoch": 1.0, "loss": 2.0, "dev_strict_f1": 0.4}]  # has no loss on dev
    two = folder(tmp_path, "second-run", tagger)
    out = tmp_path / "curves.svg"
    assert main(["curves", one, two, "--out", str(out)]) == 0
    drawn = out.read_text("utf-8")
    for words in ("first-run", "second-run", "epoch", "macro F1 on dev / strict F1 on dev", "loss (dashed: on dev)"):
        assert words in drawn
    style = "fill: none; (?:stroke-dasharray: [^;]*; stroke-dashoffset: 0; )?stroke: #1f77b4"
    lines = re.findall(f'<path d="(M [^"]+)" clip-path=[^>]*style="{style}', drawn)
    assert len(lines) == 3, "loss, loss on dev and score of the first run"
    heights = [[float(y) for _, y in re.findall(r"[ML] (\S+) (\S+)", line)] for line in lines]
    assert heights[0][0] < heights[0][1], "the loss falls: further down is a larger number"
    assert heights[2][0] > heights[2][1], "the score rises"
    assert main(["curves", one, two, "--out", str(out)]) == 0
    assert out.read_text("utf-8") == drawn


def test_a_png_is_one(tmp_path: Path) -> None:
    out = tmp_path / "curves.png"
    assert main(["curves", folder(tmp_path, "run", CURVES), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_what_is_no_run_or_no_figure_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = folder(tmp_path, "run", CURVES)
    assert main(["curves", str(tmp_path), "--out", str(tmp_path / "x.svg")]) == 2
    assert f"{tmp_path}: there is no curves.json" in capsys.readouterr().err
    assert main(["curves", run, "--out", str(tmp_path / "x.gif")]) == 2
    assert "a figure is one of .png, .svg, .pdf" in capsys.readouterr().err
