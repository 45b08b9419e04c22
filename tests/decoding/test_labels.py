import json

import numpy as np
import pytest

from epicrisis.decoding import decode_labels, heads_from
from epicrisis.decoding.labels import LABEL_HEADS, Classes, Intensity, LabelHead, Ordinal, Topics
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError
from epicrisis.parts.heads import HEADS


def said(*labels: dict[str, Label]) -> list[Document]:
    return [Document(f"d{n}", "text", labels=one) for n, one in enumerate(labels)]


GOLD = said(
    {"sentiment": Label("positive", intensity=4.0), "topic:staff": Label(True)},
    {"sentiment": Label("negative", intensity=1.0), "topic:food": Label(True), "topic:staff": Label(False)},
    {"sentiment": Label("neutral", intensity=3.0)},
    {"sentiment": Label("negative", intensity=0.0)},
    {"other": Label(True)},
)


def test_both_halves_of_a_head_have_one_name() -> None:
    assert set(LABEL_HEADS) == set(HEADS)


def test_classes_are_those_that_occur() -> None:
    head = Classes.fit(GOLD)
    assert head.values == ("negative", "neutral", "positive")
    assert [head.target(document.labels) for document in GOLD] == [[2.0], [0.0], [1.0], [0.0], None]
    assert head.target({"sentiment": Label("mixed")}) is None


def test_classes_are_the_likeliest_with_their_probability() -> None:
    head = Classes("sentiment", ["a", "b", "c"])
    scores = np.log([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]])
    assert head.decode(scores) == [{"sentiment": Label("b", 0.5)}, {"sentiment": Label("a", 0.7)}]
    warm = Classes("sentiment", ["a", "b", "c"], temperature=2.0)
    roots = np.sqrt([0.2, 0.5, 0.3])
    assert warm.decode(scores)[0]["sentiment"].score == pytest.approx(roots[1] / roots.sum(), abs=1e-4)


def test_ordinal_classes_are_in_the_order_that_is_given() -> None:
    head = Ordinal.fit(GOLD[:2], order=("positive", "neutral", "negative"))
    assert head.values == ("positive", "negative")
    with pytest.raises(CorpusError, match="have sentiment neutral, which the order of the classes does not hold"):
        Ordinal.fit(GOLD, order=("negative", "positive"))
    grades = said(*({"grade": Label(value)} for value in (10, 2, 5, 2)))
    assert Ordinal.fit(grades, label="grade").values == (2, 5, 10), "numbers have an order of their own"


def test_an_intensity_is_learned_in_spreads_from_the_mean_and_falls_into_a_class() -> None:
    head = Intensity.fit(GOLD)
    assert head.values == ("negative", "neutral", "positive")
    assert head.thresholds == (1.75, 3.5)
    numbers = [4.0, 1.0, 3.0, 0.0]
    mean, spread = np.mean(numbers), np.std(numbers)
    targets = [head.target(document.labels) for document in GOLD]
    assert targets[4] is None
    found = np.array([one for one in targets if one is not None])
    np.testing.assert_allclose(found[:, 0], (np.array(numbers) - mean) / spread)
    labels = [one["sentiment"] for one in head.decode(found)]
    assert [label.intensity for label in labels] == numbers
    assert [label.value for label in labels] == ["positive", "negative", "neutral", "negative"]
    assert labels[0].score is None


def test_a_label_that_is_a_number_has_no_class() -> None:
    head = Intensity.fit(said({"pain": Label(7)}, {"pain": Label(2.0)}), label="pain")
    assert head.values == ()
    assert head.decode(np.array([[1.0]])) == [{"pain": Label(7.0, intensity=7.0)}]


