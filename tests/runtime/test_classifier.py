"""A classifier as a user calls it, and its parts on networks whose answers can be computed by hand."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from epicrisis.decoding.labels import Classes, Intensity
from epicrisis.document import Document, Label, Segment
from epicrisis.encoding import WordIndexer, documents
from epicrisis.errors import ModelError
from epicrisis.runtime import (
    Classifier,
    NetworkReader,
    classifier,
    classifiers,
    load,
    load_annotator,
    load_classifier,
)
from epicrisis.runtime.classifier import Reading
from epicrisis.runtime.evidence import by_occlusion
from epicrisis.text import Passage, PassageRule, tokens
from epicrisis.text.clean import Preparation
from epicrisis.training import train

from ..training.labelled import ENGLISH, label_data, label_recipe

WORDS = {"good": (0.0, 2.0), "bad": (3.0, 0.0), "awful": (5.0, 0.0)}
HEAD = Classes("sentiment", ["negative", "positive"])
INDEXER = WordIndexer.fit([Passage.of(list(WORDS))])
TABLE = np.zeros((5, 2))
for word, row in WORDS.items():
    TABLE[INDEXER.vocabulary.index(word) + 2] = row


def bag(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], None]:
    """Adds up what the own words of a text are worth."""
    each = np.where(inputs["own"][..., None], TABLE[inputs["words"]], 0).sum(1)
    return np.where(inputs["there"][..., None], each[inputs["rows"]], 0).sum(1).astype(np.float32), None


def attentive(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Its attention is the share of each own token of a text that is known, among all its own ones."""
    own = inputs["own"][inputs["rows"]] & inputs["there"][..., None]
    known = own & (inputs["words"][inputs["rows"]] > 1)
    return bag(inputs)[0], (known / np.maximum(own.sum((1, 2), keepdims=True), 1)).astype(np.float32)


def made(network: Any = bag, rule: PassageRule = PassageRule(6, 2), **about: Any) -> Classifier:  # noqa: B008
    reader = NetworkReader(network, [INDEXER], rule, opens=False, has_attention=network is attentive)
    return Classifier("bag", reader, [HEAD], {"languages": ["en"], **about})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tiny"
    return train(label_recipe(epochs=3), label_data(languages="en"), out).model


def test_a_label_has_its_probability() -> None:
    document = made()("good and bad")
    assert document.labels == {"sentiment": Label("negative", 0.7311)}, "1 / (1 + 1 / e)"
    assert document.meta == {"label_model": "bag", "truncated_characters": 0}


def test_a_long_text_is_read_in_windows_and_each_word_counts_once() -> None:
    text = " ".join(["good", "x", "bad", "y", "z"] * 7 + ["awful"])
    (scores,) = made().scores([Document("", text)])
    assert scores is not None
    np.testing.assert_allclose(scores, [7 * 3 + 5, 7 * 2])


def test_chapters_count_by_their_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 4)
    (scores,) = made().scores([Document("", "good x bad\n\ny\n\nawful z")])  # chapters of four tokens and of two
    np.testing.assert_allclose(scores, (np.array([3, 2]) * 4 + np.array([5, 0]) * 2) / 6)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_text_has_no_label_and_says_so(text: str) -> None:
    document = made()(Document("d", text, labels={"sentiment": Label("positive")}), sentences=True, evidence=True)
    assert document.labels == {}
    assert document.meta["no_label"] == "the text is empty"


@pytest.mark.parametrize("text", ["!!!", "😀👍🏽", "-- ? --"])
def test_a_text_without_words_has_no_label_and_says_so(text: str) -> None:
    document = made()(text)
    assert document.labels == {}
    assert document.meta["no_label"] == "the text has no words"
    assert made()(f"good {text}").labels


@pytest.mark.parametrize(
    ("text", "language"),
    [("医生态度差", "zh"), ("Персонал был добрый", "Cyrillic"), ("Il est très gentil mais lent", "fr")],
)
def test_a_text_in_another_language_has_no_label_and_says_so(text: str, language: str) -> None:
    document = made()(text)
    assert document.labels == {}
    assert document.meta["no_label"] == f"the text is of another language ({language}) than the model (en)"
    assert made(languages=["en", "zh"])("医生态度差").labels
    assert made(languages=[])("医生态度差").labels


def test_other_labels_and_entities_stay_and_an_old_reason_goes() -> None:
    before = Document(
        "d",
        "good",
        labels={"sentiment": Label("negative"), "topic:x": Label(True), "other": Label(1)},
        segments=(Segment((0, 4), "section"), Segment((0, 2), "sentence")),
        meta={"no_label": "once", "mine": 1},
    )
    after = made()(before, sentences=True)
    assert after.labels["sentiment"].value == "positive"
    assert {"topic:x", "other"} <= set(after.labels)
    assert [(s.span, s.kind) for s in after.segments] == [((0, 4), "section"), ((0, 4), "sentence")]
    assert "no_label" not in after.meta
    assert after.meta["mine"] == 1
    assert made()(before).segments == before.segments


