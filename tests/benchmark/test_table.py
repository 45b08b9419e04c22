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
            ("tiny", "1 2", both, both, both, "", "", "0.865", *costs, "2 min", "20,000"),
            ("tiny, a | b", "3", single, single, single, "", "", "", *costs, "60 s", "20,000"),
            ("failing", "none (0 of 1 done, 1 failed)", *[""] * 10),
            ("missing", "none (0 of 1 done)", *[""] * 10),
        ],
        "more": [("tiny", "1", "0.5000 (1 seed)", "", "", "", "", "", "1,234,567", "", "60 s", "20,000")],
    }
    text = markdown(tables, notes(two))
    assert "## more" in text
    assert "relations" not in text
    assert "| tiny, a \\| b | 3 |" in text
    assert text.endswith("Published for tiny: 0.865 on MACCROBAT.\n")
    widths = {line.replace("\\|", "").count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1, "every row has as many cells as the header"
    assert [table.row_count for table in rich_tables(tables)] == [4, 1]


def test_folds_are_taken_together_as_seeds_are(tmp_path: Path) -> None:
    store = Store(tmp_path)
    jobs = [job(split=f"fold-{number}", split_hash=f"of fold {number}") for number in range(3)]
    assert len({one.name for one in jobs}) == 3
    assert jobs[1].title == "tiny on invented, fold-1, seed 1"
    for number, one in enumerate(jobs[:2]):
        done(store, one, f1=0.5 + number / 5)
    ((row,),) = rows(jobs, store).values()
    assert row[1:3] == ("1, 2 folds (2 of 3 done)", "0.6000 ± 0.1414")
    result = store.result(jobs[0])
    assert result is not None
    assert result["split"] == "fold-0"


def test_relations_have_columns_where_a_recipe_finds_some(tmp_path: Path) -> None:
    store = Store(tmp_path)
    joint, tagger = job("joint"), job("tagger")
    done(store, tagger)
    done(store, joint, relations={"end_to_end": 0.25, "given_gold_entities": 0.75})
    tables = rows([joint, tagger], store)
    text = markdown(tables, [])
    assert "| test boundary F1 | test relations F1 | test relations F1, gold's entities | published F1 |" in text
    assert "| 0.2500 (1 seed) | 0.7500 (1 seed) |" in text
    assert [len(table.columns) for table in rich_tables(tables)] == [12]
