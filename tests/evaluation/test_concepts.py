"""Relations between concepts: once a document, whichever mentions say so."""

import json

import pytest

from epicrisis.document import Attribute, Code, Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import SCHEMES, bootstrap, evaluate_concepts
from epicrisis.evaluation.concepts import facts


def entity(id: str, start: int, *codes: str) -> Entity:
    return Entity("Thing", ((start, start + 1),), id, codes=tuple(Code("MESH", code) for code in codes))


ENTITIES = (
    entity("T1", 0, "C1"),
    entity("T2", 1, "C1"),
    entity("T3", 2, "D1"),
    entity("T4", 3, "D1", "D2"),
    entity("T5", 4),
)


def document(*ends: str, id: str = "d", **attributes: str) -> Document:
    """ends: "T1-T3", a relation from T1 to T3"""
    given = {name: Attribute(value) for name, value in attributes.items()}
    relations = (Relation("CID", *pair.split("-"), attributes=given) for pair in ends)
    return Document(id, "abcdef", ENTITIES, tuple(relations))


def test_mentions_of_the_same_concepts_say_the_same() -> None:
    assert facts(document("T1-T3", "T2-T3")) == {("CID", "MESH:C1", "MESH:D1")}
    scores = evaluate_concepts([document("T1-T3")], [document("T2-T3", "T1-T3")])
    assert (scores.pairs.micro.tp, scores.pairs.micro.fp, scores.pairs.micro.fn) == (1, 0, 0)


def test_a_mention_of_two_concepts_says_two_things_and_one_without_a_code_says_none() -> None:
    scores = evaluate_concepts([document("T1-T4")], [document("T1-T3", "T1-T5")])
    assert (scores.pairs.micro.tp, scores.pairs.micro.fp, scores.pairs.micro.fn) == (1, 0, 1)
    backwards = evaluate_concepts([document("T1-T3")], [document("T3-T1")])
    assert backwards.pairs.micro.tp == 0


def test_a_relation_may_say_which_of_the_concepts_it_means() -> None:
    assert facts(document("T1-T4", concepts="MESH:C1 MESH:D2")) == {("CID", "MESH:C1", "MESH:D2")}
    both = facts(document("T1-T4", concepts="MESH:C1 MESH:D2; MESH:C1 MESH:D1"))
    assert both == facts(document("T1-T4"))


def test_the_same_pair_in_two_documents_counts_in_both() -> None:
    gold = [document("T1-T3", id="a"), document("T1-T3", id="b")]
    scores = SCHEMES["concepts"](gold, [gold[0], document(id="b")])
    assert scores.counts().tolist() == [[[1, 0, 0]], [[0, 0, 1]]] if hasattr(scores, "pairs") else False
    assert bootstrap(scores.counts("pairs")).value == pytest.approx(2 / 3)
    data = scores.to_dict(per_document=True)
    assert json.loads(json.dumps(data)) == data
    assert data["pairs"]["per_type"]["CID"]["recall"] == 0.5
    with pytest.raises(CorpusError, match="there is gold, but no prediction"):
        evaluate_concepts(gold, [])
