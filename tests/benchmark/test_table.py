from pathlib import Path

from epicrisis.benchmark import Store, markdown, notes, rich_tables, rows

from .making import done, job

PUBLISHED = {"f1": 0.865, "corpus": "MACCROBAT"}


def test_seeds_are_taken_together_and_one_is_marked_as_such(tmp_path: Path) -> None:
    store = Store(tmp_path)
    two = [job(seed=1, published=PUBLISHED), job(seed=2, published=PUBLISHED)]
    one, untested = job(seed=3, label="a | b"), job(corpus="more")
    done(store, two[0], f1=0.5, seconds=60)
    done(store, two[1], f1=0.7, seconds=180)
    done(store, one, f1=0.25)
    done(store, untested, test=None, flops=None)
    store.note_failure(job("failing"), "the loss is nan")
    jobs = [*two, one, untested, job("failing"), job("missing", 5)]
    both, single, costs = "0.6000 ± 0.1414", "0.2500 (1 seed)", ("1,234,567", "2.5")
    tables = rows(jobs, store)
    assert tables == {
        "invented": [
            ("tiny", "1 2", both, both, both, "0.865", *costs, "2 min", "20,000"),
            ("tiny, a | b", "3", single, single, single, "", *costs, "60 s", "20,000"),
            ("failing", "none (0 of 1 done, 1 failed)", *[""] * 8),
            ("missing", "none (0 of 1 done)", *[""] * 8),
        ],
        "more": [("tiny", "1", "0.5000 (1 seed)", "", "", "", "1,234,567", "", "60 s", "20,000")],
    }
    text = markdown(tables, notes(two))
    assert "## more" in text
    assert "| tiny, a \\| b | 3 |" in text
    assert text.endswith("Published for tiny: 0.865 on MACCROBAT.\n")
    widths = {line.replace("\\|", "").count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1, "every row has as many cells as the header"
    assert [table.row_count for table in rich_tables(tables)] == [4, 1]
