"""What every test shares: one thread for torch, no deadlines on a busy machine, and one small trained model."""

from pathlib import Path

import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("epicrisis", deadline=None)
settings.load_profile("epicrisis")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder, trained once: it knows the invented notes by heart. Read only."""
    from epicrisis.training import train

    from .training.invented import DATA, tiny_recipe

    return train(tiny_recipe(), DATA, tmp_path_factory.mktemp("trained") / "tiny").model
