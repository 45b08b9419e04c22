"""`epicrisis corpus`: exit codes, what goes to stdout and what to stderr."""

import argparse
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from epicrisis.cli import corpus
from epicrisis.corpora import CORPORA, load_split, read, split_hash
from epicrisis.corpora.formats import brat
from epicrisis.corpora.splits import text_key
from epicrisis.corpora.writers import WRITERS
from epicrisis.errors import CorpusError


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    corpus.add_parser(parser.add_subparsers(required=True))
    args: Any = parser.parse_args(["corpus", *map(str, arguments)])
    return args.run(args)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.txt").write_text("rash")
    (folder / "a.ann").write_text("T1\tX 0 4\trash\nT2\tX 0 9\trash\n")
    return folder


def test_list_shows_every_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in (*CORPORA, *WRITERS))
    assert "4,272 documents" in shown
    assert run("list", "--json") == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert {name for name, row in rows.items() if row["reads"]} == {*CORPORA}
    assert {name for name, row in rows.items() if row["writes"]} == {*WRITERS}
    assert rows["bc5cdr"]["counts"]["documents"] == 1500
    assert rows["bc5cdr"]["where"]


def test_list_tells_all_of_one_corpus_or_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "bc5cdr", "omop") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("bc5cdr\n\nBC5CDR: 1,500 PubMed abstracts")
    for said in ("Source ", "Licence ", "Cite ", "Files ", "\n\nomop\n\nOMOP CDM"):
        assert said in shown
    with pytest.raises(CorpusError, match=r"no corpus 'bc5cd'\. Did you mean 'bc5cdr'"):
        run("list", "bc5cd")


