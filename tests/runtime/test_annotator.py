import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

import epicrisis
from epicrisis.document import Document, Entity, Group, Label, Relation, Segment
from epicrisis.errors import DocumentError
from epicrisis.runtime import Annotator, annotator, load

from ..training.invented import NOTES

ROOT = Path(epicrisis.__file__).parents[1]
WORDS = [
    "warfarin",
    "fever",
    "No",
    ".",
    "aspirin",
    ",",
    "mg",
    "5",
    "pain",
    "chest",
    "头",
    "痛",
    "\n",
    "metformin",
    "\n\n",
]


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Annotator:
    return load(tiny_model)


def texts(count: int, most: int = 60) -> list[str]:
    chance = random.Random(count)
    return [" ".join(chance.choices(WORDS, k=chance.randint(0, most))) for _ in range(count)]


def found(document: Document, shift: int = 0) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.start + shift, entity.end + shift) for entity in document.entities]


def alike(first: Document, second: Document) -> bool:
    """The same but for the last digit of a score, which depends on what else is in a batch."""
    scores = [[entity.score or 0.0 for entity in document.entities] for document in (first, second)]
    return found(first) == found(second) and np.allclose(*scores, atol=2e-4)


def test_a_note_is_annotated_as_it_was_learned(tiny: Annotator) -> None:
    for note in NOTES:
        document = tiny(note.text)
        assert found(document) == found(note)
        assert document.text == note.text
        assert document.meta == {"model": "tiny"}
        assert all(0.0 < (entity.score or 0) <= 1.0 for entity in document.entities)
        assert [entity.id for entity in document.entities] == [f"T{n + 1}" for n in range(len(document.entities))]


def test_a_document_keeps_all_but_its_entities_and_relations(tiny: Annotator) -> None:
    document = Document(
        "ward/7",
        NOTES[1].text,
        (Entity("Old", ((0, 2),), "T1"), Entity("Old", ((3, 8),), "T2")),
        (Relation("OF", "T1", "T2"),),
        (Group("SAME", ("T1", "T2")),),
        {"mood": Label("bad")},
        (Segment((0, 9), "section"),),
        {"date": "2020", "model": "other"},
    )
    annotated = tiny(document)
    assert found(annotated) == found(NOTES[1])
    assert (annotated.id, annotated.labels, annotated.segments) == (document.id, document.labels, document.segments)
    assert (annotated.relations, annotated.groups) == ((), ())
    assert annotated.meta == {"date": "2020", "model": "tiny"}


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\r\n", "\u3000"])
def test_nothing_is_found_where_there_are_no_words(tiny: Annotator, text: str) -> None:
    assert tiny(text) == Document("", text, meta={"model": "tiny"})


@pytest.mark.parametrize("text", ["fever", "头", ".", "😀", " fever\n"])
def test_one_word_is_enough(tiny: Annotator, text: str) -> None:
    assert tiny(text).text == text
    assert all(text[e.start : e.end] == text.strip() for e in tiny(text).entities)


def test_a_word_of_300000_characters_is_one_token(tiny: Annotator) -> None:
    text = f"No {'x' * 300_000} and fever."
    assert tiny(text).text == text


def test_a_sentence_much_longer_than_the_budget_is_read_to_its_end(tiny: Annotator) -> None:
    """20,000 tokens without a sentence end; what surrounds the words is the same everywhere."""
    text = "No fever and no chest pain , " * 3000
    document = tiny(text)
    starts = {entity.start for entity in document.entities}
    assert starts
    assert max(starts) > len(text) - 60
    assert len(starts) > 2000


