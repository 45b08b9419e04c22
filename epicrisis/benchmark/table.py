"""Results -> tables: one a corpus, a row for each recipe, its seeds and folds taken together."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from epicrisis.benchmark.store import Job, Store
from epicrisis.benchmark.work import duration

if TYPE_CHECKING:
    from rich.table import Table

RELATIONS, GIVEN = "test relations F1", "test relations F1, gold's entities"
"""Columns that stand only where a recipe relates entities."""
HEADER = (
    "recipe",
    "seeds",
    "dev F1",
    "test F1",
    "test boundary F1",
    RELATIONS,
    GIVEN,
    "published F1",
    "parameters",
    "MFLOPs",
    "training",
    "words/s",
)
LABEL_HEADER = (
    "recipe",
    "seeds",
    "dev macro F1",
    "test macro F1",
    "test accuracy",
    "test weighted F1",
    "test kappa",
    "test MAE",
    "test calibration error",
    "published F1",
    "parameters",
    "MFLOPs",
    "training",
    "words/s",
)
"""Of recipes that label whole texts."""
TEXT_COLUMNS = 2
SETTINGS = ("end_to_end", "given_gold_entities")
"""Of the scores of relations, in the order of their columns."""
LABELS = ", labels"
"""What the title of a table of labels has behind the corpus."""
NOTE = (
    "F1 is strict, micro, over all gold mentions; mean ± standard deviation over the seeds and folds. MFLOPs are those "
    "of a passage of 128 tokens; training is the time of one processor."
)
LABEL_NOTE = (
    "Of labels: macro F1 is the mean over classes, of several labels the mean over them; mean ± standard deviation "
    "over the seeds. MFLOPs are those of a text of 128 tokens; training is the time of one processor."
)

Rows = list[tuple[str, ...]]


def rows(jobs: Sequence[Job], store: Store) -> dict[str, Rows]:
    """By corpus, one for each recipe and label, in the order of the plan."""
    groups: dict[tuple[str, str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.row, []).append(job)
    tables: dict[str, Rows] = {}
    for (corpus, _, _), group in groups.items():
        labels = bool(group[0].recipe.heads)
        title = f"{corpus}{LABELS}" if labels else corpus
        tables.setdefault(title, []).append((_label_row if labels else _row)(group, store))
    return tables


def notes(jobs: Sequence[Job]) -> list[str]:
    """What the columns mean, and what the published figures were measured on."""
    published = {job.recipe.name: job.recipe.published for job in jobs}
    sources = [
        f"Published for {name}: {figures['f1']} on {figures.get('corpus', 'a corpus that the recipe does not name')}."
        for name, figures in published.items()
        if "f1" in figures
    ]
    of_labels = [LABEL_NOTE] if any(job.recipe.heads for job in jobs) else []
    return [*([NOTE] if any(not job.recipe.heads for job in jobs) else []), *of_labels, *sources]


def markdown(tables: dict[str, Rows], remarks: Sequence[str]) -> str:
    lines = []
    for corpus, table in tables.items():
        header, shown = _used(table)
        lines += [
            f"## {corpus}",
            "",
            f"| {' | '.join(header)} |",
            "|" + "---|" * TEXT_COLUMNS + "---:|" * (len(header) - TEXT_COLUMNS),
            *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in shown),
            "",
        ]
    return "\n".join([*lines, *remarks]) + "\n"


def rich_tables(tables: dict[str, Rows]) -> "list[Table]":
    from rich.markup import escape
    from rich.table import Table

    shown = []
    for corpus, table in tables.items():
        one = Table(title=escape(corpus))
        header, used = _used(table)
        for number, name in enumerate(header):
            one.add_column(name, justify="left" if number < TEXT_COLUMNS else "right")
        for row in used:
            one.add_row(*map(escape, row))
        shown.append(one)
    return shown


def _used(table: Rows) -> tuple[tuple[str, ...], Rows]:
    """The header and the rows without the columns that say nothing of this corpus."""
    given = HEADER if len(table[0]) == len(HEADER) else LABEL_HEADER
    left_out = (RELATIONS, GIVEN, *LABEL_HEADER[6:8])
    empty = {n for n, name in enumerate(given) if name in left_out and not any(row[n] for row in table)}
    header, *rows = (tuple(cell for n, cell in enumerate(row) if n not in empty) for row in (given, *table))
    return header, rows


def _row(group: Sequence[Job], store: Store) -> tuple[str, ...]:
    done, tested = _results(group, store)
    return (
        *_named(group, store),
        _spread([_f1(result["dev"], "strict") for result in done]),
        _spread([_f1(scores, "strict") for scores in tested]),
        _spread([_f1(scores, "boundary") for scores in tested]),
        *(_spread([_related(scores, name) for scores in tested if "relations" in scores]) for name in SETTINGS),
        *_costs(group, done),
    )


def _label_row(group: Sequence[Job], store: Store) -> tuple[str, ...]:
    """Macro F1 is the mean over labels and topics, as training chose by it; all else of the label that stands first."""
    done, tested = _results(group, store)
    first = [{**next(iter(scores["labels"].values()), {}), **_of_topics(scores)} for scores in tested]

    def mean_of(key: str) -> str:
        return _spread([one[key] for one in first if one.get(key) is not None])

    return (
        *_named(group, store),
        _spread([result["dev"]["score"] for result in done]),
        _spread([scores["score"] for scores in tested]),
        mean_of("accuracy"),
        _spread([one["weighted"]["f1"] for one in first if "weighted" in one]),
        mean_of("quadratic_weighted_kappa"),
        mean_of("mean_absolute_error"),
        mean_of("calibration_error"),
        *_costs(group, done),
    )


def _of_topics(scores: dict[str, Any]) -> dict[str, Any]:
    """Their scores, where there is no other label."""
    return {} if scores["labels"] else {**scores["topics"], "accuracy": scores["topics"]["exact"]}


def _results(group: Sequence[Job], store: Store) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is done, and the scores on test of what of it was tested."""
    done = [result for job in group if (result := store.result(job))]
    return done, [result["test"] for result in done if result["test"]]


