"""What `epicrisis evaluate` shows of a model that labels whole texts."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from epicrisis.cli.evaluate import print_against
from epicrisis.document import Document
from epicrisis.errors import CorpusError
from epicrisis.evaluation import bootstrap
from epicrisis.evaluation.comparison import compare_labels
from epicrisis.evaluation.counts import Average, Counts
from epicrisis.evaluation.labels import ClassScores, LabelScores, TopicScores, evaluate_labels
from epicrisis.runtime import Classifier


def evaluate_classifier(
    classifier: Classifier,
    gold: Sequence[Document],
    header: dict[str, Any],
    *,
    against: Classifier | None = None,
    as_json: bool,
    per_document: bool,
) -> None:
    """header: model, corpus, split, split_hash and problems, as of every evaluation; against: to be compared with

    Raises CorpusError where gold has no label that the model gives.
    """
    if not _names(classifier, gold):
        raise CorpusError(
            f"no document has a label that {classifier.name} gives ({', '.join(classifier.about['types'])}): is it the "
            f"right corpus, and are its labels read (`epicrisis corpus stats`)?"
        )
    predicted = list(classifier.pipe(gold))
    scores = evaluate_labels(gold, predicted, names=_names(classifier, gold), topics=_has_topics(classifier))
    unread = sum("no_label" in document.meta for document in predicted)
    result = {
        **header,
        "documents": len(gold),
        **scores.to_dict(),
        "macro_f1_interval": intervals(scores),
        "without_label": unread,
    }
    if per_document:
        result["per_document"] = [{"id": d.id, "labels": _own_labels(classifier, d)} for d in predicted]
    if against is not None:
        names = [name for name in _names(classifier, gold) if name in _names(against, gold)]
        compared = compare_labels(gold, predicted, list(against.pipe(gold)), names=names)
        result["against"] = {"model": against.name, **{name: asdict(one) for name, one in compared.items()}}
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _print(scores, result)
        if against is not None:
            print_against("macro F1", result["against"])


def intervals(scores: LabelScores) -> dict[str, dict[str, float]]:
    """By label, and for topics together, the interval of macro F1: bootstrap over documents."""
    tables = {name: one.counts for name, one in scores.labels.items()}
    if scores.topics:
        tables["topics"] = scores.topics.counts
    found = {name: bootstrap(counts) for name, counts in tables.items() if counts.size}
    return {name: {"low": one.low, "high": one.high, "level": one.level} for name, one in found.items()}


def _names(classifier: Classifier, gold: Sequence[Document]) -> list[str]:
    """The labels that both the model and gold have."""
    return sorted({n for document in gold for n in document.labels if any(head.owns(n) for head in classifier.heads)})


def _own_labels(classifier: Classifier, document: Document) -> dict[str, Any]:
    """Those that the model gave. What it does not label stays as it is in gold, and is no answer of its own."""
    labels = document.to_dict().get("labels", {})
    return {name: one for name, one in labels.items() if any(head.owns(name) for head in classifier.heads)}


def _has_topics(classifier: Classifier) -> bool:
    return any(head["type"] == "topics" for head in classifier.about["labels"])


def _print(scores: LabelScores, result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"{result['model']} on {result['corpus']}, {result['split']}: {result['documents']} documents")
    for column in ("label", "accuracy", "macro F1", "weighted F1", "micro F1", "kappa", "MAE", "calibration error"):
        table.add_column(column, justify="left" if column == "label" else "right")
    rows: dict[str, ClassScores | TopicScores] = {
        **scores.labels,
        **({"topics": scores.topics} if scores.topics else {}),
    }
    for name, one in rows.items():
        said = one.to_dict()
        numbers = [said.get("accuracy", said.get("exact")), *(said[a]["f1"] for a in ("macro", "weighted", "micro"))]
        numbers += [said.get(key) for key in ("quadratic_weighted_kappa", "mean_absolute_error", "calibration_error")]
        table.add_row(name, *("" if number is None else f"{number:.4f}" for number in numbers))
    for name, number in scores.numbers.items():
        table.add_row(name, *[""] * 5, f"{number.absolute_error:.4f}", "")
    console.print(table)
    for name, interval in result["macro_f1_interval"].items():
        low, high = interval["low"], interval["high"]
        console.print(f"macro F1 of {name} between {low:.3f} and {high:.3f} (bootstrap over documents)")
    if result["without_label"]:
        console.print(f"{result['without_label']} documents got no label: without words, or of another language")
    for name, one in rows.items():
        counts = one.per_class if isinstance(one, ClassScores) else one.per_topic
        each = Table(name, "precision", "recall", "F1", "gold")
        for value, found in counts.items():
            each.add_row(str(value), *_shares(found), f"{found.tp + found.fn:.0f}")
        console.print(each)
    for name, classes in scores.labels.items():
        confusion = Table(f"{name}, gold", *(f"as {value}" for value in classes.values), "no label")
        for value, row in zip(classes.values, classes.confusion.tolist(), strict=True):
            confusion.add_row(str(value), *map(str, row))
        console.print(confusion)


def _shares(counts: Counts | Average) -> tuple[str, str, str]:
    return f"{counts.precision:.3f}", f"{counts.recall:.3f}", f"{counts.f1:.3f}"
