"""A run that is killed as a machine kills it: at once, at any moment, several times."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from epicrisis.training import Run

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
import time
from pathlib import Path

import torch

from epicrisis.training import train
from tests.training.invented import DATA, tiny_recipe

torch.set_num_threads(1)
recipe = tiny_recipe(epochs=300, patience=300, average=0.9, schedule={"type": "cosine", "warm_up": 0.05})
train(recipe, DATA, Path(sys.argv[1]), resume=True, say=lambda line: print(line, flush=True))
"""
KILLS = 5


@pytest.mark.slow
def test_a_run_that_is_killed_five_times_ends_with_the_same_weights_byte_for_byte(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    def start(place: Path) -> subprocess.Popen[str]:
        place.parent.mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([sys.executable, script, place], env=environment, stdout=subprocess.PIPE, text=True)

    whole, killed = Run(tmp_path / "whole" / "run"), Run(tmp_path / "killed" / "run")
    start(whole.folder).communicate()
    chance = random.Random(5)
    begun_at = []
    for _ in range(KILLS):
        process = start(killed.folder)
        assert process.stdout is not None
        begun_at.append(next(line for line in process.stdout if line.startswith("epoch ")).split()[1])
        for _ in range(chance.randrange(5, 40)):  # epochs, not seconds: a fast machine would be done
            next(process.stdout)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert not killed.finished
    assert len(set(begun_at)) == KILLS, "a run did not go on where the one before it was killed"
    start(killed.folder).communicate()
    for file in ("model/network.safetensors", "model/states.onnx", "model/model.json", "dev.jsonl"):
        assert (killed.folder / file).read_bytes() == (whole.folder / file).read_bytes(), file
    assert killed.read() == whole.read()
