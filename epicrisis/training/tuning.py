"""Settings of a recipe, tried one after the other and chosen on dev.

OUT/trials.json   what is varied, and every trial: its settings, and its score or its error
OUT/trial-000/    the run of each, as `train` leaves it, without checkpoints
OUT/best.yaml     the recipe of the best trial with every default filled in, to be trained with other seeds

A search that was stopped goes on where it was and comes out as one that was not: a trial follows from those before it
and its number alone.
"""

import itertools
import json
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from epicrisis.errors import EpicrisisError, ModelError, UsageError
from epicrisis.training.data import Data, documents_hash
from epicrisis.training.loop import train
from epicrisis.training.model_files import write_json

METHODS = ("tpe", "grid")
STEPS = 3
"""Values of a range that a grid tries."""
BEGIN = 5
"""Trials drawn at random before what was seen guides the others."""

Settings = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    values: tuple[Any, ...]

    def grid(self) -> list[Any]:
        return list(self.values)

    def drawn(self, trial: Any, key: str) -> Any:
        """Values of any kind are drawn by their place: Optuna knows plain ones only."""
        return self.values[trial.suggest_categorical(key, list(range(len(self.values))))]


@dataclass(frozen=True)
class Range:
    """A number from low to high, both included; whole: a whole one; log: small ones in as many ways as large ones"""

    low: float
    high: float
    whole: bool
    log: bool

    def grid(self) -> list[Any]:
        shares = [step / (STEPS - 1) for step in range(STEPS)]
        if self.log:
            found = [math.exp(math.log(self.low) + share * math.log(self.high / self.low)) for share in shares]
        else:
            found = [self.low + share * (self.high - self.low) for share in shares]
        return list(dict.fromkeys(round(one) if self.whole else float(f"{one:.6g}") for one in found))

    def drawn(self, trial: Any, key: str) -> Any:
        if self.whole:
            return trial.suggest_int(key, int(self.low), int(self.high), log=self.log)
        return float(f"{trial.suggest_float(key, self.low, self.high, log=self.log):.6g}")


Space = Mapping[str, Choice | Range]


def parse_vary(given: Sequence[str]) -> dict[str, Choice | Range]:
    """KEY=a,b,c, or KEY=low..high, with :log behind for a range over orders of magnitude.

    Raises UsageError where it is neither.
    """
    space: dict[str, Choice | Range] = {}
    for one in given:
        key, _, text = one.partition("=")
        if not key or not text:
            raise UsageError(f"--vary {one}: it has the form KEY=a,b,c or KEY=low..high, with :log behind if wanted")
        if key in space:
            raise UsageError(f"--vary {one}: {key} is varied twice")
        space[key] = _range(one, text) if ".." in text else Choice(_values(one, text))
    return space


