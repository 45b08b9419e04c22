"""YAML -> a checked recipe. All mistakes are reported at once."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from epicrisis.errors import RecipeError, UsageError, suggestion
from epicrisis.recipe.limits import BELOW, CHOICES, LABELLING, LEAST, MOST, ODD, TASKS
from epicrisis.recipe.sections import FAMILIES, JointSettings, LinearSettings, Part, Parts, Passages, Recipe, Training
from epicrisis.text.clean import Preparation


def recipe_files() -> dict[str, Traversable]:
    """Name -> file of every recipe that comes with the package."""
    found: dict[str, Traversable] = {}
    for folder in resources.files("epicrisis").joinpath("recipes").iterdir():
        if folder.is_dir():
            found.update({f.name.removesuffix(".yaml"): f for f in folder.iterdir() if f.name.endswith(".yaml")})
    return dict(sorted(found.items()))


def load_recipe(name: str, parts: Parts, changes: Sequence[str] = ()) -> Recipe:
    """A recipe of the package by name, or a YAML file by path.

    changes: "model.encoder.hidden_size=128", as `--set` has them; a list entry is reached by its number
    Raises RecipeError: no such recipe, no YAML, or the list of all its mistakes.
    """
    data, source = read_recipe(name)
    for change in changes:
        _apply(data, change)
    return check_recipe(data, parts, source)


def read_recipe(name: str) -> tuple[dict[str, Any], str]:
    """A recipe's YAML, unchecked, and the name to report it by."""
    files = recipe_files()
    file: Traversable
    if name in files:
        file = files[name]
    elif name.endswith((".yaml", ".yml")) or "/" in name:
        file = Path(name)
        if not file.is_file():
            raise RecipeError(f"{name}: there is no such file")
    else:
        raise RecipeError(f"no recipe {name!r}.{suggestion(name, files)} A recipe of your own is given as a .yaml file")
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise RecipeError(f"{name}{where}: this is no YAML; is the indentation right?") from None
    if not isinstance(data, dict):
        raise RecipeError(f"{name}: a recipe has the keys paper, published, passages, model and training")
    data.setdefault("name", Path(file.name).stem)
    return data, name


def check_recipe(data: Mapping[str, Any], parts: Parts, source: str) -> Recipe:
    """Raises RecipeError with every mistake, one a line."""
    checker = _Checker(parts)
    recipe = checker.recipe(data)
    if checker.mistakes:
        raise RecipeError("\n".join(f"{source}, {mistake}" for mistake in checker.mistakes))
    return recipe


