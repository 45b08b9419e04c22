"""Agreement of two annotators: by hand, against scikit-learn, and whoever comes first."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import agreement
from epicrisis.evaluation.agreement import cohens_kappa

TEXT = "one two three four five six seven eight nine ten"


def note(*spans: tuple[str, int, int], relations: tuple[tuple[str, int, int], ...] = (), id: str = "d") -> Document:
    """Entities over the words from one number up to another."""
    starts = [0, *(i + 1 for i, character in enumerate(TEXT) if character == " "), len(TEXT) + 1]
    entities = tuple(Entity(type, ((starts[a], starts[b] - 1),), f"T{n}") for n, (type, a, b) in enumerate(spans))
    return Document(id, TEXT, entities, tuple(Relation(type, f"T{a}", f"T{b}") for type, a, b in relations))


def test_agreement_by_hand() -> None:
    first = note(("X", 0, 2), ("X", 3, 4), ("Y", 5, 6), relations=(("R", 0, 1), ("S", 1, 2)))
    second = note(("X", 0, 2), ("X", 3, 5), ("Z", 5, 6), relations=(("R", 0, 1), ("R", 1, 0)))
    found = agreement([first], [second])
    assert (found.documents, found.tokens) == (1, 10)
    assert (found.all.both, found.all.only_first, found.all.only_second) == (1, 2, 2)
    assert found.all.f1 == pytest.approx(1 / 3)
    assert found.all.boundary_f1 == pytest.approx(2 / 3)
    assert found.types["X"].f1 == pytest.approx(1 / 2)
    # X covers tokens 0, 1, 3 and 0, 1, 3, 4: 9 of 10 agree, by chance 0.3 * 0.4 + 0.7 * 0.6 = 0.54
    assert found.types["X"].kappa == pytest.approx((0.9 - 0.54) / (1 - 0.54))
    assert found.types["Y"].kappa == 0
    assert {name: (one.both, one.only_first, one.only_second) for name, one in found.relations.items()} == {
        "R": (0, 1, 2),  # the second mention differs
        "S": (0, 1, 0),
    }


def test_annotators_who_agree_wholly() -> None:
    same = note(("X", 0, 1))
    found = agreement([same], [same])
    assert (found.all.f1, found.all.kappa) == (1, 1)
    nothing = agreement([note()], [note()])
    assert (nothing.all.f1, nothing.all.kappa, nothing.types) == (0, None, {})


def test_a_token_in_two_types_is_in_both() -> None:
    found = agreement([note(("X", 0, 2), ("Y", 1, 2))], [note(("X", 0, 2))])
    assert (found.types["X"].kappa, found.types["Y"].kappa) == (1, 0)
    assert found.all.kappa is not None
    assert found.all.kappa < 1


def test_relations_without_direction_may_be_turned() -> None:
    spans = (("X", 0, 1), ("Y", 2, 3))
    first, second = note(*spans, relations=(("R", 0, 1),)), note(*spans, relations=(("R", 1, 0),))
    assert agreement([first], [second]).relations["R"].f1 == 0
    assert agreement([first], [second], symmetric={"R"}).relations["R"].f1 == 1


def test_documents_have_to_be_the_same() -> None:
    with pytest.raises(CorpusError, match="different texts"):
        agreement([note()], [Document("d", "else")])


CHOICES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


@given(choices=CHOICES)
def test_kappa_is_that_of_scikit_learn(choices: list[tuple[str, str]]) -> None:
    ours = cohens_kappa(Counter(choices))
    if len({value for pair in choices for value in pair}) == 1:
        assert ours is None  # scikit-learn warns and gives nan
    else:
        assert ours == pytest.approx(cohen_kappa_score(*zip(*choices, strict=True)))


SPANS = st.lists(st.tuples(st.sampled_from("XY"), st.integers(0, 4), st.integers(5, 9)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(first=SPANS, second=SPANS)
def test_who_comes_first_makes_no_difference(
    first: list[tuple[str, int, int]], second: list[tuple[str, int, int]]
) -> None:
    there, back = (agreement([note(*a)], [note(*b)]) for a, b in ((first, second), (second, first)))
    assert there.all.f1 == back.all.f1
    assert there.all.boundary_f1 == back.all.boundary_f1
    assert there.all.kappa == back.all.kappa
    assert (there.all.only_first, there.all.only_second) == (back.all.only_second, back.all.only_first)
    assert {type: one.kappa for type, one in there.types.items()} == {t: one.kappa for t, one in back.types.items()}
