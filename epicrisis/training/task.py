"""A task: what the loop has to know of a kind of network that it trains.

There is one for networks that tag (`tagging.py`) and one for those that classify whole texts (`classifying.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from epicrisis.models import Tagger
from epicrisis.training.batches import Batch, Item, LabelBatch
from epicrisis.training.run import Run

AnyBatch = Batch | LabelBatch
Point = dict[str, float]
"""One epoch of the curves."""


class Task(Protocol):
    """Made from a recipe and documents, with vocabularies, but without a network, which `build` makes.

    items   what is learned from
    score   the name of the dev score that decides, the larger the better
    """

    items: Sequence[Item]
    score: str

    @property
    def network(self) -> Tagger: ...

    def build(self) -> None:
        """Make the network. Raises RecipeError where the recipe describes none."""
        ...

    @property
    def yaml(self) -> str:
        """The recipe with every default and every size filled in."""
        ...

    def about(self) -> Mapping[str, Any]:
        """What run.json says of what is learned."""
        ...

    def told(self) -> Iterator[str]:
        """What a user should know before waiting for the end of training."""
        ...

    def batch(self, chosen: Sequence[Item]) -> AnyBatch: ...

    def loss(self, network: Tagger, batch: AnyBatch, progress: float) -> Tensor:
        """A sum over what the batch counts -> (). progress: share of the steps that are done"""
        ...

    def dev_scores(self, network: Tagger) -> Point:
        """On the dev documents: under `score` what decides, and what else the curves show."""
        ...

    def line(self, point: Point) -> str:
        """The dev scores of an epoch in words."""
        ...

    def finish(self, run: Run, curves: Sequence[Point], say: Callable[[str], None]) -> None:
        """Export the network, with the weights of the best epoch, and write down how it scores on dev."""
        ...