def test_a_label_that_replaces_a_guess_is_none_itself() -> None:
    guessed = Document("d", "good", labels={"sentiment": Label("negative")}, meta={"weak": True})
    assert "weak" not in made()(guessed).meta
    other = replace(guessed, labels={**guessed.labels, "topic:care": Label(True)})
    assert made()(other).meta["weak"] is True


def test_sentences_are_labelled_each_by_itself() -> None:
    text = "All good. Then bad!\nAwful"
    document = made()(text, sentences=True)
    said = [(text[a:b], s.labels["sentiment"].value) for s in document.segments for a, b in [s.span]]
    assert said == [("All good.", "positive"), ("Then bad!", "negative"), ("Awful", "negative")]
    assert document.labels["sentiment"].value == "negative"


def test_a_sentence_that_cannot_be_read_has_no_label_as_a_text_has_none() -> None:
    text = "All of the staff on the ward were good to me and my mother. !!!\n医生好。\nIl est très gentil mais lent."
    document = made()(text, sentences=True)
    assert ["sentiment" in segment.labels for segment in document.segments] == [True, False, False, False]
    assert document.labels


def test_the_same_text_is_read_once() -> None:
    seen: list[str] = []

    class Watched(NetworkReader):
        def read(self, texts: Sequence[str]) -> list[Reading | None]:
            seen.extend(texts)
            return super().read(texts)

    watched = replace(made(), reader=Watched(bag, [INDEXER], PassageRule(6, 2), opens=False, has_attention=False))
    found = list(watched.pipe(["All good", "bad", "All good", "bad. Awful"], threads=1, sentences=True))
    assert sorted(seen) == ["All good", "Awful", "bad", "bad.", "bad. Awful"]
    assert [document.labels["sentiment"].value for document in found] == ["positive", "negative"] * 2
    assert [len(document.segments) for document in found] == [1, 1, 1, 2]


def test_evidence_are_the_words_without_which_the_log_odds_fall() -> None:
    text = "x good bad awful bad"
    label = made()(text, evidence=True).labels["sentiment"]
    assert label.evidence is not None
    assert label.evidence.by == "occlusion"
    assert [(text[a:b], w) for a, b, w in label.evidence.words] == [("awful", 5.0), ("bad", 3.0), ("bad", 3.0)]


def test_where_a_number_comes_with_a_class_the_evidence_is_that_of_the_class() -> None:
    def both(inputs: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], None]:
        scores = bag(inputs)[0]
        return np.concatenate([scores, scores[:, 1:] - scores[:, :1]], 1), None

    model = replace(made(both), heads=[HEAD, Intensity("sentiment", ["negative", "positive"], 0.0, 1.0, [0.0])])
    text = "good bad awful"
    label = model(text, evidence=True).labels["sentiment"]
    assert (label.value, label.score, label.intensity) == ("negative", 0.9975, -6.0)
    assert label.evidence is not None
    assert [(text[a:b], w) for a, b, w in label.evidence.words] == [("awful", 5.0), ("bad", 3.0)]


def test_a_text_is_prepared_and_the_evidence_stands_in_the_text_itself() -> None:
    terms = Preparation(("placeholders", "case", "terms", "stop_words"), terms={"unwell": "awful bad"})
    prepared = replace(made(), preparation=terms)
    text = "[**Name**] is UNWELL and Good"
    document = prepared(text, sentences=True, evidence=True)
    assert document.text == text
    assert [s.span for s in document.segments] == [(0, len(text))]
    label = document.labels["sentiment"]
    assert label == replace(document.segments[0].labels["sentiment"], evidence=label.evidence)
    (scores,) = prepared.scores([Document("", text)])
    np.testing.assert_allclose(scores, [8, 2])  # type: ignore[arg-type]
    assert label.evidence is not None
    assert {text[a:b] for a, b, _ in label.evidence.words} == {"UNWELL"}
    assert prepared("[**Name**]").meta["no_label"] == "nothing of the text is left to be read after preparing it"


@pytest.mark.parametrize("before", [60, 500, 800])
@pytest.mark.parametrize("ending", [". ", " "])
def test_all_of_a_long_text_is_looked_at(before: int, ending: str) -> None:
    text = "Nothing happened on this day" + ending
    text = text * before + f"It was bad and awful{ending}" + f"Then it rained{ending}" * 10
    read: list[int] = []

    class Counting(NetworkReader):
        def read(self, texts: Sequence[str]) -> list[Reading | None]:
            read.append(len(texts))
            return super().read(texts)

    model = replace(made(), reader=Counting(bag, [INDEXER], PassageRule(60, 20), opens=False, has_attention=False))
    label = model(text, evidence=True).labels["sentiment"]
    assert label.evidence is not None
    assert [(text[a:b], weight) for a, b, weight in label.evidence.words] == [("awful", 5.0), ("bad", 3.0)]
    assert sum(read) < 500
    assert max(read) * len(text) <= 1_200_000