class _Checker:
    """Walks a recipe, fills in defaults and collects mistakes."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.mistakes: list[str] = []

    def recipe(self, data: Mapping[str, Any]) -> Recipe:
        model = self._mapping("model", data.get("model"))
        task = model.get("task", TASKS[0])
        of_texts = ("preparation",) if task in LABELLING else ()
        self._keys("", data, ("name", "paper", "published", *of_texts, "passages", "model", "training"))
        if task in LABELLING:
            return self._classifier(data, model)
        joint = task == "joint"  # the same recipe may be trained for entities alone: --set model.task=tagger
        self._keys("model", model, ("task", *FAMILIES, "relations", "joint"))
        self._value("model.task", task, str)
        recipe = Recipe(
            **self._reader(data, model),
            decoder=self._part("decoder", "model.decoder", model.get("decoder")),
            relations=self._part("relations", "model.relations", model.get("relations")) if joint else None,
            joint=self._fill("model.joint", JointSettings, model.get("joint", {}) if joint else {}),
        )
        if recipe.decoder.type and (recipe.decoder.type == "template") != (recipe.task == "template"):
            self.mistakes.append(f"model.decoder: {recipe.decoder.type!r} is no decoder of the task {recipe.task!r}")
        return recipe

    def _classifier(self, data: Mapping[str, Any], model: Mapping[str, Any]) -> Recipe:
        linear = model["task"] == "linear"
        own = ("linear",) if linear else (*FAMILIES[:-1], "pooling")
        self._keys("model", model, ("task", *own, "heads"))
        heads = self._parts("heads", model.get("heads"), "classes")
        if linear and any(head.type not in ("classes", "topics") for head in heads):
            self.mistakes.append("model.heads: the task linear has heads of the types classes and topics alone")
        return Recipe(
            **self._reader(data, model, embedded=not linear),
            decoder=Part("", {}),
            pooling=None if linear else self._part("pooling", "model.pooling", model.get("pooling")),
            heads=heads,
            linear=self._fill("model.linear", LinearSettings, model.get("linear", {})),
            preparation=self._preparation(data.get("preparation") or {}),
        )

    def _preparation(self, data: Any) -> Preparation:
        try:
            return Preparation.from_dict(self._mapping("preparation", data))
        except UsageError as error:
            self.mistakes.append(str(error))
            return Preparation()

    def _reader(self, data: Mapping[str, Any], model: Mapping[str, Any], *, embedded: bool = True) -> dict[str, Any]:
        """What recipes of all tasks have; embedded: with a network that reads tokens."""
        nothing = {"type": "nothing"}
        embedder = self._parts("embedder", model.get("embedder"), "words") if embedded else ()
        names = [part.type for part in embedder]
        if len(set(names)) < len(names):
            self.mistakes.append("model.embedder: the same part stands there twice")
        cut = self._fill("passages", Passages, data.get("passages", {}))
        if type(cut.budget) is type(cut.overlap) is int and cut.overlap >= cut.budget:
            self.mistakes.append("passages.overlap: it has to be smaller than the budget")
        return {
            "name": str(data.get("name", "")),
            "task": str(model.get("task", TASKS[0])),
            "embedder": embedder,
            "encoder": self._part("encoder", "model.encoder", model.get("encoder", nothing)),
            "attention": self._part("attention", "model.attention", model.get("attention", nothing)),
            "passages": cut,
            "training": self._fill("training", Training, data.get("training", {})),
            "paper": str(data.get("paper", "")),
            "published": self._mapping("published", data.get("published") or {}),
        }

    def _parts(self, family: str, data: Any, example: str) -> tuple[Part, ...]:
        if not isinstance(data, list) or not data:
            self.mistakes.append(f"model.{family}: a list of parts is expected here, such as [{{type: {example}}}]")
            return ()
        return tuple(self._part(family, f"model.{family}.{n}", one) for n, one in enumerate(data))

    def _part(self, family: str, place: str, data: Any) -> Part:
        data = self._mapping(place, data)
        known = self.parts[family]
        name = data.get("type")
        if not isinstance(name, str) or name not in known:
            what = "'type' is missing." if name is None else f"no {name!r}."
            self.mistakes.append(f"{place}: {what}{suggestion(str(name or ''), known)}")
            return Part("", {})
        settings = known[name]
        self._keys(place, data, ("type", *settings))
        filled = {}
        for key, (kind, default) in settings.items():
            value = data.get(key, default)
            if value is MISSING:
                self.mistakes.append(f"{place}.{key}: this setting is missing")
            filled[key] = self._value(f"{place}.{key}", value, kind, key) if key in data else value
        return Part(name, filled)

    def _fill(self, place: str, kind: type[Any], data: Any) -> Any:
        data = self._mapping(place, data)
        hints = get_type_hints(kind)
        self._keys(place, data, tuple(hints))
        filled = {}
        for setting in fields(kind):
            if setting.name not in data:
                continue
            value, hint, inner = data[setting.name], hints[setting.name], f"{place}.{setting.name}"
            is_group = hasattr(hint, "__dataclass_fields__")
            filled[setting.name] = self._fill(inner, hint, value) if is_group else self._value(inner, value, hint)
        return kind(**filled)

    def _value(self, place: str, value: Any, kind: Any, key: str = "") -> Any:
        """The value as its type, which a mistake leaves as it is. key: its place in the tables, if not `place`."""
        if kind is float and type(value) is int and abs(value) < 2**53:
            value = float(value)
        if get_origin(kind) is tuple:
            element = get_args(kind)[0]
            if element is float and isinstance(value, list):
                value = [float(v) if type(v) is int else v for v in value]
            if not isinstance(value, list) or not value or not all(type(v) is element for v in value):
                self.mistakes.append(f"{place}: a list of {element.__name__} is expected, not {value!r}")
                return value
            for one in value:
                self._allowed(place, one, key or place)
            return tuple(value)
        if type(value) is not kind:
            self.mistakes.append(f"{place}: {kind.__name__} is expected, not {value!r}")
        else:
            self._allowed(place, value, key or place)
        return value

    def _allowed(self, place: str, value: Any, key: str) -> None:
        """Compare a value of the right type with the tables."""
        expected = ""
        if isinstance(value, float) and not math.isfinite(value):
            expected = "a finite number"
        elif key in CHOICES and value not in CHOICES[key]:
            self.mistakes.append(f"{place}: no {value!r}.{suggestion(str(value), CHOICES[key])}")
        elif key in LEAST and value < LEAST[key]:
            expected = f"at least {LEAST[key]}"
        elif key in MOST and value > MOST[key]:
            expected = f"at most {MOST[key]}"
        elif key in BELOW and value >= BELOW[key]:
            expected = f"less than {BELOW[key]}"
        elif key in ODD and value % 2 == 0:
            expected = "an odd number"
        if expected:
            self.mistakes.append(f"{place}: {expected} is expected, not {value!r}")

    def _mapping(self, place: str, data: Any) -> Mapping[str, Any]:
        if isinstance(data, Mapping):
            return data
        self.mistakes.append(f"{place}: keys and values are expected here, such as 'type: crf'")
        return {}

    def _keys(self, place: str, data: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in data:
            if key not in known:
                at = f"{place}.{key}" if place else str(key)
                self.mistakes.append(f"{at}: there is no such setting.{suggestion(str(key), known)}")


def _apply(data: Any, change: str) -> None:
    path, equals, text = change.partition("=")
    if not equals or not path:
        raise RecipeError(f"--set {change}: it has the form model.encoder.hidden_size=128")
    *outer, last = path.split(".")
    here = data
    for key in outer:
        if isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        elif isinstance(here, dict):
            here = here.setdefault(key, {})
        else:
            raise RecipeError(f"--set {change}: there is nothing at {key!r}")
    if not isinstance(here, dict):
        raise RecipeError(f"--set {change}: {'.'.join(outer)} has no settings")
    try:
        here[last] = yaml.safe_load(text)
    except yaml.YAMLError:
        raise RecipeError(f"--set {change}: the value is no YAML") from None
