"""What gold has beside entities, in one place."""

from dataclasses import replace

import pytest

from epicrisis.document import Attribute, Document, Entity, Group, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import SCHEMES, evaluate_structure

DRUG = Entity("Drug", ((0, 7),), "T1", attributes={"assertion": Attribute("present")})
DOSE = Entity("Dose", ((8, 14),), "T2")
GOLD = Document(
    "n", "aspirin 100 mg", (DRUG, DOSE), (Relation("DOSE", "T2", "T1"),), (Group("SAME", ("T1", "T2")),)
)  # fmt: skip


def test_only_what_gold_has_is_scored() -> None:
    assert list(evaluate_structure([GOLD], [GOLD]).to_dict()) == ["relations", "attributes", "groups"]
    bare = Document("n", GOLD.text, (DOSE,))
    assert evaluate_structure([bare], [GOLD]).to_dict() == {}
    without = replace(GOLD, groups=())
    assert list(evaluate_structure([without], [GOLD]).to_dict()) == ["relations", "attributes"]


def test_what_was_told_gold_entities_has_a_place_of_its_own() -> None:
    missed = Document("n", GOLD.text, (replace(DRUG, attributes={}),))
    data = evaluate_structure([GOLD], [missed], given_gold=[GOLD]).to_dict(per_document=True)
    assert list(data["relations"]) == ["end_to_end", "given_gold_entities"]
    assert data["relations"]["end_to_end"]["strict"]["micro"]["recall"] == 0
    assert data["relations"]["given_gold_entities"]["strict"]["micro"]["f1"] == 1
    assert data["attributes"]["assertion"]["per_document"][0]["id"] == "n"
    assert data["attributes"]["assertion"]["given_gold_entities"]["micro"]["f1"] == 1
    assert data["attributes"]["assertion"]["end_to_end"]["micro"]["f1"] == 0
    with pytest.raises(CorpusError, match="scores given gold's entities"):
        evaluate_structure([GOLD], [GOLD], given_gold=[missed])


def test_symmetric_types_are_handed_on() -> None:
    turned = replace(GOLD, relations=(Relation("DOSE", "T1", "T2"),))
    assert evaluate_structure([GOLD], [turned]).relations["end_to_end"].strict.micro.tp == 0
    assert evaluate_structure([GOLD], [turned], symmetric=["DOSE"]).relations["end_to_end"].strict.micro.tp == 1


def test_the_schemes_of_the_corpora_are_there() -> None:
    from epicrisis.corpora import CORPORA

    assert {corpus.scheme for corpus in CORPORA.values()} == {"", *SCHEMES}
