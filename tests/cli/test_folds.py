"""A fold that comes with the package is named where a split file may be."""

import json
from pathlib import Path
from typing import Any

import pytest

from epicrisis import corpora
from epicrisis.cli.main import main
from epicrisis.cli.train import read_split
from epicrisis.corpora import Report
from epicrisis.errors import CorpusError


@pytest.fixture
def ade(tmp_path: Path) -> Path:
    """An invented sentence for every report that the folds list."""
    reports = [id.removeprefix("pmid:") for ids in corpora.load_split("ade-v2").values() for id in ids]
    rows = [f"{pmid}|Rash {n} after zor.|Rash|0|4|zor|{12 + len(str(n))}|0\n" for n, pmid in enumerate(reports)]
    (tmp_path / "DRUG-AE.rel").write_text("".join(rows))
    return tmp_path


def test_one_fold_is_the_test_the_next_dev(ade: Path) -> None:
    documents, split = read_split("ade-v2", ade, "fold-9", Report())
    listed = corpora.load_split("ade-v2")
    assert [documents[id].meta["pmid"] for id in split["test"]] == [id.removeprefix("pmid:") for id in listed["fold-9"]]
    assert len(split["dev"]) == len(listed["fold-0"])
    assert sum(map(len, split.values())) == len(documents) == 1644


def test_without_a_name_the_folds_are_named(ade: Path) -> None:
    with pytest.raises(
        CorpusError, match="ade-v2: its split is 10 folds; name the one to test on, such as --split fold-0"
    ):
        read_split("ade-v2", ade, None, Report())
    with pytest.raises(CorpusError, match=r"ade-v2: no fold 'fold-10'. Did you mean 'fold-1'\?"):
        read_split("ade-v2", ade, "fold-10", Report())


def test_a_file_is_a_file_still(ade: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    first, *rest = [id for ids in corpora.load_split("ade-v2").values() for id in ids]
    file.write_text(json.dumps({"train": rest, "dev": [first]}))
    assert len(read_split("ade-v2", ade, file, Report())[1]["dev"]) == 1
    (tmp_path / "notes.jsonl").write_text('{"text": "x"}\n{"text": "y"}\n')
    with pytest.raises(CorpusError, match="fold-0: it cannot be read as JSON"):
        read_split("jsonl", tmp_path / "notes.jsonl", "fold-0", Report())


def test_train_and_evaluate_take_a_fold(ade: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    tiny = ["model.embedder=[{type: words, size: 8}]", "model.encoder.hidden_size=8", "training.epochs=1"]
    tiny += ["training.average=0.0"]
    call = ["train", "cnn-bilstm-crf", "--corpus", "ade-v2", "--data", str(ade), "--out", str(out), "--split", "fold-3"]
    assert main([*call, *(word for change in tiny for word in ("--set", change))]) == 0
    listed = corpora.load_split("ade-v2")
    assert len(json.loads((out / "split.json").read_text("utf-8"))["test"]) == len(listed["fold-3"])
    capsys.readouterr()

    def result(*options: str) -> dict[str, Any]:
        assert main(["evaluate", str(out), "--json", *options]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    own, other = result("--split", "test"), result("--split", "test", "--split-file", "fold-4")
    assert own["documents"] == len(listed["fold-3"])
    assert own["relations"]["end_to_end"]["strict"]["micro"]["fn"] == len(listed["fold-3"])
    assert other["documents"] == len(listed["fold-4"])
    assert own["split_hash"] != other["split_hash"]