def test_topics_are_each_by_itself() -> None:
    head = Topics.fit(GOLD)
    assert head.values == ("food", "staff")
    assert [head.target(document.labels) for document in GOLD[:3]] == [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    scores = np.array([[2.0, -2.0], [-1.0, 0.0], [-5.0, -5.0]])
    assert head.decode(scores) == [{"topic:food": Label(True, 0.8808)}, {"topic:staff": Label(True, 0.5)}, {}]
    assert Topics(["food", "staff"], [0.2, 0.9]).decode(scores[1:2]) == [{"topic:food": Label(True, 0.2689)}]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (Classes, "0 different values of the label mood"),
        (Ordinal, "0 different values of the label mood"),
        (Intensity, "no training document has a number with its mood"),
    ],
)
def test_without_labels_there_is_nothing_to_learn(head: type[Classes], expected: str) -> None:
    with pytest.raises(CorpusError, match=expected):
        head.fit(GOLD, label="mood")


def test_without_topics_there_is_nothing_to_learn() -> None:
    with pytest.raises(CorpusError, match="no training document has a topic"):
        Topics.fit(GOLD[2:])


HEADED: list[LabelHead] = [
    Classes("mood", ["good", "bad"], 1.5),
    Ordinal("sentiment", ["negative", "positive"]),
    Intensity("pain", [], 2.0, 1.5, []),
    Topics(["food", "staff"], [0.25, 0.5]),
]


def test_heads_survive_json_and_share_the_columns() -> None:
    again = heads_from(json.loads(json.dumps([head.to_dict() for head in HEADED])))
    assert [type(head) for head in again] == [type(head) for head in HEADED]
    scores = np.array([[1.0, 0.0, 0.0, 2.0, 1.0, -1.0, -1.0], [0.0, 3.0, 1.0, 0.0, 0.0, 5.0, 5.0]])
    found = decode_labels(again, scores)
    assert found == decode_labels(HEADED, scores)
    assert {name: label.value for name, label in found[0].items()} == {
        "mood": "good",
        "sentiment": "positive",
        "pain": 3.5,
        "topic:food": True,
    }
    assert set(found[1]) == {"mood", "sentiment", "pain", "topic:food", "topic:staff"}
    assert decode_labels(again, np.zeros((0, 7))) == []


def test_of_two_heads_of_one_label_the_first_gives_the_class_and_the_second_the_number() -> None:
    classes, number = Classes("mood", ["bad", "good"]), Intensity("mood", ["good", "bad"], 3.0, 2.0, [3.0])
    scores = np.array([[0.0, 0.0 + np.log(3), 1.0], [np.log(3), 0.0, -1.0]])
    assert decode_labels([classes, number], scores) == [
        {"mood": Label("good", 0.75, intensity=5.0)},
        {"mood": Label("bad", 0.75, intensity=1.0)},
    ]
    assert decode_labels([number, classes], scores[:, [2, 0, 1]]) == [
        {"mood": Label("bad", intensity=5.0)},
        {"mood": Label("good", intensity=1.0)},
    ]


def test_no_number_lies_outside_those_of_training() -> None:
    graded = [Document(f"{n}", "a", labels={"pain": Label(float(n))}) for n in (1, 2, 6)]
    head = Intensity.fit(graded, label="pain")
    (again,) = heads_from(json.loads(json.dumps([head.to_dict()])))
    found = decode_labels([again], np.array([[-9.0], [0.0], [9.0]]))
    assert [labels["pain"].intensity for labels in found] == [1.0, 3.0, 6.0]


def test_what_a_label_is_worth_are_its_log_odds_or_its_number() -> None:
    scores = np.log([[0.2, 0.5, 0.3]])
    head = Classes("mood", ["a", "b", "c"])
    assert head.worth(scores, "mood", Label("b"))[0] == pytest.approx(0.0)
    assert head.worth(scores, "mood", Label("a"))[0] == pytest.approx(np.log(0.2 / 0.8))
    assert Topics(["x"]).worth(np.array([[1.5]]), "topic:x", Label(True))[0] == 1.5
    assert Intensity("pain", [], 2.0, 3.0, []).worth(np.array([[1.0]]), "pain", Label(5.0))[0] == 5.0
    assert [head.owns("topic:z") for head in HEADED] == [False, False, False, True]
