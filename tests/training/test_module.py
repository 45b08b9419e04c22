from pathlib import Path

import pytest
import torch
from torch.optim import SGD, AdamW

from epicrisis.models import Tagger, fit_indexers, make_tagger, parts_and_settings
from epicrisis.recipe import Optimizer, Schedule, Training, check_recipe
from epicrisis.text import Passage
from epicrisis.training.module import make_optimizer, rate_share, unfreeze

from ..checkpoints import save_checkpoint
from .invented import tiny_recipe


@pytest.fixture
def tagger() -> Tagger:
    recipe, indexers = fit_indexers(tiny_recipe(), [Passage.of(["No", "fever"])])
    return make_tagger(recipe, indexers, ["Problem"])[0]


def shares(schedule: Schedule, steps: int = 10) -> list[float]:
    share = rate_share(schedule, steps)
    return [round(share(step), 3) for step in range(steps + 1)]


def test_a_constant_rate_stays_at_its_height() -> None:
    assert shares(Schedule("constant")) == [1.0] * 11


def test_a_linear_rate_falls_evenly_to_a_fiftieth() -> None:
    assert shares(Schedule("linear"))[::5] == [1.0, 0.51, 0.02]


def test_a_cosine_rate_falls_slowly_first_and_last() -> None:
    found = shares(Schedule("cosine"))
    assert (found[0], found[5], found[10]) == (1.0, 0.51, 0.02)
    assert found[0] - found[1] < found[4] - found[5] > found[9] - found[10]
    assert found == sorted(found, reverse=True)


def test_warming_up_takes_its_share_of_the_steps() -> None:
    assert shares(Schedule("constant", 0.4)) == [0.25, 0.5, 0.75] + [1.0] * 8


def test_the_rate_never_leaves_its_range_after_the_last_step() -> None:
    assert rate_share(Schedule("cosine", 0.1), 10)(25) == pytest.approx(0.02)


def test_only_matrices_are_decayed(tagger: Tagger) -> None:
    optimizer = make_optimizer(tagger, Training(optimizer=Optimizer(rate=0.01, decay=0.1)))
    decayed, others = ({id(p) for p in group["params"]} for group in optimizer.param_groups)
    names = {name for name, p in tagger.named_parameters() if id(p) in decayed}
    assert names == {
        "embedder.embedders.character_cnn.filters.0.weight",
        *(f"encoder.{way}s.0.weight_{gate}_l0" for way in ("forward", "backward") for gate in ("ih", "hh")),
        "decoder.output.weight",
    }
    assert decayed | others == {id(p) for p in tagger.parameters()}
    assert not decayed & others
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.0]


def test_the_recipe_chooses_the_optimizer(tagger: Tagger) -> None:
    adam = make_optimizer(tagger, Training(optimizer=Optimizer(rate=0.01, momentum=0.8)))
    sgd = make_optimizer(tagger, Training(optimizer=Optimizer("sgd", 0.5, momentum=0.7)))
    assert isinstance(adam, AdamW)
    assert isinstance(sgd, SGD)
    assert (adam.param_groups[0]["lr"], adam.param_groups[0]["betas"]) == (0.01, (0.8, 0.99))
    assert (sgd.param_groups[1]["lr"], sgd.param_groups[1]["momentum"]) == (0.5, 0.7)


def test_weights_that_are_kept_are_not_given_to_the_optimizer(tagger: Tagger) -> None:
    kept = tagger.embedder.embedders["words"].learned.weight  # type: ignore[union-attr,index]
    kept.requires_grad_(False)
    optimizer = make_optimizer(tagger, Training())
    assert all(p is not kept for group in optimizer.param_groups for p in group["params"])
    assert isinstance(kept, torch.nn.Parameter)


@pytest.fixture
def encoder(tmp_path: Path) -> Tagger:
    """A network on a pre-trained encoder of two layers, of which the embeddings are frozen."""
    embedder = {"type": "transformer", "checkpoint": str(save_checkpoint(tmp_path)), "frozen": 1}
    model = {"embedder": [embedder], "decoder": {"type": "softmax"}}
    recipe, indexers = fit_indexers(check_recipe({"model": model}, parts_and_settings(), "test"), [])
    return make_tagger(recipe, indexers, ["Problem"])[0]


def test_layers_have_rates_of_their_own_and_frozen_ones_none(encoder: Tagger) -> None:
    chosen = Optimizer(rate=0.1, pretrained_rate=0.01, layer_decay=0.5)
    optimizer = make_optimizer(encoder, Training(optimizer=chosen))
    rate = {id(weight): group["lr"] for group in optimizer.param_groups for weight in group["params"]}
    part = encoder.embedder.embedders["transformer"]  # type: ignore[union-attr,index]
    embeddings, low, high = part.pretrained_layers()
    assert {rate[id(weight)] for weight in high} == {0.01}
    assert {rate[id(weight)] for weight in low} == {0.005}
    assert not any(id(weight) in rate for weight in embeddings)
    assert rate[id(encoder.decoder.output.weight)] == 0.1  # type: ignore[union-attr]


def test_layers_begin_to_learn_from_the_top_and_frozen_ones_never(encoder: Tagger) -> None:
    def learning(epoch: int) -> list[bool]:
        unfreeze(encoder, epoch, 2)
        part = encoder.embedder.embedders["transformer"]  # type: ignore[union-attr,index]
        return [all(weight.requires_grad for weight in layer) for layer in part.pretrained_layers()]

    assert [learning(epoch) for epoch in (0, 2, 3, 4, 9)] == [
        [False, False, False],
        [False, False, True],
        [False, False, True],
        [False, True, True],
        [False, True, True],
    ]
    unfreeze(encoder, 0, 2)
    optimizer = make_optimizer(encoder, Training())  # as after an attempt that memory did not suffice for
    given = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
    part = encoder.embedder.embedders["transformer"]  # type: ignore[union-attr,index]
    assert all(id(weight) in given for layer in part.pretrained_layers()[1:] for weight in layer)
