"""The other commands, from training to scores."""

import json
from pathlib import Path

import pytest

from epicrisis.cli.main import COMMANDS, main
from epicrisis.corpora.formats import brat

from ..training.invented import DATA

NOTES = list({document.id: document for document in (*DATA.train, *DATA.dev)}.values())
TRAIN, DEV = NOTES[:-2], NOTES[-2:]
TINY = ["--set", "model.embedder=[{type: words, size: 8}]", "--set", "model.encoder.hidden_size=8"]
TINY += ["--set", "training.epochs=2", "--set", "training.average=0.0"]


@pytest.fixture(scope="module")
def brat_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brat")
    brat.write(NOTES, folder)
    return folder


@pytest.fixture(scope="module")
def run(brat_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "one"
    split = out.with_name("split.json")
    split.write_text(json.dumps({"train": [d.id for d in TRAIN], "dev": [d.id for d in DEV]}), "utf-8")
    call = ["train", "cnn-bilstm-crf", "--corpus", "brat", "--data", str(brat_folder), "--out", str(out)]
    assert main([*call, "--split", str(split), "--seed", "3", *TINY]) == 0
    return out


def test_a_run_scores_itself_on_its_own_corpus_and_split(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run), "--split", "dev", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    about = json.loads((run / "run.json").read_text("utf-8"))
    assert result["split_hash"] == about["split_hash"]
    assert result["documents"] == len(DEV)
    assert set(result["scores"]) == {"strict", "boundary", "partial", "type", "token"}
    kept = json.loads((run / "model" / "scores.json").read_text("utf-8"))
    assert result["scores"]["strict"] == kept["dev"]["scores"]["strict"]


def test_scores_are_shown_as_a_table(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run)]) == 0
    out = capsys.readouterr().out
    assert "strict" in out
    assert "bootstrap" in out


def test_an_exported_model_has_its_own_name_and_no_training_files(run: Path, tmp_path: Path) -> None:
    from epicrisis import load

    out = tmp_path / "mine"
    assert main(["export", str(run), "--out", str(out), "--to-annotate-only"]) == 0
    assert load(out).name == "mine"
    assert not (out / "network.safetensors").exists()
    assert main(["export", str(run), "--out", str(out)]) == 2, "nothing is overwritten"