def test_stats_count_the_fixture(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("stats", "brat", "--data", fixtures / "brat") == 0
    assert "Sign_symptom" in capsys.readouterr().out
    assert run("stats", "brat", "--data", fixtures / "brat", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["parts"]["all"]["entities"] == 13
    assert result["types"]["Sign_symptom"] == {"all": 4}
    assert result["problems"] == []


def test_stats_know_the_parts_that_a_reader_found(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, (train, dev, test) in {"cmedqaner": (2, 1, 1), "genia": (2, 1, 1)}.items():
        assert run("stats", name, "--data", fixtures / name, "--json") == 0
        parts = json.loads(capsys.readouterr().out)["parts"]
        found = {part: numbers["documents"] for part, numbers in parts.items()}
        assert found == {"all": train + dev + test, "train": train, "dev": dev, "test": test}


def test_stats_know_the_parts_that_a_list_of_hashes_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"words of {name}")
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": [text_key("words of a")], "test": ["b"]}))
    assert run("stats", "text", "--data", tmp_path, "--split", split, "--json") == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert {part: numbers["documents"] for part, numbers in parts.items()} == {"all": 2, "train": 1, "test": 1}


@pytest.mark.parametrize("name", ["ade-v2", "bc5cdr", "ccks-2019", "cmedqaner", "genia", "phee"])
def test_every_corpus_can_be_converted(name: str, fixtures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("convert", name, "jsonl", "--data", fixtures / name, "--out", out) == 0
    assert list(read("jsonl", out)) == list(read(name, fixtures / name))
    assert run("convert", name, "brat", "--data", fixtures / name, "--out", tmp_path / "brat") == 0
    before = {d.id: [(e.type, e.fragments) for e in d.entities] for d in read(name, fixtures / name)}
    after = {d.id: [(e.type, e.fragments) for e in d.entities] for d in read("brat", tmp_path / "brat")}
    assert after == before


def test_a_bad_line_is_listed_and_the_code_is_1(broken: Path, tmp_path: Path, capsys) -> None:
    problem = f"{broken / 'a.ann'}:2: T2: fragment 0-9 is out of range; the text has 4\n"
    out = tmp_path / "out.jsonl"
    for command in (
        ["stats", "brat"],
        ["check", "brat"],
        ["convert", "brat", "jsonl", "--out", out],
        ["split", "brat"],
    ):
        assert run(*command, "--data", broken) == 1
        assert capsys.readouterr().err == problem
    (document,) = read("jsonl", out)
    assert len(document.entities) == 1


def test_check_finds_nothing_wrong_with_the_fixture(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "brat", "--data", fixtures / "brat") == 0
    assert "2 documents checked, 0 things wrong" in capsys.readouterr().out


def test_check_compares_with_what_was_published(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "ccks-2019", "--data", fixtures / "ccks-2019", "--json") == 1
    assert "ccks-2019: 3 documents, but 1,379 were published" in json.loads(capsys.readouterr().out)["wrong"]


def test_check_finds_leakage_in_a_given_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("the same words")
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": ["a"], "test": ["b"]}))
    assert run("check", "text", "--data", tmp_path) == 0
    assert run("check", "text", "--data", tmp_path, "--split", split) == 1
    assert capsys.readouterr().err == "copies or near-duplicates in several parts: b (test), a (train)\n"
    split.write_text("{")
    with pytest.raises(CorpusError, match="no split list"):
        run("check", "text", "--data", tmp_path, "--split", split)


def test_convert_says_what_the_target_cannot_hold(fixtures: Path, tmp_path: Path, capsys) -> None:
    data = ("--data", fixtures / "brat")
    assert run("convert", "brat", "jsonl", *data, "--out", tmp_path / "a.jsonl") == 0
    assert list(read("jsonl", tmp_path / "a.jsonl")) == list(read("brat", fixtures / "brat"))
    assert capsys.readouterr().out.endswith("nothing was lost\n")
    assert run("convert", "brat", "text", *data, "--out", tmp_path / "texts", "--json") == 0
    lost = json.loads(capsys.readouterr().out)
    assert lost["documents"] == 2
    assert lost["lost"] == {"entities": 13, "relations": 1, "groups": 1}
    assert run("convert", "brat", "text", *data, "--out", tmp_path / "texts") == 0
    assert "what text cannot hold" in capsys.readouterr().out


def test_negation_by_any_name_is_negation_in_a_hospitals_formats(tmp_path: Path, capsys) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.txt").write_text("No rash.")
    lines = "T1\tSign_symptom 3 7\trash\nE1\tSign_symptom:T1\nA1\tPOLARITY E1 NEG\n"
    (tmp_path / "in" / "1.ann").write_text(lines)
    call = ("convert", "maccrobat-2020", "--data", tmp_path / "in", "--json", "--out", tmp_path / "out")
    assert run(*call[:2], "fhir-r5", *call[2:]) == 0
    rewritten = "entities whose attributes were rewritten as assertion"
    assert json.loads(capsys.readouterr().out)["lost"][rewritten] == 1
    bundle = json.loads((tmp_path / "out" / "1.json").read_text("utf-8"))
    (condition,) = (one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Condition")
    assert condition["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert run(*call[:2], "omop", *call[2:]) == 0
    assert ',"N",' in (tmp_path / "out" / "NOTE_NLP.csv").read_text("utf-8")
    assert run(*call[:2], "brat", *call[2:-1], tmp_path / "brat") == 0
    assert "POLARITY E1 NEG" in (tmp_path / "brat" / "1.ann").read_text("utf-8")


def test_convert_refuses_what_it_cannot_do(fixtures: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no format 'maccrobat-2020' that can be written.* There are: brat, jsonl"):
        run("convert", "brat", "maccrobat-2020", "--data", fixtures, "--out", tmp_path)
    with pytest.raises(CorpusError, match="is what is read"):
        run("convert", "brat", "brat", "--data", tmp_path, "--out", tmp_path)


def test_split_writes_a_list_that_is_read_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.txt").write_text(" ".join(f"w{number}-{i}" for i in range(30)))
    out = tmp_path / "split.json"
    assert run("split", "text", "--data", folder, "--out", out, "--parts", "train=7,test=3", "--seed", "4") == 0
    made = json.loads(out.read_text("utf-8"))
    assert (len(made["train"]), len(made["test"]), made["seed"]) == (7, 3, 4)
    assert made["hash"] == split_hash({"train": made["train"], "test": made["test"]})
    assert run("stats", "text", "--data", folder, "--split", out) == 0
    capsys.readouterr()
    assert run("split", "text", "--data", folder, "--parts", "train=7,test=3", "--seed", "4") == 0
    assert json.loads(capsys.readouterr().out) == made


def test_split_keeps_a_report_on_one_side(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["split", "ade-v2-all", "--data", fixtures / "ade-v2", "--parts", "a=1,b=1", "--by", "pmid"]
    assert run(*call) == 0
    made = json.loads(capsys.readouterr().out)
    assert {len({id.partition("-")[0] for id in made[part]} & {"900001"}) for part in "ab"} == {0, 1}
    assert "those of one pmid together" in made["rule"]


def test_check_counts_what_another_corpus_has_too(
    fixtures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPICRISIS_DATA", str(fixtures))
    assert run("check", "phee", "--data", fixtures / "phee", "--against", "ade-v2", "--json") == 1
    out = json.loads(capsys.readouterr().out)
    assert out["facts"]["reports in common with ade-v2"] == 2
    assert out["facts"]["texts in common with ade-v2"] == 0
    assert "phee and ade-v2 have 2 reports in common: 900001, 900002" in out["wrong"]


def test_check_finds_texts_that_another_folder_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, texts in {"one": ("fever", "cough"), "other": ("rash", "cough")}.items():
        (tmp_path / folder).mkdir()
        for number, text in enumerate(texts):
            (tmp_path / folder / f"{number}.txt").write_text(text)
    one = ("check", "text", "--data", tmp_path / "one")
    assert run(*one) == 0
    assert run(*one, "--against", "text", "--against-data", tmp_path / "other") == 1
    assert capsys.readouterr().err == "text and text have 1 texts in common: 1\n"


def test_agree_compares_two_folders(fixtures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = list(read("brat", fixtures / "brat"))
    fewer = [replace(documents[0], entities=documents[0].entities[:2], relations=(), groups=()), documents[1]]
    brat.write(documents, tmp_path / "a")
    brat.write(fewer, tmp_path / "b")
    assert run("agree", tmp_path / "a", tmp_path / "b", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["all"]["both"], found["all"]["only_first"], found["all"]["only_second"]) == (8, 5, 0)
    assert found["types"]["Medication"]["f1"] == 0
    assert found["types"]["Sex"]["kappa"] == 1
    assert found["relations"]["MODIFY"]["only_first"] == 1
    assert run("agree", tmp_path / "b", tmp_path / "b") == 0
    assert "2 documents of" in capsys.readouterr().out


def test_agree_lists_what_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder, texts in {"a": {"1": "x", "2": "y", "3": "z"}, "b": {"1": "x", "2": "Y", "4": "z"}}.items():
        (tmp_path / folder).mkdir()
        for name, text in texts.items():
            (tmp_path / folder / f"{name}.txt").write_text(text)
    assert run("agree", tmp_path / "a", tmp_path / "b", "--format", "text", "--json") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["documents"] == 1
    assert captured.err.splitlines() == [
        f"{tmp_path / 'a'}: there is no document '4', as the other annotator has",
        f"{tmp_path / 'b'}: there is no document '3', as the other annotator has",
        f"{tmp_path / 'b'}: document '2' has another text than the first annotator's; left out",
    ]
    (tmp_path / "b" / "1.txt").write_text("X")
    with pytest.raises(CorpusError, match="no document of one id and text in common"):
        run("agree", tmp_path / "a", tmp_path / "b", "--format", "text")


def test_stats_draw_figures(fixtures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ("stats", "brat", "--data", fixtures / "brat", "--figures", tmp_path, "--json")
    assert run(*call) == 0
    drawn = json.loads(capsys.readouterr().out)["figures"]
    names = {Path(file).name for file in drawn}
    types = {entity.type for document in read("brat", fixtures / "brat") for entity in document.entities}
    assert names == {"types.png", "lengths.png", *(f"words-{type}.png" for type in types)}
    assert {file.read_bytes()[:8] for file in tmp_path.iterdir()} == {b"\x89PNG\r\n\x1a\n"}
    assert len(list(tmp_path.iterdir())) == len(drawn)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert run(*call) == 0
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_missing_library_is_named_with_what_to_install(
    fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("wordcloud", "matplotlib.figure", "pyarrow", "cassis"):
        monkeypatch.setitem(sys.modules, module, None)
    data = ("--data", fixtures / "brat")
    with pytest.raises(CorpusError, match=r"pip install 'epicrisis\[figures\]'"):
        run("stats", "brat", *data, "--figures", tmp_path)
    for name in ("parquet", "omop-parquet"):
        with pytest.raises(CorpusError, match=r"needs pyarrow: pip install 'epicrisis\[corpora\]'"):
            run("convert", "brat", name, *data, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["convert", "brat"],
        ["split", "brat", "--parts", "train"],
        ["split", "brat", "--parts", "a=1,a=2"],
        [],
    ],
)
def test_a_wrong_call_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2


def test_importing_the_command_is_cheap() -> None:
    code = (
        "import sys, epicrisis.cli.corpus; print([m for m in ('rich', 'numpy', 'torch', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.corpus
def test_the_real_corpora_pass_their_check(real, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "maccrobat-2020", "--data", real("maccrobat-2020")) == 0
    assert load_split("maccrobat-2020")
    for name in ("ade-v2", "ade-v2-all", "bc5cdr"):
        assert run("check", name, "--data", real(name)) == 0
    assert run("check", "ccks-2019", "--data", real("ccks-2019")) == 0  # its split leaves out what the test part shares
    for name, groups in {"cmedqaner": 6, "genia": 12}.items():  # near-duplicates cross their official splits
        capsys.readouterr()
        assert run("check", name, "--data", real(name)) == 1
        wrong = capsys.readouterr().err.splitlines()
        assert len(wrong) == groups
        assert all(line.startswith("copies or near-duplicates in several parts") for line in wrong)
