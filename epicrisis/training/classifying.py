"""Networks that classify whole texts: what they learn from, how they score on dev, and how a run of one ends."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from epicrisis.decoding import LabelHead, decode_labels
from epicrisis.decoding.labels import Topics
from epicrisis.document import TOPIC, Document
from epicrisis.encoding import chapters
from epicrisis.errors import CorpusError
from epicrisis.evaluation.labels import LabelScores
from epicrisis.models import Classifier, Tagger, fit_heads, fit_indexers, make_classifier, start_from_pretrained
from epicrisis.parts.pooling import POOLING
from epicrisis.recipe import Recipe
from epicrisis.runtime import NetworkReader
from epicrisis.text import PassageRule
from epicrisis.training.batches import Item, LabelBatch, make_label_batch
from epicrisis.training.data import Data
from epicrisis.training.export_labels import torch_labels
from epicrisis.training.finishing_labels import columns_of, finish_network, own_scores, score_of
from epicrisis.training.labelling import Balance, cases, targets_and_weights
from epicrisis.training.run import Run
from epicrisis.training.starting import Start
from epicrisis.training.tagging import ill_covered
from epicrisis.training.task import AnyBatch, Point

MACRO_F1, MINUS_ERROR = "dev_macro_f1", "dev_minus_absolute_error"


class Labelled:
    """The documents that a classifier learns from, as it will read them, and what its heads know of them.

    heads    as fitted to the training documents
    balance  what the classes weigh
    left     how many training documents have none of the labels, and are left out
    """

    def __init__(self, recipe: Recipe, data: Data) -> None:
        """Raises CorpusError where there is nothing to learn."""
        if not data.dev:
            raise CorpusError("there are no dev documents: training cannot tell when to stop")
        self.heads = fit_heads(recipe, data.train)
        train, dev = (list(map(recipe.preparation.of_document, part)) for part in (data.train, data.dev))
        every, known = targets_and_weights(train, self.heads)
        there = [n for n, row in enumerate(known) if row.any() and train[n].text.strip()]
        if not there:
            raise CorpusError("no training document has both a text and a label: there is nothing to learn")
        self.documents = [train[n] for n in there]
        self.left = len(train) - len(there)
        self.targets, self.known = every[there], known[there]
        self.balance = Balance(self.heads, self.targets, self.known, recipe.training.class_weights)
        self.dev = [document for document in dev if document.text.strip()]
        if not self.dev:
            raise CorpusError("no dev document has a text: training cannot tell when to stop")
        self.names = [head.label for head in self.heads if hasattr(head, "label")]
        self.topics = any(isinstance(head, Topics) for head in self.heads)

    def about(self) -> dict[str, Any]:
        return {"labels": {"documents": len(self.documents), "without": self.left, **self._counts(self.documents)}}

    def told(self, recipe: Recipe) -> Iterator[str]:
        counts = self._counts(self.documents)
        said = "; ".join(
            f"{name}: " + ", ".join(f"{value} {number}" for value, number in of.items()) for name, of in counts.items()
        )
        without = f"; {self.left} without a label or a text are left out" if self.left else ""
        yield f"{recipe.name}, seed {recipe.training.seed}: {len(self.documents)} documents, {said}{without}"
        for name, of in self._counts(self.dev).items():
            if unknown := sorted(value for value in of if value not in counts.get(name, {})):
                number = sum(of[value] for value in unknown)
                yield (
                    f"warning: dev holds {number} labels {name} of values that no training document has "
                    f"({', '.join(unknown)}): they count as missed"
                )

    def scored(self, scores: NDArray[np.float64]) -> LabelScores:
        """Of the dev documents, from their (D, columns) scores."""
        labels = decode_labels(self.heads, scores)
        predicted = [replace(document, labels=said) for document, said in zip(self.dev, labels, strict=True)]
        return own_scores(self.heads, self.dev, predicted)

    def _counts(self, documents: Sequence[Document]) -> dict[str, dict[str, int]]:
        """By label, how many documents have each value; numbers are counted together."""
        found: dict[str, Counter[str]] = {}
        for name in self.names:
            said = [document.labels[name].value for document in documents if name in document.labels]
            found[name] = Counter("a number" if isinstance(value, float) else str(value) for value in said)
        if self.topics:
            found["topics"] = Counter(
                name.removeprefix(TOPIC)
                for document in documents
                for name, label in document.labels.items()
                if name.startswith(TOPIC) and label.value
            )
        return {name: dict(sorted(counts.items())) for name, counts in found.items()}


class Classifying:
    """The task of classifiers."""

    def __init__(self, recipe: Recipe, data: Data, start: Start | None) -> None:
        """Raises CorpusError where there is nothing to learn, RecipeError where the recipe does not fit the data."""
        assert recipe.pooling is not None
        self.data, self.start = data, start
        self.labelled = labelled = Labelled(recipe, data)
        self.rule = rule = PassageRule(recipe.passages.budget, recipe.passages.overlap)
        self.opens = bool(getattr(POOLING[recipe.pooling.type], "opens", False))
        texts = [chapters(document.text, rule, (), opens=self.opens) for document in labelled.documents]
        self.cut = [passage for text in texts for chapter in text for passage in chapter]
        if start is None:
            self.recipe, self.indexers = fit_indexers(recipe, self.cut)
        else:
            self.recipe, self.indexers = start.recipe_with_sizes(recipe), dict(start.indexers)
        weights = labelled.balance(labelled.targets, labelled.known)
        known = list(self.indexers.values())
        self.items: Sequence[Item] = cases(labelled.documents, labelled.targets, weights, rule, known, opens=self.opens)
        self.score = MACRO_F1 if any(_has_classes(head) for head in labelled.heads) else MINUS_ERROR

    @property
    def yaml(self) -> str:
        return self.recipe.to_yaml()

    def build(self) -> None:
        self.network = make_classifier(self.recipe, self.indexers, self.labelled.heads)
        start_from_pretrained(self.network, self.indexers)
        types = columns_of(self.labelled.heads)
        self.taken, self.total = self.start.give(self.network, types) if self.start else (0, 0)

    def about(self) -> dict[str, Any]:
        return self.labelled.about()

    def told(self) -> Iterator[str]:
        yield from self.labelled.told(self.recipe)
        if self.start:
            yield self.start.line(self.taken, self.total)
        yield from ill_covered(self.indexers, self.cut)

    def batch(self, chosen: Sequence[Item]) -> LabelBatch:
        return make_label_batch(chosen, self.indexers.values())

    def loss(self, network: Tagger, batch: AnyBatch, progress: float) -> Tensor:
        batch = cast(LabelBatch, batch)
        return cast(Classifier, network).label_loss(dict(batch.inputs), batch.targets, batch.weights)

    def dev_scores(self, network: Tagger) -> Point:
        """The loss, too: a mean over the documents with a label, weighted as in training."""
        classifier = cast(Classifier, network)
        indexers = list(self.indexers.values())
        reader = NetworkReader(torch_labels(classifier), indexers, self.rule, self.opens, classifier.has_shares)
        readings = reader.read([document.text for document in self.labelled.dev])
        scores = np.stack([reading.scores for reading in readings if reading is not None])
        targets, known = targets_and_weights(self.labelled.dev, self.labelled.heads)
        weights = self.labelled.balance(targets, known)
        loss = float(classifier.loss_of_scores(*(torch.from_numpy(a).float() for a in (scores, targets, weights))))
        found = self.labelled.scored(scores)
        point = {"dev_loss": loss / max(int(known.any(1).sum()), 1)}
        accuracy = {f"dev_accuracy_{name}": one.accuracy for name, one in found.labels.items()}
        return {self.score: score_of(found), **point, **accuracy}

    def line(self, point: Point) -> str:
        what = "dev macro F1" if self.score == MACRO_F1 else "dev -MAE"
        return f"dev loss {point['dev_loss']:.4f}  {what} {point[self.score]:.4f}"

    def finish(self, run: Run, curves: Sequence[Point], say: Callable[[str], None]) -> None:
        finish_network(run, self.recipe, self.network, self.indexers, self.labelled.heads, self.data, curves, say)


def _has_classes(head: LabelHead) -> bool:
    return bool(getattr(head, "values", ()))