def test_of_a_number_the_words_count_that_raise_or_lower_it() -> None:
    head = Intensity("pain", [], 0.0, 1.0, [])
    text = "up down x"
    worth = {"up": 2.0, "down": -3.0}

    def scores(texts: Any) -> list[NDArray[np.float64]]:
        return [np.array([sum(worth.get(w, 0.0) for w in one.split())]) for one in texts]

    labels = {"pain": Label(-1.0, intensity=-1.0)}
    found = by_occlusion(text, labels, scores([text])[0], [head], scores)["pain"].evidence
    assert found is not None
    assert [(text[a:b], w) for a, b, w in found.words] == [("down", -3.0), ("up", 2.0)]


def test_with_attention_the_evidence_is_its_shares() -> None:
    text = "x good. " + "y " * 12 + "bad"
    document = made(attentive)(text, evidence=True)
    evidence = document.labels["sentiment"].evidence
    assert evidence is not None
    assert evidence.by == "attention"
    count = len(list(tokens(text)))
    assert [(text[a:b], w) for a, b, w in evidence.words] == [(w, round(1 / count, 4)) for w in ("good", "bad")]


def test_a_stream_keeps_its_order_over_threads_and_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "WORK_CHARACTERS", 300)
    texts = [["good", "bad", "", "awful good " * (n % 30)][n % 4] for n in range(200)]
    expected = [made()(text).labels for text in texts]

    def stream() -> Iterator[Document]:
        yield from (Document(str(n), text) for n, text in enumerate(texts))
        raise OSError("the disk is gone")

    for threads in (1, 3):
        pipe = made().pipe(stream(), threads=threads)
        found = [next(pipe) for _ in texts]
        with pytest.raises(OSError, match="the disk is gone"):
            next(pipe)
        assert [document.id for document in found] == [str(n) for n in range(200)]
        assert [document.labels for document in found] == expected


def test_what_is_said_of_a_text_does_not_depend_on_those_beside_it(folder: Path) -> None:
    model = load_classifier(folder)
    alone = [model(replace(document, labels={})) for document in ENGLISH]
    assert list(model.pipe(replace(document, labels={}) for document in ENGLISH)) == alone


def test_a_model_folder_is_what_it_says(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    assert isinstance(load(folder), Classifier)
    with pytest.raises(ModelError, match="labels whole texts and finds no entities"):
        load_annotator(folder)
    with pytest.raises(ModelError, match="finds entities and does not label texts"):
        load_classifier(tiny_model)
    broken = shutil.copytree(folder, tmp_path / "broken")
    about = json.loads((broken / "model.json").read_text("utf-8"))
    about["labels"][0]["type"] = "mood"
    (broken / "model.json").write_text(json.dumps(about), "utf-8")
    with pytest.raises(ModelError, match="the model is damaged"):
        load(broken)


def test_each_text_goes_to_the_classifier_for_its_language(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = shutil.copytree(folder, folder.parent / "zh", dirs_exist_ok=True)
    about = json.loads((other / "model.json").read_text("utf-8"))
    (other / "model.json").write_text(json.dumps({**about, "name": "zh", "languages": ["zh"]}), "utf-8")
    monkeypatch.setattr(classifiers, "shipped_models", lambda: {"tiny": folder, "zh": other})
    monkeypatch.setattr(classifiers, "load_classifier", lambda name: load({"tiny": folder, "zh": other}[name]))
    texts = ["Rude.", "医生态度差", "", "等了四个小时", "Kind."]
    found = list(classifiers.load_classifiers().pipe(Document(str(n), text) for n, text in enumerate(texts)))
    assert [document.id for document in found] == list("01234")
    assert [document.meta["label_model"] for document in found] == ["tiny", "zh", "tiny", "zh", "tiny"]
    assert ["sentiment" in document.labels for document in found] == [True, True, False, True, True]

    def stream() -> Iterator[Document]:
        yield from (Document(str(n), text) for n, text in enumerate(texts))
        raise OSError("the disk is gone")

    pipe = classifiers.load_classifiers().pipe(stream())
    assert [next(pipe).id for _ in texts] == list("01234"), "what was read before a failure is not lost"
    with pytest.raises(OSError, match="the disk is gone"):
        next(pipe)
    monkeypatch.setattr(classifiers, "shipped_models", dict)
    with pytest.raises(ModelError, match="no model of sentiment came with this package"):
        classifiers.load_classifiers()
