"""One loop that trains every recipe, and what makes a model folder of its result. Needs torch."""

from epicrisis.training.data import Data
from epicrisis.training.loop import train
from epicrisis.training.run import Run
from epicrisis.training.starting import Start, read_start

__all__ = ["Data", "Run", "Start", "read_start", "train"]
