"""The table of corpora: every entry is found by name, is read strictly by default, and refuses what is not there."""

import os
import re
import threading
from pathlib import Path

import pytest

from epicrisis.corpora import CORPORA, WRITERS, Problem, Report, find, folds, load_split, locate, read
from epicrisis.corpora.files.output import place, writing
from epicrisis.corpora.formats import parquet
from epicrisis.document import Document
from epicrisis.errors import CorpusError

SPLIT_IN_FILES = {
    *("bc5cdr", "cehrner", "cmedqaner", "genia", "genia-terms", "goemotions", "ncbi-disease"),
    *("phee", "phee-cues", "phee-events"),
}
USUAL = {
    "note.txt": "b",
    "note.jsonl": '{"text": "b", "originalText": "b", "context": "b", "entities": [], "annotations": []}',
}
ACE = {"n.sgm": "b", "n.apf.xml": "<source_file/>"}
PIPES = {"n.txt": "b", "n.pipe": "n.txt||Disease_Disorder||C1||0||1"}
ANAFORA = {"Train/n/n": "b", "Train/n/n.Temporal-Relation.gold.completed.xml": "<data><annotations/></data>"}
SYSTEM = '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types/></typeSystemDescription>'
XMI = """<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmi:version="2.0">
<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="b"/><cas:View sofa="1" members=""/>
</xmi:XMI>"""
NAMED = {
    "ace-2004": ACE,
    "ace-2004-heads": ACE,
    "ace-2005": ACE,
    "ace-2005-heads": ACE,
    "anafora": ANAFORA,
    "clinical-tempeval-2015": ANAFORA,
    "clinical-tempeval-2016": ANAFORA,
    "bioc": {"n.xml": "<collection><document><id>n</id></document></collection>"},
    "ccks-2017": {"n.txtoriginal.txt": "b", "n.txt": ""},
    "conll": {"n.conll": "b O"},
    "ehost": {"n.txt": "b", "n.txt.knowtator.xml": "<annotations/>"},
    "genia-terms": {
        "n.xml": "<set><article><articleinfo><bibliomisc>MEDLINE:1</bibliomisc></articleinfo>"
        "<title><sentence>b</sentence></title></article></set>"
    },
    "i2b2-2010": {"n.txt": "b", "n.con": 'c="b" 1:0 1:0||t="problem"'},
    "kbp-2017": {"n.xml": "b", "gold.tab": "LDC\tE1\tb\tn:0-0\tNIL1\tPER\tNAM\t1.0\tN\tN\tN"},
    "label-studio": {"n.json": '[{"data": {"text": "b"}}]'},
    "maccrobat-json": {"n.json": '{"data": [{"full_text": "b", "ner_info": []}]}'},
    "ncbi-disease": {"NCBItestset_corpus.txt": "1|t|a\n1|a|b"},
    "pubtator": {"n.pubtator": "1|t|a\n1|a|b"},
    "parquet": {"n.parquet": ""},
    "semeval-2014-7": PIPES,
    "semeval-2015-14": PIPES,
    "share-clef-2013": PIPES,
    "share-clef-2014": PIPES,
    "token-json": {"n.json": '[{"tokens": ["b"], "entities": []}]'},
    "xmi": {"n.xmi": XMI, "TypeSystem.xml": SYSTEM},
    "ade-v2": {"DRUG-AE.rel": "1|a b|a|0|1|b|2|3"},
    "ade-v2-all": {"DRUG-AE.rel": "1|a b|a|0|1|b|2|3"},
    "goemotions": {"train.tsv": "a\t1\tb"},
    "mimic-iii": {"NOTEEVENTS.csv": "ROW_ID,TEXT\n1,a"},
    "mimic-iv-note": {"discharge.csv": "note_id,text\n1,a"},
    "nhs-criticality": {"a.csv": "row_index,feedback,criticality,label\n1,a,1,Staff"},
    "nhs-feedback": {"a.csv": "Comment ID,FFT question,FFT answer,Comment sentiment\n1,a,b,1"},
    "bc5cdr": {"CDR.PubTator.txt": "1|t|a\n1|a|b"},
}
"""The smallest files of a corpus that goes by names or forms of its own."""


@pytest.fixture(params=CORPORA)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_corpus_is_described(name: str) -> None:
    corpus = find(name)
    assert corpus.name == name == name.lower()
    assert corpus.title
    assert corpus.where
    if corpus.counts:
        assert corpus.licence
        assert corpus.citation
        assert sum(corpus.types.values()) == corpus.counts.get("entities", 0)
    if corpus.has_split and name not in SPLIT_IN_FILES:
        fold = next(iter(folds(name)), None)
        assert {"train", "dev", "test"} <= load_split(name, fold=fold).keys()


def test_a_missing_path_is_named_at_once(name: str, tmp_path: Path) -> None:
    for report in (None, Report()):
        with pytest.raises(CorpusError, match=r"missing: there is no such file or folder; .* looked for"):
            read(name, tmp_path / "missing", report)