def test_without_a_split_one_is_made_and_written_down(brat_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code = main(["train", "cnn-bilstm-crf", "--corpus", "brat", "--data", str(brat_folder), "--out", str(out), *TINY])
    assert code == 0
    split = json.loads((out / "split.json").read_text("utf-8"))
    ids = [id for part in split.values() for id in part]
    assert sorted(ids) == sorted(document.id for document in NOTES)


def test_mistakes_of_a_recipe_are_all_named_at_once(
    brat_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["--set", "model.encoder.type=bilsm", "--set", "training.epochs=many", "--set", "training.optimiser=x"]
    call = ["train", "cnn-bilstm-crf", "--corpus", "brat", "--data", str(brat_folder), "--out", str(tmp_path / "no")]
    assert main([*call, *wrong]) == 2
    err = capsys.readouterr().err
    assert "Did you mean 'bilstm'?" in err
    assert "training.epochs" in err
    assert "Did you mean 'optimizer'?" in err
    assert not (tmp_path / "no").exists()


def test_an_unknown_recipe_corpus_or_part_gets_a_suggestion(
    run: Path, brat_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "no")]
    assert main(["train", "cnn-bilstm-crff", "--corpus", "brat", "--data", str(brat_folder), *out]) == 2
    assert "Did you mean 'cnn-bilstm-crf'?" in capsys.readouterr().err
    assert main(["train", "cnn-bilstm-crf", "--corpus", "brta", "--data", str(brat_folder), *out]) == 1
    assert "Did you mean 'brat'?" in capsys.readouterr().err
    assert main(["evaluate", str(run), "--split", "tset"]) == 1
    assert "there are train, dev" in capsys.readouterr().err


def test_models_and_recipes_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert "en" in [model["name"] for model in listed]
    assert all(model["megabytes"] <= 30 for model in listed)
    assert main(["models", "list"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert " macro " in lines["sentiment-en"]
    assert " strict " in lines["en"]
    assert main(["models", "recipes", "--json"]) == 0
    assert "cnn-bilstm-crf" in [recipe["name"] for recipe in json.loads(capsys.readouterr().out)]
    assert main(["models", "show", "cnn-bilstm-crf"]) == 0
    assert "Ma and Hovy" in capsys.readouterr().out
    assert main(["models", "show", "en"]) == 0
    assert "MACCROBAT2020" in capsys.readouterr().out


def test_word_vectors_are_learned_and_found_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from epicrisis.encoding.vectors import read_vectors

    text = tmp_path / "text.txt"
    text.write_text("Fever and cough. Cough and fever! The fever of 38.5 went.\n" * 5, "utf-8")
    out = tmp_path / "vectors"
    assert main(["pretrain", "words", str(text), "--out", str(out), "--size", "4", "--at-least", "1"]) == 0
    vectors = read_vectors(out)
    assert {"fever", "cough", "00.0"} <= set(vectors.words)
    assert vectors.matrix.shape == (len(vectors.words), 4)


def test_a_lexicon_gives_vectors_of_words_beside_those_of_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from epicrisis.encoding.vectors import read_vectors

    (tmp_path / "text.txt").write_text("患者胃癌术后。\n诊断为胃癌！\n" * 5, "utf-8")
    (tmp_path / "words.tsv").write_text("胃癌\t12\n肝癌\n\n", "utf-8")
    call = ["pretrain", "words", str(tmp_path / "text.txt"), "--out", str(tmp_path / "vectors"), "--size", "4"]
    assert main([*call, "--lexicon", str(tmp_path / "words.tsv"), "--at-least", "1"]) == 0
    vectors = read_vectors(tmp_path / "vectors")
    assert {"胃癌", "胃", "患"} <= set(vectors.words)
    assert "肝癌" not in vectors.words
    assert "lexicon, entries: 2\nlexicon, left out: empty: 1\n" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "usage: epicrisis" in capsys.readouterr().out


def test_what_a_corpus_holds_back_as_test_stays_test(tmp_path: Path) -> None:
    from epicrisis.cli.train import read_split
    from epicrisis.corpora import Report

    for part, count in (("train", 12), ("test", 5)):
        records = [{"id": f"{part}-{n}", "split": part, "text": f"咳嗽{n}天"} for n in range(count)]
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (tmp_path / f"{part}.jsonl").write_text(lines, "utf-8")
    _, split = read_split("jsonl", tmp_path, None, Report())
    assert sorted(split["test"]) == [f"test-{n}" for n in range(5)]
    assert sorted((*split["train"], *split["dev"])) == sorted(f"train-{n}" for n in range(12))


@pytest.mark.parametrize("held_back", [0, 5])
def test_the_notes_of_a_patient_are_on_one_side(held_back: int, tmp_path: Path) -> None:
    from epicrisis.cli.train import read_split
    from epicrisis.corpora import Report

    notes = [{"id": f"{n % 20}-{n}", "text": f"{n}", "meta": {"patient": n % 20}} for n in range(80)]
    notes += [{"id": f"t-{n}", "text": f"t{n}", "split": "test"} for n in range(held_back)]
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(note) + "\n" for note in notes), "utf-8")
    _, split = read_split("jsonl", file, None, Report())
    patients = {part: {id.partition("-")[0] for id in ids} for part, ids in split.items()}
    assert sum(map(len, patients.values())) == len(set().union(*patients.values())), "nobody is on two sides"
    assert all(split[part] for part in ("train", "dev", "test"))


def test_parts_that_every_document_says_are_the_split(tmp_path: Path) -> None:
    from epicrisis.cli.train import read_split
    from epicrisis.corpora import Report

    said = {"a": "train", "b": "dev", "c": "train", "d": "extra"}
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps({"id": i, "text": i, "split": part}) + "\n" for i, part in said.items()))
    assert read_split("jsonl", file, None, Report())[1] == {"train": ("a", "c"), "dev": ("b",), "extra": ("d",)}
    with file.open("a") as more:
        more.write('{"id": "e", "text": "e"}\n')
    split = read_split("jsonl", file, None, Report())[1]
    assert sorted(id for part in ("train", "dev", "test") for id in split[part]) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("name", ["cmedqaner", "genia"])
def test_a_corpus_whose_files_say_its_split_is_trained_so(name: str) -> None:
    from epicrisis.cli.train import read_split
    from epicrisis.corpora import Report

    documents, split = read_split(name, Path(__file__).parents[1] / "fixtures" / name, None, Report())
    assert {part: len(ids) for part, ids in split.items()} == {"train": 2, "dev": 1, "test": 1}
    assert all(documents[id].meta["split"] == part for part, ids in split.items() for id in ids)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]"])
def test_a_split_file_that_is_none_is_one_sentence(
    content: bytes, brat_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "split.json"
    file.write_bytes(content)
    call = ["train", "cnn-bilstm-crf", "--corpus", "brat", "--data", str(brat_folder), "--out", str(tmp_path / "no")]
    assert main([*call, "--split", str(file)]) == 1
    err = capsys.readouterr().err
    assert str(file) in err
    assert err.count("\n") == 1


def test_scores_of_each_document_can_be_had(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run), "--json", "--per-document"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [document["id"] for document in result["per_document"]] == [document.id for document in DEV]
