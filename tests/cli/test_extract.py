"""`epicrisis extract` as a user calls it: a process of its own, with the cable out."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from epicrisis import Document
from epicrisis.cli.main import main

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


def test_the_shipped_model_annotates_the_example_notes() -> None:
    folder = Path(__file__).parents[2] / "examples" / "notes"
    done = call("extract", folder, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    found = {document.id: document for document in documents(done.stdout)}
    assert found.keys() == {"cardiology", "discharge", "rash"}
    said = {(entity.type, found["rash"].words(entity)) for entity in found["rash"].entities}
    assert ("Medication", "lamotrigine") in said
    assert ("Disease_disorder", "Stevens-Johnson syndrome") in said


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


def test_a_reader_that_has_had_enough_is_no_error(notes: Path, tiny_model: Path) -> None:
    command = [sys.executable, "-c", CABLE_OUT, "extract", *[str(notes)] * 40, "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_entities_below_the_least_score_are_left_out(notes: Path, tiny_model: Path, tmp_path: Path) -> None:
    every, none = tmp_path / "every.jsonl", tmp_path / "none.jsonl"
    assert run_in_process("extract", notes, "--model", tiny_model, "--format", "jsonl", "--out", every) == 0
    options = ("--format", "jsonl", "--out", none, "--least-score", "1.1")
    assert run_in_process("extract", notes, "--model", tiny_model, *options) == 0
    assert [document.entities for document in documents(none.read_bytes())] == [(), ()]
    assert documents(every.read_bytes())[0].text == documents(none.read_bytes())[0].text