def test_an_empty_folder_is_an_error_that_says_what_was_looked_for(name: str, tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("nothing here")
    with pytest.raises(CorpusError, match=r"do not hold .*\*\."):
        read(name, tmp_path, Report())


def test_an_unreadable_file_costs_itself(name: str, tmp_path: Path) -> None:
    if name in ("parquet", "xmi"):
        pytest.importorskip({"parquet": "pyarrow", "xmi": "cassis"}[name])
    for file, content in NAMED.get(name, USUAL).items():
        bad, good = tmp_path / "a" / re.sub(r"\bn\b", "m", file), tmp_path / "b" / file
        bad.parent.mkdir(parents=True, exist_ok=True)
        good.parent.mkdir(parents=True, exist_ok=True)
        bad.symlink_to(bad)  # to itself; root may read anything else
        good.write_text(content)
        if name == "parquet":
            parquet.write([Document("b", "b")], good)
    report = Report()
    assert len(list(read(name, tmp_path, report))) == 1
    assert {problem.cause for problem in report} == {"cannot be read: Too many levels of symbolic links"}


def test_a_wrong_name_gets_a_suggestion() -> None:
    with pytest.raises(CorpusError, match=r"no corpus 'MACROBAT2020'. Did you mean 'maccrobat-2020'\? There are: brat"):
        find("MACROBAT2020")


def test_data_is_looked_for_where_it_was_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPICRISIS_DATA", raising=False)
    with pytest.raises(CorpusError, match="--data DIR, or set EPICRISIS_DATA"):
        locate("brat")
    monkeypatch.setenv("EPICRISIS_DATA", str(tmp_path))
    assert locate("brat") == tmp_path
    (tmp_path / "maccrobat2020").mkdir()
    assert locate("maccrobat-2020") == tmp_path / "maccrobat2020"
    (tmp_path / "maccrobat-2020").mkdir()
    assert locate("maccrobat-2020") == tmp_path / "maccrobat-2020"
    assert locate("maccrobat-2020", "here") == Path("here")
    assert locate("maccrobat-2020", tmp_path) == tmp_path / "maccrobat-2020"  # the folder of all corpora, too
    (tmp_path / "brat").mkdir()
    assert locate("brat", tmp_path) == tmp_path  # whatever lies in it


def test_problems_print_as_file_line_cause() -> None:
    report = Report()
    report.add("a.ann", 3, "cause")
    report.add("b.txt", None, "other")
    assert list(report) == [Problem("a.ann", 3, "cause"), Problem("b.txt", None, "other")]
    assert (len(report), str(report)) == (2, "a.ann:3: cause\nb.txt: other")


def test_a_write_that_fails_leaves_nothing_but_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")

    def fill_the_disk() -> None:
        with writing(file) as new:
            new.write(b"half")
            raise OSError(28, os.strerror(28))

    with pytest.raises(CorpusError, match="cannot be written: No space left"):
        fill_the_disk()
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("a", b"old")]


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    seen: list[bytes] = []
    reader = threading.Thread(target=lambda: seen.append(pipe.read_bytes()), daemon=True)
    reader.start()
    with writing(pipe) as file:
        file.write(b"new")
    reader.join(10)
    assert seen == [b"new"]
    assert pipe.is_fifo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_through_a_link_its_target_is_written_and_the_link_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "store" / "a", tmp_path / "link"
    target.parent.mkdir()
    link.symlink_to(target)
    for content in (b"there was none", b"there was one"):
        with writing(link) as file:
            file.write(content)
        assert (link.is_symlink(), target.is_symlink(), target.read_bytes()) == (True, False, content)
    assert [entry.name for entry in target.parent.iterdir()] == ["a"]


def test_a_name_as_long_as_a_name_can_be_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("胃" * 85)  # 255 bytes
    with writing(file) as new:
        new.write(b"new")
    assert file.read_bytes() == b"new"


def test_a_link_to_itself_leads_nowhere_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    assert place(tmp_path, "a", ".txt") == tmp_path / "a.txt"


def test_writing_below_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for target in WRITERS.values():
        with pytest.raises(CorpusError, match=r"cannot be written"):
            target.write([Document("d", "x")], tmp_path / "file" / "out.jsonl")


@pytest.mark.parametrize(
    ("name", "files", "parts"),
    [
        (
            "brat",
            {"train/a.txt": "x", "ward/Test-1/b.txt": "y", "c.txt": "z", "tests/d.txt": "t"},
            [None, None, "train", "test"],
        ),
        ("brat", {"test.txt": "a note of that name"}, [None]),
        ("jsonl", {"dev.jsonl": '{"text": "x"}', "test.jsonl": '{"text": "x"}'}, ["dev", "test"]),
        ("jsonl", {"our_train_2.jsonl": '{"text": "x"}', "devices.jsonl": '{"text": "x"}'}, [None, "train"]),
        ("jsonl", {"test.jsonl": '{"text": "x", "split": "fold-1"}'}, ["fold-1"]),
        ("table", {"validation/a.csv": "text\nx"}, ["dev"]),
        ("bioc", {"test.json": '{"documents": [{"id": "1", "passages": []}]}'}, ["test"]),
        ("label-studio", {"training.json": '[{"id": 1, "data": {"text": "x"}}]'}, ["train"]),
    ],
)
def test_folders_and_files_of_ones_own_say_the_parts(
    name: str, files: dict[str, str], parts: list[str | None], tmp_path: Path
) -> None:
    for file, content in files.items():
        (tmp_path / "test" / file).parent.mkdir(parents=True, exist_ok=True)  # the folder that is given says nothing
        (tmp_path / "test" / file).write_text(content, "utf-8")
    assert [document.meta.get("split") for document in read(name, tmp_path / "test", Report())] == parts
