"""`epicrisis calibrate` on the invented notes."""

import json
from pathlib import Path

import pytest

from epicrisis.calibration import FITTED, calibrate
from epicrisis.cli.main import main
from epicrisis.corpora import Report
from epicrisis.corpora.formats import jsonl
from epicrisis.runtime import load_annotator, read_description

from ..training.invented import NOTES


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The first three are annotated in full, the others lack what the model finds."""
    file = tmp_path / "notes.jsonl"
    bare = [type(note)(note.id, note.text) for note in NOTES[3:]]
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
    fitted = calibrate(before, list(jsonl.read(notes, Report()))).about
    assert (ours.about["odds"], ours.precise_from) == (fitted["odds"], fitted["precise_from"])
    kept = {key: value for key, value in before.about.items() if key not in (*FITTED, "name")}
    assert {key: ours.about[key] for key in kept} == kept
    for note in NOTES:
        one, other = before(note.text), ours(note.text)
        assert [entity.fragments for entity in one.entities] == [entity.fragments for entity in other.entities]
        for was, now in zip(one.entities, other.entities, strict=True):
            assert (now.score or 1) < (was.score or 0)
    assert "fitted again, on 6 documents of jsonl (all)" in (tmp_path / "ours" / "card.md").read_text("utf-8")
    assert "fitted on the other half" in capsys.readouterr().out


def test_what_the_notes_do_not_hold_is_said(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drugs = [jsonl.line(note) for note in NOTES[:1]]
    drugs[0] = json.dumps({**json.loads(drugs[0]), "entities": json.loads(drugs[0])["entities"][:1]})
    notes.write_text(drugs[0] + "\n", "utf-8")
    assert called(tiny_model, notes, tmp_path / "ours") == 0
    assert "Problem: not annotated in any document" in capsys.readouterr().out


def test_nothing_can_be_fitted_on_notes_without_entities_or_those_that_were_learned(
    tiny_model: Path, notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes.write_text('{"id": "a", "text": "Fever."}\n', "utf-8")
    assert called(tiny_model, notes, tmp_path / "ours") == 1
    assert "no entity is annotated" in capsys.readouterr().err
    assert main(["calibrate", "en", "--corpus", "maccrobat-2020", "--data", ".", "--out", str(tmp_path / "ours")]) == 2
    assert "--split dev" in capsys.readouterr().err
    assert called("sentiment-en", notes, tmp_path / "ours") == 2
    assert not (tmp_path / "ours").exists()


def test_a_folder_that_exists_is_left_alone(tiny_model: Path, notes: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    assert called(tiny_model, notes, tmp_path / "ours") == 2
    assert read_description(tiny_model)
    assert list((tmp_path / "ours").iterdir()) == []