def _named(group: Sequence[Job], store: Store) -> tuple[str, str]:
    """The recipe, and which seeds are done."""
    finished = [job for job in group if store.result(job)]
    seeds = " ".join(dict.fromkeys(str(job.seed) for job in finished)) or "none"
    if folds := {job.split for job in finished if job.split}:
        seeds += f", {len(folds)} folds"
    if len(finished) < len(group):
        failed = sum(store.failure(job) is not None for job in group)
        seeds += f" ({len(finished)} of {len(group)} done{f', {failed} failed' if failed else ''})"
    return f"{group[0].recipe.name}, {group[0].label}" if group[0].label else group[0].recipe.name, seeds


def _costs(group: Sequence[Job], done: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    flops = [result["flops"] / 1e6 for result in done if result["flops"] is not None]
    return (
        str(group[0].recipe.published.get("f1", "")),
        _mean([result["parameters"]["total"] for result in done], ",.0f"),
        _mean(flops, ",.1f"),
        duration(statistics.mean(result["training"]["cpu_seconds"] for result in done)) if done else "",
        _mean([result["annotating"]["words_per_second"] for result in done], ",.0f"),
    )


def _f1(scores: dict[str, Any], measure: str) -> float:
    return float(scores["scores"][measure]["micro"]["f1"])


def _related(scores: dict[str, Any], setting: str) -> float:
    return float(scores["relations"][setting]["strict"]["micro"]["f1"])


def _spread(values: Sequence[float]) -> str:
    """One run is marked as such."""
    if not values:
        return ""
    mean = f"{statistics.mean(values):.4f}"
    return f"{mean} ± {statistics.stdev(values):.4f}" if len(values) > 1 else f"{mean} (1 seed)"


def _mean(values: Sequence[float], form: str) -> str:
    return f"{statistics.mean(values):{form}}" if values else ""
