import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator

from epicrisis.document import Document, Entity
from epicrisis.errors import CorpusError
from epicrisis.evaluation import MEASURES, evaluate

from .cases import TYPES, any_mentions, document, flat_mentions

GOLD = Document(
    "note",
    "aspirin for chest and arm pain",
    (
        Entity("Drug", ((0, 7),)),
        Entity("Problem", ((12, 17), (26, 30))),
        Entity("Problem", ((22, 30),)),
        Entity("Region", ((12, 17),)),
    ),
)
PREDICTED = Document(
    "note",
    GOLD.text,
    (
        Entity("Drug", ((0, 7),)),
        Entity("Problem", ((12, 30),)),
        Entity("Problem", ((12, 17),)),
        Entity("Test", ((8, 11),)),
    ),
)


def test_counts_of_a_small_document_are_those_counted_by_eye() -> None:
    scores = evaluate([GOLD], [PREDICTED])
    assert (scores.strict.micro.tp, scores.strict.micro.fp, scores.strict.micro.fn) == (1, 3, 3)
    assert scores.boundary.micro.tp == 2  # aspirin, and chest under another type
    assert (scores.partial.outcome.correct, scores.partial.outcome.partial) == (2, 1)
    assert scores.partial.micro.precision == 2.5 / 4
    assert (scores.type.outcome.correct, scores.type.outcome.missed, scores.type.outcome.spurious) == (3, 1, 1)
    assert scores.strict.macro.f1 == pytest.approx((1 + 0 + 0 + 0) / 4)
    assert list(scores.type.per_type) == ["Drug", "Problem", "Region", "Test"]
    assert scores.type.per_type["Problem"].f1 == 1


def test_the_json_has_the_shape_that_the_design_promises() -> None:
    data = evaluate([GOLD], [PREDICTED], tags=lambda d: ["O"] * len(d.text.split()), codec=lambda d: d).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == ["documents", "scores", "codec"]
    assert data["documents"] == 1
    assert list(data["scores"]) == ["strict", "boundary", "partial", "type", "token"]
    counts = {"precision", "recall", "f1", "tp", "fp", "fn"}
    for name in MEASURES:
        scores = data["scores"][name]
        assert set(scores) == {"micro", "macro", "per_type"}
        more = {"correct", "incorrect", "partial", "missed", "spurious"} if name in ("partial", "type") else set()
        assert set(scores["micro"]) == counts | more
        assert set(scores["per_type"]["Problem"]) == counts | more
        assert set(scores["macro"]) == {"precision", "recall", "f1"}
    assert {"micro", "macro", "weighted", "accuracy"} <= set(data["scores"]["token"])
    assert set(data["codec"]) == {"dropped", "strict"}


def test_each_document_is_scored_too() -> None:
    other = Document("empty", "nothing here")
    scores = evaluate([GOLD, other], [other, PREDICTED])
    assert [one.id for one in scores.documents] == ["note", "empty"]
    assert scores.counts("strict").tolist() == [[[1, 3, 3]], [[0, 0, 0]]]
    assert scores.counts("type", types=list(scores.type.per_type))[0].tolist() == [
        [1, 0, 0],
        [2, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
    ]
    listed = scores.to_dict(per_document=True)["per_document"]
    assert listed[0]["strict"]["tp"] == 1
    assert listed[1]["strict"]["undefined"] == ["precision", "recall", "f1"]


def test_nothing_divided_by_nothing_is_0_and_is_said() -> None:
    empty = Document("note", GOLD.text)
    assert evaluate([empty], [empty]).to_dict()["scores"]["strict"]["micro"] == {
        "precision": 0, "recall": 0, "f1": 0, "tp": 0, "fp": 0, "fn": 0, "undefined": ["precision", "recall", "f1"],
    }  # fmt: skip
    assert evaluate([GOLD], [empty]).strict.micro.undefined == ("precision",)
    assert evaluate([empty], [PREDICTED]).strict.micro.undefined == ("recall",)
    assert evaluate([GOLD], [PREDICTED]).strict.micro.undefined == ()
    assert evaluate([], []).strict.macro.f1 == 0


def test_against_the_codec_only_what_it_keeps_counts() -> None:
    def flat(gold: Document) -> Document:
        kept = tuple(entity for entity in gold.entities if len(entity.fragments) == 1 and entity.type != "Region")
        return Document(gold.id, gold.text, kept)

    codec = evaluate([GOLD], [PREDICTED], codec=flat).codec
    assert codec is not None
    assert codec.dropped == 2
    assert (codec.strict.micro.tp, codec.strict.micro.fp, codec.strict.micro.fn) == (1, 3, 1)


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        (["a", "b"], ["a"], "document b: there is gold, but no prediction"),
        (["a"], ["a", "b", "c"], "documents b, c: there is a prediction, but no gold"),
        (["a", "a"], ["a"], "document a: twice among the gold documents"),
        (["a"], ["a", "a"], "document a: twice among the predicted documents"),
        (list("abcdefgh"), [], "documents a, b, c, d, e and 3 more: there is gold"),
    ],
)
def test_documents_that_do_not_pair_up_are_named(gold: list[str], predicted: list[str], message: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(message)):
        evaluate([Document(id_, "secret") for id_ in gold], [Document(id_, "secret") for id_ in predicted])


