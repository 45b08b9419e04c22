"""Labels of whole texts on the command line: trained, scored, compared in a table, extracted."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from epicrisis.cli.main import main
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document

from ..training.labelled import ENGLISH

TINY = ["--set", "model.embedder=[{type: words, size: 8}]", "--set", "model.encoder.hidden_size=8"]
TINY += ["--set", "training.epochs=15", "--set", "training.average=0.0", "--set", "training.optimizer.rate=0.02"]
TINY += ["--set", "model.heads.0.dropout=0.0", "--set", "model.encoder.dropout=0.0"]


@pytest.fixture(scope="module")
def comments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled comments, each of them in train, dev and test under another id."""
    file = tmp_path_factory.mktemp("comments") / "comments.jsonl"
    parts = [replace(d, id=f"{p}-{d.id}", meta={"split": p}) for p in ("train", "dev", "test") for d in ENGLISH]
    jsonl.write(parts, file)
    return file


@pytest.fixture(scope="module")
def run(comments: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "one"
    call = ["train", "sentiment-cnn", "--corpus", "jsonl", "--data", str(comments), "--out", str(out)]
    assert main([*call, *TINY]) == 0
    return out


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "one.txt").write_text(ENGLISH[1].text, "utf-8")
    (folder / "two.txt").write_text("", "utf-8")
    return folder


def test_a_run_is_scored(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run), "--split", "test", "--json", "--per-document"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["documents"] == len(ENGLISH)
    assert result["labels"]["sentiment"]["accuracy"] == 1.0
    assert result["labels"]["sentiment"]["confusion"]["rows"] == [[3, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]]
    assert result["macro_f1_interval"]["sentiment"]["high"] == 1.0
    assert len(result["per_document"]) == len(ENGLISH)
    assert main(["evaluate", str(run)]) == 0
    out = capsys.readouterr().out
    assert "macro F1 of sentiment between" in out
    assert "as negative" in out


def test_notes_and_their_sentences_are_labelled(run: Path, notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["extract", str(notes), "--model", "none", "--sentiment", str(run), "--format"]
    assert main([*call, "jsonl"]) == 0
    first, second = (Document.from_json(line) for line in capsys.readouterr().out.splitlines())
    label = first.labels["sentiment"]
    assert label.value == "negative"
    assert label.evidence is not None
    assert label.evidence.by == "occlusion"
    assert label.evidence.words
    assert [(s.kind, s.span) for s in first.segments] == [("sentence", (0, 35)), ("sentence", (36, 50))]
    assert second.meta["no_label"] == "the text is empty"
    assert main([*call, "table"]) == 0
    shown = capsys.readouterr().out
    assert re.search(rf"sentiment .* negative,.* {label.score:.2f}", shown)
    assert "the text is empty" in " ".join(shown.split())
    assert main([*call, "html"]) == 0
    whole = capsys.readouterr().out
    assert 'aria-label="2 sentences in order: ' in whole
    assert "by occlusion" in whole


def test_entities_and_labels_stand_beside_each_other(
    run: Path, tiny_model: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["extract", str(notes), "--model", str(tiny_model), "--sentiment", str(run), "--format", "jsonl"]) == 0
    first = Document.from_json(capsys.readouterr().out.splitlines()[0])
    assert (first.meta["model"], first.meta["label_model"]) == ("tiny", "one")
    assert "sentiment" in first.labels


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--model", "RUN"], "labels whole texts and finds no entities; `extract --sentiment` takes it"),
        (["--model", "none", "--sentiment", "TINY"], "finds entities and does not label texts"),
        (["--model", "none", "--sentiment", "nowhere"], "no model 'nowhere'"),
    ],
)
def test_a_model_of_the_wrong_kind_is_an_error(
    options: list[str], expected: str, run: Path, tiny_model: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [{"RUN": str(run), "TINY": str(tiny_model)}.get(option, option) for option in options]
    assert main(["extract", str(notes), *given]) == 2
    assert expected in capsys.readouterr().err


def test_recipes_say_their_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "recipes", "--json"]) == 0
    tasks = {row["name"]: row["task"] for row in json.loads(capsys.readouterr().out)}
    assert (tasks["sentiment-cnn"], tasks["sentiment-tfidf"], tasks["bert-crf"]) == ("classifier", "linear", "tagger")


def test_a_bench_has_a_table_of_labels(comments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "runs:\n  - {recipe: sentiment-tfidf, corpus: jsonl, seeds: [1], set: [model.linear.least=1]}\n", "utf-8"
    )
    call = ["bench", str(plan), "--out", str(tmp_path / "store"), "--data", str(comments), "--markdown"]
    assert main(call) == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "## jsonl, labels" in out
    assert "| test macro F1 | test accuracy |" in out
    assert "| sentiment-tfidf" in out
    assert "Of labels: macro F1" in out
    assert "F1 is strict" not in out


def test_settings_are_tuned_on_dev(comments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "search"
    call = ["tune", "sentiment-tfidf", "--corpus", "jsonl", "--data", str(comments), "--out", str(out)]
    call += ["--set", "model.linear.strengths=[10]", "--vary", "model.linear.least=1,99", "--method", "grid"]
    assert main(call) == 0
    assert "best on dev: 1.0000 with model.linear.least=1" in capsys.readouterr().out
    trials = json.loads((out / "trials.json").read_text("utf-8"))["trials"]
    assert "no n-gram stands in 99 training documents" in trials[1]["error"]
    assert main([*call, "--resume"]) == 0
    assert main([*call, "--trials", "0"]) == 2
