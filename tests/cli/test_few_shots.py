"""Few shots on the command line: types held out of training, episodes, and examples for `extract`."""

import json
from pathlib import Path
from typing import Any

import pytest

from epicrisis.cli.main import main
from epicrisis.corpora.formats import brat, jsonl
from epicrisis.document import Document

from ..checkpoints import save_checkpoint
from ..training.invented import marked

SENTENCES = [
    "Given [Dose {n} mg] of [Drug warfarin] for [Problem fever].",
    "Took [Drug aspirin], [Dose {n} mg] daily.",
    "No [Problem headache] since [Drug metformin].",
    "Mild [Problem fever] after [Dose {n} mg].",
]
NOTES = [marked(f"n{n}", SENTENCES[n % 4].format(n=n)) for n in range(24)]
SPLIT = {"train": [f"n{n}" for n in range(8)], "dev": ["n8", "n9"], "test": [f"n{n}" for n in range(10, 24)]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notes, their split, a small pre-trained encoder, and a run that has not seen doses."""
    folder = tmp_path_factory.mktemp("few")
    brat.write(NOTES, folder / "brat")
    (folder / "split.json").write_text(json.dumps(SPLIT), "utf-8")
    checkpoint = save_checkpoint(folder / "encoder")
    call = ["train", "container", *("--corpus", "brat"), "--data", str(folder / "brat")]
    call += ["--out", str(folder / "run"), "--split", str(folder / "split.json"), "--hold-out-types", "Dose, Drug"]
    for change in (f"model.embedder.0.checkpoint={checkpoint}", "training.epochs=2", "training.precision=fp32"):
        call += ["--set", change]
    assert main(call) == 0
    return folder


def evaluate(folder: Path, *options: str) -> list[str]:
    return ["evaluate", str(folder / "run"), "--split", "test", *options]


def result_of(call: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(call) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_run_says_which_types_it_held_out_and_has_not_learned_them(folder: Path) -> None:
    assert json.loads((folder / "run" / "run.json").read_text("utf-8"))["held_out_types"] == ["Dose", "Drug"]
    assert json.loads((folder / "run" / "model" / "model.json").read_text("utf-8"))["types"] == ["Problem"]


def test_types_that_were_held_out_are_not_missed_when_the_run_is_scored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = result_of(["evaluate", str(folder / "run"), "--json"], capsys)
    kept = json.loads((folder / "run" / "model" / "scores.json").read_text("utf-8"))
    assert result["scores"]["strict"] == kept["dev"]["scores"]["strict"]
    assert result["held_out_types"] == ["Dose", "Drug"]


def test_episodes_score_the_types_that_were_held_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = evaluate(folder, "--episodes", "3", "--shots", "2", "--json")
    result = result_of(call, capsys)
    assert (result["ways"], result["shots"], len(result["episodes"])) == (2, 2, 3)
    f1 = []
    for episode in result["episodes"]:
        assert episode["types"] == ["Dose", "Drug"]
        assert set(episode["strict"]["per_type"]) == {"Dose", "Drug"}
        assert set(episode["support"]) < set(SPLIT["test"])
        assert episode["query"] == 14 - len(episode["support"])
        f1.append(episode["strict"]["micro"]["f1"])
    mean = result["strict_f1"]
    assert mean["mean"] == pytest.approx(sum(f1) / 3)
    assert mean["low"] <= mean["mean"] <= mean["high"]
    assert mean["mean"] > 0.2  # drugs recur, and so do units
    assert result_of(call, capsys) == result
    assert result_of([*call, "--seed", "2"], capsys)["episodes"] != result["episodes"]


def test_episodes_are_shown_as_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(evaluate(folder, "--episodes", "2", "--ways", "1", "--shots", "1")) == 0
    assert "mean over 2 episodes" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (["--episodes", "0"], 2, "--episodes: at least 1 is expected"),
        (["--episodes", "1", "--shots", "99"], 1, "99 mentions of D"),
        (["--episodes", "1", "--ways", "3"], 1, "3 types were asked for, and there are 2: Dose, Drug"),
    ],
)
def test_episodes_that_cannot_be_are_one_sentence(
    folder: Path, options: list[str], code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(evaluate(folder, *options)) == code
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1


def test_a_model_whose_run_held_nothing_out_has_no_episodes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["evaluate", str(folder / "run" / "model"), "--corpus", "brat", "--data", str(folder / "brat")]
    assert main([*call, "--split-file", str(folder / "split.json"), "--episodes", "2"]) == 2
    assert "train --hold-out-types" in capsys.readouterr().err


def test_a_type_to_hold_out_that_there_is_not_gets_a_suggestion(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = [
        "train",
        "cnn-bilstm-crf",
        "--corpus",
        "brat",
        "--data",
        str(folder / "brat"),
        "--out",
        str(tmp_path / "no"),
    ]
    assert main([*call, "--split", str(folder / "split.json"), "--hold-out-types", "Dosee"]) == 2
    assert "no type 'Dosee' in the corpus. Did you mean 'Dose'?" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("form", ["jsonl", "brat"])
def test_notes_are_annotated_with_the_types_of_a_few_examples(
    folder: Path, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [marked("s1", "Given [Strength 20 mg] of [Cause warfarin] twice."), marked("s2", "No [Cause aspirin].")]
    if form == "brat":
        support = tmp_path / "shown"
        brat.write(shown, support)
    else:
        support = tmp_path / "shown.jsonl"
        support.write_text("".join(jsonl.line(document) + "\n" for document in shown), "utf-8")
    note = tmp_path / "note.txt"
    note.write_text(shown[0].text, "utf-8")
    call = ["extract", str(note), "--model", str(folder / "run"), "--support", str(support), "--format", "jsonl"]
    assert main(call) == 0
    found = Document.from_json(capsys.readouterr().out)
    expected = [(entity.type, entity.fragments) for entity in shown[0].entities]
    assert [(entity.type, entity.fragments) for entity in found.entities] == expected
    out = tmp_path / "mine"
    assert main(["export", str(folder / "run"), "--out", str(out), "--to-annotate-only"]) == 0
    capsys.readouterr()
    assert main([*call[:3], str(out), *call[4:]]) == 0
    assert Document.from_json(capsys.readouterr().out).entities == found.entities


def test_examples_that_do_not_help_are_one_sentence(
    folder: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note, empty = tmp_path / "note.txt", tmp_path / "empty.jsonl"
    note.write_text("No fever.", "utf-8")
    empty.write_text('{"id": "a", "text": "No fever."}\n', "utf-8")
    brat = str(folder / "brat")
    for options, code, expected in (
        (["--support", brat], 2, "say which by --model"),
        (["--support", brat, "--model", str(tiny_model)], 2, "train the recipe container"),
        (["--support", str(empty), "--model", str(folder / "run")], 1, "the 1 support documents hold no entity"),
        (["--support", str(tmp_path / "none.jsonl"), "--model", str(folder / "run")], 1, "none.jsonl"),
    ):
        assert main(["extract", str(note), *options]) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert expected in err
        assert err.count("\n") == 1