def test_the_windows_of_a_long_sentence_are_stitched_before_they_are_decoded(tiny: Annotator) -> None:
    """A mention across a cut is one mention: the scores are joined, not the mentions."""
    asked: list[tuple[int, ...]] = []

    class Everything:
        def decode(self, scores: Any, mask: Any) -> Any:
            asked.append(scores.shape)
            length = int(mask.sum())
            return [[annotator.Found(0, length, "Drug", 1.0)]]

    all_words = Annotator("all", tiny.network, tiny.indexers, Everything(), tiny.rule, {})  # type: ignore[arg-type]
    text = "a " * 100
    assert found(all_words(text)) == [("Drug", 0, 199)]
    assert [shape[:2] for shape in asked] == [(1, 100)]


def test_scores_are_put_on_the_line_that_was_measured_on_dev(tiny: Annotator) -> None:
    raw = replace(tiny, about={**tiny.about, "odds": {}})
    lined = replace(tiny, about={**tiny.about, "odds": {"slope": 0.5, "shift": -1.0}})
    for one, other in zip(raw.pipe(texts(20)), lined.pipe(texts(20)), strict=True):
        assert found(one) == found(other)
        before, after = ([entity.score or 0.0 for entity in document.entities] for document in (one, other))
        odds = logit(np.clip(before, 1e-6, 1 - 1e-6))
        np.testing.assert_allclose(after, expit(odds / 2 - 1), atol=5e-3)
        assert all(score < 0.999 for score in after)


def test_every_token_is_scored_in_its_own_window(tiny: Annotator) -> None:
    """The stitched scores are those that the network gives each window, taken at its own tokens."""
    text = "no fever and chest pain after aspirin " * 4
    seen: list[Any] = []

    class Recording:
        def decode(self, scores: Any, mask: Any) -> Any:
            seen.append(scores[mask])
            return [[]]

    Annotator("x", tiny.network, tiny.indexers, Recording(), tiny.rule, {})(text)  # type: ignore[arg-type]
    expected = []
    for passage in epicrisis.text.passages(text, tiny.rule):
        expected.append(tiny.network(epicrisis.encoding.encode([passage], tiny.indexers))[0, slice(*passage.own)])
    assert len(expected) > 2
    np.testing.assert_allclose(seen[0], np.concatenate(expected), atol=1e-5)


@pytest.fixture
def small_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """As few texts to a thread and to a batch as possible, so that a few hundred make many."""
    monkeypatch.setattr(annotator, "BATCH_TOKENS", 60)
    monkeypatch.setattr(annotator, "WORK_TOKENS", 100)


@pytest.mark.parametrize("threads", [1, 2, 4, None])
@pytest.mark.usefixtures("small_works")
def test_a_stream_keeps_its_order_and_equals_one_by_one(tiny: Annotator, threads: int | None) -> None:
    stream = [Document(f"d{number}", text) for number, text in enumerate(texts(150))]
    one_by_one = [tiny(document) for document in stream]
    together = list(tiny.pipe(stream, threads=threads))
    assert [document.id for document in together] == [document.id for document in stream]
    assert all(map(alike, together, one_by_one))
    assert sum(len(document.entities) for document in together) > 100


@pytest.mark.parametrize("threads", [1, 3])
def test_a_network_may_see_fewer_tokens_at_once_than_the_decoder(tiny: Annotator, threads: int) -> None:
    """Long sentences among them, which are cut into windows; what is found is the same."""
    seen: list[tuple[int, ...]] = []
    decoded: list[int] = []

    def network(inputs: Any) -> Any:
        seen.append(inputs["mask"].shape)
        return tiny.network(inputs)

    class Counting:
        def decode(self, scores: Any, mask: Any) -> Any:
            decoded.append(len(mask))
            return tiny.decoder.decode(scores, mask)

    stream = [*texts(60), "no fever and chest pain after aspirin " * 8, *texts(20, 8)]
    few = replace(tiny, network=network, decoder=Counting(), batch_tokens=40)
    found_so = list(few.pipe(stream, threads=threads))
    assert all(map(alike, found_so, tiny.pipe(stream, threads=1)))
    assert max(rows * tokens for rows, tokens in seen) <= 40
    assert max(rows for rows, _ in seen) > 1
    assert max(decoded) > max(rows for rows, _ in seen)
    assert len(seen) > 2 * len(decoded)


