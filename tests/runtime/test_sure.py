from dataclasses import replace
from pathlib import Path

import pytest

from epicrisis.document import Attribute, Document, Entity, Relation
from epicrisis.errors import ModelError
from epicrisis.runtime import Annotator, at_least, load_annotator, precise

DENIED = {"assertion": Attribute("negated", score=0.1)}
ENDS = tuple(
    Entity(kind, ((n, n + 1),), f"T{n}", score=0.5 + n / 10, attributes=DENIED) for n, kind in enumerate("FGFH")
)
RELATIONS = (
    Relation("OF", "T1", "T2", score=0.4),
    Relation("TO", "T1", "T2", score=0.6),
    Relation("TO", "T0", "T2", score=0.9),
    Relation("TO", "T2", "T3", score=0.9),
)
NOTE = Document("d", "abcd", ENDS, RELATIONS)


@pytest.fixture
def annotator(tiny_model: Path) -> Annotator:
    least = {"entities": {"F": 0.7, "G": 0.6, "H": None}, "relations": {"TO": 0.6, "F": 0.0}, "assertion": {"OF": 0.0}}
    loaded = load_annotator(tiny_model)
    return replace(loaded, about={**loaded.about, "precise_from": {"0.9": least}})


def test_with_an_entity_below_the_least_score_its_relations_go() -> None:
    found = at_least(NOTE, 0.6)
    assert [entity.id for entity in found.entities] == ["T1", "T2", "T3"]
    assert [(one.type, one.head) for one in found.relations] == [("TO", "T1"), ("TO", "T2")]
    assert at_least(NOTE, 0.0) == NOTE


def test_each_type_is_kept_from_its_own_score_on(annotator: Annotator) -> None:
    """What was not measured goes where all together are not measured either, and a relation whose end is gone."""
    found = precise(NOTE, annotator, 0.9)
    assert found.entities == (ENDS[1], ENDS[2])  # never so precise is not sure at any score
    assert [(one.type, one.head) for one in found.relations] == [("TO", "T1")]


def test_what_was_found_seldom_is_kept_from_the_score_of_all_on(annotator: Annotator) -> None:
    least: dict[str, dict[str, float | None]] = {"entities": {"": 0.6, "F": 0.7, "H": None}, "relations": {"": 0.5}}
    about = {**annotator.about, "precise_from": {"0.9": least}}
    found = precise(NOTE, replace(annotator, about=about), 0.9)
    assert found.entities == (ENDS[1], ENDS[2])
    assert [(one.type, one.head) for one in found.relations] == [("TO", "T1")]
    least["entities"][""] = None
    assert precise(NOTE, replace(annotator, about=about), 0.9).entities == (ENDS[2],)


def test_what_has_no_score_is_certain(annotator: Annotator) -> None:
    note = replace(NOTE, entities=tuple(replace(one, score=None) for one in NOTE.entities))
    assert precise(note, annotator, 0.9).entities == note.entities


def test_a_model_that_tells_no_such_scores_says_so(annotator: Annotator) -> None:
    with pytest.raises(ModelError, match=r"precision of 0\.8; it does for 0\.9"):
        precise(NOTE, annotator, 0.8)
    with pytest.raises(ModelError, match="train it again"):
        precise(NOTE, replace(annotator, about={**annotator.about, "precise_from": {}}), 0.9)