def test_a_document_of_another_text_is_named_and_not_quoted() -> None:
    with pytest.raises(CorpusError, match="document a: gold and predicted have different texts") as error:
        evaluate([Document("a", "secret\r\n")], [Document("a", "secret\n")])
    assert "secret" not in str(error.value)


def test_other_lengths_of_tags_are_named() -> None:
    lengths = iter((3, 4))
    with pytest.raises(CorpusError, match="document note: 3 gold tags and 4 predicted ones"):
        evaluate([GOLD], [PREDICTED], tags=lambda _: ["O"] * next(lengths))


def test_scores_per_type_are_nervaluates_on_flat_mentions() -> None:
    """Both restrict both sides to the type; `type` is left out, for its greedy procedure loses pairs."""
    generator = random.Random(12)
    for _ in range(200):
        gold, predicted = ([flat_mentions(generator) for _ in range(3)] for _ in range(2))
        if not all(gold) or not all(predicted):
            continue
        sides = [
            [[{"label": type_, "start": span[0][0], "end": span[0][1] - 1} for type_, span in one] for one in side]
            for side in (gold, predicted)
        ]
        theirs = Evaluator(sides[0], sides[1], tags=list(TYPES), loader="dict").evaluate()
        ours = evaluate(
            [document(one, id=str(number)) for number, one in enumerate(gold)],
            [document(one, id=str(number)) for number, one in enumerate(predicted)],
        )
        for name, their_name in (("strict", "strict"), ("boundary", "exact"), ("partial", "partial")):
            scores = getattr(ours, name)
            for found, result in [
                (scores.micro, theirs["overall"][their_name]),
                *((scores.per_type[type_], results[their_name]) for type_, results in theirs["entities"].items()),
            ]:
                assert found.precision == pytest.approx(result.precision)
                assert found.recall == pytest.approx(result.recall)
                assert found.f1 == pytest.approx(result.f1)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_scores_of_documents_hold_together(seed: int) -> None:
    generator = random.Random(seed)
    gold = [document(any_mentions(generator), id=str(number)) for number in range(4)]
    predicted = [document(any_mentions(generator), id=str(number)) for number in range(4)]
    scores = evaluate(gold, predicted)
    backwards = evaluate(predicted[::-1], gold[::-1])
    for name in MEASURES:
        ours, swapped = getattr(scores, name), getattr(backwards, name)
        assert (ours.micro.precision, ours.micro.recall) == (swapped.micro.recall, swapped.micro.precision)
        assert ours.macro.f1 == pytest.approx(swapped.macro.f1)
        assert 0 <= ours.micro.f1 <= 1
        assert scores.counts(name).sum((0, 1)).tolist() == [ours.micro.tp, ours.micro.fp, ours.micro.fn]
        per_type = scores.counts(name, types=list(ours.per_type)).sum(0).tolist()
        assert not ours.per_type or per_type == [[one.tp, one.fp, one.fn] for one in ours.per_type.values()]
        if name in ("strict", "type"):
            assert sum(one.tp for one in ours.per_type.values()) == ours.micro.tp
    assert scores.strict.micro.tp <= scores.boundary.micro.tp <= scores.partial.micro.tp
    perfect = evaluate(gold, gold)
    assert {getattr(perfect, name).micro.f1 for name in MEASURES} == {1.0 if any(d.entities for d in gold) else 0.0}
