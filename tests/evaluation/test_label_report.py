"""The report on runs that label texts, from an invented store over the fixture of a corpus without grades."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from epicrisis.corpora import Report, read
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document, Label

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "fixtures" / "goemotions"


def test_a_report_says_who_is_better_and_where_it_errs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gold = [
        document
        for document in read("goemotions", DATA, Report())
        if document.meta["split"] == "test" and "sentiment" in document.labels
    ]
    assert gold
    store, results = tmp_path / "store", tmp_path / "results"
    results.mkdir()
    for recipe, value in (("sentiment-tfidf", "negative"), ("sentiment-cnn", None)):
        name = f"goemotions-{recipe}-1"
        (store / name).mkdir(parents=True)
        said = [Document(d.id, d.text, labels={"sentiment": Label(value, 0.6)} if value else d.labels) for d in gold]
        jsonl.write(said, store / name / "test.jsonl")
        (store / name / "result.json").write_text(json.dumps({"dev": {"score": 0.5 + (value is None) / 4}}), "utf-8")
        result = {"corpus": "goemotions", "recipe": recipe, "label": "", "seed": 1}
        (results / f"{name}.json").write_text(json.dumps(result), "utf-8")
    spec = importlib.util.spec_from_file_location("label_report", ROOT / "scripts" / "label_report.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    out = tmp_path / "report.md"
    places = [str(store), str(results), str(out), "--data", str(DATA)]
    monkeypatch.setattr(sys, "argv", ["x", *places, "--corpus", "goemotions", "--baseline", "sentiment-tfidf"])
    script.main()
    report = out.read_text("utf-8")
    assert "| sentiment-cnn | 1 | 0.750 | 1.000 | +1.000 |" in report
    assert "## Where `sentiment-cnn` errs" in report
    assert "grade" not in report, "the corpus has none"
    assert all(document.text not in report for document in gold)
