"""Weak sentiment by a list of words: what it says, and that no score is ever made with it."""

import json
from pathlib import Path

import pytest

from epicrisis.cli.train import read_split
from epicrisis.corpora import Report, load_split, make_split, near_duplicates, read
from epicrisis.corpora.labels import is_weak, refuse_weak
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError
from epicrisis.rules.polarity import Polarity, sentiment
from tests.corpora.test_corpus_command import run


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The staff were kind and helpful", "positive"),
        ("Terrible. Waited hours", "negative"),
        ("It was not good", "negative"),
        ("I didn't wait at all", "positive"),
        ("No, it was good", "positive"),
        ("not bad but the food was awful", "negative"),
        ("She is not in any way of great importance", "positive"),
        ("The bus is red", "neutral"),
        ("good and bad", "neutral"),
        ("could not fault it", "positive"),
        ("Couldn't be better", "positive"),
    ],
)
def test_words_of_praise_and_complaint_are_weighed(text: str, value: str) -> None:
    assert sentiment(text) == value
    assert sentiment(text.upper()) == value


def test_only_what_lacks_a_sentiment_gets_one_and_it_says_so() -> None:
    guess = Polarity()
    gold = Document("g", "awful", labels={"sentiment": Label("positive")})
    assert guess.annotate(gold) is gold
    made = guess.annotate(Document("w", "awful", labels={"topic:food": Label(True)}, meta={"a": 1}))
    assert made.labels == {"topic:food": Label(True), "sentiment": Label("negative")}
    assert made.meta == {"a": 1, "weak": True}
    assert json.loads(made.to_json())["meta"]["weak"] is True
    for text in ("", "\U0001f622 !", "头痛三天", "Das Essen war sehr schlecht und kalt", "Всё было ужасно"):
        assert guess.annotate(Document("n", text)).labels == {}
    assert guess.counts == {"has a sentiment": 1, "weakly negative": 1, "no English words": 5}


def weak(id: str, text: str, **meta: object) -> Document:
    return Document(id, text, labels={"sentiment": Label("neutral")}, meta={"weak": True, **meta})


def test_a_split_puts_weak_labels_in_training_and_copies_of_tested_texts_nowhere() -> None:
    gold = [
        Document(f"g{n}", f"text number {n} " + "word " * n, labels={"sentiment": Label("neutral")}) for n in range(30)
    ]
    guessed = [weak(f"w{n}", f"other text {n}") for n in range(10)]
    copies = [weak(f"c{n}", document.text.upper()) for n, document in enumerate(gold)]
    split = make_split([*gold, *guessed, *copies])
    side = {id: part for part, ids in split.items() for id in ids}
    assert len(side) == 70
    assert all(side[document.id] == "train" for document in guessed)
    for number in range(30):
        assert side[f"c{number}"] == ("train" if side[f"g{number}"] == "train" else "left_out")
    assert {part: split[part] for part in ("dev", "test")} == {part: make_split(gold)[part] for part in ("dev", "test")}
    assert not [g for g in near_duplicates([*gold, *copies]) if len({side[id] for id in g} - {"left_out"}) > 1]
    with pytest.raises(CorpusError, match="needs the part `train`"):
        make_split([*gold, *guessed], parts={"fold-0": 1, "fold-1": 1})


def test_a_split_that_would_test_on_weak_labels_is_refused(tmp_path: Path) -> None:
    lines = [weak(f"w{n}", f"text {n}", split=part) for n, part in enumerate(("train", "dev", "test"))]
    file = tmp_path / "documents.jsonl"
    file.write_text("".join(document.to_json() + "\n" for document in lines), "utf-8")
    with pytest.raises(
        CorpusError, match=r"jsonl, dev: the labels of 1 documents are weak.* \(w1\).*only be in `train`"
    ):
        read_split("jsonl", file, None, Report())
    given = tmp_path / "split.json"
    given.write_text('{"train": ["w0"], "dev": ["w1"], "test": ["w2"]}')
    with pytest.raises(CorpusError, match=r"split\.json, dev: the labels of 1 documents are weak"):
        read_split("jsonl", file, given, Report())
    with pytest.raises(CorpusError, match="genia, dev: the labels of 1"):
        load_split("genia", lines)
    with pytest.raises(CorpusError, match="x: the labels of 3 documents are weak"):
        refuse_weak(lines, "x")
    refuse_weak([Document("d", "")], "x")


def test_convert_guesses_where_it_is_told_to_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The staff were lovely")
    out = tmp_path / "out.jsonl"
    assert run("convert", "text", "jsonl", "--data", tmp_path, "--out", out, "--weak", "--json") == 0
    assert json.loads(capsys.readouterr().out)["weak"] == {"weakly positive": 1}
    (document,) = read("jsonl", out)
    assert document.labels["sentiment"].value == "positive"
    assert is_weak(document)
    assert run("convert", "text", "jsonl", "--data", tmp_path, "--out", out, "--weak") == 0
    assert "weak, never scored with" in capsys.readouterr().out
    assert run("stats", "jsonl", "--data", out) == 0
    assert "weakly labelled documents" in capsys.readouterr().out
