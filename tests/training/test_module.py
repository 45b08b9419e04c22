import pytest
import torch
from torch.optim import SGD, AdamW

from epicrisis.models import Tagger, fit_indexers, make_tagger
from epicrisis.recipe import Optimizer, Schedule, Training
from epicrisis.text import Passage
from epicrisis.training.module import make_optimizer, rate_share

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
