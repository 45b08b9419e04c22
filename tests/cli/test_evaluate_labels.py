"""What is shown of a model of labels, where gold has labels that it does not give."""

import json
from dataclasses import replace

import pytest

from epicrisis.cli.evaluate_labels import evaluate_classifier
from epicrisis.decoding.labels import Classes
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError

from ..runtime.test_classifier import HEAD, made

GOLD = [
    Document(f"n{n}", text, labels={"sentiment": Label(value), "mood": Label(value)})
    for n, (text, value) in enumerate([("good", "positive"), ("bad", "negative"), ("good and good", "negative")])
]


def test_the_labels_of_gold_are_never_taken_for_a_models_answers(capsys: pytest.CaptureFixture[str]) -> None:
    model = replace(made(), about={**made().about, "labels": [HEAD.to_dict()]})
    other = replace(model, name="other", heads=[Classes("mood", HEAD.values)])
    evaluate_classifier(model, GOLD, {}, against=other, as_json=True, per_document=True)
    result = json.loads(capsys.readouterr().out)
    assert result["against"] == {"model": "other"}, "there is no label that both give"
    assert [list(one["labels"]) for one in result["per_document"]] == [["sentiment"]] * 3
    evaluate_classifier(model, GOLD, {}, against=model, as_json=True, per_document=False)
    assert json.loads(capsys.readouterr().out)["against"]["sentiment"]["difference"] == 0


def test_gold_without_the_labels_of_the_model_is_an_error() -> None:
    model = replace(made(), about={**made().about, "types": ["sentiment=negative", "sentiment=positive"]})
    gold = [Document("a", "good", labels={"mood": Label("good")}), Document("b", "bad")]
    with pytest.raises(CorpusError, match=r"no document has a label that bag gives \(sentiment=negative"):
        evaluate_classifier(model, gold, {}, as_json=True, per_document=False)
