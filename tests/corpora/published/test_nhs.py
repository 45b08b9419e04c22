"""NHS patient feedback: two tables, two scales, and splits that were made together."""

import gzip
import sys
from collections import Counter
from pathlib import Path

import pytest

from epicrisis.corpora import CORPORA, Report, load_split, near_duplicates, read
from epicrisis.corpora.checking import check
from epicrisis.corpora.published.nhs import says_nothing
from epicrisis.corpora.splits import LEFT_OUT, check_split
from epicrisis.document import Document, Label
from epicrisis.errors import CorpusError

TABLES = "nhs-patient-feedback"


def test_the_first_table_gives_these_documents(fixtures: Path) -> None:
    report = Report()
    documents = list(read("nhs-feedback", fixtures / TABLES, report))
    about = {"trust": "North", "service": "Day ward", "patient": "T 1"}
    assert documents[:2] == [
        Document(
            "T 1 - Q1",
            'The nurse said "breathe", and I did.\r\nThank you',
            labels={
                "sentiment": Label("positive", intensity=1),
                "topic:Parking": Label(True),
                "topic:Feeling safe": Label(True),
            },
            meta={**about, "question": "What was good?", "date": "2021-09-30"},
        ),
        Document(
            "T 1 - Q2",
            " Nothing! ",
            labels={"sentiment": Label("positive", intensity=2)},
            meta={**about, "question": "What could we do better?", "date": "2021-10-01", "says_nothing": True},
        ),
    ]
    assert [(d.id, d.text, dict(d.labels)) for d in documents[2:]] == [
        ("T 2 - Q1", "", {}),
        ("T 3 - Q1", "Waited; nobody came \U0001f622", {"sentiment": Label("negative", intensity=5)}),
        ("T 4 - Q1", "So so.", {}),
    ]
    assert [(problem.line, problem.cause[:40]) for problem in report] == [
        (5, "the mark of topic 'Feeling safe' is neit"),
        (6, "its sentiment is no grade from 1 to 5; t"),
        (7, "11 fields, but the header has 15"),
    ]
    assert report.counts == {"answers that say nothing": 2, "comments without a sentiment": 1}


def test_the_second_table_has_another_scale(fixtures: Path) -> None:
    report = Report()
    documents = list(read("nhs-criticality", fixtures / TABLES, report))
    assert [(d.id, d.labels.get("sentiment")) for d in documents] == [
        ("0", Label("positive", intensity=3)),
        ("1", Label("negative", intensity=-4)),
        ("2", Label("neutral", intensity=0)),
        ("3", None),
        ("4", None),
    ]
    assert documents[1].text == "Two hours \\ two buses"
    assert documents[1].meta == {"trust": "Trust B", "question": "Trust B - Q1", "subcategory": "Waiting"}
    assert documents[2].meta["says_nothing"] is True
    assert set(documents[0].labels) == {"sentiment", "topic:Staff"}
    assert set(documents[4].labels) == set()
    assert [problem.line for problem in report] == [5, 6, 6]
    assert not {"Loud", "-o", "-9", "Weather"} & set(str(report).split())


def test_packed_tables_are_read_and_others_passed_over(fixtures: Path, tmp_path: Path) -> None:
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress((fixtures / TABLES / "phase1.csv").read_bytes()))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert len(list(read("nhs-criticality", tmp_path, Report()))) == 5
    with pytest.raises(CorpusError, match="no table there has the columns Comment ID, FFT question"):
        read("nhs-feedback", tmp_path)
    with pytest.raises(CorpusError, match=r"phase1.csv:5: its criticality"):
        list(read("nhs-criticality", fixtures / TABLES))


def test_a_damaged_archive_gives_what_came_before(fixtures: Path, tmp_path: Path) -> None:
    rows = (fixtures / TABLES / "phase1.csv").read_text("utf-8") + "".join(
        f'"ss","Staff","","words {n} {n * 7919 % 9973}","1","A","Q","{n}"\n' for n in range(5, 3000)
    )
    data = gzip.compress(rows.encode())
    (tmp_path / "x.csv.gz").write_bytes(data[: len(data) // 2])
    report = Report()
    assert 500 < len(list(read("nhs-criticality", tmp_path, report))) < 2500
    assert "cannot be read from here on: what is packed is damaged" in str(report)


@pytest.mark.parametrize("text", ["Nothing", " none. ", "N/A", "n/a", "Can’t think of anything", "NOTHING!!", "", "-"])
def test_what_says_nothing(text: str) -> None:
    assert says_nothing(text)
    assert not says_nothing(f"{text} but the food")


def test_the_corpora_list_all_their_topics() -> None:
    assert (len(CORPORA["nhs-feedback"].topics), len(CORPORA["nhs-criticality"].topics)) == (48, 9)
    assert len(set(CORPORA["nhs-feedback"].topics)) == 48


@pytest.mark.corpus
def test_the_real_tables_have_the_published_counts_and_topics(real) -> None:
    for name, faults, answers in (("nhs-feedback", 0, 2332), ("nhs-criticality", 36, 1054)):
        report = Report()
        documents = list(read(name, real(name), report))
        wrong = check(CORPORA[name], documents, report, load_split(name, documents)).wrong
        assert len(wrong) == len(report) == faults  # counts and split are right, the listed rows are not
        assert report.counts["answers that say nothing"] == answers
        topics = {label.removeprefix("topic:") for document in documents for label in document.labels} - {"sentiment"}
        assert topics <= set(CORPORA[name].topics)


@pytest.mark.corpus
def test_the_splits_are_those_of_the_script_and_leak_nothing_from_one_corpus_to_the_other(real) -> None:
    sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
    from nhs_splits import NAMES, _named, together

    corpora = {name: list(read(name, real(name), Report())) for name in NAMES}
    made = together(corpora)
    side: dict[str, str] = {}
    folded: dict[str, set[str]] = {}
    for name, documents in corpora.items():
        split = load_split(name, documents)
        check_split(split, [document.id for document in documents], name)
        assert split == {part: ids for part, ids in made[name].items() if ids}
        by_id = {document.id: document for document in documents}
        for part, ids in split.items():
            side |= {f"{name}/{id}": part for id in ids}
            for id in ids:
                if part != LEFT_OUT:
                    folded.setdefault(" ".join(by_id[id].text.casefold().split()), set()).add(part)
        shares = {part: Counter(by_id[id].labels["sentiment"].value for id in ids if "sentiment" in by_id[id].labels)
                  for part, ids in split.items() if part != LEFT_OUT}  # fmt: skip
        total = sum(shares.values(), Counter[object]())
        for part, share in (("train", 0.7), ("dev", 0.1), ("test", 0.2)):
            assert shares[part].total() == pytest.approx(share * total.total(), rel=0.08), (name, part)
            for value, number in shares[part].items():
                assert number / shares[part].total() == pytest.approx(total[value] / total.total(), abs=0.04)
    assert all(len(parts) == 1 for parts in folded.values())
    both = [_named(name, document) for name, documents in corpora.items() for document in documents]
    assert all(len({side[id] for id in group}) == 1 for group in near_duplicates(both))
