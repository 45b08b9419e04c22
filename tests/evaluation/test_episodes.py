import random
from collections import Counter

import pytest

from epicrisis.document import Document, Entity, Relation
from epicrisis.errors import CorpusError
from epicrisis.evaluation import Episode, episodes, mean_interval, restricted, without
from epicrisis.evaluation.episodes import sample_support

TYPES = ("Dose", "Drug", "Problem", "Test")


def corpus(count: int = 40) -> list[Document]:
    """Short documents, each with a few of the types; Test is rare."""
    chance = random.Random(7)
    made = []
    for n in range(count):
        types = chance.choices(TYPES, [5, 5, 5, 1], k=chance.randint(0, 4))
        entities = tuple(Entity(type_, ((2 * k, 2 * k + 1),)) for k, type_ in enumerate(types))
        made.append(Document(f"d{n}", "a b c d", entities))
    return made


def drawn(shots: int = 3, ways: int = 2, seed: int = 1, count: int = 10) -> list[Episode]:
    held_out = ("Dose", "Test", "Problem")
    return list(episodes(corpus(), held_out, ways=ways, shots=shots, count=count, seed=seed))


def mentions(documents: tuple[Document, ...]) -> Counter[str]:
    return Counter(entity.type for document in documents for entity in document.entities)


@pytest.mark.parametrize("shots", [1, 3])
@pytest.mark.parametrize("ways", [1, 2, 3])
def test_every_type_has_its_shots_and_no_document_of_the_support_could_be_left_out(ways: int, shots: int) -> None:
    for episode in drawn(shots, ways):
        assert len(episode.types) == ways
        held = mentions(episode.support)
        assert set(held) == set(episode.types)
        assert min(held.values()) >= shots
        for document in episode.support:
            left = held - Counter(entity.type for entity in document.entities)
            assert any(left[type_] < shots for type_ in episode.types)


def test_support_and_query_are_the_documents_with_the_entities_of_the_episode_alone() -> None:
    for episode in drawn():
        support, query = ({document.id for document in part} for part in (episode.support, episode.query))
        assert not support & query
        assert support | query == {document.id for document in corpus()}
        for document in (*episode.support, *episode.query):
            original = next(d for d in corpus() if d.id == document.id)
            assert document == restricted(original, episode.types)


def test_the_seed_gives_the_same_episodes_and_another_seed_others() -> None:
    assert drawn(seed=1) == drawn(seed=1) != drawn(seed=2)
    assert drawn(count=4) == drawn(count=10)[:4]
    assert len({episode.types for episode in drawn()}) > 1
    assert len({tuple(d.id for d in episode.support) for episode in drawn()}) > 5


def test_what_one_document_shows_of_all_types_is_enough() -> None:
    """The rare type is served first, and its document serves the other too."""
    both = Document("both", "a b", (Entity("Drug", ((0, 1),)), Entity("Test", ((2, 3),))))
    drugs = [Document(f"d{n}", "a", (Entity("Drug", ((0, 1),)),)) for n in range(9)]
    for seed in range(5):
        assert sample_support([*drugs, both], ["Drug", "Test"], 1, random.Random(seed)) == [9]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ways": 4}, "4 types were asked for, and there are 3: Dose, Problem, Test"),
        ({"ways": 0}, "0 types were asked for"),
        ({"shots": 1000, "ways": 3}, r"1000 mentions of Test were asked for, and the documents hold \d"),
    ],
)
def test_what_cannot_be_sampled_is_an_error(change: dict[str, int], expected: str) -> None:
    with pytest.raises(CorpusError, match=expected):
        drawn(**change)


def test_without_a_document_to_annotate_there_is_no_episode() -> None:
    only = [Document("d", "a", (Entity("Drug", ((0, 1),)),)), Document("e", "b")]
    with pytest.raises(CorpusError, match="no document with an entity of Drug is left"):
        list(episodes(only, ["Drug"], ways=1, shots=1, count=1, seed=1))


def test_a_document_without_some_types_keeps_the_others() -> None:
    entities = (Entity("Drug", ((0, 1),), "T1"), Entity("Test", ((2, 3),), "T2"))
    document = Document("d", "a b", entities, (Relation("OF", "T1", "T2"),))
    assert [e.type for e in without(document, ["Drug"]).entities] == ["Test"]
    assert without(document, ["Drug"]).relations == ()
    assert without(document, []) is document
    assert restricted(document, ["Drug"]).entities == entities[:1]


def test_the_mean_of_episodes_lies_in_its_interval() -> None:
    chance = random.Random(1)
    scores = [chance.gauss(0.5, 0.1) for _ in range(400)]
    found = mean_interval(scores)
    assert found.value == pytest.approx(sum(scores) / 400)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.1 / 20, rel=0.15)
    assert mean_interval([0.3]) == mean_interval([0.3, 0.3, 0.3])
    with pytest.raises(ValueError, match="a row of scores is expected"):
        mean_interval([])