def tune(
    make: Callable[[Sequence[str]], Any],
    space: Space,
    data: Data,
    out: Path,
    *,
    trials: int,
    method: str,
    seed: int,
    resume: bool,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Train what the trials say and return the best of them as trials.json has it.

    make    changes, as `--set` has them -> the recipe
    trials  of tpe, how many; a grid tries all there are

    Raises RecipeError where the recipe does not take the first settings, ModelError where the folder holds another
    search, or no trial came to an end.
    """
    make(changes_of({key: one.grid()[0] for key, one in space.items()}))
    about = {
        "recipe": make([]).to_dict(),
        "vary": {key: repr(one) for key, one in space.items()},
        "method": method,
        "seed": seed,
        "documents_hash": documents_hash(data),
    }
    file = out / "trials.json"
    done = _begun(out, file, about, resume)

    def score(number: int, settings: Settings) -> float:
        folder = out / f"trial-{number:03}"
        run = train(make(changes_of(settings)), data, folder, resume=True, say=lambda line: None)
        curves = json.loads((run.folder / "curves.json").read_text("utf-8"))
        shutil.rmtree(run.last.parent, ignore_errors=True)
        key = next(key for key in curves[0] if key in SCORES)
        return max((float(point[key]) for point in curves if math.isfinite(point[key])), default=math.nan)

    def keep(found: Sequence[Mapping[str, Any]]) -> None:
        write_json(file, {**about, "trials": list(found)})

    found = search(space, score, done, trials=trials, method=method, seed=seed, keep=keep, say=say)
    best = best_of(found)
    if best is None:
        raise ModelError(f"{out}: no trial came to an end; trials.json says why")
    (out / "best.yaml").write_text(make(changes_of(best["settings"])).to_yaml(), "utf-8")
    return best


SCORES = ("dev_macro_f1", "dev_minus_absolute_error", "dev_strict_f1")
"""What decides on dev, by task."""


def search(
    space: Space,
    score: Callable[[int, Settings], float],
    done: Sequence[Mapping[str, Any]],
    *,
    trials: int,
    method: str,
    seed: int,
    keep: Callable[[Sequence[Mapping[str, Any]]], None],
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """All trials, those done among them.

    score  number and settings of a trial -> the larger the better; raises EpicrisisError where it fails
    done   trials of before; of one without score and error, nothing but the settings is known yet
    keep   takes all trials whenever there is something new
    """
    found = [dict(trial) for trial in done]
    grid = [dict(zip(space, values, strict=True)) for values in itertools.product(*(s.grid() for s in space.values()))]
    count = len(grid) if method == "grid" else trials
    for number in range(count):
        if number == len(found):
            settings = grid[number] if method == "grid" else _next(space, found, seed)
            found.append({"settings": settings})
            keep(found)
        trial = found[number]
        if "score" in trial or "error" in trial:
            continue
        try:
            value = score(number, trial["settings"])
            if not math.isfinite(value):
                raise ModelError("its score is no number")
            trial["score"] = value
        except EpicrisisError as error:
            trial["error"] = str(error)
        keep(found)
        best = best_of(found)
        result = f"{trial['score']:.4f}" if "score" in trial else f"failed: {trial['error']}"
        top = f"  (best {best['score']:.4f})" if best else ""
        say(f"trial {number + 1} of {count}  {' '.join(changes_of(trial['settings']))}  {result}{top}")
    return found


def best_of(trials: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The first of those with the highest score."""
    scored = [(number, trial) for number, trial in enumerate(trials) if "score" in trial]
    if not scored:
        return None
    number, trial = max(scored, key=lambda pair: (pair[1]["score"], -pair[0]))
    return {"number": number, **trial}


def changes_of(settings: Mapping[str, Any]) -> list[str]:
    """As `--set` has them. YAML's own way of writing a number: it takes JSON's 1e-05 for a word."""
    written = {key: yaml.safe_dump([value], default_flow_style=True, width=math.inf) for key, value in settings.items()}
    return [f"{key}={text.strip()[1:-1]}" for key, text in written.items()]


def _next(space: Space, found: Sequence[Mapping[str, Any]], seed: int) -> Settings:
    """The settings that a tree-structured Parzen estimator (Bergstra et al. 2011) tries next, from those before."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(n_startup_trials=BEGIN, seed=seed * 10_007 + len(found))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for trial in found:
        asked = optuna.trial.FixedTrial(_as_drawn(space, trial["settings"]))
        for key, one in space.items():
            one.drawn(asked, key)
        state = optuna.trial.TrialState.COMPLETE if "score" in trial else optuna.trial.TrialState.FAIL
        study.add_trial(
            optuna.trial.create_trial(
                params=asked.params, distributions=asked.distributions, value=trial.get("score"), state=state
            )
        )
    drawn = study.ask()
    return {key: one.drawn(drawn, key) for key, one in space.items()}


def _as_drawn(space: Space, settings: Mapping[str, Any]) -> Settings:
    """The settings as Optuna knows them: choices by their place."""
    return {
        key: list(one.values).index(settings[key]) if isinstance(one, Choice) else settings[key]
        for key, one in space.items()
    }


def _begun(out: Path, file: Path, about: Mapping[str, Any], resume: bool) -> list[dict[str, Any]]:
    """The trials that lie in the folder, which is made."""
    if not file.is_file():
        if out.is_dir() and any(out.iterdir()):
            raise ModelError(f"{out}: the folder is not empty and holds no search; give another --out")
        out.mkdir(parents=True, exist_ok=True)
        return []
    if not resume:
        raise ModelError(f"{out}: a search lies here. Go on with it by --resume, or give another --out")
    try:
        before = json.loads(file.read_text("utf-8"))
        trials = list(before.pop("trials"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file}: it cannot be read ({type(error).__name__}); give another --out") from None
    if before != json.loads(json.dumps(about)):
        raise ModelError(f"{out}: this search is of another recipe, corpus, method or --vary; give another --out")
    return trials


def _range(given: str, text: str) -> Range:
    text, _, scale = text.partition(":")
    low, _, high = text.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        raise UsageError(f"--vary {given}: the ends of a range are numbers") from None
    if scale not in ("", "log") or not ends[0] < ends[1] < math.inf or (scale and ends[0] <= 0):
        raise UsageError(
            f"--vary {given}: a range goes from a lower to a higher number, for :log both above 0; nothing but :log "
            f"stands behind"
        )
    return Range(*ends, all(type(yaml.safe_load(end)) is int for end in (low, high)), scale == "log")


def _values(given: str, text: str) -> tuple[Any, ...]:
    try:
        values = yaml.safe_load(f"[{text}]")
    except yaml.YAMLError:
        raise UsageError(f"--vary {given}: the values are no YAML") from None
    return tuple(_plain(one) for one in values)


def _plain(value: Any) -> Any:
    """YAML reads 1e-3 as a string."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
