"""Relations and groups, against sets of characters compared one by one and against examples counted by eye."""

import itertools
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicrisis.document import Attribute, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import Outcome, approximate_randomisation, bootstrap, evaluate_groups, evaluate_relations
from epicrisis.evaluation.relations import Link

from .cases import any_mentions

LINKS = ("Dose", "Cause", "Same")
SYMMETRIC = ("Same",)
TEXT = "aspirin 100 mg for chest pain"
DRUG, DOSE, PAIN = (
    Entity("Drug", ((0, 7),), "T1"),
    Entity("Dose", ((8, 14),), "T2"),
    Entity("Problem", ((19, 29),), "T3"),
)
GOLD = Document(
    "note",
    TEXT,
    (DRUG, DOSE, PAIN),
    (Relation("DOSE", "T2", "T1"), Relation("REASON", "T3", "T1"), Relation("SAME", "T1", "T3")),
)


def any_document(generator: random.Random, *, id: str = "d") -> Document:
    """Entities of all kinds, doubled ones too, and relations and groups between any of them."""
    mentions = any_mentions(generator)
    entities = tuple(Entity(type_, spans, f"T{number}") for number, (type_, spans) in enumerate(mentions, start=1))
    ids = [entity.id for entity in entities]
    relations = [
        Relation(generator.choice(LINKS), generator.choice(ids), generator.choice(ids))
        for _ in range(generator.randint(0, 5) if ids else 0)
    ]
    relations += [
        replace(generator.choice(relations), id="") for _ in range(generator.randint(0, 2) if relations else 0)
    ]
    sizes = [generator.randint(2, len(ids)) for _ in range(generator.randint(0, 2) if len(ids) > 1 else 0)]
    groups = [Group(generator.choice(LINKS), tuple(generator.sample(ids, size))) for size in sizes]
    return Document(id, "x" * 60, entities, tuple(relations), tuple(groups))


def characters(entity: Entity) -> frozenset[int]:
    return frozenset(offset for start, end in entity.fragments for offset in range(start, end))


def spelled_out(document: Document, relation: Relation) -> tuple[object, ...]:
    """The definition of `strict`, word for word: two relations are one if this is the same."""
    ends = [next(e for e in document.entities if e.id == id) for id in (relation.head, relation.tail)]
    sides = [(entity.type, characters(entity)) for entity in ends]
    return relation.type, frozenset(sides) if relation.type in SYMMETRIC else tuple(sides)


def agree(measure: str, gold: tuple, ours: tuple) -> bool:
    if gold[0] != ours[0]:
        return False
    if measure == "strict":
        return gold == ours
    if gold[0] not in SYMMETRIC:
        return [span for _, span in gold[1]] == [span for _, span in ours[1]]
    left, right = ([*side[1]] * 2 if len(side[1]) == 1 else [*side[1]] for side in (gold, ours))
    return [a for _, a in left] in ([b for _, b in right], [b for _, b in right][::-1])


def by_hand(measure: str, gold: Document, predicted: Document) -> Outcome:
    """Every pairing of different relations is tried."""
    left, right = ([*{spelled_out(d, relation) for relation in d.relations}] for d in (gold, predicted))
    fewer, more = sorted((left, right), key=len)
    best = max(
        sum(agree(measure, *pair) for pair in zip(fewer, chosen, strict=True))
        for chosen in itertools.permutations(more, len(fewer))
    )
    return Outcome(best, missed=len(left) - best, spurious=len(right) - best)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**9))
@pytest.mark.parametrize("measure", ["strict", "boundary"])
def test_agrees_with_every_pairing_tried_by_hand(measure: str, seed: int) -> None:
    generator = random.Random(seed)
    gold = any_document(generator)
    predicted = replace(gold, relations=any_document(random.Random(seed)).relations[::2])
    for ours in (any_document(generator), predicted):
        scores = getattr(evaluate_relations([gold], [ours], symmetric=SYMMETRIC), measure)
        assert scores.outcome == by_hand(measure, gold, ours)
        for type_, outcome in scores.per_type_outcome.items():
            only = [
                replace(document, relations=tuple(r for r in document.relations if r.type == type_))
                for document in (gold, ours)
            ]
            assert outcome == by_hand(measure, *only)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_scores_of_documents_hold_together(seed: int) -> None:
    generator = random.Random(seed)
    gold = [any_document(generator, id=str(number)) for number in range(4)]
    predicted = [any_document(generator, id=str(number)) for number in range(4)]
    scores = evaluate_relations(gold, predicted, symmetric=SYMMETRIC)
    backwards = evaluate_relations(predicted[::-1], gold[::-1], symmetric=SYMMETRIC)
    for name in ("strict", "boundary"):
        ours, swapped = getattr(scores, name), getattr(backwards, name)
        assert (ours.micro.precision, ours.micro.recall) == (swapped.micro.recall, swapped.micro.precision)
        assert scores.counts(name).sum((0, 1)).tolist() == [ours.micro.tp, ours.micro.fp, ours.micro.fn]
        assert sum(one.tp for one in ours.per_type.values()) == ours.micro.tp
    assert scores.strict.micro.tp <= scores.boundary.micro.tp
    assert scores.strict.micro.tp + scores.strict.micro.fn == scores.boundary.micro.tp + scores.boundary.micro.fn
    assert evaluate_relations(gold, gold).strict.micro.f1 == float(any(document.relations for document in gold))


