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
TEXT_COLUMNS = 2
SETTINGS = ("end_to_end", "given_gold_entities")
"""Of the scores of relations, in the order of their columns."""
NOTE = (
    "F1 is strict, micro, over all gold mentions; mean ± standard deviation over the seeds and folds. MFLOPs are those "
    "of a passage of 128 tokens; training is the time of one processor."
)

Rows = list[tuple[str, ...]]


def rows(jobs: Sequence[Job], store: Store) -> dict[str, Rows]:
    """By corpus, one for each recipe and label, in the order of the plan."""
    groups: dict[tuple[str, str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.row, []).append(job)
    tables: dict[str, Rows] = {}
    for (corpus, _, _), group in groups.items():
        tables.setdefault(corpus, []).append(_row(group, store))
    return tables


def notes(jobs: Sequence[Job]) -> list[str]:
    """What the columns mean, and what the published figures were measured on."""
    published = {job.recipe.name: job.recipe.published for job in jobs}
    sources = [
        f"Published for {name}: {figures['f1']} on {figures.get('corpus', 'a corpus that the recipe does not name')}."
        for name, figures in published.items()
        if "f1" in figures
    ]
    return [NOTE, *sources]


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
    empty = {n for n, name in enumerate(HEADER) if name in (RELATIONS, GIVEN) and not any(row[n] for row in table)}
    header, *rows = (tuple(cell for n, cell in enumerate(row) if n not in empty) for row in (HEADER, *table))
    return header, rows


def _row(group: Sequence[Job], store: Store) -> tuple[str, ...]:
    found = [(job, store.result(job)) for job in group]
    done = [result for _, result in found if result]
    tested = [result["test"] for result in done if result["test"]]
    finished = [job for job, result in found if result]
    seeds = " ".join(dict.fromkeys(str(job.seed) for job in finished)) or "none"
    if folds := {job.split for job in finished if job.split}:
        seeds += f", {len(folds)} folds"
    if len(done) < len(group):
        failed = sum(store.failure(job) is not None for job in group)
        seeds += f" ({len(done)} of {len(group)} done{f', {failed} failed' if failed else ''})"
    flops = [result["flops"] / 1e6 for result in done if result["flops"] is not None]
    return (
        f"{group[0].recipe.name}, {group[0].label}" if group[0].label else group[0].recipe.name,
        seeds,
        _spread([_f1(result["dev"], "strict") for result in done]),
        _spread([_f1(scores, "strict") for scores in tested]),
        _spread([_f1(scores, "boundary") for scores in tested]),
        *(_spread([_related(scores, name) for scores in tested if "relations" in scores]) for name in SETTINGS),
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
