"""The sections of a recipe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

from epicrisis.text.clean import Preparation

FAMILIES = ("embedder", "encoder", "attention", "decoder")
"""Of every tagger; a joint one has relations, too."""

Settings = Mapping[str, tuple[Any, Any]]
"""Setting -> (its type, its default; MISSING where it has none)."""
Parts = Mapping[str, Mapping[str, Settings]]
"""Family -> part -> settings."""


@dataclass(frozen=True)
class Passages:
    """How texts are cut (text/passages.py): tokens of a passage, tokens that two windows share."""

    budget: int = 128
    overlap: int = 32


@dataclass(frozen=True)
class Optimizer:
    """AdamW (Loshchilov and Hutter 2019) or SGD with momentum.

    rate             learning rate at its height
    decay            weight decay, not on word tables and biases
    clip             norm that gradients are cut to; 0 leaves them
    pretrained_rate  learning rate of a pre-trained encoder's weights; 0 for the same rate
    layer_decay      what share of the rate of the layer above each layer of a pre-trained encoder has (Howard and
                     Ruder 2018, "Universal Language Model Fine-tuning", section 3.2: discriminative fine-tuning)
    """

    type: str = "adamw"
    rate: float = 0.001
    decay: float = 0.0
    clip: float = 5.0
    momentum: float = 0.9
    pretrained_rate: float = 0.0
    layer_decay: float = 1.0


@dataclass(frozen=True)
class Schedule:
    """How the rate runs over the steps: a linear rise, then `type`.

    type     constant, linear or cosine (to a fiftieth of the height)
    warm_up  share of the steps that the rise takes
    """

    type: str = "constant"
    warm_up: float = 0.0


@dataclass(frozen=True)
class Training:
    """One run of training.

    epochs        passes over the training passages, at the most
    patience      epochs without a better dev score after which training ends
    batch_tokens  tokens of a batch, padding counted
    unfreeze      epochs after which one more layer of a pre-trained encoder begins to learn, the top one first (Howard
                  and Ruder 2018, section 3.3: gradual unfreezing); 0: all learn from the start
    average       decay of the exponential moving average of the weights that is evaluated and kept; 0 for none
    precision     fp32 or bf16 (autocast)
    seed          of weights, dropout and the order of batches
    threads       of a processor; another number sums in another order, and after many steps other weights come out
    class_weights  what the losses of a classifier's documents weigh; none: all the same; balanced: so much that every
                   class weighs as much as every other; root: the square root of that
    """

    optimizer: Optimizer = field(default_factory=Optimizer)
    schedule: Schedule = field(default_factory=Schedule)
    epochs: int = 50
    patience: int = 10
    batch_tokens: int = 1000
    unfreeze: int = 0
    average: float = 0.0
    precision: str = "fp32"
    seed: int = 1
    threads: int = 1
    class_weights: str = "none"


@dataclass(frozen=True)
class LinearSettings:
    """A linear classifier on the n-grams of a text, weighted by how rare they are (tf-idf).

    words       n-grams of words up to so many; 0 for none
    characters  n-grams of characters within words up to so many, from 2 on; 0 for none
    least       training documents that hold an n-gram, for it to be known
    most        n-grams of each kind that are known, those in the most documents
    strengths   the inverses of the regularisation's strength that are tried; dev chooses
    """

    words: int = 2
    characters: int = 5
    least: int = 2
    most: int = 100_000
    strengths: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True)
class JointSettings:
    """How the parts of a joint network are put together and learn.

    sharing    shared: one encoder for tags and relations; separate: one for each; marked: one for each, and that of
               relations reads the text with every mention between marks (see `text.marking`)
    weighting  sum: losses are added up, each times its weight; alternate: a batch teaches either tags or the rest;
               uncertainty: learned weights (Kendall, Gal and Cipolla 2018, CVPR, section 3.3)
    relations, attributes       weights of these losses; that of tags is 1
    attention, cross_attention  weights of the losses of EMLB's Algorithm 1, which does not define them; our reading:
                                how little a mention attends to the tails that it is related to, and they to it
    predicted  share of the batches that at the end of training show the tagger's wrong mentions, too, to be related to
               nothing; 0 at its beginning
    select     threshold: relations that are likely enough are kept; greedy: of two mentions only the likeliest one
    type_size  width of a vector of the type beside a mention's mean state; 0 for none
    rules      language of the assertion rules (see rules/) whose word on a mention adds to the scores of its
               attributes; empty for none
    window     most tokens between two mentions that may be related
    most       candidates of a mention, the nearest
    least      how often a pair of types must be related in training to be looked at
    """

    sharing: str = "shared"
    weighting: str = "sum"
    relations: float = 1.0
    attributes: float = 1.0
    attention: float = 0.0
    cross_attention: float = 0.0
    predicted: float = 0.0
    select: str = "threshold"
    type_size: int = 0
    rules: str = ""
    window: int = 64
    most: int = 16
    least: int = 2


@dataclass(frozen=True)
class Part:
    """A part by name, with every setting filled in."""

    type: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """A checked recipe, every default filled in."""

    name: str
    task: str
    embedder: tuple[Part, ...]
    encoder: Part
    attention: Part
    decoder: Part
    passages: Passages
    training: Training
    relations: Part | None = None
    joint: JointSettings = field(default_factory=JointSettings)
    pooling: Part | None = None
    heads: tuple[Part, ...] = ()
    linear: LinearSettings = field(default_factory=LinearSettings)
    preparation: Preparation = field(default_factory=Preparation)
    paper: str = ""
    published: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The form of the YAML file, with nothing left to defaults."""

        def part(part: Part) -> dict[str, Any]:
            return {"type": part.type, **{k: list(v) if isinstance(v, tuple) else v for k, v in part.settings.items()}}

        if self.task == "linear":
            model: dict[str, Any] = {"linear": {**asdict(self.linear), "strengths": list(self.linear.strengths)}}
        else:
            model = {"embedder": [part(embedder) for embedder in self.embedder]}
            families = FAMILIES[1:] if self.pooling is None else (*FAMILIES[1:-1], "pooling")
            model |= {family: part(getattr(self, family)) for family in families}
        if self.relations:
            model |= {"relations": part(self.relations), "joint": asdict(self.joint)}
        if self.heads:
            model["heads"] = [part(head) for head in self.heads]
        training = asdict(self.training)
        if not self.heads:
            del training["class_weights"]
        return {
            "name": self.name,
            "paper": self.paper,
            "published": dict(self.published),
            **({"preparation": self.preparation.to_dict()} if self.heads else {}),
            "passages": asdict(self.passages),
            "model": {"task": self.task, **model},
            "training": training,
        }

    def to_yaml(self) -> str:
        return yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)