def test_a_relation_whose_argument_was_missed_is_a_false_negative() -> None:
    found = Document("note", TEXT, (DRUG, DOSE), (Relation("DOSE", "T2", "T1"),))
    scores = evaluate_relations([GOLD], [found]).strict
    assert scores.outcome == Outcome(correct=1, missed=2)
    assert scores.per_type["REASON"].fn == 1
    assert evaluate_relations([GOLD], [Document("note", TEXT)]).strict.outcome == Outcome(missed=3)


def test_the_entity_type_matters_under_strict_and_the_span_under_both() -> None:
    other_type = replace(GOLD, entities=(DRUG, replace(DOSE, type="Strength"), PAIN))
    scores = evaluate_relations([GOLD], [other_type])
    assert scores.strict.outcome == Outcome(correct=2, missed=1, spurious=1)
    assert scores.boundary.outcome == Outcome(correct=3)
    other_span = replace(GOLD, entities=(DRUG, replace(DOSE, fragments=((8, 11),)), PAIN))
    assert evaluate_relations([GOLD], [other_span]).boundary.outcome == Outcome(correct=2, missed=1, spurious=1)


def test_direction_counts_unless_the_type_is_symmetric() -> None:
    turned = replace(GOLD, relations=tuple(Relation(r.type, r.tail, r.head) for r in GOLD.relations))
    assert evaluate_relations([GOLD], [turned]).strict.outcome == Outcome(missed=3, spurious=3)
    scores = evaluate_relations([GOLD], [turned], symmetric=["SAME"])
    assert scores.strict.outcome == scores.boundary.outcome == Outcome(correct=1, missed=2, spurious=2)


def test_what_stands_twice_counts_once_on_either_side() -> None:
    doubled = replace(GOLD, relations=(*GOLD.relations, Relation("DOSE", "T2", "T1"), Relation("DOSE", "T2", "T1")))
    for gold, predicted in ((GOLD, doubled), (doubled, GOLD), (doubled, doubled)):
        assert evaluate_relations([gold], [predicted]).strict.outcome == Outcome(correct=3)
    both_ways = replace(GOLD, relations=(Relation("SAME", "T1", "T3"), Relation("SAME", "T3", "T1")))
    assert evaluate_relations([GOLD], [both_ways], symmetric=["SAME"]).strict.outcome == Outcome(correct=1, missed=2)
    twins = replace(GOLD, entities=(DRUG, DOSE, PAIN, replace(DRUG, id="T4")), relations=())
    twins = replace(twins, relations=(Relation("DOSE", "T2", "T1"), Relation("DOSE", "T2", "T4")))
    assert evaluate_relations([GOLD], [twins]).strict.outcome == Outcome(correct=1, missed=2)


def test_one_prediction_finds_one_of_two_gold_relations_that_differ_in_an_entity_type() -> None:
    history = Entity("History", PAIN.fragments, "T4")
    gold = Document(
        "note", TEXT, (DRUG, PAIN, history), (Relation("REASON", "T3", "T1"), Relation("REASON", "T4", "T1"))
    )
    ours = replace(gold, entities=(DRUG, PAIN), relations=gold.relations[:1])
    assert evaluate_relations([gold], [ours]).boundary.outcome == Outcome(correct=1, missed=1)


def test_ids_scores_attributes_and_notes_play_no_part() -> None:
    entities = tuple(
        replace(e, id=f"E{e.id}", score=0.5, note="seen", attributes={"a": Attribute(1)}) for e in GOLD.entities
    )
    ours = tuple(Relation(r.type, f"E{r.head}", f"E{r.tail}", f"X{r.id}", 0.1, note="n") for r in GOLD.relations)
    assert evaluate_relations([GOLD], [Document("note", TEXT, entities, ours)]).strict.outcome == Outcome(correct=3)


