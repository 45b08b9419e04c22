"""Training that starts from a model instead of from fresh weights: continued, or transferred to other types.

What both networks have under the same name and in the same shape is taken over; what depends on the types only where
they are the same. The vocabularies are those of the model, or its vectors would belong to other words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from epicrisis.encoding import INDEXERS, Indexer
from epicrisis.errors import ModelError, RecipeError
from epicrisis.models import Joint, Tagger, parts_and_settings
from epicrisis.recipe import Part, Recipe, load_recipe
from epicrisis.runtime import model_folder, read_description
from epicrisis.runtime.model import file_hash

WEIGHTS, RECIPE = "network.safetensors", "recipe.yaml"


@dataclass(frozen=True)
class Start:
    """A model to start from.

    about     the content of model.json
    recipe    what it was trained by
    indexers  its vocabularies
    file      its weights
    """

    about: Mapping[str, Any]
    recipe: Recipe
    indexers: Mapping[str, Indexer]
    file: Path

    @property
    def hash(self) -> str:
        return file_hash(self.file)

    def licences(self, licence: str) -> str:
        """That of the texts to train on, and those of the texts that the model learned from: they still hold."""
        each = [*licence.split(" and "), *str(self.about.get("licence", "")).split(" and ")]
        return " and ".join(dict.fromkeys(filter(None, each)))

    def recipe_with_sizes(self, recipe: Recipe) -> Recipe:
        """The recipe with the sizes that the model's vectors have.

        Raises RecipeError where it reads words by other embedders than the model.
        """
        ours, theirs = ([_form(part) for part in one.embedder] for one in (recipe, self.recipe))
        if ours != theirs:
            raise RecipeError(
                f"{recipe.name}: model.embedder is not that of the model to start from, whose recipe is "
                f"{self.recipe.name}: words would be read otherwise; take the same recipe, or change it by --set"
            )
        sizes = {part.type: part.settings["size"] for part in self.recipe.embedder if "size" in part.settings}
        embedders = (
            Part(part.type, {**part.settings, "size": sizes[part.type]}) if part.type in sizes else part
            for part in recipe.embedder
        )
        return replace(recipe, embedder=tuple(embedders))

    def give(self, tagger: Tagger, types: Sequence[str]) -> tuple[int, int]:
        """Take its weights over; returns how many numbers of the network start from it, and how many there are."""
        try:
            weights = load_file(self.file)
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{self.file}: it cannot be read ({type(error).__name__})") from None
        ours = _meanings(types, tagger.relation_codec.to_dict() if isinstance(tagger, Joint) else {})
        theirs = _meanings(self.about["types"], self.about.get("relations", {}))
        others = tuple(prefix for prefix, meaning in ours.items() if theirs[prefix] != meaning)
        taken = total = 0
        with torch.no_grad():
            for name, weight in tagger.state_dict().items():
                total += weight.numel()
                given: Tensor | None = weights.get(name)
                if given is None or given.shape != weight.shape or name.startswith(others):
                    continue
                weight.copy_(given)
                taken += weight.numel()
        return taken, total

    def line(self, taken: int, total: int) -> str:
        """What a user is told of that."""
        return f"{taken / total:.0%} of the network's numbers start from the model {self.about['name']}"


def read_start(name: str | Path) -> Start:
    """A run or a model folder. Raises ModelError where there is none, or none with its weights of training."""
    folder = model_folder(name)
    about = read_description(folder)
    if not (folder / WEIGHTS).is_file() or not (folder / RECIPE).is_file():
        raise ModelError(
            f"{name}: this model comes without its weights of training ({WEIGHTS}, {RECIPE}) and cannot be started "
            f"from; give a run of your own"
        )
    try:
        indexers = {
            key: INDEXERS[key].from_dict(json.loads((folder / file).read_text("utf-8")))
            for key, file in about["indexers"].items()
        }
    except (KeyError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder}: the model is damaged ({type(error).__name__})") from None
    return Start(about, load_recipe(str(folder / RECIPE), parts_and_settings()), indexers, folder / WEIGHTS)


def _meanings(types: Sequence[str], relations: Mapping[str, Any]) -> dict[str, Any]:
    """Beginning of a weight's name -> what its rows and columns stand for, where they stand for something.

    relations: as in model.json
    """
    types = list(types)
    said = [types, relations.get("attributes")]
    return {
        "decoder.": types,
        "mentions.types.": types,
        "relations.": [types, relations.get("types")],
        "attributes.": said,
        "ruled.": [said, relations.get("ruled")],
    }


def _form(part: Part) -> tuple[str, dict[str, Any]]:
    """What a part computes by; its size may come from its vectors, and dropout is training's."""
    return part.type, {key: value for key, value in part.settings.items() if key not in ("size", "dropout")}
