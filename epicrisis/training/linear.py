"""A linear classifier on n-grams: fitted by scikit-learn, its strength of regularisation chosen on dev.

Every strength is an epoch of the curves. Nothing is left of a fit that was interrupted: it takes seconds, and begins
anew.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epicrisis.decoding import LabelHead
from epicrisis.decoding.labels import Topics, softmax, split_columns
from epicrisis.encoding import NgramIndexer
from epicrisis.errors import CorpusError, ModelError
from epicrisis.recipe import Recipe
from epicrisis.training.classifying import MACRO_F1, Labelled
from epicrisis.training.data import Data, documents_hash
from epicrisis.training.finishing_labels import finish_linear, score_of
from epicrisis.training.labelling import Rows, targets_and_weights
from epicrisis.training.model_files import write_json
from epicrisis.training.run import Run, versions
from epicrisis.training.task import Point

ITERATIONS = 2000
MOST = 30.0
"""Score that a topic gets which all training documents have; none where none does."""

Fitted = dict[str, NDArray[np.float32]]


def train_linear(
    recipe: Recipe, data: Data, out: Path, *, start: object, resume: bool, say: Callable[[str], None]
) -> Run:
    """As `loop.train`, of the task linear. Raises ModelError where a model to start from is given."""
    if start is not None:
        raise ModelError("a linear model starts from no other: leave out --from")
    run, labelled = Run(out), Labelled(recipe, data)
    about = {
        **data.about,
        "recipe": recipe.name,
        "seed": recipe.training.seed,
        "documents_hash": documents_hash(data),
        **labelled.about(),
        "versions": {**versions(), **_versions()},
        "finished": False,
    }
    settings = recipe.linear
    texts = [document.text for document in labelled.documents]
    ngrams = NgramIndexer.fit(
        texts, words=settings.words, characters=settings.characters, least=settings.least, most=settings.most
    )
    if not len(ngrams.rarity):
        raise CorpusError(
            f"no n-gram stands in {settings.least} training documents: there are too few, or model.linear.least is too "
            f"large"
        )
    run.begin(recipe.to_yaml(), about, data.split, resume=resume)
    if run.finished:
        say(f"{out}: this run is finished")
        return run
    for line in labelled.told(recipe):
        say(line)
    say(f"{len(ngrams.known['words']):,} n-grams of words, {len(ngrams.known['characters']):,} of characters")
    rows, dev_rows = _matrix(ngrams, texts), _matrix(ngrams, [document.text for document in labelled.dev])
    weights = labelled.balance(labelled.targets, labelled.known)
    dev_targets, dev_known = targets_and_weights(labelled.dev, labelled.heads)
    dev_weights = labelled.balance(dev_targets, dev_known)
    curves: list[Point] = []
    best: Fitted = {}
    for number, strength in enumerate(settings.strengths, start=1):
        begun, cpu = time.perf_counter(), time.process_time()
        fitted = _fitted(rows, labelled.targets, weights, labelled.heads, strength)
        scores, ours = ((matrix @ fitted["weights"] + fitted["bias"]) for matrix in (dev_rows, rows))
        found = labelled.scored(np.asarray(scores, np.float64))
        point = {
            "epoch": float(number),
            "strength": strength,
            "loss": loss_of(labelled.heads, np.asarray(ours, np.float64), labelled.targets, weights),
            MACRO_F1: score_of(found),
            "dev_loss": loss_of(labelled.heads, np.asarray(scores, np.float64), dev_targets, dev_weights),
            **{f"dev_accuracy_{name}": one.accuracy for name, one in found.labels.items()},
            "seconds": round(time.perf_counter() - begun, 2),
            "cpu_seconds": round(time.process_time() - cpu, 2),
        }
        if not curves or point[MACRO_F1] > max(one[MACRO_F1] for one in curves):
            best = fitted
        curves.append(point)
        write_json(run.folder / "curves.json", curves)
        say(
            f"strength {strength:g}  loss {point['loss']:.4f}  dev loss {point['dev_loss']:.4f}  dev macro F1 "
            f"{point[MACRO_F1]:.4f}  {point['seconds']:.1f} s"
        )
    finish_linear(run, recipe, ngrams, best, labelled.heads, data, curves, say)
    return run


def loss_of(heads: Sequence[LabelHead], scores: NDArray[np.float64], targets: Rows, weights: Rows) -> float:
    """The mean cross-entropy of the documents with a label, that of all heads added up."""
    total, at = 0.0, 0
    for head, columns in zip(heads, split_columns(heads, scores), strict=True):
        wanted, weight = (table[:, at : at + head.width].astype(np.float64) for table in (targets, weights))
        if isinstance(head, Topics):
            each = np.logaddexp(0, columns) - wanted * columns
        else:
            shares = softmax(columns)[np.arange(len(columns)), wanted[:, 0].astype(int)]
            each = -np.log(np.maximum(shares, 1e-300))[:, None]
        total += float((each * weight).sum())
        at += head.width
    return total / max(int(weights.any(1).sum()), 1)


def _fitted(rows: Any, targets: Rows, weights: Rows, heads: Sequence[LabelHead], strength: float) -> Fitted:
    """Logistic regression for each head, and for each topic."""
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    at = 0
    for head in heads:
        if isinstance(head, Topics):
            columns += [_binary(rows, targets[:, n], weights[:, n], strength) for n in range(at, at + head.width)]
        else:
            there = weights[:, at] > 0
            model = _regression(rows[there], targets[there, at], weights[there, at], strength)
            if head.columns == 2:  # one row, of the second class
                coefficients = np.concatenate([-model.coef_, model.coef_]) / 2
                bias = np.concatenate([-model.intercept_, model.intercept_]) / 2
            else:
                coefficients, bias = model.coef_, model.intercept_
            columns.append((coefficients.T, bias))
        at += head.width
    tables, biases = zip(*columns, strict=True)
    return {
        "weights": np.ascontiguousarray(np.concatenate(tables, 1), np.float32),
        "bias": np.concatenate(biases).astype(np.float32),
    }


def _binary(rows: Any, targets: NDArray[Any], weights: NDArray[Any], strength: float) -> tuple[Any, Any]:
    there = weights > 0
    if len(set(targets[there].tolist())) < 2:
        sign = MOST if targets[there].any() else -MOST
        return np.zeros((rows.shape[1], 1)), np.array([sign])
    model = _regression(rows[there], targets[there], weights[there], strength)
    return model.coef_.T, model.intercept_


def _regression(rows: Any, targets: NDArray[Any], weights: NDArray[Any], strength: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # dev says how good it is
        return model.fit(rows, targets.astype(int), sample_weight=weights.astype(np.float64))


def _matrix(ngrams: NgramIndexer, texts: Sequence[str]) -> Any:
    """(documents, n-grams), sparse"""
    from scipy.sparse import csr_matrix

    rows = [ngrams.row(text) for text in texts]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in rows)])
    numbers, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    return csr_matrix((weights, numbers, ends), shape=(len(texts), len(ngrams.rarity)))


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"scikit-learn": version("scikit-learn")}
