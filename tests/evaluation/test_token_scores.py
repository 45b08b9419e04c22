import random

import pytest
from sklearn.metrics import accuracy_score, classification_report

from epicrisis.errors import CorpusError
from epicrisis.evaluation import token_scores
from epicrisis.evaluation.counts import Average, Counts

from .cases import tags


def same(ours: Average | Counts, theirs: dict[str, float]) -> bool:
    found = (ours.precision, ours.recall, ours.f1)
    return found == pytest.approx((theirs["precision"], theirs["recall"], theirs["f1-score"]))


def test_agrees_with_sklearn_with_and_without_outside_tags() -> None:
    generator = random.Random(21)
    for _ in range(150):
        gold = [tags(generator, generator.randint(2, 12)) for _ in range(generator.randint(1, 4))]
        predicted = [
            [tag if generator.random() < 0.6 else tags(generator, 1)[0] for tag in sequence] for sequence in gold
        ]
        flat = [tag for sequence in gold for tag in sequence]
        flat_predicted = [tag for sequence in predicted for tag in sequence]
        classes = sorted({*flat, *flat_predicted})
        scores = token_scores(gold, predicted)
        assert scores.accuracy == pytest.approx(accuracy_score(flat, flat_predicted))
        assert scores.with_o.micro.f1 == pytest.approx(scores.accuracy)
        report = classification_report(flat, flat_predicted, output_dict=True, zero_division=0)
        assert same(scores.with_o.macro, report["macro avg"])
        assert same(scores.with_o.weighted, report["weighted avg"])
        for tag in classes:
            assert same(scores.per_tag[tag], report[tag])
        inside = [tag for tag in classes if tag != "O"]
        if inside == classes or not inside:
            continue
        report = classification_report(flat, flat_predicted, labels=inside, output_dict=True, zero_division=0)
        assert same(scores.without_o.micro, report.get("micro avg", report.get("accuracy")))
        assert same(scores.without_o.macro, report["macro avg"])
        assert same(scores.without_o.weighted, report["weighted avg"])


def test_no_tokens_score_0() -> None:
    scores = token_scores([[]], [[]])
    assert (scores.accuracy, scores.with_o.macro.f1, scores.without_o.weighted.f1, scores.tokens) == (0, 0, 0, 0)
    assert scores.with_o.micro.undefined == ("precision", "recall", "f1")


def test_the_dictionary_has_the_averages_with_outside_tags_at_the_top() -> None:
    data = token_scores([["O", "B-Drug"]], [["O", "O"]]).to_dict()
    assert data["micro"]["f1"] == data["accuracy"] == 0.5
    assert data["without_o"]["micro"]["f1"] == 0
    assert data["per_tag"]["O"]["tp"] == 1


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(CorpusError, match="number 1: 1 gold tags and 2 predicted"):
        token_scores([["O"], ["O"]], [["O"], ["O", "O"]])
    with pytest.raises(CorpusError, match="2 documents and predicted ones of 1"):
        token_scores([["O"], ["O"]], [["O"]])