@pytest.mark.parametrize("threads", [1, 4])
def test_a_stream_of_nothing_gives_nothing(tiny: Annotator, threads: int) -> None:
    assert list(tiny.pipe([], threads=threads)) == []
    assert [document.entities for document in tiny.pipe(["", " "], threads=threads)] == [(), ()]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("small_works")
def test_a_stream_is_read_no_further_than_needed(tiny: Annotator, threads: int) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield NOTES[0].text

    stream = tiny.pipe(endless(), threads=threads)
    assert found(next(stream)) == found(NOTES[0])
    assert read < 100
    for _ in range(500):
        next(stream)
    assert read < 600
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("small_works")
def test_an_error_in_the_stream_comes_out_of_it(tiny: Annotator, threads: int) -> None:
    with pytest.raises(DocumentError, match="lone surrogate"):
        list(tiny.pipe([*texts(50), "half \ud83d", *texts(50)], threads=threads))


def test_two_notes_joined_by_a_blank_line_hold_what_each_holds(tiny: Annotator) -> None:
    """Metamorphic: nothing of one note is context for the other."""
    stream = [text for text in texts(60) if text.strip()] + [note.text for note in NOTES]
    alone = list(tiny.pipe(stream))
    pairs = list(zip(alone, [*alone[1:], alone[0]], strict=True))
    together = tiny.pipe(f"{a.text}\n\n{b.text}" for a, b in pairs)
    for (a, b), joined in zip(pairs, together, strict=True):
        assert found(joined) == found(a) + found(b, len(a.text) + 2)


ALONE = """
import json, socket, sys

def blocked(*arguments, **settings):
    raise OSError("the network cable is out")

socket.socket = socket.create_connection = socket.getaddrinfo = blocked
import epicrisis

annotator = epicrisis.load(sys.argv[1])
documents = list(annotator.pipe(json.loads(sys.argv[2]) * 3, threads=2))
print(json.dumps({"types": [[e.type for e in d.entities] for d in documents[:6]], "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def alone(tiny_model: Path) -> subprocess.CompletedProcess[str]:
    """Annotating in a process of its own, without a network."""
    arguments = [tiny_model, json.dumps([note.text for note in NOTES])]
    return subprocess.run([sys.executable, "-c", ALONE, *arguments], cwd=ROOT, capture_output=True, text=True)


def test_annotating_needs_no_network(alone: subprocess.CompletedProcess[str]) -> None:
    assert alone.returncode == 0, alone.stderr
    assert json.loads(alone.stdout)["types"] == [[e.type for e in note.entities] for note in NOTES]


def test_annotating_writes_nothing_to_the_screen(alone: subprocess.CompletedProcess[str]) -> None:
    assert alone.stderr == ""
    assert alone.stdout.count("\n") == 1


@pytest.mark.parametrize("library", ["torch", "lightning", "onnx", "gensim", "pandas", "scipy", "epicrisis.training"])
def test_annotating_does_not_load(alone: subprocess.CompletedProcess[str], library: str) -> None:
    assert library not in json.loads(alone.stdout)["modules"]


@pytest.mark.parametrize("threads", [1, 3])
def test_what_came_before_a_failure_of_the_callers_iterator_is_not_lost(tiny_model: Path, threads: int) -> None:
    def texts() -> Iterator[str]:
        for number in range(4000):
            yield f"Note {number}: she took 5 mg of warfarin for three days."
        raise OSError("the archive ends in the middle")

    found: list[str] = []
    stream = (document.text.split(":")[0] for document in load(tiny_model).pipe(texts(), threads=threads))
    with pytest.raises(OSError, match="in the middle"):
        found.extend(stream)
    assert found == [f"Note {number}" for number in range(4000)]