def test_given_gold_entities_means_these_and_no_others() -> None:
    right = replace(GOLD, relations=GOLD.relations[:2])
    assert evaluate_relations([GOLD], [right], given_gold=True).strict.outcome == Outcome(correct=2, missed=1)
    for entities in ((DRUG, DOSE), (DRUG, DOSE, PAIN, replace(DRUG, id="T4")), (DRUG, DOSE, replace(PAIN, type="X"))):
        ours = Document("note", TEXT, entities)
        with pytest.raises(CorpusError, match="document note: scores given gold's entities"):
            evaluate_relations([GOLD], [ours], given_gold=True)


def test_documents_that_do_not_pair_up_are_named() -> None:
    for score in (evaluate_relations, evaluate_groups):
        with pytest.raises(CorpusError, match="document note: there is gold, but no prediction"):
            score([GOLD], [])


def test_groups_are_right_as_a_whole_and_pair_by_pair() -> None:
    entities = tuple(Entity("Event", ((start, start + 1),), f"T{start + 1}") for start in range(5))
    gold = Document(
        "d", "abcde", entities, groups=(Group("OVERLAP", ("T1", "T2", "T3")), Group("OVERLAP", ("T4", "T5")))
    )
    ours = replace(gold, groups=(Group("OVERLAP", ("T1", "T2")), Group("OVERLAP", ("T5", "T4"))))
    scores = evaluate_groups([gold], [ours])
    assert scores.whole.strict.outcome == Outcome(correct=1, missed=1, spurious=1)
    assert scores.pairs.strict.outcome == Outcome(correct=2, missed=2)
    merged = replace(gold, groups=(Group("OVERLAP", tuple(f"T{n}" for n in range(1, 6))),))
    scores = evaluate_groups([gold], [merged])
    assert scores.whole.strict.outcome == Outcome(missed=2, spurious=1)
    assert scores.pairs.strict.outcome == Outcome(correct=4, spurious=6)
    typed = replace(gold, entities=(replace(entities[0], type="X"), *entities[1:]))
    scores = evaluate_groups([gold], [typed])
    assert scores.whole.strict.outcome == Outcome(correct=1, missed=1, spurious=1)
    assert scores.whole.boundary.outcome == Outcome(correct=2)
    assert scores.pairs.boundary.outcome == Outcome(correct=4)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_pairs_of_groups_are_sets_of_pairs(seed: int) -> None:
    generator = random.Random(seed)
    gold, ours = any_document(generator), any_document(generator)

    def pairs(document: Document) -> set[object]:
        of = {entity.id: (entity.type, characters(entity)) for entity in document.entities}
        return {
            (group.type, frozenset((of[a], of[b])))
            for group in document.groups
            for a, b in itertools.combinations(group.members, 2)
            if of[a] != of[b]
        }

    left, right = pairs(gold), pairs(ours)
    assert evaluate_groups([gold], [ours]).pairs.strict.outcome == Outcome(
        len(left & right), missed=len(left - right), spurious=len(right - left)
    )


def test_the_counts_of_documents_are_what_significance_takes() -> None:
    notes = [replace(GOLD, id=f"n{number}") for number in range(12)]
    good = evaluate_relations(notes, [replace(note, relations=note.relations[:2]) for note in notes])
    poor = evaluate_relations(notes, [replace(note, relations=note.relations[: n % 2]) for n, note in enumerate(notes)])
    assert good.counts().shape == (12, 1, 3)
    assert good.counts(types=["DOSE", "SAME"])[0].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert bootstrap(good.counts()).value == pytest.approx(0.8)
    compared = approximate_randomisation(good.counts(), poor.counts())
    assert compared.difference == pytest.approx(good.strict.micro.f1 - poor.strict.micro.f1)
    assert compared.p < 0.01


def test_the_json_has_the_shape_of_all_scores() -> None:
    data = evaluate_relations([GOLD], [replace(GOLD, relations=())]).to_dict(per_document=True)
    assert json.loads(json.dumps(data)) == data
    assert list(data) == ["strict", "boundary", "per_document"]
    assert set(data["strict"]) == {"micro", "macro", "per_type"}
    assert data["per_document"][0]["id"] == "note"
    assert data["per_document"][0]["strict"]["fn"] == 3
    assert set(evaluate_groups([GOLD], [GOLD]).to_dict()) == {"whole", "pairs"}


def test_a_link_reads_alone() -> None:
    from epicrisis.evaluation.relations import relations

    expected: Link = ("DOSE", (("Dose", ((8, 14),)), ("Drug", ((0, 7),))))
    assert expected in relations(GOLD)
    turned = Document("d", TEXT, (DRUG, PAIN), (Relation("SAME", "T3", "T1"),))
    assert relations(turned, ["SAME"]) == {("SAME", (("Drug", ((0, 7),)), ("Problem", ((19, 29),))))}
