"""A stream in several languages: each text by its model, in order, in bounded memory, and models only when needed."""

import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from epicrisis.cli.main import main
from epicrisis.document import Document
from epicrisis.errors import ModelError
from epicrisis.runtime import AnnotatorByLanguage, annotator, by_language, load, load_by_language, model

ENGLISH, CHINESE = "She took aspirin for a headache.", "患者头痛三天,服用阿司匹林后好转。"


@pytest.fixture(scope="module")
def models(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two shipped models, called for their languages."""
    folder = tmp_path_factory.mktemp("weights")
    found = {}
    for name in ("en", "zh"):
        found[name] = Path(shutil.copytree(tiny_model, folder / name))
        about = json.loads((found[name] / "model.json").read_text("utf-8"))
        changed = {**about, "name": name, "languages": [name]}
        (found[name] / "model.json").write_text(json.dumps(changed), "utf-8")
    return found


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that were loaded."""
    names: list[str] = []

    def watched(name: str | Path) -> annotator.Annotator:
        names.append(Path(name).name)
        return load(name)

    monkeypatch.setattr(by_language, "load_annotator", watched)
    return names


def ship(monkeypatch: pytest.MonkeyPatch, models: dict[str, Path]) -> None:
    for module in (model, by_language):
        monkeypatch.setattr(module, "shipped_models", lambda: models)


def notes(pattern: str) -> list[Document]:
    text = {"e": ENGLISH, "z": CHINESE}
    return [Document(f"{n}", text[letter]) for n, letter in enumerate(pattern)]


def by(documents: list[Document]) -> str:
    return "".join(document.meta["model"][0] for document in documents)


@pytest.mark.parametrize("pattern", ["", "e", "zzz", "ezezzeezez", "z" + "e" * 50, "e" * 30 + "z" * 30 + "e"])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("aside", [0, 3_000, by_language.ASIDE])
def test_each_text_goes_to_the_model_for_its_language_and_the_order_stays(
    pattern: str, threads: int, aside: int, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_language, "ASIDE", aside)
    monkeypatch.setattr(annotator, "WORK_TOKENS", 40)  # a few notes a work, so that threads do begin
    given = notes(pattern)
    done = list(load_by_language(models).pipe(iter(given), threads=threads))
    assert [document.id for document in done] == [document.id for document in given]
    assert by(done) == pattern
    alone = {name: load(folder) for name, folder in models.items()}
    for document, before in zip(done, given, strict=True):
        expected = alone[document.meta["model"]](before)
        assert [(e.type, e.fragments) for e in document.entities] == [(e.type, e.fragments) for e in expected.entities]


def test_a_model_is_loaded_once_and_only_when_a_text_needs_it(models: dict[str, Path], loaded: list[str]) -> None:
    annotate = load_by_language(models)
    assert loaded == []
    assert by(list(annotate.pipe(notes("eee")))) == "eee"
    assert loaded == ["en"]
    assert annotate(CHINESE).meta["model"] == "zh"
    assert by(list(annotate.pipe([ENGLISH, CHINESE]))) == "ez"
    assert loaded == ["en", "zh"]


def test_a_stream_is_drawn_no_further_than_may_lie_aside(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_language, "ASIDE", 20_000)
    monkeypatch.setattr(annotator, "WORK_TOKENS", 400)
    drawn = most = 0

    def endless() -> Iterator[Document]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Document(str(drawn), CHINESE if drawn % 300 == 1 else ENGLISH)

    stream = load_by_language(models).pipe(endless(), threads=2)
    for passed, document in enumerate(islice(stream, 1_000), start=1):
        most = max(most, drawn - passed)
        assert document.id == str(passed)
    assert most < 300  # 20 aside, and some 60 a work in a pipe of five


def test_a_language_without_a_model_gets_the_default_one_and_is_counted(models: dict[str, Path]) -> None:
    annotate = load_by_language({"en": models["en"]})
    assert by(list(annotate.pipe(notes("zezz")))) == "eeee"
    assert annotate.without_model == {"zh": 3}
    other = AnnotatorByLanguage({"zh": models["zh"]}, default="zh")
    assert other(ENGLISH).meta["model"] == "zh"
    with pytest.raises(ModelError, match="no model for 'en', the default language"):
        load_by_language({"zh": models["zh"]})


def test_a_stream_that_fails_gives_what_came_before(models: dict[str, Path]) -> None:
    def failing() -> Iterator[Document]:
        yield from notes("ezze")
        raise OSError("the disk")

    done = []
    with pytest.raises(OSError, match="the disk"):
        done.extend(load_by_language(models).pipe(failing()))
    stream = load_by_language(models).pipe(failing())
    assert by([next(stream) for _ in range(4)]) == "ezze"


def test_the_shipped_models_are_found_by_their_languages(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_by_language().models["en"] == "en"
    ship(monkeypatch, {"a-zh": models["zh"], "en": models["en"], "zh": models["zh"], "zz": models["zh"]})
    assert load_by_language().models == {"zh": "zh", "en": "en"}
    ship(monkeypatch, {"a-zh": models["zh"], "en": models["en"], "zz": models["zh"]})
    assert load_by_language().models == {"zh": "a-zh", "en": "en"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name, text in {"a": ENGLISH, "b": CHINESE, "c": ENGLISH}.items():
        (notes / f"{name}.txt").write_text(text, "utf-8")
    return notes


def extracted(output: str) -> dict[str, str]:
    documents = [Document.from_json(line) for line in output.splitlines()]
    return {document.id: document.meta["model"] for document in documents}


def test_extract_takes_the_model_for_each_note_unless_told(
    folder: Path, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ship(monkeypatch, models)
    assert main(["extract", str(folder), "--format", "jsonl"]) == 0
    out, err = capfd.readouterr()
    assert extracted(out) == {"a": "en", "b": "zh", "c": "en"}
    assert err == ""
    assert main(["extract", str(folder), "--format", "jsonl", "--model", "zh"]) == 0
    assert set(extracted(capfd.readouterr().out).values()) == {"zh"}


def test_extract_says_once_that_a_language_has_no_model(
    folder: Path, models: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "d.txt").write_text(CHINESE, "utf-8")
    ship(monkeypatch, {"en": models["en"]})
    assert main(["extract", str(folder), "--format", "jsonl"]) == 0
    out, err = capfd.readouterr()
    assert extracted(out) == dict.fromkeys("abcd", "en")
    assert err == "epicrisis: 2 notes were annotated by en: no model for their language (zh) is shipped\n"
