"""Two models on the same documents."""

from dataclasses import replace

import pytest

from epicrisis.document import Document, Entity, Label, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import compare, compare_labels

DRUG, DOSE = Entity("Drug", ((0, 7),), "T1"), Entity("Dose", ((8, 14),), "T2")
GOLD = [Document(f"n{n}", "aspirin 100 mg", (DRUG, DOSE), (Relation("DOSE", "T2", "T1"),)) for n in range(8)]
TURNED = [replace(note, relations=(Relation("DOSE", "T1", "T2"),)) for note in GOLD]
ENTITIES = [replace(note, relations=()) for note in GOLD]


def test_whoever_finds_all_where_the_other_finds_nothing_is_better_by_no_chance() -> None:
    nothing = [Document(note.id, note.text) for note in GOLD]
    found = compare(GOLD, (GOLD, GOLD), (nothing, ENTITIES))
    assert [one.difference for one in found.values()] == [1, 1, 1]
    assert list(found) == ["entities", "relations, end to end", "relations, given gold's entities"]
    assert all(one.p == pytest.approx(2 / 2**8, abs=0.005) for one in found.values())  # all 8 exchanged, or none
    turned_round = compare(GOLD, (nothing, ENTITIES), (GOLD, GOLD))
    assert [one.difference for one in turned_round.values()] == [-1, -1, -1]


def test_equal_answers_differ_by_chance_alone() -> None:
    assert {(one.difference, one.p) for one in compare(GOLD, (GOLD, GOLD), (GOLD, GOLD)).values()} == {(0, 1)}


def test_relations_without_direction_may_be_turned() -> None:
    assert compare(GOLD, (GOLD, GOLD), (TURNED, TURNED))["relations, end to end"].difference == 1
    assert compare(GOLD, (GOLD, GOLD), (TURNED, TURNED), symmetric=["DOSE"])["relations, end to end"].difference == 0


def test_only_what_both_give_is_compared() -> None:
    assert list(compare(GOLD, (GOLD, GOLD), (GOLD, None))) == ["entities"]
    assert list(compare(ENTITIES, (GOLD, GOLD), (GOLD, GOLD))) == ["entities"]
    with pytest.raises(CorpusError):
        compare(GOLD, (GOLD, GOLD), (GOLD[:3], GOLD[:3]))


def test_labels_are_compared_over_the_classes_that_either_model_gives() -> None:
    def labelled(*values: str) -> list[Document]:
        return [Document(f"n{n}", "x", labels={"mood": Label(value)}) for n, value in enumerate(values)]

    gold = labelled("good", "good", "bad", "bad")
    always_good, odd = labelled(*["good"] * 4), labelled("good", "good", "bad", "odd")
    found = compare_labels(gold, odd, always_good)["mood"]
    assert found.difference == pytest.approx((1 + 2 / 3 + 0) / 3 - (2 / 3 + 0) / 2)
    assert compare_labels(gold, always_good, odd)["mood"].difference == pytest.approx(-found.difference)
    assert compare_labels(gold, gold, gold)["mood"].p == 1


def test_documents_without_a_gold_label_do_not_count_and_hinder_nothing() -> None:
    gold = [Document(f"n{n}", "x", labels={"mood": Label("good" if n % 2 else "bad")}) for n in range(8)]
    wrong = [replace(note, labels={"mood": Label("good")}) for note in gold]
    unlabelled = Document("other", "x")
    found = compare_labels([*gold, unlabelled], [*gold, unlabelled], [*wrong, unlabelled])
    assert found == compare_labels(gold, gold, wrong)
    assert found["mood"].difference > 0


def test_a_label_that_one_model_gives_as_classes_and_the_other_as_a_number_is_not_compared() -> None:
    gold = [Document(f"n{n}", "x", labels={"grade": Label(n % 3)}) for n in range(6)]
    classes = [replace(note, labels={"grade": Label(1, 0.5)}) for note in gold]
    numbers = [replace(note, labels={"grade": Label(1.2, intensity=1.2)}) for note in gold]
    assert compare_labels(gold, classes, numbers) == compare_labels(gold, numbers, classes) == {}
    assert list(compare_labels(gold, classes, classes)) == ["grade"]
    assert compare_labels(gold, classes, classes, names=[]) == {}
