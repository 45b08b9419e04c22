"""Whole runs of classifiers on a few invented comments: a second or two each."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

import epicrisis.training.finishing_labels
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError, ModelError
from epicrisis.models import parts_and_settings
from epicrisis.recipe import Recipe, check_recipe
from epicrisis.runtime import load_classifier
from epicrisis.training import Run, read_start, train
from epicrisis.training.measured import train_and_measure
from epicrisis.training.module import TaggerModule

from .invented import curves, weights
from .labelled import ENGLISH, label_data, label_recipe

SHORT = {"epochs": 5, "schedule": {"type": "cosine", "warm_up": 0.1}}


class Stopped(Exception):
    """As if the power had gone."""


def linear_recipe(*heads: dict[str, Any], **settings: Any) -> Recipe:
    model = {"task": "linear", "linear": {"least": 1, "strengths": [0.01, 10], **settings}}
    recipe = {"name": "line", "model": {**model, "heads": list(heads) or [{"type": "classes"}]}}
    return check_recipe(recipe, parts_and_settings(), "line")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(label_recipe(), label_data(), tmp_path_factory.mktemp("runs") / "tiny")


def test_a_run_folder_holds_all_that_was_done(finished: Run) -> None:
    files = {file.relative_to(finished.folder).as_posix() for file in finished.folder.rglob("*") if file.is_file()}
    model = {"model.json", "states.onnx", "network.safetensors", "words.json", "recipe.yaml", "scores.json", "card.md"}
    assert files == {
        *("recipe.yaml", "run.json", "split.json", "curves.json", "dev.jsonl"),
        *("checkpoints/best.ckpt", "checkpoints/last.ckpt"),
        *(f"model/{name}" for name in model),
    }
    about = finished.read()
    assert about["labels"] == {
        "documents": 8,
        "without": 0,
        "sentiment": {"negative": 3, "neutral": 2, "positive": 3},
    }
    assert about["dev_macro_f1"] == {"fp32": 1.0}
    found = curves(finished)
    assert all({"loss", "dev_loss", "dev_macro_f1", "dev_accuracy_sentiment"} <= set(point) for point in found)
    assert found[-1]["loss"] < 0.5 * found[0]["loss"]
    assert found[-1]["dev_loss"] < 0.5 * found[0]["dev_loss"]
    assert found[about["best_epoch"] - 1]["dev_macro_f1"] == max(point["dev_macro_f1"] for point in found) == 1.0


def test_the_model_says_what_it_is_and_how_it_scores(finished: Run) -> None:
    about = json.loads((finished.model / "model.json").read_text())
    assert about["task"] == "classifier"
    assert about["types"] == ["sentiment=negative", "sentiment=neutral", "sentiment=positive"]
    assert about["labels"][0]["values"] == ["negative", "neutral", "positive"]
    assert about["labels"][0]["temperature"] < 1
    scores = json.loads((finished.model / "scores.json").read_text())
    assert scores["dev"]["labels"]["sentiment"]["accuracy"] == 1.0
    before = scores["dev_calibration_error_before"]["sentiment"]
    assert scores["dev"]["labels"]["sentiment"]["calibration_error"] < before
    card = (finished.model / "card.md").read_text("utf-8")
    assert "sentiment (negative, neutral, positive)" in card
    assert "| sentiment | 1.0000 | 1.0000 |" in card


def test_the_dev_loss_is_that_of_the_network_in_evaluation(finished: Run) -> None:
    """Of the last epoch, from its checkpoint."""
    from epicrisis.training.classifying import Classifying

    task = Classifying(label_recipe(), label_data(), None)
    task.build()
    state = torch.load(finished.last, weights_only=True)["state_dict"]
    task.network.load_state_dict({name.removeprefix("tagger."): weight for name, weight in state.items()})
    batch = task.batch(task.items)
    task.network.eval()
    with torch.no_grad():
        loss = float(task.loss(task.network, batch, 1.0)) / batch.count
    assert curves(finished)[-1]["dev_loss"] == pytest.approx(loss, rel=1e-4)


def test_dev_documents_without_a_label_have_no_loss_that_is_none(tmp_path: Path) -> None:
    from epicrisis.training.classifying import Classifying

    more = [*ENGLISH, *(replace(document, id=f"{document.id}-", labels={}) for document in ENGLISH)]
    losses = []
    for dev in (ENGLISH, more):
        task = Classifying(label_recipe(), label_data(dev=dev), None)
        torch.manual_seed(1)
        task.build()
        task.network.eval()
        with torch.no_grad():
            losses.append(task.dev_scores(task.network)["dev_loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for number, dev in enumerate((ENGLISH, more)):
        run = train(linear_recipe({"type": "classes"}), label_data(dev=dev), tmp_path / str(number))
        losses.append(curves(run)[0]["dev_loss"])
    assert losses[2] == pytest.approx(losses[3])


def stop_at_step(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    done = 0
    step = TaggerModule.training_step

    def counted(self: TaggerModule, *arguments: Any) -> Any:
        nonlocal done
        done += 1
        if done > number:
            raise Stopped
        return step(self, *arguments)

    monkeypatch.setattr(TaggerModule, "training_step", counted)


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("moment", [2, 9, "export_labels", "write_text"])
def test_a_run_that_was_stopped_goes_on_as_if_nothing_had_happened(
    moment: int | str, average: float, tmp_path: Path
) -> None:
    heads = {"type": "ordinal", "dropout": 0.2}, {"type": "topics", "dropout": 0.2}
    recipe = label_recipe(*heads, pooling="attention", average=average, class_weights="balanced", **SHORT)
    whole = train(recipe, label_data(), tmp_path / "whole" / "run")
    with pytest.MonkeyPatch.context() as monkeypatch:
        if isinstance(moment, int):
            stop_at_step(moment, monkeypatch)
        else:

            def stop(*arguments: Any, **settings: Any) -> None:
                raise Stopped

            monkeypatch.setattr(epicrisis.training.finishing_labels, moment, stop)
        with pytest.raises(Stopped):
            train(recipe, label_data(), tmp_path / "stopped" / "run")
    run = train(recipe, label_data(), tmp_path / "stopped" / "run", resume=True)
    assert weights(run) == weights(whole)
    assert curves(run) == curves(whole)
    for file in ("dev.jsonl", "model/states.onnx", "model/model.json", "model/scores.json"):
        assert (run.folder / file).read_bytes() == (whole.folder / file).read_bytes()
    assert run.read() == whole.read()


def test_a_number_is_learned_and_falls_into_the_best_class(tmp_path: Path) -> None:
    run = train(label_recipe({"type": "intensity", "dropout": 0.0}), label_data(), tmp_path / "run")
    found = list(load_classifier(run.folder).pipe(ENGLISH))
    for gold, document in zip(ENGLISH, found, strict=True):
        assert document.labels["sentiment"].intensity == pytest.approx(gold.labels["sentiment"].intensity, abs=0.5)
        assert document.labels["sentiment"].value == gold.labels["sentiment"].value
    scores = json.loads((run.model / "scores.json").read_text())["dev"]["labels"]["sentiment"]
    assert scores["mean_absolute_error"] < 0.5
    assert scores["quadratic_weighted_kappa"] == 1.0


def test_a_model_knows_its_languages_where_the_corpus_does_not_say_them(tmp_path: Path) -> None:
    run = train(label_recipe(epochs=1), label_data(languages=""), tmp_path / "run")
    document = load_classifier(run.folder)("医生态度差")
    assert document.labels == {}
    assert document.meta["no_label"] == "the text is of another language (zh) than the model (en)"


def test_a_number_without_classes_is_chosen_by_its_distance(tmp_path: Path) -> None:
    said = {document.id: document.labels["sentiment"].intensity or 0.0 for document in ENGLISH}
    numbers = [replace(document, labels={"pain": Label(said[document.id])}) for document in ENGLISH]
    recipe = label_recipe({"type": "intensity", "label": "pain", "dropout": 0.0})
    run = train(recipe, label_data(numbers, numbers), tmp_path / "run")
    best = max(point["dev_minus_absolute_error"] for point in curves(run))
    assert -0.5 < best < 0
    (document,) = load_classifier(run.folder).pipe(numbers[:1])
    assert document.labels["pain"].value == document.labels["pain"].intensity


def test_what_is_learned_from_is_prepared_as_what_is_labelled_later(tmp_path: Path) -> None:
    steps = {"steps": ["characters", "case", "stop_words"]}
    shouted = [replace(d, text=f"\u200b{d.text.upper()}") for d in ENGLISH]
    recipe = label_recipe(preparation=steps, epochs=3)
    quiet, loud = (
        train(recipe, label_data(one, one, "en"), tmp_path / n) for n, one in (("a", ENGLISH), ("b", shouted))
    )
    model = load_classifier(loud.model)
    assert model.about["preparation"] == steps
    vocabularies = [(run.model / "words.json").read_text("utf-8") for run in (quiet, loud)]
    assert "NURSES" not in vocabularies[1]
    assert "nurses" in vocabularies[1]
    assert "the" not in json.loads(vocabularies[0])["vocabulary"]
    (said,) = model.pipe([shouted[0]])
    assert said.labels["sentiment"] == model(ENGLISH[0].text).labels["sentiment"]
    assert said.text == shouted[0].text
    assert check_recipe(yaml.safe_load(recipe.to_yaml()), parts_and_settings(), "again") == recipe


def test_topics_are_learned_beside_classes(tmp_path: Path) -> None:
    recipe = label_recipe({"type": "classes", "dropout": 0.0}, {"type": "topics", "dropout": 0.0}, epochs=30)
    run = train(recipe, label_data(), tmp_path / "run")
    found = load_classifier(run.folder).pipe(replace(document, labels={}) for document in ENGLISH)
    for gold, document in zip(ENGLISH, found, strict=True):
        assert {n: one.value for n, one in document.labels.items()} == {n: one.value for n, one in gold.labels.items()}


def test_a_linear_model_is_fitted_and_its_strength_chosen_on_dev(tmp_path: Path) -> None:
    said: list[str] = []
    recipe = linear_recipe({"type": "classes"}, {"type": "topics"})
    run = train(recipe, label_data(), tmp_path / "run", say=said.append)
    points = curves(run)
    assert [point["strength"] for point in points] == [0.01, 10]
    assert points[1]["loss"] < points[0]["loss"]
    assert run.read()["best_epoch"] == 2
    found = list(load_classifier(run.folder).pipe(replace(document, labels={}) for document in ENGLISH))
    for gold, document in zip(ENGLISH, found, strict=True):
        assert {n: one.value for n, one in document.labels.items()} == {n: one.value for n, one in gold.labels.items()}
    assert not any("nurses" in line for line in said)
    again = train(recipe, label_data(), tmp_path / "again" / "run")
    assert (again.model / "linear.safetensors").read_bytes() == (run.model / "linear.safetensors").read_bytes()
    assert train(recipe, label_data(), run.folder, resume=True).finished


def test_a_linear_model_of_two_classes_scores_both(tmp_path: Path) -> None:
    two = [document for document in ENGLISH if document.labels["sentiment"].value != "neutral"]
    run = train(linear_recipe(), label_data(two, two), tmp_path / "run")
    found = list(load_classifier(run.folder).pipe(two))
    assert [d.labels["sentiment"].value for d in found] == [d.labels["sentiment"].value for d in two]


def test_linear_scores_are_those_of_scikit_learn(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    from epicrisis.training.linear import _matrix

    run = train(linear_recipe(strengths=[3.0]), label_data(), tmp_path / "run")
    model = load_classifier(run.folder)
    texts = [document.text for document in ENGLISH]
    rows = _matrix(model.reader.ngrams, texts)  # type: ignore[attr-defined]
    oracle = LogisticRegression(C=3.0, max_iter=2000).fit(rows, [d.labels["sentiment"].value for d in ENGLISH])
    expected = oracle.decision_function(rows)
    scores = [one for one in model.scores(ENGLISH) if one is not None]
    for ours, theirs in zip(scores, expected, strict=True):
        assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-3)


def test_documents_without_a_label_are_left_out_and_new_values_of_dev_are_named(tmp_path: Path) -> None:
    said: list[str] = []
    bare = Document("bare", "Nothing is said of this.")
    mixed = Document("mixed", "Both good and bad.", labels={"sentiment": Label("mixed")})
    data = label_data(
        [*ENGLISH, bare, Document("empty", " ", labels={"sentiment": Label("positive")})], [*ENGLISH, mixed]
    )
    run = train(label_recipe(epochs=2), data, tmp_path / "run", say=said.append)
    assert run.read()["labels"]["without"] == 2
    assert said[0].endswith("sentiment: negative 3, neutral 2, positive 3; 2 without a label or a text are left out")
    assert "warning: dev holds 1 labels sentiment of values that no training document has (mixed)" in said[1]
    scores = json.loads((run.model / "scores.json").read_text())["dev"]["labels"]["sentiment"]
    assert scores["documents"] == 9
    assert scores["per_class"]["mixed"]["recall"] == 0


@pytest.mark.parametrize(
    ("train_part", "dev_part", "expected"),
    [
        (ENGLISH, [], "there are no dev documents"),
        ([Document("d", "x")], ENGLISH, "0 different values of the label sentiment"),
        (ENGLISH, [Document("d", "")], "no dev document has a text"),
    ],
)
def test_without_something_to_learn_and_to_choose_by_there_is_no_run(
    train_part: list[Document], dev_part: list[Document], expected: str, tmp_path: Path
) -> None:
    for recipe in (label_recipe(), linear_recipe()):
        with pytest.raises(CorpusError, match=expected):
            train(recipe, label_data(train_part, dev_part), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_training_can_start_from_a_classifier(finished: Run, tmp_path: Path) -> None:
    said: list[str] = []
    run = train(
        label_recipe(epochs=1), label_data(), tmp_path / "run", start=read_start(finished.folder), say=said.append
    )
    assert "100% of the network's numbers start from the model tiny" in said[1]
    assert curves(run)[0]["loss"] < curves(finished)[0]["loss"]
    with pytest.raises(ModelError, match="a linear model starts from no other"):
        train(linear_recipe(), label_data(), tmp_path / "line", start=read_start(finished.folder))


def test_a_run_is_measured(tmp_path: Path) -> None:
    for recipe in (label_recipe(epochs=2), linear_recipe()):
        result = train_and_measure(recipe, label_data(), ENGLISH[:4], tmp_path / recipe.name, say=lambda line: None)
        assert result["test"]["documents"] == 4
        assert 0 <= result["dev"]["score"] <= 1
        limits = result["test"]["macro_f1_interval"]["sentiment"]
        assert limits["low"] <= result["test"]["labels"]["sentiment"]["macro"]["f1"] <= limits["high"]
        assert result["parameters"]["total"] > 100
        assert (result["flops"] is None) == (recipe.task == "linear")
        assert json.dumps(result)


def test_the_saved_recipe_says_what_classes_weigh_and_those_of_taggers_do_not(finished: Run) -> None:
    from .invented import tiny_recipe

    assert yaml.safe_load(finished.recipe.read_text("utf-8"))["training"]["class_weights"] == "none"
    assert "class_weights" not in tiny_recipe().to_dict()["training"]
