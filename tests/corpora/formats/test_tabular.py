"""Tables of any columns: a description says what they are, and what is off the scale is listed by row."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicrisis.corpora import Report, read
from epicrisis.corpora.files.rows import LISTED, Faults, header, rows
from epicrisis.corpora.files.sources import named
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError


def test_the_fixture_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    documents = list(read("table", fixtures / "table", report))
    assert documents == [
        Document(
            "1",
            'kind; very "kind"',
            labels={"sentiment": Label("positive"), "topic:staff": Label(True)},
            meta={"patient": "p1"},
        ),
        Document(
            "2",
            "two\nlines",
            labels={
                "sentiment": Label("negative", intensity=2.5),
                "topic:food": Label(True),
                "topic:staff": Label(True),
            },
            meta={"patient": "p1"},
        ),
        Document("3", "odd", meta={"patient": "p2"}),
        Document("4", "", meta={"patient": "p2"}),
    ]
    assert [(problem.line, problem.cause) for problem in report] == [
        (2, "its intensity is no number; it is passed over"),
        (4, "its label is not among the values of the description; the row is kept without one"),
        (6, "7 fields, but the header has 6"),
    ]
    assert report.counts == {"rows without a label": 1}
    assert documents == list(read("table", fixtures / "table" / "table.yaml", Report()))


def test_without_a_description_columns_have_our_names(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("label\ttext\tsplit\nNegative\t, no\ttrain\nbad\tx\tdev\n", "utf-8")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(
            '{"text": "y", "label": "neutral", "intensity": 1, "id": 7, "other": 1}\n{"text": 1}\n{\n{"txt": ""}\n'
        )
    report = Report()
    documents = list(read("table", tmp_path, report))
    assert [(d.id, d.text, dict(d.meta)) for d in documents] == [
        ("a-2", ", no", {"split": "train"}),
        ("a-3", "x", {"split": "dev"}),
        ("7", "y", {}),
    ]
    assert documents[2].labels == {"sentiment": Label("neutral", intensity=1.0)}
    assert [(Path(p.file).name, p.line) for p in report] == [
        ("a.tsv", 3), ("b.jsonl.gz", 2), ("b.jsonl.gz", 3), ("b.jsonl.gz", 4),
    ]  # fmt: skip
    (single,) = read("table", tmp_path / "b.jsonl.gz", Report())
    assert single == documents[2]


@pytest.mark.parametrize(
    ("table", "description", "cause"),
    [
        (
            "a,b\n",
            "",
            "its header of 2 columns has no 'text' for 'text'; say what the columns are called in table.yaml",
        ),
        ("a,b\n", "columns: {text: a, label: c}\n", "has no 'c' for 'label'"),
        ("", "columns: {text: a}\n", "its header of 0 columns has no 'a' for 'text'"),
        ("a,b\n", "columns: {text: [a]}\n", "columns must give a name for each"),
        ("a,b\n", "labels: x.csv\n", "no key 'labels' is known here"),
        ("text,label\n", "values: {yes: positive, no: negative}\n", "put them in quotes"),
    ],
)
def test_a_column_that_is_missing_is_named_at_once(table: str, description: str, cause: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(table, "utf-8")
    (tmp_path / "table.yaml").write_text(f"file: t.csv\n{description}", "utf-8")
    with pytest.raises(CorpusError, match=cause):
        read("table", tmp_path, Report())


def test_a_table_that_cannot_be_read_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"text,label\n')
    (tmp_path / "b.csv.gz").write_bytes(b"no archive")
    (tmp_path / "c.csv").write_text("text\nfine\n")
    report = Report()
    assert [document.text for document in read("table", tmp_path, report)] == ["fine"]
    assert [(Path(p.file).name, p.line, p.cause[:22]) for p in report] == [
        ("a.csv", 1, "no row with the names "), ("b.csv.gz", None, "cannot be read: what i"),
    ]  # fmt: skip


def test_a_table_without_header_shows_no_word_of_its_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("The nurse was unkind,5\nAll good,1\n")
    with pytest.raises(CorpusError) as raised:
        read("table", tmp_path, Report())
    assert "nurse" not in str(raised.value)


CELLS = st.lists(
    st.sampled_from(["a", '"', ",", ";", "\n", "\r\n", "\\", "\U0001f622", " ", "\t", "\x85", "\u2028"])
).map("".join)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6), st.sampled_from(",;\t|"), st.booleans(), st.booleans())
def test_rows_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, ...]], delimiter: str, bom: bool, packed: bool
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("x", "y y", "z"), *cells])
    data = ("\ufeff" * bom + out.getvalue()).encode()
    file = tmp_path_factory.mktemp("rows") / ("t.csv.gz" if packed else "t.csv")
    file.write_bytes(gzip.compress(data) if packed else data)
    report = Report()
    names, found = header(named(file), report) or ([], "")
    assert (names, found) == (["x", "y y", "z"], delimiter)
    assert [tuple(row.values()) for _, row in rows(named(file), names, found, Faults(named(file), report))] == cells
    assert not list(report)


def test_of_thousands_of_faulty_rows_the_first_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("text,label\n" + "x,bad\n" * (LISTED + 5))
    report = Report()
    assert len(list(read("table", file, report))) == LISTED + 5
    assert len(report) == LISTED
    assert report.counts["faulty rows that are not listed"] == 5


def test_a_field_of_millions_of_characters_is_read(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f'text\n"{"word " * 300_000}"\nx\n')
    usual = csv.field_size_limit()
    assert [len(document.text) for document in read("table", file)] == [1_500_000, 1]
    assert csv.field_size_limit() == usual
