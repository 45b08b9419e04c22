"""`epicrisis calibrate` on the invented notes."""

import json
import re
from pathlib import Path

import pytest

from epicrisis import calibration, evaluation
from epicrisis.calibration import FITTED, calibrate
from epicrisis.cli import calibrate as command
from epicrisis.cli.main import main
from epicrisis.corpora import Report
from epicrisis.corpora.formats import jsonl
from epicrisis.document import Document
from epicrisis.runtime import Annotator, load_annotator

from ..training.invented import NOTES


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The first three are annotated in full, the others lack what the model finds."""
    file = tmp_path / "notes.jsonl"
    bare = [Document(note.id, note.text) for note in NOTES[3:]]
    file.write_text("".join(jsonl.line(note) + "\n" for note in [*NOTES[:3], *bare]), "utf-8")
    return file


def called(model: Path | str, notes: Path, out: Path, *more: str) -> int:
    return main(["calibrate", str(model), "--corpus", "jsonl", "--data", str(notes), "--out", str(out), *more])


def test_a_model_becomes_as_unsure_as_it_is_wrong_on_these_notes(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(tiny_model, notes, tmp_path / "ours", "--name", "ward-7") == 0
    ours, before = load_annotator(tmp_path / "ours"), load_annotator(tiny_model)
    assert ours.name == "ward-7"
    assert ours.about["calibrated_on"] == {"corpus": "jsonl", "part": "all", "documents": 6}
    gold = list(jsonl.read(notes, Report()))
    fitted = calibrate(before, gold).about
    assert (ours.about["odds"], ours.precise_from) == (fitted["odds"], fitted["precise_from"])
    kept = {key: value for key, value in before.about.items() if key not in (*FITTED, "name")}
    assert {key: ours.about[key] for key in kept} == kept
    was, now = (list(model.pipe(gold)) for model in (before, ours))
    assert [[e.fragments for e in one.entities] for one in was] == [[e.fragments for e in one.entities] for one in now]
    assert evaluation.calibration(gold, now).brier < evaluation.calibration(gold, was).brier
    card = (tmp_path / "ours" / "card.md").read_text("utf-8")
    assert re.match(r"# .*\n\nScores and thresholds were fitted again, documents: 6, of jsonl \(all\)", card)
    assert "fitted on the other half" in capsys.readouterr().out


def test_what_it_says_of_afterwards_is_not_measured_where_it_was_fitted(
    tiny_model: Path, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    fitted: list[list[str]] = []

    class Watched:
        def __init__(self, on: list[str], model: Annotator) -> None:
            self.on, self.about, self.model = on, model.about, model

        def pipe(self, documents: list[Document]) -> list[Document]:
            fitted.append(self.on)
            asked.append([document.id for document in documents])
            return list(self.model.pipe(documents))

    def watched(annotator: Annotator, gold: list[Document], *, symmetric: tuple[str, ...]) -> Watched:
        return Watched([document.id for document in gold], calibrate(annotator, gold, symmetric=symmetric))

    monkeypatch.setattr(calibration, "calibrate", watched)
    assert called(tiny_model, notes, tmp_path / "ours") == 0
    assert fitted == [["n1", "n3", "n5"], ["n2", "n4", "n6"]] == asked[::-1]
    asked.clear()
    notes.write_text(jsonl.line(NOTES[0]) + "\n", "utf-8")
    assert called(tiny_model, notes, tmp_path / "few") == 0
    assert command.FEWEST > 1
    assert asked == []


def test_what_the_notes_do_not_hold_and_what_cannot_be_read_is_said(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = json.loads(jsonl.line(NOTES[0]))
    first["entities"] = first["entities"][:1]
    notes.write_text(json.dumps(first) + "\nno JSON\n", "utf-8")
    assert called(tiny_model, notes, tmp_path / "ours") == 1
    said = capsys.readouterr()
    assert "not annotated, and left as they are: Problem" in said.out
    assert "notes.jsonl:2: no JSON" in said.err
    assert load_annotator(tmp_path / "ours")


def test_nothing_can_be_fitted_on_notes_without_entities_or_those_that_were_learned(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes.write_text('{"id": "a", "text": "Fever."}\n', "utf-8")
    assert called(tiny_model, notes, tmp_path / "ours") == 1
    assert "no entity is annotated" in capsys.readouterr().err
    assert main(["calibrate", "en", "--corpus", "maccrobat-2020", "--data", ".", "--out", str(tmp_path / "ours")]) == 2
    assert "--split dev" in capsys.readouterr().err
    assert called("sentiment-en", notes, tmp_path / "ours") == 2
    assert "finds no entities" in capsys.readouterr().err
    assert not (tmp_path / "ours").exists()


def test_a_folder_that_exists_is_left_alone(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours").mkdir()
    assert called(tiny_model, notes, tmp_path / "ours") == 2
    assert "exists already" in capsys.readouterr().err
    assert list((tmp_path / "ours").iterdir()) == []
