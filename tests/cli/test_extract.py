"""`epicrisis extract` as a user calls it: a process of its own, with the cable out."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from epicrisis import Document
from epicrisis.cli.main import main

from ..training.invented import NOTES as NOTES_BY_HEART

CABLE_OUT = """
import socket, sys

def refused(*_, **__):
    raise AssertionError("a socket was opened")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused
from epicrisis.cli.main import main
code = main(sys.argv[1:])
assert not {"torch", "lightning", "gensim", "onnx"} & set(sys.modules), "a training library was imported"
sys.exit(code)
"""


NOTES = 60_000


def call(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", CABLE_OUT, *map(str, arguments)], input=stdin, capture_output=True, timeout=120
    )


def documents(output: bytes) -> list[Document]:
    return [Document.from_json(line) for line in output.decode("utf-8").splitlines()]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "ward").mkdir(parents=True)
    (folder / "one.txt").write_bytes(b"She has fever.\r\nNo cough.\r\n")
    (folder / "ward" / "two.txt").write_text("Cough for 3 days.", "utf-8")
    return folder


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many notes as several threads work on: 8 tokens each, where 70,000 together are enough."""
    file = tmp_path_factory.mktemp("archive") / "notes.jsonl"
    file.write_text("".join(f'{{"id": "{n}", "text": "She has fever. No cough today."}}\n' for n in range(NOTES)))
    return file


