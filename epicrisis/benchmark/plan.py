"""A plan: which recipes are to be trained on which corpora with which seeds, as a YAML file.

    runs:
      - {recipe: [bilstm-crf, bigru-crf], corpus: ccks-2019, seeds: [1, 2, 3]}
      - {recipe: bilstm-crf, corpus: ccks-2019, set: [model.encoder.hidden_size=100], name: narrow}

recipe, corpus, seeds and split may be lists, which are crossed; seeds default to the recipe's own. `split` names folds
of a corpus that comes in folds, such as [fold-0, fold-1]. `set` changes a recipe as `epicrisis train --set` does, and
`from` names the run or model that training starts from, as `epicrisis train --from`. `name` says in the table what is
special, by default the changes themselves. All mistakes are reported at once.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from epicrisis import corpora
from epicrisis.errors import CorpusError, RecipeError, suggestion
from epicrisis.recipe import LEAST, MOST, Parts, Recipe, check_recipe, load_recipe

KEYS = ("recipe", "corpus", "split", "seeds", "set", "from", "name")


@dataclass(frozen=True)
class Planned:
    """One run that a plan asks for.

    recipe  with its seed; folders that it names are absolute
    label   what is special about it, "" where nothing is
    split   the fold to test on, "" where the corpus has none
    start   the run or model folder to start from, absolute; "" for fresh weights
    """

    recipe: Recipe
    corpus: str
    label: str
    split: str = ""
    start: str = ""


def read_plan(file: Path, parts: Parts) -> list[Planned]:
    """The runs of a plan, in its order. Raises RecipeError with every mistake, one a line."""
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise RecipeError(f"{file}: it cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{file}{where}: this is no YAML; is the indentation right?") from None
    if not isinstance(data, dict) or not isinstance(data.get("runs"), list) or not data["runs"]:
        raise RecipeError(f"{file}: a plan has the key runs, a list such as [{{recipe: NAME, corpus: NAME}}]")
    reader = _Reader(parts)
    reader.keys("", data, ("runs",))
    found = [planned for number, entry in enumerate(data["runs"]) for planned in reader.entry(f"runs.{number}", entry)]
    if reader.mistakes:
        raise RecipeError("\n".join(f"{file}, {mistake}" for mistake in reader.mistakes))
    return found


class _Reader:
    """Crosses what a plan lists, and collects mistakes."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.mistakes: list[str] = []
        self.seen: dict[str, str] = {}

    def entry(self, place: str, data: Any) -> list[Planned]:
        if not isinstance(data, Mapping):
            self.mistakes.append(f"{place}: keys and values are expected here, such as {{recipe: NAME, corpus: NAME}}")
            return []
        self.keys(f"{place}.", data, KEYS)
        names = self._list(f"{place}.recipe", data.get("recipe"), str)
        corpus_names = self._list(f"{place}.corpus", data.get("corpus"), str)
        seeds = self._list(f"{place}.seeds", data["seeds"], int) if "seeds" in data else []
        changes = self._list(f"{place}.set", data["set"], str) if data.get("set") else []
        start = data.get("from", "")
        if not isinstance(start, str) or (start and not Path(start).is_dir()):
            self.mistakes.append(f"{place}.from: there is no run or model folder {start!r}; train it first")
            start = ""
        special = [_shown(change) for change in changes] + ([f"from {Path(start).name}"] if start else [])
        label = data.get("name", ", ".join(special))
        if not isinstance(label, str):
            self.mistakes.append(f"{place}.name: str is expected, not {label!r}")
        splits = self._list(f"{place}.split", data["split"], str) if "split" in data else [""]
        for name in corpus_names:
            try:
                corpora.find(name)
            except CorpusError as error:
                self.mistakes.append(f"{place}.corpus: {error}")
                continue
            folds = corpora.folds(name)
            self.mistakes += [
                f"{place}.split: {name} has no fold {split!r}.{suggestion(split, folds)}"
                for split in splits
                if split and split not in folds
            ]
        low, high = LEAST["training.seed"], MOST["training.seed"]
        self.mistakes += [
            f"{place}.seeds: a number from {low} to {high} is expected, not {seed}"
            for seed in seeds
            if not low <= seed <= high
        ]
        recipes = [recipe for name in names if (recipe := self._recipe(place, name, changes))]
        return [
            planned
            for recipe in recipes
            for corpus in corpus_names
            for split in splits
            for seed in seeds or [recipe.training.seed]
            if (planned := self._once(place, recipe, corpus, split, seed, str(label), start))
        ]

    def keys(self, place: str, data: Mapping[str, Any], known: Sequence[str]) -> None:
        self.mistakes += [
            f"{place}{key}: there is no such key.{suggestion(str(key), known)}" for key in data if key not in known
        ]

    def _recipe(self, place: str, name: str, changes: Sequence[str]) -> Recipe | None:
        try:
            data = load_recipe(name, self.parts, changes).to_dict()
            return check_recipe({**data, "model": each_string(data["model"], _absolute)}, self.parts, name)
        except RecipeError as error:
            self.mistakes += [f"{place}.recipe: {line}" for line in str(error).splitlines()]
        except OSError as error:
            self.mistakes.append(f"{place}.recipe: {name}: it cannot be read: {error.strerror}")
        return None

    def _once(
        self, place: str, recipe: Recipe, corpus: str, split: str, seed: int, label: str, start: str
    ) -> Planned | None:
        folder = str(Path(start).resolve()) if start else ""
        planned = Planned(replace(recipe, training=replace(recipe.training, seed=seed)), corpus, label, split, folder)
        on = f"{corpus}, {split}" if split else corpus
        what = f"{place}: {recipe.name} on {on} with seed {seed}"
        same, cell = f"{on}\n{folder}\n{planned.recipe.to_yaml()}", f"{on}\n{recipe.name}\n{label}\n{seed}"
        if same in self.seen:
            self.mistakes.append(f"{what} stands in {self.seen[same]} too")
        elif cell in self.seen:
            self.mistakes.append(f"{what} looks in the table like that of {self.seen[cell]}; give it a name of its own")
        else:
            self.seen |= {same: place, cell: place}
            return planned
        return None

    def _list(self, place: str, value: Any, kind: type) -> list[Any]:
        """One value or a list of them."""
        values = value if isinstance(value, list) else [value]
        if values and all(type(one) is kind for one in values):
            return values
        what = "this is missing" if value is None else f"{kind.__name__} or a list of it is expected, not {value!r}"
        self.mistakes.append(f"{place}: {what}")
        return []


def each_string(data: Any, change: Callable[[str], str]) -> Any:
    """The same lists and mappings, every string in them changed."""
    if isinstance(data, Mapping):
        return {key: each_string(value, change) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [each_string(value, change) for value in data]
    return change(data) if isinstance(data, str) else data


def without_folders(value: str) -> str:
    """A path without what it says of the machine: its last name."""
    return Path(value).name if os.path.isabs(value) or _is_path(value) else value


def _absolute(value: str) -> str:
    """A path of a recipe means the same wherever the next process is started; a bare name is no path."""
    return str(Path(value).resolve()) if _is_path(value) else value


def _is_path(value: str) -> bool:
    return "/" in value and os.path.exists(value)


def _shown(change: str) -> str:
    key, equals, value = change.partition("=")
    return f"{key.removeprefix('model.')}{equals}{without_folders(value)}"
