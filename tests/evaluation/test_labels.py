"""Scores of labels, with scikit-learn as oracle."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from epicrisis.document import SENTIMENTS, Document, Label
from epicrisis.errors import CorpusError
from epicrisis.evaluation import approximate_randomisation, bootstrap
from epicrisis.evaluation.labels import LabelScores, evaluate_labels

PAIRS = st.lists(
    st.tuples(st.sampled_from(SENTIMENTS), st.sampled_from(SENTIMENTS), st.floats(0, 1)), min_size=1, max_size=40
)


def scored(pairs: list[tuple[str, str | None, float]]) -> LabelScores:
    gold = [Document(f"d{n}", "x", labels={"sentiment": Label(right)}) for n, (right, _, _) in enumerate(pairs)]
    ours = [
        Document(f"d{n}", "x", labels={} if said is None else {"sentiment": Label(said, score)})
        for n, (_, said, score) in enumerate(pairs)
    ]
    return evaluate_labels(gold, ours)


@given(PAIRS)
def test_scores_of_classes_are_those_of_scikit_learn(pairs: list[tuple[str, str, float]]) -> None:
    right, ours = [one for one, _, _ in pairs], [two for _, two, _ in pairs]
    found = scored(pairs).labels["sentiment"]
    assert found.accuracy == pytest.approx(metrics.accuracy_score(right, ours))
    for average in ("macro", "weighted", "micro"):
        expected = metrics.precision_recall_fscore_support(right, ours, average=average, zero_division=0)
        got = getattr(found, average)
        assert (got.precision, got.recall, got.f1) == pytest.approx(expected[:3])
    labels = list(SENTIMENTS)
    there = [labels.index(str(value)) for value in found.values]
    expected = metrics.confusion_matrix(right, ours, labels=labels)[np.ix_(there, there)]
    assert found.confusion[:, :-1].tolist() == expected.tolist()
    if len(there) == 3 and found.kappa is not None:
        kappa = metrics.cohen_kappa_score(right, ours, weights="quadratic", labels=labels)
        assert found.kappa == pytest.approx(kappa)
    assert json.loads(json.dumps(scored(pairs).to_dict()))["labels"]["sentiment"]["documents"] == len(pairs)


@given(PAIRS)
def test_calibration_is_the_mean_distance_of_sureness_and_accuracy(pairs: list[tuple[str, str, float]]) -> None:
    error = 0.0
    for low in range(10):
        inside = [
            (score, one == two)
            for one, two, score in pairs
            if low / 10 < score <= (low + 1) / 10 or (low == 0 and score == 0)
        ]
        if inside:
            error += abs(sum(score for score, _ in inside) - sum(hit for _, hit in inside)) / len(pairs)
    calibration = scored(pairs).labels["sentiment"].calibration
    assert calibration is not None
    assert calibration.error == pytest.approx(error)


def test_a_document_without_a_predicted_label_is_wrong() -> None:
    found = scored([("negative", None, 0), ("positive", "positive", 1), ("neutral", None, 0)]).labels["sentiment"]
    assert found.accuracy == pytest.approx(1 / 3)
    assert found.confusion.tolist() == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert found.macro.f1 == pytest.approx(1 / 3)
    assert (found.micro.precision, found.micro.recall) == (1.0, pytest.approx(1 / 3))


def test_documents_without_a_gold_label_do_not_count() -> None:
    gold = [Document("a", "x", labels={"sentiment": Label("positive")}), Document("b", "x")]
    ours = [Document(d.id, "x", labels={"sentiment": Label("positive", 0.9)}) for d in gold]
    assert evaluate_labels(gold, ours).labels["sentiment"].accuracy == 1.0
    assert evaluate_labels(gold, ours, names=[]).labels == {}
    with pytest.raises(CorpusError):
        evaluate_labels(gold, ours[:1])


def test_numbers_are_compared_by_their_mean_distance() -> None:
    gold = [Document(str(n), "x", labels={"mood": Label("good", intensity=float(n))}) for n in range(4)]
    ours = [Document(str(n), "x", labels={"mood": Label("good", intensity=n + (-1.0) ** n / 2)}) for n in range(3)]
    found = evaluate_labels(gold, [*ours, Document("3", "x")]).labels["mood"]
    assert found.numbers is not None
    assert (found.numbers.absolute_error, found.numbers.count) == (0.5, 3)
    assert found.kappa is None
    pain = evaluate_labels(
        [Document("a", "x", labels={"pain": Label(7)})], [Document("a", "x", labels={"pain": Label(5.5)})]
    )
    assert (pain.labels, pain.macro_f1, pain.absolute_error) == ({}, None, 1.5)


def test_where_a_model_gives_no_number_it_is_no_perfect_one() -> None:
    found = evaluate_labels([Document("a", "x", labels={"pain": Label(7)})], [Document("a", "x")])
    assert found.absolute_error == math.inf
    assert found.to_dict()["labels"]["pain"] == {"documents": 0, "mean_absolute_error": None}


GRADES = st.sampled_from([1, 2, 5])


@given(st.lists(st.tuples(GRADES, GRADES), min_size=1, max_size=30))
def test_numbers_that_a_model_takes_for_classes_are_scored_as_both(pairs: list[tuple[int, int]]) -> None:
    gold, ours = (
        [Document(str(n), "x", labels={"grade": Label(pair[side], score)}) for n, pair in enumerate(pairs)]
        for side, score in ((0, None), (1, 0.9))
    )
    found = evaluate_labels(gold, ours)
    right, said = ([pair[side] for pair in pairs] for side in (0, 1))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(right, said, average="macro"))
    grade = found.labels["grade"]
    assert grade.numbers is not None
    assert grade.numbers.absolute_error == pytest.approx(metrics.mean_absolute_error(right, said))
    if grade.kappa is not None:
        kappa = metrics.cohen_kappa_score(right, said, weights="quadratic", labels=[1, 2, 3, 4, 5])
        assert grade.kappa == pytest.approx(kappa), "2 and 5 are farther apart than 1 and 2"


@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc"))), min_size=1, max_size=20))
def test_scores_of_topics_are_those_of_scikit_learn(pairs: list[tuple[set[str], set[str]]]) -> None:
    documents = [
        [Document(str(n), "x", labels={f"topic:{t}": Label(True) for t in pair[side]}) for n, pair in enumerate(pairs)]
        for side in (0, 1)
    ]
    found = evaluate_labels(*documents).topics
    if not any(right for right, _ in pairs):
        assert found is None
        return
    assert found is not None
    right, ours = (np.array([[t in pair[side] for t in found.values] for pair in pairs]) for side in (0, 1))
    for average in ("macro", "micro") if len(found.values) > 1 else ():  # one column would count as two classes
        expected = metrics.precision_recall_fscore_support(right, ours, average=average, zero_division=0)
        got = getattr(found, average)
        assert (got.precision, got.recall, got.f1) == pytest.approx(expected[:3])
    assert found.exact == pytest.approx(metrics.accuracy_score(right, ours))
    assert set(found.values) == {t for pair in pairs for side in pair for t in side}


def test_a_topic_that_is_said_not_to_hold_does_not_hold() -> None:
    gold = [Document("a", "x", labels={"topic:food": Label(False), "topic:staff": Label(True)})]
    found = evaluate_labels(gold, [Document("a", "x", labels={"topic:staff": Label(True, 0.8)})]).topics
    assert found is not None
    assert found.values == ("staff",)
    assert found.exact == 1.0


def test_intervals_and_tests_are_over_documents() -> None:
    good = scored([("negative", "negative", 1), ("positive", "positive", 1), ("neutral", "positive", 1)] * 20)
    bad = scored([("negative", "positive", 1), ("positive", "positive", 1), ("neutral", "positive", 1)] * 20)
    ours, theirs = good.labels["sentiment"], bad.labels["sentiment"]
    interval = bootstrap(ours.counts, samples=500)
    assert interval.value == pytest.approx(ours.macro.f1)
    assert interval.low < ours.macro.f1 < interval.high
    compared = approximate_randomisation(ours.counts, theirs.counts, samples=500)
    assert compared.difference == pytest.approx(ours.macro.f1 - theirs.macro.f1)
    assert compared.p < 0.01
    assert approximate_randomisation(ours.counts, ours.counts, samples=100).p == 1.0


def test_values_of_any_kind_can_be_labels() -> None:
    gold = [Document(str(n), "x", labels={"a": Label(value)}) for n, value in enumerate([True, "x", 2])]
    assert evaluate_labels(gold, gold).labels["a"].accuracy == 1.0