def run_in_process(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_a_folder_becomes_json_lines_without_network_torch_or_a_word_on_stderr(notes: Path, tiny_model: Path) -> None:
    done = call("extract", notes, "--model", tiny_model, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    found = documents(done.stdout)
    assert [document.id for document in found] == ["one", "ward/two"]
    assert found[0].text == "She has fever.\r\nNo cough.\r\n"
    assert all(
        document.meta["model"] == json.loads((tiny_model / "model.json").read_text())["name"] for document in found
    )


def test_stdin_is_one_note(tiny_model: Path) -> None:
    done = call("extract", "-", "--model", tiny_model, "--format", "jsonl", stdin="Fieber 38,5 °C".encode())
    assert [document.text for document in documents(done.stdout)] == ["Fieber 38,5 °C"]


def test_the_shipped_models_annotate_the_example_notes() -> None:
    folder = Path(__file__).parents[2] / "examples" / "notes"
    done = call("extract", folder, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    found = {document.id: document for document in documents(done.stdout)}
    assert found.keys() == {"cardiology", "discharge", "headache-zh", "rash"}
    assert [found[name].meta["model"] for name in ("rash", "headache-zh")] == ["en", "zh"]
    said = {(entity.type, found["rash"].words(entity)) for entity in found["rash"].entities}
    assert ("Medication", "lamotrigine") in said
    assert ("Disease_disorder", "Stevens-Johnson syndrome") in said
    said = {(entity.type, found["headache-zh"].words(entity)) for entity in found["headache-zh"].entities}
    assert {("drug", "硝苯地平"), ("disease", "偏头痛"), ("department", "神经内科")} <= said


@pytest.mark.parametrize("format", ["table", "jsonl", "html"])
def test_every_format_can_go_to_standard_output(
    format: str, notes: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run_in_process("extract", notes, "--model", tiny_model, "--format", format) == 0
    out, err = capfdbinary.readouterr()
    assert b"ward/two" in out
    assert err == b""


def test_brat_goes_into_a_folder_and_is_read_back(notes: Path, tiny_model: Path, tmp_path: Path) -> None:
    from epicrisis import corpora

    out = tmp_path / "out"
    assert run_in_process("extract", notes, "--model", tiny_model, "--format", "brat", "--out", out) == 0
    assert [document.id for document in corpora.read("brat", out)] == ["one", "ward/two"]


def test_what_brat_cannot_hold_is_said_in_one_line(
    notes: Path, tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from epicrisis import corpora

    out = tmp_path / "out"
    arguments = ("--model", tiny_model, "--assertion", "model", "--format", "brat", "--out", out)
    assert run_in_process("extract", notes, *arguments) == 0
    number = sum(len(document.entities) for document in corpora.read("brat", out))
    assert number
    assert capfd.readouterr().err == f"epicrisis: brat cannot hold: meta 2; scores {number}\n"


def test_a_second_note_of_the_same_name_is_not_written_over_the_first(
    tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / ward / "note.txt" for ward in ("w1", "w2")]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"Fever in {file.parent.name}.", "utf-8")
    out = tmp_path / "out"
    assert run_in_process("extract", *files, "--model", tiny_model, "--format", "brat", "--out", out) == 1
    assert (out / "note.txt").read_text("utf-8") == "Fever in w1."
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith(f"epicrisis: {out}: document id 'note' stands twice; only the first was written.")
    assert "brat cannot hold" in second


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A note that the small model knows by heart."""
    file = tmp_path / "known.txt"
    file.write_bytes(NOTES_BY_HEART[1].text.encode())
    return file


def test_rules_say_what_is_negated_and_by_which_words(
    known: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run_in_process("extract", known, "--model", tiny_model, "--format", "jsonl") == 0
    (document,) = documents(capfdbinary.readouterr().out)
    assertions = {document.words(e): e.attributes["assertion"] for e in document.entities}
    cues = {words: document.text[slice(*(one.cue or ()))] for words, one in assertions.items()}
    assert cues == {"fever": "No", "Aspirin": "was stopped", "chest pain": "No"}
    assert {one.value for one in assertions.values()} == {"negated"}
    assert document.meta["assertion"] == "rules"
    arguments = ("--model", tiny_model, "--assertion", "model", "--format", "jsonl")
    assert run_in_process("extract", known, *arguments) == 0
    (document,) = documents(capfdbinary.readouterr().out)
    assert not any(entity.attributes for entity in document.entities)
    assert "assertion" not in document.meta


def test_rules_annotate_without_a_model_what_other_programs_found(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "notes.jsonl"
    said = {"type": "S", "fragments": [[9, 13]], "attributes": {"assertion": {"value": "present"}}}
    entities = [{"type": "S", "fragments": [[3, 8]]}, said]
    file.write_text(json.dumps({"id": "a", "text": "No fever/pain.", "entities": entities}))
    values = {}
    for choice in ("both", "rules", "model"):
        arguments = ("--model", "none", "--assertion", choice, "--format", "jsonl")
        assert run_in_process("extract", file, *arguments) == 0
        (document,) = documents(capfdbinary.readouterr().out)
        found = [entity.attributes.get("assertion") for entity in document.entities]
        values[choice] = [one and one.value for one in found]
    assert values == {"both": ["negated", "present"], "rules": ["negated", "negated"], "model": [None, "present"]}


def test_terms_and_patterns_stand_beside_the_model_by_precedence(
    known: Path, tiny_model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "terms.csv").write_text("term,type,system,code\nfever,Finding,ICD-10,R50\nday,Time,,\n")
    (tmp_path / "patterns.tsv").write_text("Phrase\t(?i)no fever\n")
    arguments = ("--terms", tmp_path / "terms.csv", "--patterns", tmp_path / "patterns.tsv", "--format", "jsonl")

    def found(*more: str | Path) -> list[tuple[str, str, int]]:
        assert run_in_process("extract", known, *arguments, *more) == 0
        (document,) = documents(capfdbinary.readouterr().out)
        return [(e.type, document.words(e), len(e.codes)) for e in document.entities]

    aspirin, day, pain = ("Drug", "Aspirin", 0), ("Time", "day", 0), ("Problem", "chest pain", 0)
    assert found("--model", tiny_model) == [("Problem", "fever", 1), aspirin, day, pain]
    assert found("--model", tiny_model, "--precedence", "terms") == [("Finding", "fever", 1), aspirin, day, pain]
    assert found("--model", tiny_model, "--precedence", "patterns,terms")[0] == ("Phrase", "No fever", 0)
    assert found("--model", "none") == [("Finding", "fever", 1), day]


def test_relations_and_attributes_stay_with_a_term_of_the_same_characters_or_are_counted(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "terms.csv").write_text("term,type,system,code\nfever,Finding,ICD-10,R50\npain,Finding,,\n")
    entities = [
        {"id": "T1", "type": "Problem", "fragments": [[0, 5]], "attributes": {"grade": {"value": 2}}},
        {"id": "T2", "type": "Problem", "fragments": [[7, 17]], "attributes": {"grade": {"value": 3}}},
        {"id": "T3", "type": "Drug", "fragments": [[21, 28]]},
    ]
    relations = [{"id": f"R{n}", "type": "FOR", "head": "T3", "tail": f"T{n}"} for n in (1, 2)]
    note = {"id": "a", "text": "Fever, chest pain on aspirin.", "entities": entities, "relations": relations}
    (tmp_path / "notes.jsonl").write_text(json.dumps(note))
    arguments = ("--model", "none", "--terms", tmp_path / "terms.csv", "--format", "jsonl")
    assert run_in_process("extract", tmp_path / "notes.jsonl", *arguments, "--precedence", "terms") == 0
    out, err = capfdbinary.readouterr()
    (document,) = documents(out)
    fever, pain, aspirin = document.entities
    assert (fever.type, fever.codes[0].code, fever.attributes["grade"].value) == ("Finding", "R50", 2)
    assert (document.words(pain), "grade" in pain.attributes) == ("pain", False)
    assert [(r.head, r.tail) for r in document.relations] == [(aspirin.id, fever.id)]
    assert b"left out: 1 attributes, 1 relations of entities that gave way" in err
    assert run_in_process("extract", tmp_path / "notes.jsonl", *arguments) == 0
    out, err = capfdbinary.readouterr()
    (document,) = documents(out)
    assert (len(document.relations), err) == (2, b"")


@pytest.mark.parametrize(
    ("arguments", "code", "cause"),
    [
        (["--model", "none"], 2, "--model none finds nothing: give --terms, --patterns or --sentiment"),
        (["--model", "none", "--terms", "terms.csv", "--precedence", "terms,terms"], 2, "--precedence: each of model"),
        (["--model", "none", "--terms", "terms.csv", "--precedence", "rules"], 2, "--precedence: each of model"),
        (["--model", "none", "--support", "notes.jsonl"], 2, "no model that could be shown examples"),
        (["--model", "none", "--terms", "missing.csv"], 1, "missing.csv: cannot be read"),
        (["--model", "none", "--patterns", "patterns.tsv"], 1, "patterns.tsv, line 2: no regular expression"),
    ],
)
def test_calls_of_rules_that_ask_for_what_there_is_not(
    arguments: list[str],
    code: int,
    cause: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("note.txt").write_text("No fever.")
    Path("terms.csv").write_text("term,type\nfever,Finding\n")
    Path("patterns.tsv").write_text("Dose\t\\d+ mg\nDose\t[a-\n")
    assert run_in_process("extract", "note.txt", *arguments) == code
    assert cause in capfd.readouterr().err


def test_a_row_of_the_term_list_that_cannot_be_read_is_named_and_the_others_are_found(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    note, terms = tmp_path / "note.txt", tmp_path / "terms.csv"
    note.write_text("No fever.")
    terms.write_text("term,type\n" + ",Finding\n" * 22 + "fever,Finding\n")
    assert run_in_process("extract", note, "--model", "none", "--terms", terms, "--format", "jsonl") == 1
    out, err = capfd.readouterr()
    assert len(documents(out.encode())[0].entities) == 1
    assert err.splitlines()[0] == f"epicrisis: {terms}:2: the term is empty"
    assert err.splitlines()[-1] == f"epicrisis: {terms}: 2 more rows were passed over"


@pytest.mark.parametrize("id", ["../evil", "x" * 300, "胃" * 100])
def test_an_id_that_cannot_be_a_files_name_costs_its_document(
    id: str, tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "notes.jsonl", tmp_path / "out"
    file.write_text("".join(json.dumps({"id": name, "text": "Fever."}) + "\n" for name in ("a", id, "b")), "utf-8")
    assert run_in_process("extract", file, "--model", tiny_model, "--format", "brat", "--out", out) == 1
    assert sorted(entry.name for entry in out.iterdir()) == ["a.ann", "a.txt", "b.ann", "b.txt"]
    first, second = capfd.readouterr().err.splitlines()
    assert f"document id {id!r}" in first
    assert "brat cannot hold" in second


def test_a_full_disk_ends_an_export_to_brat(
    notes: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    out = tmp_path / "out"
    code, err = failure(["extract", notes, "--model", tiny_model, "--format", "brat", "--out", out], capfd)
    assert code == 1
    assert "No space left" in err
    assert list(out.iterdir()) == []


def test_what_can_be_read_is_done_and_what_cannot_is_named(
    notes: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (notes / "latin.txt").write_bytes("Secretname: Müller".encode("latin-1"))
    code = run_in_process("extract", notes, notes / "absent.txt", "--model", tiny_model, "--format", "jsonl")
    out, err = capfdbinary.readouterr()
    assert code == 1
    assert [document.id for document in documents(out)] == ["one", "ward/two"]
    lines = err.decode().splitlines()
    assert len(lines) == 2
    assert "latin.txt" in lines[0]
    assert "UTF-8" in lines[0]
    assert "absent.txt" in lines[1]
    assert "Secretname" not in err.decode()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "an empty note"),
        (b" \n\t\n ", "white space"),
        (b"\xef\xbb\xbfFever.", "a byte order mark"),
        (b"Fever\x00 and cough.", "NUL"),
        (b"x" * 300_000, "a token of 300,000 characters"),
        (b"- " * 5_000, "a sentence without end"),
        ("发热三天，咳嗽。𠀀😀".encode(), "Chinese and characters outside the basic plane"),
    ],
)
def test_odd_notes_are_notes(text: bytes, what: str, tmp_path: Path, tiny_model: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(text)
    out = tmp_path / "out.jsonl"
    assert run_in_process("extract", file, "--model", tiny_model, "--format", "jsonl", "--out", out) == 0, what
    (document,) = documents(out.read_bytes())
    assert document.text == text.decode("utf-8"), what


def test_a_lone_surrogate_in_json_lines_is_named_and_the_next_document_read(
    tmp_path: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text('{"id": "a", "text": "half \\ud83d"}\n{"id": "b", "text": "Fever."}\n', "utf-8")
    assert run_in_process("extract", file, "--model", tiny_model, "--format", "jsonl") == 1
    out, err = capfdbinary.readouterr()
    assert [document.id for document in documents(out)] == ["b"]
    assert b"surrogate" in err


def failure(arguments: Sequence[str | Path], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run_in_process(*arguments)
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.count("\n") == 1, "one sentence"
    return code, err


def test_a_wrong_model_name_gets_a_suggestion(notes: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, err = failure(["extract", notes, "--model", "enn"], capfd)
    assert code == 2
    assert "Did you mean 'en'?" in err


@pytest.mark.parametrize("place", ["absent", "empty"])
def test_a_missing_or_empty_folder_is_one_sentence(
    place: str, tmp_path: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    code, err = failure(["extract", tmp_path / place, "--model", tiny_model], capfd)
    assert code == 1
    assert place in err


def test_brat_without_a_folder_says_what_to_give(
    notes: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, err = failure(["extract", notes, "--format", "brat", "--model", tiny_model], capfd)
    assert code == 2
    assert "--out" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_in_one_sentence(notes: Path, tiny_model: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", CABLE_OUT, "extract", notes, "--model", tiny_model, "--format", "jsonl"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_in_one_sentence_when_threads_work(archive: Path, tiny_model: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", CABLE_OUT, "extract", archive, "--model", tiny_model, "--format", "jsonl"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    assert done.stderr.count(b"\n") == 1, done.stderr
    assert b"No space left" in done.stderr
    assert done.returncode == 1


def test_a_file_that_cannot_be_finished_leaves_nothing_behind(
    notes: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    out = tmp_path / "out" / "found.jsonl"
    code, err = failure(["extract", notes, "--model", tiny_model, "--format", "jsonl", "--out", out], capfd)
    assert code == 1
    assert "No space left" in err
    assert list(out.parent.iterdir()) == []


def test_an_interruption_is_no_traceback(
    notes: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from epicrisis import runtime

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runtime.Annotator, "pipe", interrupted)
    assert failure(["extract", notes, "--model", tiny_model], capfd) == (130, "epicrisis: interrupted\n")


def test_a_real_interruption_is_one_line_while_threads_work(archive: Path, tiny_model: Path) -> None:
    # A shell that starts the tests in the background has SIGINT ignored, and a child would inherit that.
    program = f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{CABLE_OUT}"
    command = [sys.executable, "-c", program, "extract", str(archive), "--model", str(tiny_model), "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert err == b"epicrisis: interrupted\n"
    assert process.returncode == 130
    assert out.count(b"\n") < NOTES - 1, "it went on to the end"


def test_a_reader_that_has_had_enough_is_no_error(notes: Path, tiny_model: Path) -> None:
    command = [sys.executable, "-c", CABLE_OUT, "extract", *[str(notes)] * 40, "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_entities_below_the_least_score_are_left_out(notes: Path, tiny_model: Path, tmp_path: Path) -> None:
    every, few = tmp_path / "every.jsonl", tmp_path / "few.jsonl"
    assert run_in_process("extract", notes, "--model", tiny_model, "--format", "jsonl", "--out", every) == 0
    before = documents(every.read_bytes())
    scores = sorted(entity.score or 0 for document in before for entity in document.entities)
    assert scores[0] < scores[-1]
    options = ("--format", "jsonl", "--out", few, "--least-score", str(scores[-1]))
    assert run_in_process("extract", notes, "--model", tiny_model, *options) == 0
    after = documents(few.read_bytes())
    assert [document.text for document in after] == [document.text for document in before]
    kept = [[entity for entity in document.entities if entity.score == scores[-1]] for document in before]
    assert [list(document.entities) for document in after] == kept


def test_what_is_not_precise_enough_is_left_out_and_counted(
    notes: Path, tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    every, few, model = tmp_path / "every.jsonl", tmp_path / "few.jsonl", tmp_path / "model"
    assert run_in_process("extract", notes, "--model", tiny_model, "--format", "jsonl", "--out", every) == 0
    before = documents(every.read_bytes())
    found = [entity for document in before for entity in document.entities]
    most = max(found, key=lambda entity: entity.score or 0)
    assert len(found) > 1
    shutil.copytree(tiny_model, model)
    about = json.loads((model / "model.json").read_text("utf-8"))
    about["precise_from"] = {"0.9": {"entities": {most.type: most.score}}}
    (model / "model.json").write_text(json.dumps(about), "utf-8")
    call = ["extract", notes, "--model", model, "--format", "jsonl", "--out", few, "--precision"]
    capfd.readouterr()
    assert run_in_process(*call, "0.9") == 0
    kept = [[one for one in document.entities if one == most] for document in before]
    assert [list(document.entities) for document in documents(few.read_bytes())] == kept
    assert f"left out as not sure enough: {len(found) - 1:,} entities" in capfd.readouterr().err
    code, err = failure([*call, "0.8"], capfd)
    assert code == 2
    assert "it does for 0.9" in err


@pytest.mark.parametrize("other", [["--model", "none", "--terms", "t.csv"], ["--model", "m", "--support", "s.jsonl"]])
def test_a_precision_is_that_of_a_model_for_its_own_types(
    other: list[str], notes: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, err = failure(["extract", notes, "--precision", "0.9", *other], capfd)
    assert code == 2
    assert "--precision" in err


@pytest.mark.parametrize("score", ["1.1", "-0.1", "nan"])
def test_a_least_score_that_is_no_probability_is_a_wrong_call(
    score: str, notes: Path, tiny_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, err = failure(["extract", notes, "--model", tiny_model, f"--least-score={score}"], capfd)
    assert code == 2
    assert "--least-score" in err


def test_json_lines_may_have_a_name_in_capitals(
    tmp_path: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "NOTES.JSONL"
    file.write_text('{"id": "a", "text": "Fever."}\n', "utf-8")
    assert run_in_process("extract", file, "--model", tiny_model, "--format", "jsonl") == 0
    assert [document.id for document in documents(capfdbinary.readouterr().out)] == ["a"]


def test_a_closed_standard_input_is_one_sentence(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    code, err = failure(["extract", "-", "--model", tiny_model], capfd)
    assert code == 1
    assert "standard input is closed" in err


def test_json_that_cannot_be_written_again_costs_its_line(
    tmp_path: Path, tiny_model: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    bad = ('"id": "\\ud83d"', '"meta": {"k": "\\ud83d"}', '"meta": {"k": NaN}', '"labels": {"k": {"value": "\\ud83d"}}')
    file = tmp_path / "notes.jsonl"
    lines = [f'{{"schema": 1, "text": "Fever.", {key}}}\n' for key in bad]
    file.write_text("".join(lines) + '{"id": "b", "text": "Fever."}\n', "utf-8")
    for format in ("table", "html", "jsonl"):
        assert run_in_process("extract", file, "--model", tiny_model, "--format", format) == 1
        out, err = capfdbinary.readouterr()
        assert len(err.decode().splitlines()) == len(bad)
    assert [document.id for document in documents(out)] == ["b"]
